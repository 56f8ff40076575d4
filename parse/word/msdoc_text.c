/*
 * The text of a Word document: the piece table (MS-DOC 2.9.38, Clx). A piece is either UTF-16 or
 * one byte a character; the latter is code page 1252 by the book, but other programs wrote the code
 * page of the document's language into it: where such a piece consists of words with hardly a Latin
 * letter, that page is used.
 */
#include <string.h>

#include "parse/word/codepage.h"
#include "parse/word/msdoc.h"

enum { CLX_PRC = 1, CLX_PCDT = 2, PIECE_SIZE = 8, PIECES_MAX = 500000, PRCS_MAX = 0x8000 };

static const char damaged[] = "The Word document is damaged and cannot be read.";

/* The formatting lists of a fast save: the Prc entries at the start of the CLX. */
struct prcs {
	struct bytes *list;
	unsigned n;
	size_t end; /* where the piece table follows */
};

static struct prcs read_prcs(struct msdoc *m, struct bytes clx)
{
	struct prcs prcs = {0};
	unsigned n = 0;
	size_t at = 0;

	for (; bytes_u8(clx, prcs.end) == CLX_PRC; n++)
		prcs.end += 3 + (size_t)bytes_u16(clx, prcs.end + 1);
	prcs.n = n < PRCS_MAX ? n : PRCS_MAX;
	prcs.list = ARENA_ARRAY(m->doc->arena, prcs.n, struct bytes);
	for (unsigned i = 0; i < prcs.n; i++) {
		prcs.list[i] = bytes_part(clx, at + 3, bytes_u16(clx, at + 1));
		at += 3 + (size_t)bytes_u16(clx, at + 1);
	}
	return prcs;
}

/* A short Prm stands for one property with a one-byte value: made into the long form here. */
static struct bytes short_prm(struct msdoc *m, unsigned prm)
{
	static const struct {
		unsigned char isprm;
		uint16_t sprm;
	} known[] = {
		{0x41, 0x0800}, {0x42, 0x0801}, {0x55, 0x0835}, {0x56, 0x0836}, {0x57, 0x0837},
		{0x5C, 0x083C}, {0x62, 0x2A42}, {0x04, 0x2602}, {0x18, 0x2416}, {0x19, 0x2417},
	};
	unsigned isprm = prm >> 1 & 0x7F;
	unsigned char *p;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i].isprm != isprm)
			continue;
		p = arena_alloc(m->doc->arena, 3);
		p[0] = (unsigned char)known[i].sprm;
		p[1] = (unsigned char)(known[i].sprm >> 8);
		p[2] = (unsigned char)(prm >> 8);
		return (struct bytes){p, 3};
	}
	return bytes_part(m->table, 0, 0);
}

static bool is_cyrillic_like(int page)
{
	return page == 1251 || page == 1253 || page == 1255 || page == 1256 || page == 874;
}

/* The code page of a one-byte piece. */
static int page_of(const struct msdoc *m, struct bytes text)
{
	int page = codepage_of_language(m->language);
	size_t high = 0, latin = 0;

	if (!is_cyrillic_like(page))
		return CODEPAGE_LATIN;
	for (size_t i = 0; i < text.n; i++) {
		unsigned c = text.p[i] | 0x20U;

		if (text.p[i] >= 0xC0)
			high++;
		else if (c >= 'a' && c <= 'z')
			latin++;
	}
	return high > latin ? page : CODEPAGE_LATIN;
}

/* MS-DOC 2.9.73: bytes are Unicode but for some of 0x80 to 0x9F, which are as in 1252. */
static void decode_narrow(struct msdoc *m, const struct piece *p)
{
	struct bytes text = bytes_part(m->word, p->fc, p->n);
	int page = page_of(m, text);

	for (size_t i = 0; i < text.n; i++) {
		uint32_t c = text.p[i];

		if (c >= 0x80)
			codepage_decode(page, text.p + i, 1, &c);
		m->text[p->cp + i] = (uint16_t)c;
	}
}

