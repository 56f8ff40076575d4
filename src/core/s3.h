/*
 * s3: an object store that speaks Amazon's S3 (AWS, MinIO, Ceph, Garage, …), as a place for files
 * (struct files_remote). Objects are named prefix/relative path. Requests are signed (Signature
 * Version 4), each with the hash of its body, so the store notices bytes that got lost on the way.
 *
 * Objects beyond a part are sent in parts and asked for by ranges, so no request is long, one that
 * fails is made again, and nothing larger than the library's buffer is in memory. An upload in
 * parts that fails is aborted; what a crash leaves is aborted by s3_tidy.
 *
 * Calls block for as long as S3_TIMEOUT allows for a request. Any number of threads may call.
 */
#pragma once
#include "data/config.h"
#include "store/files.h"

struct s3;

/* From FILES_URL (s3://bucket/prefix) and the settings S3_…; without S3_ENDPOINT it is Amazon's.
 * Borrows config's strings. Talks to nobody yet. Never NULL. */
struct s3 *s3_new(const struct config *config);
void s3_free(struct s3 *s);
const struct files_remote *s3_remote(const struct s3 *s);

/* Asks for a list of one, which needs the bucket and a good key. E_RULE: the store refuses, with a
 * sentence for the operator; E_UNAVAILABLE: it does not answer. */
int s3_check(struct s3 *s, struct error *error);
/* Reads a small object that is none of the stored files (a mark). E_NOT_FOUND. In the arena. */
int s3_get_text(struct s3 *s, struct arena *a, struct error *error, const char *name,
				const char **out);
/* Writes it. */
int s3_put_text(struct s3 *s, struct error *error, const char *name, const char *text);
/* Aborts uploads in parts that were begun more than age_us ago, unless keep(arg, p) knows of
 * them. */
int s3_tidy(struct s3 *s, struct error *error, int64_t age_us,
			bool (*keep)(void *arg, const struct files_parts *p), void *arg);
