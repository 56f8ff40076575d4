/* A site's robots.txt, and a path to ask about. */
#include "scrape/robots.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(64 * 1024 * 1024);
	struct feed f = {data, n};
	size_t k = feed_byte(&f) % (f.n + 1);
	char *path = arena_printf(a, "/%s", arena_strndup(a, (const char *)f.p, k));
	const struct robots *r = robots_parse(a, (const char *)f.p + k, f.n - k, "vitae");

	robots_allows(r, path);
	must_hold(robots_allows(r, "/robots.txt"));
	must_hold(robots_delay(r) >= 0 && robots_delay(r) <= ROBOTS_DELAY_MAX);
	arena_free(a);
	return 0;
}
