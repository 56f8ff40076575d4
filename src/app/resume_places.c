/*
 * Where in a résumé the skills stand that a vacancy asks for. The JSON Resume is walked string by
 * string, so that each place has a pointer; what stands in none of them is looked for in the
 * document's text, line by line.
 */
#include <string.h>

#include "app/resume_match_inner.h"

enum { POINTER_MAX = 200, DEPTH_MAX = 8, MEMBERS_MAX = 2000, QUOTE_MAX = 160 };

struct search {
	struct arena *arena;
	const struct resume_subject *s;
	struct demand *demand;
	const char *section, *pointer; /* of the string under way; NULL: the text */
	const char *string;
	bool title;  /* it is what somebody is called */
	bool listed; /* it stands in a list of skills, where every word is one */
};

/* The parser has weighed the doubtful words of the whole document; its list settles them. */
static bool is_known(const struct search *f, const struct taxonomy_entry *entry)
{
	const struct skill *k = f->s->profile->skills.items;

	for (size_t i = 0; i < f->s->profile->skills.n; i++)
		if (text_eq(k[i].canonical, entry->name))
			return true;
	return false;
}

/* The line around a name, cut at characters. */
static const char *around(const struct search *f, const char *at, size_t n)
{
	const char *start = at, *end = at + n;
	size_t left = QUOTE_MAX;

	while (start > f->string && start[-1] != '\n' && left-- > QUOTE_MAX / 2)
		start--;
	while (*end != '\0' && *end != '\n' && end - start < QUOTE_MAX)
		end++;
	while (start < at && ((unsigned char)*start & 0xC0) == 0x80)
		start++;
	while (end > at + n && ((unsigned char)*end & 0xC0) == 0x80)
		end--;
	return arena_strndup(f->arena, start, (size_t)(end - start));
}

static void note(void *arg, const struct taxonomy_entry *entry, bool sure, const char *at, size_t n)
{
	struct search *f = arg;
	struct list *found;
	struct found *place;

	for (size_t i = 0; i < f->demand->n; i++) {
		if (f->demand->items[i].entry != entry)
			continue;
		found = &f->demand->items[i].k.found;
		if (found->n == MATCH_PLACES_MAX)
			return;
		if (!sure && !f->listed && !f->title && !is_known(f, entry))
			return;
		if (found->items == NULL)
			found->items = ARENA_ARRAY(f->arena, MATCH_PLACES_MAX, struct found);
		place = (struct found *)found->items + found->n;
		if (found->n > 0 && text_eq(place[-1].pointer, f->pointer) && f->pointer != NULL)
			return; /* once for each value */
		found->n++;
		*place = (struct found){
			.section = f->section,
			.pointer = f->pointer,
			.as = arena_strndup(f->arena, at, n),
			.text = around(f, at, n),
			.page =
				f->pointer != NULL ? resume_page_of(f->s->resume, f->pointer) : (struct opt_int){0},
		};
		return;
	}
}

/* A listed word alone is not scanned by its company but looked up. */
static void look_up(struct search *f, const char *string)
{
	const struct taxonomy_entry *entry =
		f->listed ? taxonomy_find(taxonomy_builtin(), string) : NULL;

	f->string = string;
	if (entry != NULL)
		note(f, entry, true, string, strlen(string));
	else
		match_scan(f->arena, string, f->title, note, f);
}

static void walk(struct search *f, const struct json_value *v, const char *pointer, int depth)
{
	if (depth > DEPTH_MAX || strlen(pointer) > POINTER_MAX)
		return;
	if (json_kind(v) == JSON_STRING) {
		f->pointer = pointer;
		f->title = text_ends(pointer, "/label") || text_ends(pointer, "/position");
		look_up(f, json_string(v));
		return;
	}
	for (size_t i = 0; i < json_size(v) && i < MEMBERS_MAX; i++) {
		const char *key = json_key(v, i);

		if (json_kind(v) == JSON_ARRAY)
			walk(f, json_at(v, i), arena_printf(f->arena, "%s/%zu", pointer, i), depth + 1);
		else
			walk(f, json_get(v, key), arena_printf(f->arena, "%s/%s", pointer, key), depth + 1);
	}
}

/* Each line of the document; only for what no value of the JSON holds. */
static void search_text(struct search *f)
{
	struct demand missing = {.n = 0};
	size_t index[MATCH_KEYWORDS_MAX];
	struct demand *all = f->demand;

	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].k.found.n == 0) {
			index[missing.n] = i;
			missing.items[missing.n++] = all->items[i];
		}
	f->demand = &missing;
	f->section = "text";
	f->pointer = NULL;
	f->string = f->s->profile->text;
	f->listed = f->title = false;
	match_scan(f->arena, f->string, false, note, f);
	for (size_t i = 0; i < missing.n; i++)
		all->items[index[i]] = missing.items[i];
	f->demand = all;
}

void match_find(struct arena *a, const struct resume_subject *s, struct demand *d)
{
	struct search f = {.arena = a, .s = s, .demand = d};

	for (size_t i = 0; i < json_size(s->resume); i++) {
		const char *key = json_key(s->resume, i);

		if (text_eq(key, "meta") || text_eq(key, "references"))
			continue;
		f.section = key;
		f.listed = text_eq(key, "skills");
		walk(&f, json_get(s->resume, key), arena_printf(a, "/%s", key), 0);
	}
	search_text(&f);
}
