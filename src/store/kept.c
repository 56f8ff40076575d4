/* See kept.h: a hash table whose entries also stand in a list by last use. */
#include "store/kept.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static uint32_t hash_text(const char *s)
{
	uint32_t h = 2166136261U;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619U;
	return h;
}

static void unlink_use(struct kept_set *set, struct kept *k)
{
	*(k->newer != NULL ? &k->newer->older : &set->newest) = k->older;
	*(k->older != NULL ? &k->older->newer : &set->oldest) = k->newer;
}

static void link_newest(struct kept_set *set, struct kept *k)
{
	k->newer = NULL;
	k->older = set->newest;
	*(set->newest != NULL ? &set->newest->newer : &set->oldest) = k;
	set->newest = k;
}

static struct kept **place_of(struct kept_set *set, const char *text)
{
	return &set->places[((uintptr_t)text >> 4) % KEPT_PLACES];
}

static struct kept *hashed(const struct kept_set *set, const char *text)
{
	uint32_t hash = hash_text(text);
	struct kept *k = set->buckets[hash % KEPT_BUCKETS];

	while (k != NULL && (k->hash != hash || strcmp(k->text, text) != 0))
		k = k->chain;
	return k;
}

struct kept *kept_find(struct kept_set *set, const char *text)
{
	struct kept **place = place_of(set, text);

	if (*place == NULL || strcmp((*place)->text, text) != 0)
		*place = hashed(set, text);
	return *place;
}

void kept_use(struct kept_set *set, struct kept *k)
{
	unlink_use(set, k);
	link_newest(set, k);
}

bool kept_add(struct kept_set *set, struct kept *k, const char *text)
{
	struct kept **bucket;

	k->text = strdup(text);
	if (k->text == NULL)
		return false;
	k->hash = hash_text(text);
	bucket = &set->buckets[k->hash % KEPT_BUCKETS];
	k->chain = *bucket;
	*bucket = k;
	link_newest(set, k);
	set->n++;
	return true;
}

void kept_remove(struct kept_set *set, struct kept *k)
{
	struct kept **at = &set->buckets[k->hash % KEPT_BUCKETS];

	while (*at != k)
		at = &(*at)->chain;
	*at = k->chain;
	for (int i = 0; i < KEPT_PLACES; i++)
		if (set->places[i] == k)
			set->places[i] = NULL;
	unlink_use(set, k);
	set->n--;
	free(k->text);
	k->text = NULL;
}
