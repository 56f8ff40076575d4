/*
 * section_search: what the search for sections shares: the lines that may be headings, with their
 * styles (sections.c), and the flow of lines under them (section_flow.c).
 */
#pragma once
#include "parse/extract/reading.h"

enum { STYLES_MAX = 48 };

struct style {
	float size;
	bool bold, italic, caps, underline, cell;
	int heading;
};

struct style_use {
	struct style style;
	uint32_t kinds; /* bit set of the sections named in it */
	int known, lines;
};

struct candidate {
	int line;
	enum section_kind section;
	struct style style;
	int tail;     /* the line its second half stands on; 0 none */
	size_t end;   /* bytes of the line that are the heading */
	bool weak;    /* needs the look of a heading */
	bool alone;   /* nothing else on the line */
	bool inlined; /* "Skills: a, b" */
	bool emphasised;
	bool accepted;
};

struct search {
	struct reading *r;
	struct candidate *candidates;
	int n;
	struct style_use styles[STYLES_MAX];
	int nstyles;
};

/* The style of the line's first n bytes. */
struct style style_of(const struct line *l, size_t n);
bool same_style(const struct style *a, const struct style *b);
/* Whether the text begins with a spoken language: "English, French" in the middle of other things.
 */
bool spoken_only(const char *text);
bool starts_small(const char *text);
/* Whether the line begins a text box of several: what stands there heads it, however it looks. */
bool opens_box(const struct doc *d, int i);
/* Whether line i is short and in the style of the known headings, with words unknown. */
bool is_unknown_heading(struct search *s, int i);

/* Gives each line its section; needs the candidates that are accepted. */
void section_assign(struct search *s);
