/*
 * props: formatting as word processors store it, as differences to be laid over each other:
 * defaults, the paragraph style with those it is based on, the character style, the run itself.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "parse/word/writer.h"

/* Differences in character formatting; all zero: none. on and off hold TEXT_* and STYLE_WHITE. */
struct chp {
	unsigned on, off;
	float size; /* points, 0 unset */
	int shaded; /* 1 something coloured behind, -1 expressly nothing, 0 unset */
};

/* Differences in paragraph formatting; all zero: none. */
struct pap {
	int heading; /* 1..9, -1 expressly none, 0 unset */
	int list;    /* 1 in a list, -1 expressly not, 0 unset */
	int level;   /* of the list, from 1; 0 unset */
	int indent;  /* twips + 1; 0 unset */
	int shaded;
};

/* Lays b over a. */
void chp_apply(struct chp *a, const struct chp *b);
void pap_apply(struct pap *a, const struct pap *b);

void chp_flag(struct chp *c, unsigned flag, bool on);
/* Sets the colour (0xRRGGBB); near-white counts as white. */
void chp_color(struct chp *c, unsigned rgb);
/* Half-points, as files have it; below 3 nobody can read it: hidden. */
void chp_half_points(struct chp *c, int half_points);

/* The style of text so formatted; shaded: its paragraph, cell or box is coloured. */
struct style chp_style(const struct chp *c, bool shaded, const char *link);
/* Sets heading, bullet and indent of *p. */
void pap_place(const struct pap *p, struct place *out);

/* The level 1..9 of a built-in heading or title style by its name (n bytes of UTF-8, any of the
 * languages Word comes in), 0 for other styles. */
int heading_by_name(const char *name, size_t n);
