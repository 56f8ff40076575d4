/* See arena.h. Blocks grow geometrically, so that a small request costs one malloc. */
#include "base/arena.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 256 * 1024, ALIGN = 16 };

struct block {
	struct block *next;
	size_t size;
	_Alignas(ALIGN) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *blocks; /* newest first */
	size_t at;            /* used bytes of the newest block */
	size_t used, max;
	struct deferred *deferred;
	void (*on_limit)(void *);
	void *on_limit_arg;
};

/* Most arenas hold one request, and die as soon as it is answered: a thread keeps a block of each
 * of the first two sizes for its next one. Not where a sanitizer watches for use after free. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SPARES = 0 };
#else
enum { SPARES = 2 };
#endif

static _Thread_local struct block *spares[2];
static pthread_key_t spares_key;

static void free_spares(void *unused)
{
	(void)unused;
	for (int i = 0; i < SPARES; i++) {
		free(spares[i]);
		spares[i] = NULL;
	}
}

static void make_spares_key(void)
{
	pthread_key_create(&spares_key, free_spares);
}

/* -1: no size of which one is kept. */
static int spare_of(size_t size)
{
	for (int i = 0; i < SPARES; i++)
		if (size == (size_t)FIRST_BLOCK << i)
			return i;
	return -1;
}

static struct block *take_spare(size_t size)
{
	int i = spare_of(size);
	struct block *b = i < 0 ? NULL : spares[i];

	if (b != NULL)
		spares[i] = NULL;
	return b;
}

static void free_block(struct block *b)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int i = spare_of(b->size);

	if (i < 0 || spares[i] != NULL) {
		free(b);
		return;
	}
	pthread_once(&once, make_spares_key);
	pthread_setspecific(spares_key, spares);
	spares[i] = b;
}

static void *must(void *p)
{
	if (p == NULL) {
		fputs("vitae: out of memory\n", stderr);
		abort();
	}
	return p;
}

struct arena *arena_new(size_t max)
{
	struct arena *a = must(calloc(1, sizeof *a));

	a->max = max;
	return a;
}

static void run_deferred(struct arena *a)
{
	while (a->deferred != NULL) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->fn(d->arg);
	}
}

static void free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		free_block(b);
		b = next;
	}
}

struct arena *arena_free(struct arena *a)
{
	if (a == NULL)
		return NULL;
	run_deferred(a);
	free_blocks(a->blocks);
	free(a);
	return NULL;
}

void arena_reset(struct arena *a)
{
	struct block *keep;

	run_deferred(a);
	keep = a->blocks;
	if (keep != NULL) {
		free_blocks(keep->next);
		keep->next = NULL;
		if (keep->size > LARGEST_BLOCK) {
			free(keep);
			keep = NULL;
		}
	}
	a->blocks = keep;
	a->at = 0;
	a->used = 0;
}

static void add_block(struct arena *a, size_t need)
{
	size_t size = a->blocks == NULL ? FIRST_BLOCK : a->blocks->size * 2;
	struct block *b;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;
	b = take_spare(size);
	if (b == NULL)
		b = must(malloc(sizeof *b + size));
	b->next = a->blocks;
	b->size = size;
	a->blocks = b;
	a->at = 0;
}

static void *take(struct arena *a, size_t size)
{
	void *p;

	if (size > SIZE_MAX / 2)
		must(NULL);
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->on_limit != NULL && (size > a->max || a->used > a->max - size))
		a->on_limit(a->on_limit_arg);
	if (a->blocks == NULL || a->blocks->size - a->at < size)
		add_block(a, size);
	p = a->blocks->data + a->at;
	a->at += size;
	a->used += size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *arena_alloc_raw(struct arena *a, size_t size)
{
	return take(a, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		must(NULL);
	return arena_alloc(a, bytes);
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = take(a, n);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy;

	n = strnlen(s, n);
	copy = take(a, n + 1);
	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *s;

	if (fmt == NULL)
		return arena_strdup(a, "");
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		n = 0;
	s = take(a, (size_t)n + 1);
	s[0] = '\0';
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct deferred *d = take(a, sizeof *d);

	d->fn = fn;
	d->arg = arg;
	d->next = a->deferred;
	a->deferred = d;
}

bool arena_over(const struct arena *a)
{
	return a->used > a->max;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

void arena_on_limit(struct arena *a, void (*handler)(void *), void *arg)
{
	a->on_limit = handler;
	a->on_limit_arg = arg;
}
