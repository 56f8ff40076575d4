/*
 * See taxonomy.h.
 *
 * The trie is one open-addressed table: the key is a node and a word's hash mixed together, the
 * value the next node. A name is at most TAXONOMY_WORDS_MAX words long, so each word of a text is
 * looked at a bounded number of times, and searching is linear. Two different words with the same
 * 64-bit hash would be taken for one; with some ten thousand words that is not going to happen by
 * itself, and who makes it happen on purpose gains a wrong skill in a résumé they could have
 * written into it anyway.
 */
#include "data/taxonomy.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { TAXONOMY_WORDS_MAX = 8, TAXONOMY_FILE_MAX = 8 * 1024 * 1024, NO_ENTRY = -1 };

struct slot {
	uint64_t key; /* 0: free */
	uint32_t node;
};

struct node {
	int32_t entry;
	bool ambiguous, capitals;
	bool leads_on; /* longer names begin with these words */
};

struct taxonomy {
	struct arena *arena;
	struct taxonomy_entry *entries;
	size_t nentries, entries_cap;
	struct node *nodes;
	size_t nnodes, nodes_cap;
	struct slot *slots;
	size_t nslots; /* a power of two */
};

extern const unsigned char skills_tsv[];
extern const size_t skills_tsv_size;

static uint64_t mix(uint32_t node, uint64_t hash)
{
	uint64_t key = (hash ^ ((uint64_t)node * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;

	key ^= key >> 32;
	return key == 0 ? 1 : key;
}

static struct slot *slot_of(const struct taxonomy *t, uint64_t key)
{
	size_t i = (size_t)key & (t->nslots - 1);

	while (t->slots[i].key != 0 && t->slots[i].key != key)
		i = (i + 1) & (t->nslots - 1);
	return &t->slots[i];
}

static void grow_slots(struct taxonomy *t)
{
	struct slot *old = t->slots;
	size_t n = t->nslots;

	t->nslots = n == 0 ? 32768 : n * 2;
	t->slots = ARENA_ARRAY(t->arena, t->nslots, struct slot);
	for (size_t i = 0; i < n; i++)
		if (old[i].key != 0)
			*slot_of(t, old[i].key) = old[i];
}

/* Makes room for one more element of an arena array. */
static void *room(struct arena *a, void *old, size_t n, size_t *cap, size_t size)
{
	void *p;

	if (n < *cap)
		return old;
	*cap = *cap == 0 ? 4096 : *cap * 2;
	p = arena_array(a, *cap, size);
	if (n > 0)
		memcpy(p, old, n * size);
	return p;
}

static uint32_t node_add(struct taxonomy *t)
{
	t->nodes = room(t->arena, t->nodes, t->nnodes, &t->nodes_cap, sizeof *t->nodes);
	t->nodes[t->nnodes] = (struct node){.entry = NO_ENTRY};
	return (uint32_t)t->nnodes++;
}

/* Enters a name; the first row to claim one keeps it. */
static void name_add(struct taxonomy *t, const char *name, int32_t entry, bool ambiguous)
{
	struct word words[TAXONOMY_WORDS_MAX + 1];
	size_t n = words_split(name, strlen(name), words, TAXONOMY_WORDS_MAX + 1);
	uint32_t at = 0;

	if (n == 0 || n > TAXONOMY_WORDS_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t key = mix(at, words[i].hash);
		struct slot *slot = slot_of(t, key);

		if (slot->key == 0) {
			*slot = (struct slot){key, node_add(t)};
			if (t->nnodes * 2 > t->nslots)
				grow_slots(t);
			slot = slot_of(t, key);
		}
		t->nodes[at].leads_on = true;
		at = slot->node;
	}
	if (t->nodes[at].entry == NO_ENTRY) {
		t->nodes[at].entry = entry;
		t->nodes[at].ambiguous = ambiguous;
		t->nodes[at].capitals = n == 1 && (words[0].flags & WORD_CAPS) != 0;
	}
}

/* Cuts the next field, up to the separator, off *s in place. */
static char *cut(char **s, char separator)
{
	char *field = *s, *end;

	if (field == NULL)
		return NULL;
	end = strchr(field, separator);
	*s = end == NULL ? NULL : end + 1;
	if (end != NULL)
		*end = '\0';
	return text_trim(field);
}

static struct taxonomy_entry *entry_new(struct taxonomy *t, const char *name, const char *category)
{
	t->entries = room(t->arena, t->entries, t->nentries, &t->entries_cap, sizeof *t->entries);
	t->entries[t->nentries] = (struct taxonomy_entry){.name = name, .category = category};
	return &t->entries[t->nentries++];
}

static void aliases_add(struct taxonomy *t, struct taxonomy_entry *e, char *list)
{
	size_t n = 1;
	const char **aliases;
	char *alias;

	for (const char *p = list; *p != '\0'; p++)
		n += *p == '|';
	aliases = ARENA_ARRAY(t->arena, e->naliases + n, const char *);
	if (e->naliases > 0)
		memcpy(aliases, e->aliases, e->naliases * sizeof *aliases);
	while ((alias = cut(&list, '|')) != NULL) {
		bool ambiguous = *alias == '?';

		alias += ambiguous;
		if (*alias == '\0')
			continue;
		aliases[e->naliases++] = alias;
		name_add(t, alias, (int32_t)(e - t->entries), ambiguous);
	}
	e->aliases = aliases;
}

static void row_add(struct taxonomy *t, char *line)
{
	char *name = cut(&line, '\t'), *category = cut(&line, '\t'), *flags = cut(&line, '\t');
	struct taxonomy_entry *e;
	const struct taxonomy_entry *known;

	if (*name == '\0' || *name == '#' || category == NULL || *category == '\0')
		return;
	known = taxonomy_find(t, name);
	e = known != NULL && text_ieq(known->name, name) ? &t->entries[known - t->entries]
													 : entry_new(t, name, category);
	name_add(t, name, (int32_t)(e - t->entries), flags != NULL && strchr(flags, 'a') != NULL);
	if (line != NULL)
		aliases_add(t, e, line);
}

void taxonomy_add(struct taxonomy *t, const char *text, size_t n)
{
	char *copy = arena_strndup(t->arena, text, n), *line;

	while ((line = cut(&copy, '\n')) != NULL)
		row_add(t, line);
}

struct taxonomy *taxonomy_load(struct arena *a, const char *text, size_t n)
{
	struct taxonomy *t = ARENA_NEW(a, struct taxonomy);

	t->arena = a;
	grow_slots(t);
	node_add(t);
	taxonomy_add(t, text, n);
	return t;
}

static void close_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

int taxonomy_add_file(struct taxonomy *t, const char *path, struct error *error)
{
	struct {
		struct error *error;
	} c = {error};
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	struct buf text;
	char piece[16384];
	size_t n;

	if (f == NULL)
		return fail(&c, E_RULE, "The skills file %s cannot be opened: %s.", path, strerror(errno));
	buf_init(&text, t->arena, TAXONOMY_FILE_MAX);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		if (buf_add(&text, piece, n) < 0)
			return fail(&c, E_RULE, "The skills file %s is larger than 8 MB.", path);
	if (ferror(f) != 0)
		return fail(&c, E_RULE, "The skills file %s cannot be read.", path);
	taxonomy_add(t, buf_str(&text), text.n);
	return OK;
}

static struct taxonomy *builtin;

static void load_builtin(void)
{
	builtin = taxonomy_load(arena_new(64 * 1024 * 1024), (const char *)skills_tsv, skills_tsv_size);
}

struct taxonomy *taxonomy_builtin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_builtin);
	return builtin;
}

