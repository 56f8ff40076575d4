/*
 * compose: letters and their accents (a part of Unicode's normalization form C: Latin, Greek tonos,
 * Cyrillic). Type setters draw accents as glyphs of their own, over or beside the letter.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The letter with the combining mark, 0 if there is none. A dotless i counts as i. */
uint32_t compose(uint32_t letter, uint32_t mark);

/* The combining mark that a free-standing accent (´ ¨ ˇ …) or a mark stands for, 0 if it is none.
 */
uint32_t compose_mark(uint32_t cp);

/* The letter without its accent; other characters unchanged. */
uint32_t compose_base(uint32_t cp);
