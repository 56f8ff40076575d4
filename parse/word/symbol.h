/*
 * symbol: characters of symbol fonts (Symbol, Wingdings, Webdings) and of the private use area.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the Unicode character that shows what a character of a symbol font shows (a code from
 * 0x20 to 0xFF, or the same above 0xF000), or 0 if it is decoration without a counterpart. */
uint32_t symbol_unicode(uint32_t c);
/* True for characters that only serve to begin a list item. */
bool symbol_is_bullet(uint32_t c);
/* True if a font of this name (n bytes) has pictures in place of letters. */
bool symbol_font(const char *name, size_t n);
