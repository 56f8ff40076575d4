/*
 * arena: memory by lifetime.
 *
 * A bump allocator: what is taken from an arena is never freed singly, it dies with the arena
 * (or with arena_reset). Descriptors, statements and files hang on it by arena_defer and are
 * released in reverse order. Every arena states its maximum at birth.
 *
 * The maximum is soft in the server: the allocation that crosses it is still served, arena_over()
 * turns true, and whoever loops (db rows, buffers, the dispatcher) stops with an error. A parser
 * makes it hard with arena_on_limit(), whose handler does not return. True out-of-memory aborts.
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Returns a new arena that may hold up to max bytes. Never NULL. Free with arena_free. */
struct arena *arena_new(size_t max);

/* Runs the deferred releases, newest first, and frees everything. NULL is allowed. Returns NULL. */
struct arena *arena_free(struct arena *a);

/* As arena_free, but keeps the arena (and one block) for reuse. */
void arena_reset(struct arena *a);

/* Returns size zeroed bytes, aligned for any type. Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);

/* As arena_alloc, but the bytes are left as they are: for what is overwritten at once. */
void *arena_alloc_raw(struct arena *a, size_t size);

/* Returns n zeroed elements of size bytes; an overflowing product aborts. */
void *arena_array(struct arena *a, size_t n, size_t size);

/* Copies; the copy ends with a NUL. arena_strdup(a, NULL) is NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);

/* Formats into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Calls fn(arg) when the arena is reset or freed. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

/* True once more than the maximum has been taken. */
bool arena_over(const struct arena *a);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

/* Calls handler(arg) instead of serving an allocation beyond the maximum; it must not return. */
void arena_on_limit(struct arena *a, void (*handler)(void *), void *arg);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))
