/*
 * See cmap.h. A CMap is PostScript, but of so fixed a form that tokens suffice: operands are kept
 * until a begin… operator says what the entries are. Ranges are written out into the table, at most
 * 65536 entries for each, and all CMaps of a document together at most ENTRIES_MAX.
 */
#include "parse/pdf/cmap.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/lexer.h"

enum { ENTRIES_MAX = 1 << 20, TARGET_MAX = 16 };

void table_set(struct arena *a, struct table *t, uint32_t code, uint32_t value)
{
	uint32_t **row;

	if (code >= 65536)
		return;
	row = &t->rows[code >> 8];
	if (*row == NULL)
		*row = ARENA_ARRAY(a, 256, uint32_t);
	(*row)[code & 255] = value;
}

struct reader {
	struct pdf *pdf;
	struct cmap *map;
	struct lexer lexer;
	int entries;
};

static uint32_t code_of(const struct token *t)
{
	uint32_t v = 0;

	for (size_t i = 0; i < t->n && i < 4; i++)
		v = v << 8 | t->s[i];
	return v;
}

/* The code points of a UTF-16BE target. */
static size_t target(const struct token *t, uint32_t *cps)
{
	size_t k = 0;

	if (t->n == 1) {
		cps[0] = t->s[0];
		return 1;
	}
	for (size_t i = 0; i + 1 < t->n && k < TARGET_MAX; i += 2) {
		uint32_t u = (uint32_t)(t->s[i] << 8 | t->s[i + 1]);

		if (u >= 0xD800 && u < 0xDC00 && i + 3 < t->n) {
			uint32_t low = (uint32_t)(t->s[i + 2] << 8 | t->s[i + 3]);

			u = 0x10000 + ((u - 0xD800) << 10) + ((low - 0xDC00) & 0x3FF);
			i += 2;
		}
		cps[k++] = u;
	}
	return k;
}

static bool is_word(const struct token *t, const char *word)
{
	return t->kind == TOKEN_WORD && t->n == strlen(word) && memcmp(t->s, word, t->n) == 0;
}

static void set(struct reader *r, uint32_t code, uint32_t value)
{
	if (r->pdf->cmap_entries >= ENTRIES_MAX)
		return;
	r->pdf->cmap_entries++;
	r->entries++;
	table_set(r->pdf->arena, &r->map->map, code, value);
}

/* Entries "<code> <target>" up to endbfchar. */
static void read_bfchar(struct reader *r)
{
	struct token code, to;
	uint32_t cps[TARGET_MAX];

	while (lexer_next(&r->lexer, &code) == TOKEN_STRING) {
		if (lexer_next(&r->lexer, &to) == TOKEN_NAME)
			set(r, code_of(&code), glyph_text(r->pdf, (const char *)to.s, to.n, false));
		else if (to.kind == TOKEN_STRING)
			set(r, code_of(&code), text_make(r->pdf, cps, target(&to, cps)));
		else
			return;
	}
}

/* "[<target> …]" for the codes from low on. */
static void read_target_array(struct reader *r, uint32_t low, uint32_t high)
{
	struct token to;
	uint32_t cps[TARGET_MAX];

	while (lexer_next(&r->lexer, &to) == TOKEN_STRING || to.kind == TOKEN_NAME) {
		if (low > high)
			continue;
		if (to.kind == TOKEN_STRING)
			set(r, low, text_make(r->pdf, cps, target(&to, cps)));
		else
			set(r, low, glyph_text(r->pdf, (const char *)to.s, to.n, false));
		low++;
	}
}

static void set_range(struct reader *r, uint32_t low, uint32_t high, const struct token *to)
{
	uint32_t cps[TARGET_MAX];
	size_t n = target(to, cps);

	for (uint32_t c = low; n > 0 && c <= high && r->pdf->cmap_entries < ENTRIES_MAX; c++) {
		set(r, c, text_make(r->pdf, cps, n));
		cps[n - 1]++;
	}
}

/* Entries "<low> <high> <first target>" or with an array up to endbfrange. */
static void read_bfrange(struct reader *r)
{
	struct token t;

	while (lexer_next(&r->lexer, &t) == TOKEN_STRING) {
		uint32_t low = code_of(&t), high;

		if (lexer_next(&r->lexer, &t) != TOKEN_STRING)
			return;
		high = code_of(&t);
		if (high > 0xFFFF)
			high = 0xFFFF;
		lexer_next(&r->lexer, &t);
		if (t.kind == TOKEN_ARRAY)
			read_target_array(r, low, high);
		else if (t.kind == TOKEN_STRING)
			set_range(r, low, high, &t);
		else
			return;
	}
}

static void read_cidrange(struct reader *r, bool single)
{
	struct token t;

	while (lexer_next(&r->lexer, &t) == TOKEN_STRING) {
		uint32_t low = code_of(&t), high = low, cid;

		if (!single) {
			if (lexer_next(&r->lexer, &t) != TOKEN_STRING)
				return;
			high = code_of(&t);
		}
		if (lexer_next(&r->lexer, &t) != TOKEN_NUMBER || t.number < 0 || t.number > 65535)
			return;
		cid = (uint32_t)t.number;
		if (high > 0xFFFF)
			high = 0xFFFF;
		for (uint32_t c = low; c <= high && r->pdf->cmap_entries < ENTRIES_MAX; c++)
			set(r, c, ++cid);
	}
}

