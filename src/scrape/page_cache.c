/* See page_cache.h. */
#include "scrape/page_cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_MAX = 400 };

struct kept {
	struct arena *arena; /* NULL: free */
	const char *url;
	struct cached page;
	size_t bytes;
	uint64_t used;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept pages[PAGES_MAX];
static size_t total;
static uint64_t uses;

static void copy(struct arena *a, const struct cached *from, struct cached *to)
{
	*to = (struct cached){.etag = arena_strdup(a, from->etag),
						  .modified = arena_strdup(a, from->modified),
						  .type = arena_strdup(a, from->type),
						  .body = arena_strndup(a, from->body, from->size),
						  .size = from->size};
}

static struct kept *find(const char *url)
{
	for (size_t i = 0; i < PAGES_MAX; i++)
		if (pages[i].arena != NULL && strcmp(pages[i].url, url) == 0)
			return &pages[i];
	return NULL;
}

static void drop(struct kept *k)
{
	total -= k->bytes;
	k->arena = arena_free(k->arena);
}

/* A free place; the least recently used page goes where there is none, or too many bytes. */
static struct kept *make_room(size_t bytes, size_t max)
{
	for (;;) {
		struct kept *free_one = NULL, *oldest = NULL;

		for (size_t i = 0; i < PAGES_MAX; i++) {
			if (pages[i].arena == NULL)
				free_one = &pages[i];
			else if (oldest == NULL || pages[i].used < oldest->used)
				oldest = &pages[i];
		}
		if (free_one != NULL && (total + bytes <= max || oldest == NULL))
			return free_one;
		drop(oldest);
	}
}

bool page_cache_find(struct arena *a, const char *url, struct cached *out)
{
	struct kept *k;

	pthread_mutex_lock(&lock);
	k = find(url);
	if (k != NULL) {
		k->used = ++uses;
		copy(a, &k->page, out);
	}
	pthread_mutex_unlock(&lock);
	return k != NULL;
}

void page_cache_put(const char *url, const struct cached *page, size_t max)
{
	size_t bytes = page->size + strlen(url) + 1024;
	struct kept *k;

	pthread_mutex_lock(&lock);
	k = find(url);
	if (k != NULL)
		drop(k);
	if (bytes <= max / 4) {
		k = make_room(bytes, max);
		*k = (struct kept){.arena = arena_new(2 * bytes), .bytes = bytes, .used = ++uses};
		k->url = arena_strdup(k->arena, url);
		copy(k->arena, page, &k->page);
		total += bytes;
	}
	pthread_mutex_unlock(&lock);
}
