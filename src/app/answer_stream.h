/*
 * answer_stream: the strings of a JSON object while it arrives: {"subject": "…", "bullets": ["…"]}
 * is told as pieces of text, each with its field and, in an array, its place. What is no string is
 * passed over. The caller checks the whole object when it is there; this one only must not mind
 * what it is fed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_KEY_MAX = 40 };

struct answer_stream {
	/* A piece of a string of the object; n > 0. A negative return ends the feed and is returned. */
	int (*text)(void *arg, const char *key, int index, const char *p, size_t n);
	void *arg;
	/* its own */
	char key[ANSWER_KEY_MAX + 1];
	size_t key_size;
	int depth, index;
	bool in_string, is_key, value_next, in_array;
	int escape;          /* 0: none, 1: after the backslash, 2 to 5: digits of \u */
	uint32_t code, high; /* of \u; the first half of a pair */
};

void answer_begin(struct answer_stream *s,
				  int (*text)(void *arg, const char *key, int index, const char *p, size_t n),
				  void *arg);
/* Takes n more bytes. OK, or what text returned. */
int answer_feed(struct answer_stream *s, const char *p, size_t n);
