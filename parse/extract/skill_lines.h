/*
 * skill_lines: how the lines of a skills section belong together: which go on with the one before,
 * which are headings of groups.
 */
#pragma once
#include "parse/extract/reading.h"

/* Whether line i is visible content or heading of a skills section. */
bool in_skills(const struct reading *r, int i);
/* Whether line j (its content t) goes on with what line i (its content s) says. */
bool skill_goes_on(const struct reading *r, int i, int j, const char *s, const char *t);
/* Whether line i is the heading of a group of skills: short, and set in a stronger style than what
 * follows. */
bool skill_group(const struct reading *r, int i);
/* Whether line i is but the label beside a list, or one half of it. */
bool skill_rail_label(const struct reading *r, int i);
/* Whether two lines have the same size and style. */
bool same_look(const struct line *l, const struct line *m);
