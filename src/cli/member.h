/*
 * member: one file of a backup, and the line that the backup's manifest has for it. manifest.json
 * is one JSON object, laid out so that each member has a line of its own: neither writing nor
 * checking it takes memory that grows with it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"

#define MEMBER_MANIFEST "manifest.json"
#define MEMBER_DATABASE "vitae.db"
#define MEMBER_KEY "secret_key"
enum { MEMBER_LINE_MAX = 32 * 1024 };

struct member {
	const char *path;   /* relative to DATA_DIR */
	int64_t size;       /* bytes */
	const char *sha256; /* hexadecimal */
};

/* True for the paths that a backup may hold: the names above, and files below uploads/ and media/,
 * going down only. */
bool member_path_ok(const char *path);

/* Writes the manifest's beginning, a member, its end. False if out cannot be written. */
bool member_begin(FILE *out);
bool member_put(FILE *out, const struct member *m, bool first);
bool member_end(FILE *out);
/* The next member of a manifest, its strings in the arena. OK, E_NOT_FOUND at the end, E_INVALID
 * for what is no manifest. */
int member_next(FILE *in, struct arena *a, struct member *out);
