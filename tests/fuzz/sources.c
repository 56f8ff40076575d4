/* A file of job sources, as an operator's editor leaves it. */
#include "scrape/source.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(256 * 1024 * 1024);
	struct source_query q = {"c++ & more", "Köln", 3, 50};
	struct error error = {0};
	struct sources s;

	if (sources_parse(a, &error, "file", (const char *)data, n, &s) != OK)
		must_hold(error.text[0] != '\0');
	else
		for (size_t i = 0; i < s.n; i++)
			must_hold(strncmp(source_url(a, &s.items[i], &q), "http", 4) == 0);
	arena_free(a);
	return 0;
}
