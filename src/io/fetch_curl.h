/* fetch_curl: what fetch.c and smtp.c share. Nobody else includes it. */
#pragma once
#include <curl/curl.h>

#include "io/fetch.h"

/* One transfer's state, which the callbacks of libcurl see. */
struct transfer {
	struct arena *arena;
	struct error *error;
	CURL *curl;
	const char *host;           /* to say in sentences: "mail.example.com:587" */
	bool trusted, host_allowed; /* no guard */
	bool reuse; /* the thread keeps the connection for the next one that does */
	bool denied, stopped;
	int64_t timeout_ms;      /* what is left of it */
	int64_t total_ms;        /* for the sentence; 0: timeout_ms is all */
	bool (*keep)(void *arg); /* while true, the end of the server does not cut it. NULL: it does */
	void *keep_arg;
	char said[CURL_ERROR_SIZE];
};

/* A file that is being sent, from its beginning. */
struct file_source {
	int fd;
	int64_t at, size;
	bool failed;
};
/* What libcurl reads it with (arg: the source). */
size_t transfer_read_file(char *p, size_t size, size_t n, void *arg);
/* Releases, for arena_defer. */
void transfer_free_slist(void *list);
void transfer_free_mime(void *mime);

/* A new handle with what every transfer needs: deadline, certificates, guard, proxy, no signals.
 * The handle dies with the arena. E_UNAVAILABLE while the server stops. */
int transfer_init(struct transfer *t);
/* Whether the guard lets everything pass that the host (of a URL) leads to: FETCH_ALLOW names it,
 * or a proxy looks it up. */
bool transfer_host_allowed(const char *host);
/* Whether the guard lets nothing pass that the host leads to: it is written as an address, or is
 * this machine. */
bool transfer_host_denied(const char *host);
/* What became of it: OK, or the error with its sentence. */
int transfer_result(struct transfer *t, CURLcode code);
