/* source_presets: what the names of public job boards and kinds stand for. */
#pragma once
#include "scrape/source.h"

/* The presets of a kind; NULL if it is unknown. name and enabled are empty. */
const struct source *source_preset(const char *kind);
/* The kinds' names, for messages. NULL-terminated. */
extern const char *const source_kinds[];
