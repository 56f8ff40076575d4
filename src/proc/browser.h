/*
 * browser: a headless Chromium as a child process, spoken to over its DevTools pipe (messages are
 * JSON ending with a NUL). It has a profile of its own below TMPDIR, removed at its end (one that a
 * killed process left, at the next start); it can
 * reach no network (names lead nowhere, and the proxy is a port where nobody listens): what it
 * shows is handed to it over the pipe. It ends when it has been idle for long, when it is told to,
 * and with this process.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct browser_options {
	const char *program; /* chromium */
	int idle_seconds;    /* without a message: it is ended */
};

enum { BROWSER_MESSAGE_MAX = 32 * 1024 * 1024 };

struct browser;

/* Starts one. E_UNAVAILABLE with a sentence if it cannot be. */
int browser_new(const struct browser_options *o, struct error *error, struct browser **out);
/* Kills it, waits for its end and removes the profile. NULL allowed. */
void browser_free(struct browser *b);
/* Whether it still runs. */
bool browser_alive(struct browser *b);

/* Sends one message. deadline: clock_monotonic. E_TIMEOUT, E_UPSTREAM (it has ended). */
int browser_send(struct browser *b, struct error *error, const char *message, int64_t deadline);
/* The next message, in the arena. E_TIMEOUT: none until the deadline; E_UPSTREAM: it has ended, or
 * says more than BROWSER_MESSAGE_MAX at once. */
int browser_receive(struct browser *b, struct arena *a, struct error *error, int64_t deadline,
					const char **out, size_t *size);
