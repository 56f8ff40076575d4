/*
 * See encoding.h. Code pages are written as UTF-16 literals from their first code that differs from
 * ASCII.
 */
#include "parse/pdf/encoding.h"

#include <uchar.h>

/* From 0x80. */
static const char16_t winansi[] =
	u"€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ"
	u"\u00A0¡¢£¤¥¦§¨©ª«¬-®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
static const char16_t macroman[] =
	u"ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00A0ÀÃÕŒœ"
	u"–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\0ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
/* From 0xA0; a zero is no character. */
static const char16_t standard[] =
	u"\0¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ\0–†‡·\0¶•‚„”»…‰\0¿\0`´ˆ˜¯˘˙¨\0˚¸\0˝˛ˇ—\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	u"Æ\0ª\0\0\0\0ŁØŒº\0\0\0\0\0æ\0\0\0ı\0\0łøœß\0\0\0\0";
/* From 0x20 and from 0xA0. */
static const char16_t symbol_low[] =
	u" !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼\0";
static const char16_t symbol_high[] =
	u"€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"
	u"\0〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭\0";
/* From 0x18 and from 0x80. */
static const char16_t pdfdoc_low[] = u"˘ˇˆ˙˝˛˚˜";
static const char16_t pdfdoc_high[] = u"•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\0€";
/* The strings of CFF from 150 on; small capitals as the letters that they show. */
static const char16_t cff_strings[] =
	u"¹¬µ™Ð½±Þ¼÷¦°þ¾²®−ð×³©ÁÂÄÀÅÃÇÉÊËÈÍÎÏÌÑÓÔÖÒÕŠÚÛÜÙÝŸŽáâäàåãçéêëèíîïìñóôöòõšúûüùýÿž"
	u"!˝$$&´()‥․0123456789,—.?abcdeilmnorst\0\0\0()ˆ-`ABCDEFGHIJKLMNOPQRSTUVWXYZ₡1\0˜¡¢ŁŠŽ¨˘ˇ˙¯‒-˛˚¸¿"
	u"⅛⅜⅝⅞⅓⅔⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉¢$.,ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖŒØÙÚÛÜÝÞŸ";
static const char16_t mac_glyphs[] = u"ŁłŠšŽž¦ÐðÝýÞþ−×¹²³½¼¾₣ĞğİŞşĆćČčđ"; /* from 226 */

#define LENGTH(s) (sizeof(s) / sizeof((s)[0]) - 1)

static uint32_t standard_char(unsigned char c)
{
	if (c == '\'')
		return 0x2019;
	if (c == '`')
		return 0x2018;
	if (c < 0x7F)
		return c >= 0x20 ? c : 0;
	return c >= 0xA0 && c - 0xA0u < LENGTH(standard) ? standard[c - 0xA0] : 0;
}

static uint32_t dingbat_char(unsigned char c)
{
	/* Codes whose characters stood in Unicode before the dingbats did. */
	static const struct { uint8_t code; uint16_t cp; } others[] = {
		{0x25, 0x260E}, {0x2A, 0x261B}, {0x2B, 0x261E}, {0x48, 0x2605}, {0x6C, 0x25CF},
		{0x6E, 0x25A0}, {0x73, 0x25B2}, {0x74, 0x25BC}, {0x75, 0x25C6}, {0x77, 0x25D7},
		{0xA8, 0x2663}, {0xA9, 0x2666}, {0xAA, 0x2665}, {0xAB, 0x2660}, {0xD5, 0x2192},
		{0xD6, 0x2194}, {0xD7, 0x2195},
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i].code == c)
			return others[i].cp;
	if (c == ' ')
		return ' ';
	if (c >= 0xAC && c <= 0xB5)
		return 0x2460u + c - 0xAC;
	if (c >= 0xB6 && c <= 0xD3)
		return 0x2776u + c - 0xB6;
	if ((c > 0x20 && c < 0x7F) || (c > 0xA0 && c < 0xFF && c != 0xF0))
		return c < 0x7F ? 0x2700u + c - 0x20 : 0x2761u + c - 0xA1;
	return 0;
}

uint32_t encoding_char(enum encoding e, unsigned char c)
{
	switch (e) {
	case ENCODING_STANDARD: return standard_char(c);
	case ENCODING_WINANSI:
		return c >= 0x80 ? winansi[c - 0x80] : c < 0x20 ? 0 : c == 0x7F ? 0x2022 : c;
	case ENCODING_MACROMAN:
		return c >= 0x80 ? macroman[c - 0x80] : c < 0x20 || c == 0x7F ? 0 : c;
	case ENCODING_SYMBOL:
		if (c < 0xA0)
			return c >= 0x20 && c < 0x80 ? symbol_low[c - 0x20] : 0;
		return c - 0xA0u < LENGTH(symbol_high) ? symbol_high[c - 0xA0] : 0;
	case ENCODING_DINGBATS: return dingbat_char(c);
	case ENCODING_EXPERT:
		if (c >= 0x61 && c <= 0x7A)
			return c - 0x20u;
		return c == ' ' || (c >= '0' && c <= '9') ? c : 0;
	}
	return 0;
}

uint32_t encoding_pdfdoc(unsigned char c)
{
	if (c >= 0x18 && c < 0x20)
		return pdfdoc_low[c - 0x18];
	if (c >= 0x80 && c - 0x80u < LENGTH(pdfdoc_high))
		return pdfdoc_high[c - 0x80];
	return c;
}

/* The code point of the n-th character of StandardEncoding, which is how CFF counts its first strings. */
static uint32_t nth_standard(unsigned n)
{
	if (n < 96)
		return standard_char((unsigned char)(n + 31));
	n -= 96;
	for (size_t i = 0; i < LENGTH(standard); i++)
		if (standard[i] != 0 && n-- == 0)
			return standard[i];
	return 0;
}

uint32_t encoding_cff_string(unsigned sid)
{
	if (sid == 0)
		return 0;
	if (sid < 150)
		return nth_standard(sid);
	if (sid >= 266 && sid <= 268) /* ff, ffi, ffl */
		return sid == 266 ? 0xFB00 : sid + 0xFB03 - 267;
	return sid - 150 < LENGTH(cff_strings) ? cff_strings[sid - 150] : 0;
}

uint32_t encoding_mac_glyph(unsigned glyph)
{
	if (glyph < 3)
		return 0;
	if (glyph < 98)
		return glyph + 29;
	if (glyph < 226)
		return macroman[glyph - 98];
	return glyph - 226 < LENGTH(mac_glyphs) ? mac_glyphs[glyph - 226] : 0;
}
