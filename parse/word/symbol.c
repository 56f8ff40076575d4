/* See symbol.h. The fonts do not agree on codes, so only those are here whose meaning matters to a
 * reader of contact data and lists; the codes are those of Wingdings, and of Symbol for the bullet. */
#include "parse/word/symbol.h"

#include <strings.h>

struct pair {
	uint32_t code, unicode;
};

static const struct pair pairs[] = {
	{0x28, 0x260E}, {0x29, 0x2706}, {0x2A, 0x2709}, {0x2B, 0x2709}, {0x2C, 0x2709}, {0x6C, 0x25CF},
	{0x6E, 0x25A0}, {0x6F, 0x25A1}, {0x71, 0x2751}, {0x72, 0x2752}, {0x73, 0x25C6}, {0x74, 0x25C6},
	{0x75, 0x25C6}, {0x76, 0x2756}, {0x77, 0x25C6}, {0x9E, 0x2022}, {0x9F, 0x2022}, {0xA7, 0x25AA},
	{0xA8, 0x25FB}, {0xB7, 0x2022}, {0xD8, 0x27A2}, {0xE0, 0x2192}, {0xE8, 0x2794}, {0xF0, 0x27A2},
	{0xFC, 0x2713}, {0xFE, 0x2611},
};

static const uint32_t bullets[] = {
	0xB7,   0x2022, 0x2023, 0x2043, 0x204C, 0x204D, 0x2192, 0x2219, 0x22C5, 0x25A0, 0x25A1, 0x25AA,
	0x25AB, 0x25B6, 0x25B8, 0x25BA, 0x25C6, 0x25C7, 0x25CB, 0x25CF, 0x25D8, 0x25E6, 0x25FB, 0x25FC,
	0x25FE, 0x2605, 0x2610, 0x2611, 0x2612, 0x2713, 0x2714, 0x2717, 0x2726, 0x2727, 0x2751, 0x2752,
	0x2756, 0x2794, 0x2799, 0x279C, 0x27A2, 0x27A4, 0x2981, 0x29BF, 0x30FB, 0xFF65,
};

uint32_t symbol_unicode(uint32_t c)
{
	if (c >= 0xF000 && c <= 0xF0FF)
		c -= 0xF000;
	if (c > 0xFF)
		return c >= 0xE000 && (c <= 0xF8FF || c >= 0xF0000) ? 0 : c;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (pairs[i].code == c)
			return pairs[i].unicode;
	return 0;
}

bool symbol_is_bullet(uint32_t c)
{
	for (size_t i = 0; c >= 0xB7 && i < sizeof bullets / sizeof *bullets; i++)
		if (bullets[i] == c)
			return true;
	return false;
}

bool symbol_font(const char *name, size_t n)
{
	static const char *const prefixes[] = {"Wingdings", "Webdings", "ZapfDingbats", "Zapf Dingbats",
	                                       "Font Awesome", "FontAwesome"};

	if (n == 6 && strncasecmp(name, "Symbol", 6) == 0)
		return true;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		size_t k = __builtin_strlen(prefixes[i]);

		if (n >= k && strncasecmp(name, prefixes[i], k) == 0)
			return true;
	}
	return false;
}