static void decode(struct msdoc *m, const struct piece *p)
{
	struct bytes text;

	if (!p->wide) {
		decode_narrow(m, p);
		return;
	}
	text = bytes_part(m->word, p->fc, (size_t)p->n * 2);
	for (size_t i = 0; i + 1 < text.n; i += 2)
		m->text[p->cp + i / 2] = (uint16_t)(text.p[i] | text.p[i + 1] << 8);
}

static struct bytes formatting_of(struct msdoc *m, const struct prcs *prcs, unsigned prm)
{
	if ((prm & 1) == 0)
		return short_prm(m, prm);
	return prm >> 1 < prcs->n ? prcs->list[prm >> 1] : bytes_part(m->table, 0, 0);
}

static void read_pieces(struct msdoc *m, const struct prcs *prcs, struct bytes plc)
{
	uint32_t n = (uint32_t)((plc.n - 4) / (4 + PIECE_SIZE)), at = 0;

	if (n > PIECES_MAX)
		n = PIECES_MAX;
	m->pieces = ARENA_ARRAY(m->doc->arena, n, struct piece);
	for (uint32_t i = 0; i < n && at < m->cps[STORIES]; i++) {
		struct piece *p = &m->pieces[m->npieces];
		uint32_t end = bytes_u32(plc, ((size_t)i + 1) * 4);
		size_t pcd = ((size_t)n + 1) * 4 + (size_t)i * PIECE_SIZE;
		uint32_t fc = bytes_u32(plc, pcd + 2);
		unsigned prm = bytes_u16(plc, pcd + 6);

		if (end <= at)
			continue;
		p->cp = at;
		p->n = (end < m->cps[STORIES] ? end : m->cps[STORIES]) - at;
		p->wide = (fc & 0x40000000) == 0;
		p->fc = p->wide ? fc & 0x3FFFFFFF : (fc & 0x3FFFFFFF) / 2;
		if (prm != 0)
			p->prm = formatting_of(m, prcs, prm);
		decode(m, p);
		at += p->n;
		m->npieces++;
	}
	m->cps[STORIES] = at;
}

int msdoc_text_read(struct msdoc *m, struct bytes clx, uint32_t fc_min)
{
	struct prcs prcs = read_prcs(m, clx);

	m->text = ARENA_ARRAY(m->doc->arena, (size_t)m->cps[STORIES] + 1, uint16_t);
	if (bytes_u8(clx, prcs.end) == CLX_PCDT) {
		struct bytes plc = bytes_part(clx, prcs.end + 5, bytes_u32(clx, prcs.end + 1));

		if (plc.n >= 4 + 4 + PIECE_SIZE)
			read_pieces(m, &prcs, plc);
	} else if (clx.n == 0 && fc_min < m->word.n) {
		/* No piece table: all text lies in one piece. */
		m->pieces = ARENA_NEW(m->doc->arena, struct piece);
		*m->pieces = (struct piece){.fc = fc_min, .n = m->cps[STORIES]};
		m->npieces = 1;
		decode(m, m->pieces);
	}
	if (m->npieces == 0)
		return fail(m->doc, E_RULE, "%s", damaged);
	for (unsigned i = 0; i < STORIES; i++)
		if (m->cps[i] > m->cps[STORIES])
			m->cps[i] = m->cps[STORIES];
	return OK;
}

const struct piece *msdoc_piece(struct msdoc *m, uint32_t cp)
{
	uint32_t low = 0, high = m->npieces - 1;
	const struct piece *last = &m->pieces[m->piece];

	if (cp >= last->cp && cp - last->cp < last->n)
		return last;
	while (low < high) {
		uint32_t mid = low + (high - low + 1) / 2;

		if (m->pieces[mid].cp <= cp)
			low = mid;
		else
			high = mid - 1;
	}
	m->piece = low;
	return &m->pieces[low];
}