size_t taxonomy_size(const struct taxonomy *t)
{
	return t->nentries;
}

const struct taxonomy_entry *taxonomy_at(const struct taxonomy *t, size_t i)
{
	return i < t->nentries ? &t->entries[i] : NULL;
}

/* The longest name that begins with the words; its node, and its length in *count. NULL if none. */
static const struct node *longest(const struct taxonomy *t, const struct word *words, size_t n,
								  size_t *count)
{
	const struct node *found = NULL;
	uint32_t at = 0;

	for (size_t i = 0; i < n && t->nodes[at].leads_on; i++) {
		const struct slot *slot;

		if (i > 0 && (words[i].flags & WORD_BREAK))
			break;
		slot = slot_of(t, mix(at, words[i].hash));
		if (slot->key == 0)
			break;
		at = slot->node;
		if (t->nodes[at].entry == NO_ENTRY)
			continue;
		found = &t->nodes[at];
		*count = i + 1;
	}
	return found;
}

const struct taxonomy_entry *taxonomy_find_in(const struct taxonomy *t, const char *s, size_t n)
{
	struct splitting sp = words_of(s, n);
	struct word word;
	uint32_t at = 0;

	while (words_next(&sp, &word)) {
		const struct slot *slot;

		if (!t->nodes[at].leads_on)
			return NULL;
		slot = slot_of(t, mix(at, word.hash));
		if (slot->key == 0)
			return NULL;
		at = slot->node;
	}
	return t->nodes[at].entry == NO_ENTRY ? NULL : &t->entries[t->nodes[at].entry];
}

const struct taxonomy_entry *taxonomy_find(const struct taxonomy *t, const char *name)
{
	return taxonomy_find_in(t, name, strlen(name));
}

size_t taxonomy_scan(const struct taxonomy *t, const struct word *words, size_t n,
					 struct taxonomy_hit *hits, size_t max)
{
	size_t nhits = 0, i = 0;

	while (i < n && nhits < max) {
		size_t count = 0;
		const struct node *node = longest(t, words + i, n - i, &count);

		if (node == NULL) {
			i++;
			continue;
		}
		hits[nhits++] = (struct taxonomy_hit){.entry = &t->entries[node->entry],
											  .first = i,
											  .count = count,
											  .ambiguous = node->ambiguous,
											  .capitals = node->capitals};
		i += count;
	}
	return nhits;
}
