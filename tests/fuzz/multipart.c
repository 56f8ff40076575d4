/*
 * Forms: the splitter of multipart bodies in pieces of any size, and urlencoded pairs. The first
 * byte chooses the pieces; the boundary is "b". The parts must not depend on the pieces.
 */
#include "base/text.h"
#include "io/http_private.h"
#include "tests/fuzz/fuzz.h"

enum { FORM_MEMORY = 64 * 1024 * 1024 };

struct seen {
	const struct multipart_part *part; /* open */
	uint64_t sum;
};

static int take(void *arg, const struct multipart_part *part, const char *p, size_t n, bool last)
{
	struct seen *s = arg;

	must_hold(s->part == NULL || s->part == part);
	must_hold(n == 0 ? last : p != NULL);
	must_hold(utf8_valid(part->name, strlen(part->name)));
	for (size_t i = 0; i < n; i++)
		s->sum = s->sum * 31 + (unsigned char)p[i];
	s->part = last ? NULL : part;
	s->sum += last ? 257 : 0;
	return OK;
}

static uint64_t split(const uint8_t *data, size_t n, size_t piece)
{
	struct arena *a = arena_new(FORM_MEMORY);
	struct seen seen = {0};
	struct multipart *m = multipart_new(a, "b", take, &seen);
	int rc = OK;

	for (size_t at = 0; at < n && rc == OK; at += piece)
		rc = multipart_feed(m, (const char *)data + at, n - at < piece ? n - at : piece);
	if (rc == OK)
		rc = multipart_end(m);
	must_hold(rc != OK || seen.part == NULL);
	arena_free(a);
	return rc == OK ? seen.sum : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FORM_MEMORY);
	struct pairs pairs = {0};
	const char *boundary;

	if (n > 0) {
		must_hold(split(data + 1, n - 1, 1U + data[0]) == split(data + 1, n - 1, n));
		pairs_decode(a, (const char *)data, n, &pairs);
		for (size_t i = 0; i < pairs.n; i++)
			must_hold(utf8_valid(pairs.items[i].value, strlen(pairs.items[i].value)));
		multipart_boundary(a, arena_strndup(a, (const char *)data, n), &boundary);
	}
	arena_free(a);
	return 0;
}