static void read_codespaces(struct reader *r)
{
	struct token t;

	while (lexer_next(&r->lexer, &t) == TOKEN_STRING) {
		uint32_t low = code_of(&t);
		int bytes = t.n > 4 ? 4 : (int)t.n;

		if (lexer_next(&r->lexer, &t) != TOKEN_STRING)
			return;
		if (r->map->nspaces == CODESPACES_MAX || bytes == 0)
			continue;
		r->map->spaces[r->map->nspaces].bytes = bytes;
		r->map->spaces[r->map->nspaces].low = low;
		r->map->spaces[r->map->nspaces].high = code_of(&t);
		r->map->nspaces++;
	}
}

static void read_cmap(struct reader *r)
{
	struct token t;

	while (lexer_next(&r->lexer, &t) != TOKEN_END) {
		if (is_word(&t, "begincodespacerange"))
			read_codespaces(r);
		else if (is_word(&t, "beginbfchar"))
			read_bfchar(r);
		else if (is_word(&t, "beginbfrange"))
			read_bfrange(r);
		else if (is_word(&t, "begincidrange"))
			read_cidrange(r, false);
		else if (is_word(&t, "begincidchar"))
			read_cidrange(r, true);
		if (t.kind == TOKEN_NAME && t.n == 5 && memcmp(t.s, "WMode", 5) == 0)
			r->map->vertical = lexer_next(&r->lexer, &t) == TOKEN_NUMBER && t.number == 1;
	}
}

struct cmap *cmap_to_unicode(struct pdf *p, qpdf_oh stream)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	struct reader r = {.pdf = p};
	int rc = obj_stream(p, stream, &data);

	if (rc != OK && rc != E_TOO_LARGE)
		return NULL;
	r.map = ARENA_NEW(p->arena, struct cmap);
	r.lexer = (struct lexer){data.p, data.p + data.n};
	read_cmap(&r);
	return r.map;
}

/* The national encodings behind the predefined CMaps of 9.7.5.2. */
enum { LEGACY_COUNT = 6 };

static const struct {
	const char *charset; /* as iconv names it */
	const char *cmaps;   /* starts of the names */
} legacies[LEGACY_COUNT] = {
	{"GBK", "GB-EUC GBpc-EUC GBK-EUC GBKp-EUC GBK2K"},
	{"BIG5-HKSCS", "B5pc HKscs-B5 ETen-B5 ETenms-B5"},
	{"EUC-TW", "CNS-EUC"},
	{"CP932", "83pv-RKSJ 90ms-RKSJ 90msp-RKSJ 90pv-RKSJ Add-RKSJ Ext-RKSJ RKSJ"},
	{"EUC-JP", "EUC-"},
	{"UHC", "KSC-EUC KSCms-UHC KSCpc-EUC"},
};

static iconv_t converters[LEGACY_COUNT];
static bool warm;

void cmap_warm_up(void)
{
	for (int i = 0; i < LEGACY_COUNT && !warm; i++) {
		char in[] = "A", out[8], *ip = in, *op = out;
		size_t in_left = 1, out_left = sizeof out;

		converters[i] = iconv_open("UTF-32BE", legacies[i].charset);
		if (converters[i] != (iconv_t)-1)
			iconv(converters[i], &ip, &in_left, &op, &out_left);
	}
	warm = true;
}

static int legacy_of(const char *name)
{
	for (int i = 0; i < LEGACY_COUNT; i++) {
		const char *s = legacies[i].cmaps;

		while (*s != '\0') {
			size_t n = strcspn(s, " ");

			if (strncmp(name, s, n) == 0)
				return i;
			s += n + (s[n] == ' ');
		}
	}
	return -1;
}

static void predefined(struct cmap *m, const char *name)
{
	size_t n = strlen(name);

	m->vertical = n > 1 && strcmp(name + n - 2, "-V") == 0;
	if (strncmp(name, "Uni", 3) == 0) {
		m->kind = strstr(name, "UTF32") != NULL  ? CMAP_UTF32
				  : strstr(name, "UTF8") != NULL ? CMAP_UTF8
												 : CMAP_UTF16;
		return;
	}
	m->kind = CMAP_IDENTITY;
	if (strncmp(name, "Identity", 8) == 0 || legacy_of(name) < 0)
		return;
	m->kind = CMAP_LEGACY;
	m->legacy = legacy_of(name);
}

/* A CMap may build on another one; that one counts only where the stream itself maps nothing. */
static struct cmap *read_encoding(struct pdf *p, qpdf_oh encoding)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	struct cmap *m = ARENA_NEW(p->arena, struct cmap);
	struct reader r = {.pdf = p, .map = m};
	const char *name = obj_name(p, obj_key(p, encoding, "/UseCMap"));

	if (obj_stream(p, encoding, &data) != OK) {
		m->kind = CMAP_IDENTITY;
		return m;
	}
	r.lexer = (struct lexer){data.p, data.p + data.n};
	read_cmap(&r);
	if (obj_int(p, obj_key(p, encoding, "/WMode"), 0) == 1)
		m->vertical = true;
	if (r.entries == 0) {
		bool vertical = m->vertical;

		predefined(m, name == NULL ? "Identity-H" : name);
		m->vertical = vertical;
	}
	return m;
}

