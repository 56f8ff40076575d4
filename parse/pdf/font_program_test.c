#include "parse/pdf/font_program.h"

#include "base/test.h"
#include "parse/pdf/encoding.h"

static struct arena *arena;
static struct pdf pdf;

static void start(void)
{
	arena = arena_free(arena);
	arena = arena_new(1 << 24);
	pdf = (struct pdf){.arena = arena};
}

TEST(glyph_names)
{
	start();
	CHECK_INT(glyph_text(&pdf, "A", 1, false), 'A');
	CHECK_INT(glyph_text(&pdf, "zukatakana", 10, false), 0x30BA);
	CHECK_INT(glyph_text(&pdf, "H18533", 6, false), 0x25CF);
	CHECK_INT(glyph_text(&pdf, "H", 1, false), 'H');
	CHECK_INT(glyph_text(&pdf, "a.swash", 7, false), 'a');
	CHECK_INT(glyph_text(&pdf, "uni0416", 7, false), 0x416);
	CHECK_INT(glyph_text(&pdf, "u1F600", 6, false), 0x1F600);
	CHECK_INT(glyph_text(&pdf, "a20", 3, true), 0x2714);
	CHECK_INT(glyph_text(&pdf, "a20", 3, false), 0);
	CHECK_INT(glyph_text(&pdf, ".notdef", 7, false), 0);
	CHECK_INT(glyph_text(&pdf, "", 0, false), 0);
	CHECK((glyph_text(&pdf, "f_f_i", 5, false) & TEXT_POOLED) != 0);
}

TEST(standard_tables)
{
	CHECK_INT(encoding_char(ENCODING_WINANSI, 0x80), 0x20AC);
	CHECK_INT(encoding_char(ENCODING_MACROMAN, 0x8E), 0xE9);
	CHECK_INT(encoding_char(ENCODING_STANDARD, 0xFB), 0xDF);
	CHECK_INT(encoding_char(ENCODING_STANDARD, '\''), 0x2019);
	CHECK_INT(encoding_char(ENCODING_SYMBOL, 0xB7), 0x2022);
	CHECK_INT(encoding_char(ENCODING_DINGBATS, 0x6C), 0x25CF);
	CHECK_INT(encoding_cff_string(34), 'A');
	CHECK_INT(encoding_cff_string(149), 0xDF);
	CHECK_INT(encoding_cff_string(228), 0x17E);
	CHECK_INT(encoding_cff_string(267), 0xFB03);
	CHECK_INT(encoding_cff_string(391), 0);
	CHECK_INT(encoding_mac_glyph(36), 'A');
	CHECK_INT(encoding_mac_glyph(225), 0x2C7);
	CHECK_INT(encoding_mac_glyph(257), 0x111);
	CHECK_INT(encoding_mac_glyph(258), 0);
}

TEST(type1_built_in_encoding)
{
	unsigned char font[] =
		"%!PS-AdobeFont-1.0: X\n/Encoding 256 array\n0 1 255 {1 index exch /.notdef put} for\n"
		"dup 65 /eacute put\ndup 66 /B put\nreadonly def\ncurrentfile eexec\ndup 67 /C put";
	uint32_t text[256] = {['B'] = 'x'};

	start();
	type1_encoding(&pdf, font, sizeof font - 1, text);
	CHECK_INT(text[65], 0xE9);
	CHECK_INT(text[66], 'x');
	CHECK_INT(text[67], 0);
}

/* A font set of two glyphs: .notdef, and "eacute" (standard string 207) at code 7. */
static const unsigned char cff[] = {
	1, 0, 4,   1,                                                   /* 0: header */
	0, 1, 1,   1, 2,  'X',                                          /* 4: names */
	0, 1, 1,   1, 11, 28,  0,  39, 15, 28, 0, 42, 16, 139 + 31, 17, /* 10: top dictionary */
	0, 0, 0,   0, 0,  0,                                            /* 25: strings, subroutines */
	0, 2, 1,   1, 2,  3,   14, 14,                                  /* 31: charstrings */
	0, 0, 207,                                                      /* 39: charset */
	0, 1, 7,                                                        /* 42: encoding */
};

TEST(cff_charset_and_encoding)
{
	uint32_t text[256] = {0};
	struct table glyphs = {0};

	start();
	cff_encoding(&pdf, cff, sizeof cff, text);
	CHECK_INT(text[7], 0xE9);
	cff_glyphs(&pdf, cff, sizeof cff, &glyphs);
	CHECK_INT(table_get(&glyphs, 1), 0xE9);
	for (size_t n = 0; n < sizeof cff; n++)
		cff_encoding(&pdf, cff, n, text);
}

/* One table, 'cmap', with a format 4 subtable for 3.1: U+0416 and U+0417 are glyphs 5 and 6. */
static const unsigned char truetype[] = {
	0,    1,    0,    0,    0, 1,  0,    0,    0,    0,    0,    0,    'c', 'm', 'a', 'p', 0, 0,
	0,    0,    0,    0,    0, 28, 0,    0,    0,    44,   0,    0,    0,   1,   0,   3,   0, 1,
	0,    0,    0,    12,   0, 4,  0,    32,   0,    0,    0,    4,    0,   0,   0,   0,   0, 0,
	0x04, 0x17, 0xFF, 0xFF, 0, 0,  0x04, 0x16, 0xFF, 0xFF, 0xFB, 0xEF, 0,   1,   0,   0,   0, 0,
};

TEST(truetype_cmap_backwards)
{
	struct table glyphs = {0};

	start();
	truetype_glyphs(&pdf, truetype, sizeof truetype, &glyphs);
	CHECK_INT(table_get(&glyphs, 5), 0x416);
	CHECK_INT(table_get(&glyphs, 6), 0x417);
	CHECK_INT(table_get(&glyphs, 7), 0);
	for (size_t n = 0; n < sizeof truetype; n++)
		truetype_glyphs(&pdf, truetype, n, &glyphs);
}

TEST_MAIN()
