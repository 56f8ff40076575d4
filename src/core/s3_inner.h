/* s3_inner: what s3*.c share. Nobody else includes it. */
#pragma once
#include "core/s3.h"
#include "io/fetch.h"

enum {
	S3_PARTS_MAX = 10000, /* the protocol's own */
	S3_ARENA = 1024 * 1024,
	S3_LIST_ARENA = 32 * 1024 * 1024,
	S3_LIST_MAX = 4 * 1024 * 1024, /* a page is 1000 keys of 1024 bytes, with what stands around */
	S3_TOKEN_MAX = 4096
};
/* Bytes sent or asked for by one request. */
#define S3_PART INT64_C(8388608)

struct s3 {
	struct arena *arena;
	const char *base;   /* address of the bucket */
	const char *prefix; /* "" or "a/b/" */
	int64_t timeout_ms; /* of one request */
	struct fetch_sign sign;
	struct files_remote remote;
};

struct s3_call {
	const char *method;
	const char *key;   /* below the prefix; NULL: the bucket */
	const char *query; /* encoded; NULL: none */
	const char *body;
	size_t size;
	int fd; /* > 0: the body is a piece of this file */
	int64_t fd_at, fd_size;
	int64_t range_at, range_end; /* s3_get: the bytes asked for */
	int (*sink)(void *arg, const void *p, size_t n);
	void *arg;
	int64_t max_body; /* 0: fetch's */
	bool explain;     /* the sentence is for the operator: E_RULE with what the store says */
};

/* ---- s3_call.c ---- */

/* Makes the request, again after what may pass (connection cut, 5xx, "slow down"). OK: 2xx;
 * E_NOT_FOUND: 404; E_UNAVAILABLE for all else, which is logged. The body is for who may see it. */
int s3_call(struct s3 *s, struct arena *a, struct error *error, const struct s3_call *c,
			struct fetch_reply *reply);
/* A GET of a range, whose bytes go to the sink, each once even if it takes several requests. *size:
 * of the whole object. A sink's failure is returned as it is. */
int s3_get(struct s3 *s, struct arena *a, struct error *error, const struct s3_call *c,
		   struct fetch_reply *reply, int64_t *size);
/* Logs what is wrong with a reply and fails with E_UNAVAILABLE. */
int s3_failed(struct s3 *s, struct error *error, const struct fetch_reply *reply);
/* The same for a store that does not do what it should. */
int s3_odd(struct s3 *s, struct error *error, const char *what);
/* Percent-encodes all but the unreserved characters (RFC 3986). */
char *s3_encode(struct arena *a, const char *text);
char *s3_list_query(const struct s3 *s, struct arena *a, const char *prefix, const char *token);

/* ---- s3_xml.c ---- */

/* Text of the first element of that name; NULL: there is none, or no document. In the arena. */
const char *s3_xml_text(struct arena *a, const struct fetch_reply *reply, const char *name);
/* Calls each for the objects of a page, by their paths below the prefix. *next: the token of the
 * next page, NULL: it was the last. */
int s3_xml_objects(struct s3 *s, struct arena *a, struct error *error,
				   const struct fetch_reply *reply,
				   int (*each)(void *arg, const struct files_object *o), void *arg,
				   const char **next);
/* The same for unfinished uploads. *key and *id: those after which the next page begins, NULL: it
 * was the last. */
int s3_xml_uploads(struct s3 *s, struct arena *a, struct error *error,
				   const struct fetch_reply *reply,
				   int (*each)(void *arg, const char *key, const char *id, int64_t begun),
				   void *arg, const char **key, const char **id);
