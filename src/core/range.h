/* range: the Range header of a request (RFC 9110, 14.2). */
#pragma once
#include <stdint.h>

struct byte_range {
	int64_t first, last; /* both inclusive */
};

enum range_kind {
	RANGE_NONE,   /* no range of bytes, malformed, or several: the whole is sent */
	RANGE_ONE,    /* *out, within the file */
	RANGE_BEYOND, /* well-formed, but no byte of the file is in it: 416 */
};

/* Reads a header's value for a file of size bytes. */
enum range_kind range_parse(const char *value, int64_t size, struct byte_range *out);