struct cmap *cmap_encoding(struct pdf *p, qpdf_oh encoding)
{
	const char *name = obj_name(p, encoding);
	struct cmap *m;

	if (obj_is_stream(p, encoding))
		return read_encoding(p, encoding);
	m = ARENA_NEW(p->arena, struct cmap);
	predefined(m, name == NULL ? "Identity-H" : name);
	return m;
}

static size_t take(const unsigned char *s, size_t n, size_t want, uint32_t *code)
{
	size_t k = want < n ? want : n;

	*code = 0;
	for (size_t i = 0; i < k; i++)
		*code = *code << 8 | s[i];
	return k;
}

/* A code lies in a space if each of its bytes lies between those of low and high. */
static bool in_space(uint32_t code, uint32_t low, uint32_t high, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		uint32_t c = code >> (8 * i) & 255;

		if (c < (low >> (8 * i) & 255) || c > (high >> (8 * i) & 255))
			return false;
	}
	return true;
}

static size_t table_code(const struct cmap *m, const unsigned char *s, size_t n, uint32_t *code)
{
	for (size_t len = 1; len <= 4 && len <= n; len++) {
		uint32_t c;

		take(s, n, len, &c);
		for (int i = 0; i < m->nspaces; i++) {
			if (m->spaces[i].bytes == (int)len &&
				in_space(c, m->spaces[i].low, m->spaces[i].high, (int)len)) {
				*code = c;
				return len;
			}
		}
	}
	return take(s, n, m->nspaces > 0 ? (size_t)m->spaces[0].bytes : 2, code);
}

static size_t legacy_code(const struct cmap *m, const unsigned char *s, size_t n, uint32_t *code)
{
	bool kana = m->legacy == 3 && s[0] >= 0xA0 && s[0] <= 0xDF;

	if (m->legacy == 4 && s[0] == 0x8F)
		return take(s, n, 3, code);
	if (m->legacy == 2 && s[0] == 0x8E)
		return take(s, n, 4, code);
	return take(s, n, s[0] <= 0x80 || s[0] == 0xFF || kana ? 1 : 2, code);
}

size_t cmap_code(const struct cmap *m, const unsigned char *s, size_t n, uint32_t *code)
{
	switch (m->kind) {
	case CMAP_TABLE: return table_code(m, s, n, code);
	case CMAP_IDENTITY: return take(s, n, 2, code);
	case CMAP_UTF16: return take(s, n, s[0] >= 0xD8 && s[0] < 0xDC ? 4 : 2, code);
	case CMAP_UTF32: return take(s, n, 4, code);
	case CMAP_UTF8:
		return take(s, n, s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4, code);
	case CMAP_LEGACY: return legacy_code(m, s, n, code);
	}
	return take(s, n, 2, code);
}

uint32_t cmap_cid(const struct cmap *m, uint32_t code)
{
	uint32_t v;

	if (m->kind != CMAP_TABLE)
		return code;
	v = table_get(&m->map, code);
	return v == 0 ? 0 : v - 1;
}

static uint32_t legacy_char(const struct cmap *m, uint32_t code, size_t bytes)
{
	char in[4], *ip = in, *op;
	unsigned char out[8];
	size_t in_left = bytes, out_left = sizeof out;
	iconv_t cd = converters[m->legacy];

	if (!warm || cd == (iconv_t)-1)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		in[i] = (char)(code >> (8 * (bytes - 1 - i)));
	op = (char *)out;
	iconv(cd, NULL, NULL, NULL, NULL);
	iconv(cd, &ip, &in_left, &op, &out_left);
	if (out_left > 4)
		return 0;
	return (uint32_t)out[0] << 24 | (uint32_t)out[1] << 16 | (uint32_t)out[2] << 8 | out[3];
}

uint32_t cmap_char(const struct cmap *m, uint32_t code, size_t bytes)
{
	static const uint32_t lead[] = {0, 0, 0x1F, 0x0F, 0x07};
	uint32_t cp = 0;

	switch (m->kind) {
	case CMAP_TABLE:
	case CMAP_IDENTITY: return 0;
	case CMAP_UTF16:
		if (bytes < 4)
			return code;
		return 0x10000 + (((code >> 16) - 0xD800) << 10) + ((code - 0xDC00) & 0x3FF);
	case CMAP_UTF32: return code;
	case CMAP_UTF8:
		if (bytes == 1)
			return code;
		cp = code >> (8 * (bytes - 1)) & lead[bytes];
		for (size_t i = bytes - 1; i > 0; i--)
			cp = cp << 6 | (code >> (8 * (i - 1)) & 0x3F);
		return cp;
	case CMAP_LEGACY: return legacy_char(m, code, bytes);
	}
	return 0;
}
