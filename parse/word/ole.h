/*
 * ole: streams of an OLE compound file (MS-CFB), and the property set in it (MS-OLEPS).
 */
#pragma once
#include "parse/doc.h"

struct _GsfInfile;

struct bytes {
	const unsigned char *p;
	size_t n;
};

/* Little-endian numbers at `at`; 0 beyond the end. */
static inline unsigned bytes_u8(struct bytes b, size_t at)
{
	return at < b.n ? b.p[at] : 0;
}
static inline unsigned bytes_u16(struct bytes b, size_t at)
{
	return b.n >= 2 && at <= b.n - 2 ? (unsigned)(b.p[at] | b.p[at + 1] << 8) : 0;
}
static inline uint32_t bytes_u32(struct bytes b, size_t at)
{
	return b.n >= 4 && at <= b.n - 4 ? bytes_u16(b, at) | (uint32_t)bytes_u16(b, at + 2) << 16 : 0;
}
/* The part from `at` of n bytes, cut at the end. */
static inline struct bytes bytes_part(struct bytes b, size_t at, size_t n)
{
	if (at > b.n)
		return (struct bytes){b.p, 0};
	return (struct bytes){b.p + at, n < b.n - at ? n : b.n - at};
}

struct ole {
	struct doc *doc;
	struct _GsfInfile *file;
	size_t size; /* of the whole file */
};

/* Opens the container over data, which must outlive it. E_RULE with a sentence if it is damaged. */
int ole_open(struct doc *d, const unsigned char *data, size_t n, struct ole *out);
void ole_close(struct ole *o);
bool ole_has(struct ole *o, const char *name);
/* Reads a whole stream into the arena; empty if it is not there, damaged or larger than the file.
 */
struct bytes ole_stream(struct ole *o, const char *name);
/* Sets d->title and d->author from a SummaryInformation stream. */
void ole_summary(struct doc *d, struct bytes stream);
