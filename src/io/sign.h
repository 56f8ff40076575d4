/* sign: AWS Signature Version 4, as S3 and its kin want it. fetch.c alone uses it. */
#pragma once
#include "io/fetch.h"

enum { SIGN_HEADERS = 3 };

/* What is signed: the request as it goes over the wire. */
struct sign_request {
	const char *method, *host; /* the Host header's value */
	const char *path;          /* percent-encoded, begins with "/" */
	const char *query;         /* percent-encoded, NULL: none */
	const char *payload;       /* SHA-256 of the body in hexadecimal */
	int64_t now;               /* microseconds since the epoch */
};

/* Fills out with x-amz-date, x-amz-content-sha256 and Authorization, in the arena. */
void sign_aws(struct arena *a, const struct fetch_sign *s, const struct sign_request *r,
			  struct pair out[SIGN_HEADERS]);
