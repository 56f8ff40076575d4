/* test_doc: documents made by hand for the tests of the extraction. Each line of text becomes a
 * line; a prefix sets its look: "# " a large bold line, "## " a bold heading, "* " a list item. */
#pragma once
#include "base/test.h"
#include "base/text.h"
#include "parse/extract/extract.h"

static struct arena *made_arena;
static struct error made_error;

static inline void made_line(struct doc *d, char *text, int i)
{
	struct line l = {
		.box = {72, (float)(60 + i * 14), 72 + 5 * (float)strlen(text), (float)(70 + i * 14)},
		.size = 10,
		.block = i,
		.table = -1,
		.row = -1,
		.cell = -1};

	if (text_starts(text, "# ")) {
		l.size = 20;
		l.flags = TEXT_BOLD;
		text += 2;
	} else if (text_starts(text, "## ")) {
		l.size = 13;
		l.flags = TEXT_BOLD;
		text += 3;
	} else if (text_starts(text, "* ")) {
		l.bullet = true;
		text += 2;
	}
	l.text = text;
	if (*text != '\0')
		doc_add_line(d, &l);
}

static inline struct doc *made(const char *text)
{
	struct doc *d;
	char *p;

	if (made_arena != NULL)
		arena_free(made_arena);
	made_arena = arena_new(64 << 20);
	d = ARENA_NEW(made_arena, struct doc);
	d->arena = made_arena;
	d->error = &made_error;
	p = arena_strdup(made_arena, text);
	for (int i = 0; p != NULL; i++) {
		char *end = strchr(p, '\n');

		if (end != NULL)
			*end = '\0';
		made_line(d, p, i);
		p = end == NULL ? NULL : end + 1;
	}
	return d;
}

static inline struct profile *read_made(struct doc *d)
{
	static struct profile p;

	memset(&p, 0, sizeof p);
	CHECK_INT(extract_profile(d, &p), OK);
	return &p;
}

/* The skills' names joined by bars. */
static inline const char *skills_of(const struct profile *p)
{
	const struct skill *s = p->skills.items;
	struct buf b;

	buf_init(&b, made_arena, 8000);
	for (size_t i = 0; i < p->skills.n; i++)
		buf_addf(&b, "%s%s", i > 0 ? "|" : "", s[i].name);
	return buf_str(&b);
}
