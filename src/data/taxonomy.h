/*
 * taxonomy: the skills of the working world, their other names and their fields (data/skills.tsv).
 *
 * One row for each skill: canonical name, category, flags, aliases. Read once at start into a trie
 * over words (words.h), immutable afterwards and safe to share between threads. A text is searched
 * for all names in one pass. Everything belongs to the arena it was loaded into.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/words.h"

struct taxonomy;

struct taxonomy_entry {
	const char *name; /* canonical */
	const char *category;
	const char *const *aliases; /* without the canonical name */
	size_t naliases;
};

/* A name found in a text. */
struct taxonomy_hit {
	const struct taxonomy_entry *entry;
	size_t first, count; /* words */
	bool ambiguous;      /* these words mean other things too ("go", "excel", "access") */
	bool capitals;       /* an abbreviation: in running text it counts in capitals only ("SAN") */
};

/* Reads n bytes of rows (the format is told at the head of data/skills.tsv). Malformed rows are
 * skipped. The text is copied. Never NULL. */
struct taxonomy *taxonomy_load(struct arena *a, const char *text, size_t n);
/* Adds more rows; a row whose name is known adds its aliases to it. Not while others read. */
void taxonomy_add(struct taxonomy *t, const char *text, size_t n);
/* Adds a file's rows (at most 8 MB). OK, or E_RULE with a sentence if it cannot be read. */
int taxonomy_add_file(struct taxonomy *t, const char *path, struct error *error);
/* The built-in one, read at the first call and kept for the life of the process. Thread-safe. */
struct taxonomy *taxonomy_builtin(void);

size_t taxonomy_size(const struct taxonomy *t);
const struct taxonomy_entry *taxonomy_at(const struct taxonomy *t, size_t i);
/* The entry with this name or alias, whatever its case, accents, hyphens or plural; NULL if none.
 */
const struct taxonomy_entry *taxonomy_find(const struct taxonomy *t, const char *name);
/* The same for n bytes. */
const struct taxonomy_entry *taxonomy_find_in(const struct taxonomy *t, const char *s, size_t n);
/* Finds the longest names from left to right, none across a WORD_BREAK. Returns the number of hits.
 */
size_t taxonomy_scan(const struct taxonomy *t, const struct word *words, size_t n,
					 struct taxonomy_hit *hits, size_t max);
