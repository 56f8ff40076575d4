/*
 * The documents are made here: text in pieces, one page of paragraph and one of character
 * formatting, one of styles, wrapped into a compound file by libgsf.
 */
#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-outfile.h>
#include <gsf/gsf-output-memory.h>

#include "parse/word/test_doc.h"
#include "parse/word/word.h"

enum {
	TEXT_AT = 0x800,
	CHPX_PAGE = 16,
	PAPX_PAGE = 17,
	WORD_SIZE = 18 * 512,
	TABLE_SIZE = 4096,
	PIECES = 8,
	RUNS = 12,
};

struct test_piece {
	const char *text; /* wide: given in Latin-1, stored in UTF-16 */
	bool wide;
	unsigned prm;
};

/* Formatting from a character of the first piece on, up to the next entry. */
struct test_run {
	int from;
	const char *sprms;
	size_t n;
	unsigned style;
};

struct source {
	struct test_piece pieces[PIECES];
	bool backwards; /* the pieces lie in the file in reverse order */
	struct test_run characters[RUNS], paragraphs[RUNS];
	int lid;
	unsigned counts[8];   /* of the stories after the main one, in the FIB's order; [0] unused */
	unsigned headers[20]; /* PlcfHdd */
	int nheaders;
	const char *prc; /* a formatting list in the CLX */
	size_t nprc;
};

struct file {
	unsigned char word[WORD_SIZE], table[TABLE_SIZE];
	size_t ntable;
	unsigned char *bytes;
	size_t n;
};

static void put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)v;
	p[1] = (unsigned char)(v >> 8);
}

static void put32(unsigned char *p, unsigned v)
{
	put16(p, v & 0xFFFF);
	put16(p + 2, v >> 16);
}

static void table16(struct file *f, unsigned v)
{
	put16(f->table + f->ntable, v);
	f->ntable += 2;
}

static void table32(struct file *f, unsigned v)
{
	put32(f->table + f->ntable, v);
	f->ntable += 4;
}

/* Notes in the FIB that pair i lies from `at` to the table's present end. */
static void pair(struct file *f, unsigned i, size_t at)
{
	put32(f->word + 0x9A + 8 * i, (unsigned)at);
	put32(f->word + 0x9A + 8 * i + 4, (unsigned)(f->ntable - at));
}

static void write_pieces(struct file *f, const struct source *s)
{
	unsigned fcs[PIECES] = {0}, cp = 0, at = TEXT_AT, n = 0;
	size_t start = f->ntable;

	while (n < PIECES && s->pieces[n].text != NULL)
		n++;
	for (unsigned k = 0; k < n; k++) {
		unsigned i = s->backwards ? n - 1 - k : k;
		const struct test_piece *p = &s->pieces[i];

		fcs[i] = p->wide ? at : (at * 2) | 0x40000000;
		for (size_t j = 0; j < strlen(p->text); j++) {
			f->word[at++] = (unsigned char)p->text[j];
			if (p->wide)
				f->word[at++] = 0;
		}
	}
	if (s->prc != NULL) {
		f->table[f->ntable++] = 1;
		table16(f, (unsigned)s->nprc);
		memcpy(f->table + f->ntable, s->prc, s->nprc);
		f->ntable += s->nprc;
	}
	f->table[f->ntable++] = 2;
	table32(f, (n + 1) * 4 + n * 8);
	table32(f, 0);
	for (unsigned i = 0; i < n; i++)
		table32(f, cp += (unsigned)strlen(s->pieces[i].text));
	for (unsigned i = 0; i < n; i++) {
		table16(f, 0);
		table32(f, fcs[i]);
		table16(f, s->pieces[i].prm);
	}
	pair(f, 33, start);
	for (unsigned i = 1; i < 8; i++) {
		put32(f->word + 0x4C + 4 * i, s->counts[i]);
		cp -= s->counts[i];
	}
	put32(f->word + 0x4C, cp);
}

/* One page of formatting; entries of paragraphs have 12 bytes more and begin with the style. */
static void write_page(struct file *f, const struct test_run *runs, unsigned page, bool paragraphs)
{
	unsigned char *p = f->word + page * 512;
	size_t n = 0, size = paragraphs ? 13 : 1, at = 510, start = f->ntable;

	while (n < RUNS && runs[n].sprms != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		size_t length = paragraphs ? runs[i].n + 3 : runs[i].n + 1;

		put32(p + i * 4, TEXT_AT + (unsigned)runs[i].from);
		at = (at - length - 2) & ~(size_t)1;
		p[(n + 1) * 4 + i * size] = (unsigned char)(at / 2);
		if (paragraphs) {
			/* An odd number of bytes after a count of words; one byte may be left over. */
			p[at] = (unsigned char)((runs[i].n + 4) / 2);
			put16(p + at + 1, runs[i].style);
			memcpy(p + at + 3, runs[i].sprms, runs[i].n);
		} else {
			p[at] = (unsigned char)runs[i].n;
			memcpy(p + at + 1, runs[i].sprms, runs[i].n);
		}
	}
	put32(p + n * 4, 0x2000);
	p[511] = (unsigned char)n;
	table32(f, TEXT_AT);
	table32(f, 0x2000);
	table32(f, page);
	pair(f, paragraphs ? 13 : 12, start);
}

/* Style 0: Normal; 1: heading 2 by its number, bold; 2: a character style, italic. */
static void write_styles(struct file *f)
{
	static const struct {
		unsigned sti, kind, base, upxs;
		const char *sprms;
	} styles[] = {
		{0, 1, 0xFFF, 2, ""}, {2, 1, 0, 2, "\x35\x08\x01"}, {0xFFE, 2, 0xFFF, 1, "\x36\x08\x01"}};
	size_t start = f->ntable;

	table16(f, 18);
	table16(f, 3);
	table16(f, 10);
	f->ntable += 14;
	for (size_t i = 0; i < 3; i++) {
		size_t length_at = f->ntable, n = i == 0 ? 0 : 3;

		table16(f, 0);
		table16(f, styles[i].sti);
		table16(f, styles[i].kind | styles[i].base << 4);
		table16(f, styles[i].upxs);
		f->ntable += 4;
		table16(f, 1);
		table16(f, 'S');
		table16(f, 0);
		if (styles[i].kind == 1) {
			table16(f, 2);
			table16(f, (unsigned)i);
		}
		table16(f, (unsigned)n);
		memcpy(f->table + f->ntable, styles[i].sprms, n);
		f->ntable += (n + 1) & ~(size_t)1;
		put16(f->table + length_at, (unsigned)(f->ntable - length_at - 2));
	}
	pair(f, 1, start);
}

static void write_headers(struct file *f, const struct source *s)
{
	size_t start = f->ntable;

	for (int i = 0; i < s->nheaders; i++)
		table32(f, s->headers[i]);
	if (s->nheaders > 0)
		pair(f, 11, start);
}

static void add_stream(GsfOutfile *out, const char *name, const unsigned char *p, size_t n)
{
	GsfOutput *stream = gsf_outfile_new_child(out, name, FALSE);

	gsf_output_write(stream, n, p);
	gsf_output_close(stream);
	g_object_unref(stream);
}

static void wrap(struct file *f, const char *name)
{
	GsfOutput *memory = gsf_output_memory_new();
	GsfOutfile *out = gsf_outfile_msole_new(memory);

	add_stream(out, name, f->word, WORD_SIZE);
	add_stream(out, "1Table", f->table, TABLE_SIZE);
	gsf_output_close(GSF_OUTPUT(out));
	g_object_unref(out);
	f->n = (size_t)gsf_output_size(memory);
	f->bytes = malloc(f->n);
	memcpy(f->bytes, gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), f->n);
	g_object_unref(memory);
}

/* The caller frees bytes. */
static struct file make(const struct source *s)
{
	struct file f = {0};

	word_warm_up();
	put16(f.word, 0xA5EC);
	put16(f.word + 2, 0xC1);
	put16(f.word + 6, (unsigned)s->lid);
	put16(f.word + 0xA, 0x0200);
	put16(f.word + 0x98, 0x5D);
	write_pieces(&f, s);
	write_page(&f, s->characters, CHPX_PAGE, false);
	write_page(&f, s->paragraphs, PAPX_PAGE, true);
	write_styles(&f);
	write_headers(&f, s);
	wrap(&f, "WordDocument");
	return f;
}

static struct test_doc *read_source(const struct source *s)
{
	struct file f = make(s);
	struct test_doc *t = test_read(msdoc_read, f.bytes, f.n);

	free(f.bytes);
	return t;
}

static void check_text(const struct source *s, const char *want)
{
	struct test_doc *t = read_source(s);

	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), want);
	test_free(t);
}

TEST(pieces_of_both_widths_in_any_order)
{
	struct source s = {.lid = 0x409,
					   .pieces = {{"Ada ", false, 0},
								  {"Lovel\xE9", true, 0},
								  {"ce \x96 x\r", false, 0},
								  {"end\r", true, 0}}};

	check_text(&s, "Ada Lovelé"
				   "ce – x/end");
	s.backwards = true;
	check_text(&s, "Ada Lovelé"
				   "ce – x/end");
}

TEST(old_code_pages)
{
	struct source s = {.lid = 0x419, .pieces = {{"\xCF\xF0\xE8\xE2\xE5\xF2\r", false, 0}}};

	check_text(&s, "Привет");
	s.pieces[0].text = "R\xE9sum\xE9\r";
	check_text(&s, "Résumé");
	s = (struct source){.lid = 0x40C, .pieces = {{"\xC9t\xE9\r", false, 0}}};
	check_text(&s, "Été");
}

TEST(marks_inside_paragraphs)
{
	struct source s = {.pieces = {{"a\x0B"
								   "b\tc\x1E"
								   "d\x1F"
								   "e\x01\x08\x05\x02\rlast",
								   false, 0}}};

	check_text(&s, "a/b\tc-de/last");
}

TEST(links)
{
	struct source s = {.pieces = {{"to \x13 HYPERLINK \"mailto:a@b.c\" \x14me\x15, \x13PAGE\x14"
								   "3\x15\r",
								   false, 0}}};
	struct test_doc *t = read_source(&s);

	CHECK_STR(test_text(t), "to me, 3");
	CHECK_STR(t->doc.lines[0].spans[1].link, "mailto:a@b.c");
	test_free(t);
}

TEST(character_formatting)
{
	struct source s = {
		.pieces = {{"plain bold secret gone big\r", false, 0}},
		.characters = {{0, "", 0, 0},
					   {6, "\x35\x08\x01", 3, 0},
					   {11, "\x3C\x08\x01", 3, 0},
					   {18, "\x00\x08\x01", 3, 0},
					   {23, "\x43\x4A\x30\x00\x30\x4A\x02\x00", 8, 0}},
	};
	struct test_doc *t = read_source(&s);
	const struct line *l = &t->doc.lines[0];

	CHECK_STR(l->text, "plain bold secret big");
	CHECK_INT(l->nspans, 4);
	CHECK_INT(l->spans[1].flags, TEXT_BOLD);
	CHECK_INT(l->spans[2].flags, TEXT_HIDDEN);
	CHECK_INT(l->spans[3].flags, TEXT_ITALIC);
	CHECK(l->spans[3].size > 23.9f);
	test_free(t);
}

TEST(fast_saves_format_pieces)
{
	struct source s = {
		.pieces = {{"old ", false, 0x0100 | 0x41 << 1}, {"new ", false, 1}, {"end\r", false, 0}},
		.prc = "\x35\x08\x01",
		.nprc = 3};
	struct test_doc *t = read_source(&s);

	CHECK_STR(test_text(t), "new end");
	CHECK_INT(t->doc.lines[0].spans[0].flags, TEXT_BOLD);
	CHECK_INT(t->doc.lines[0].spans[1].flags, 0);
	test_free(t);
}

TEST(styles_and_lists)
{
	struct source s = {.pieces = {{"Skills\rPython\rend\r", false, 0}},
					   .paragraphs = {{0, "", 0, 1},
									  {7, "\x0A\x26\x01\x0B\x46\x02\x00", 7, 0},
									  {14, "\x0B\x46\x00\x00", 4, 0}}};
	struct test_doc *t = read_source(&s);

	CHECK_INT(test_line(t, "Skills")->heading, 2);
	CHECK_INT(test_line(t, "Skills")->flags, TEXT_BOLD);
	CHECK(test_line(t, "Python")->bullet);
	CHECK_INT(test_line(t, "Python")->indent, 1);
	CHECK(!test_line(t, "end")->bullet);
	test_free(t);
}

TEST(tables)
{
	static const char in[] = "\x16\x24\x01", row_end[] = "\x16\x24\x01\x17\x24\x01";
	struct source s = {
		.pieces = {{"top\rA\x07"
					"B\rb\x07\x07"
					"C\x07\x07"
					"end\r",
					false, 0}},
		.paragraphs = {{0, "", 0, 0},
					   {4, in, 3, 0},
					   {10, row_end, 6, 0},
					   {11, in, 3, 0},
					   {13, row_end, 6, 0},
					   {14, "", 0, 0}},
	};
	struct test_doc *t = read_source(&s);

	CHECK_STR(test_text(t), "top/A/B/b/C/end");
	CHECK_INT(test_line(t, "top")->table, -1);
	CHECK_INT(test_line(t, "A")->cell, 0);
	CHECK_INT(test_line(t, "b")->cell, 1);
	CHECK_INT(test_line(t, "C")->row, 1);
	CHECK_INT(test_line(t, "C")->cell, 0);
	CHECK_INT(test_line(t, "end")->table, -1);
	test_free(t);
}

TEST(headers_and_notes)
{
	/* Main, then a footnote, then six empty separators, an odd header, an odd footer and a
	 * first-page header with the same text as the other. */
	struct source s = {.pieces = {{"main\rnote\rhead\rfoot\rhead\r\r", false, 0}},
					   .counts = {0, 5, 16},
					   .headers = {0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 10, 15, 15, 16},
					   .nheaders = 14};
	struct test_doc *t = read_source(&s);

	CHECK_STR(test_text(t), "head/main/note/foot");
	CHECK_INT(test_line(t, "head")->region, REGION_HEADER);
	CHECK_INT(test_line(t, "note")->region, REGION_NOTE);
	CHECK_INT(test_line(t, "foot")->region, REGION_FOOTER);
	test_free(t);
}

static void check_error(const struct file *f, const char *part)
{
	struct test_doc *t = test_read(msdoc_read, f->bytes, f->n);

	CHECK_INT(t->rc, E_RULE);
	CHECK(strstr(t->error.text, part) != NULL);
	test_free(t);
	free(f->bytes);
}

TEST(what_cannot_be_read)
{
	struct source s = {.pieces = {{"text\r", false, 0}}};
	struct file f = make(&s);
	struct test_doc *t;

	free(f.bytes);
	put16(f.word, 0xA5DC);
	wrap(&f, "WordDocument");
	check_error(&f, "Word 95");
	put16(f.word, 0xA5EC);
	put16(f.word + 0xA, 0x0300);
	wrap(&f, "WordDocument");
	check_error(&f, "password");
	wrap(&f, "Workbook");
	check_error(&f, "Excel");
	wrap(&f, "EncryptedPackage");
	check_error(&f, "password");
	wrap(&f, "Contents");
	check_error(&f, "not a Word");
	t = test_read(msdoc_read, "\xDB\xA5-\0\0\0", 6);
	CHECK(strstr(t->error.text, "Word 95") != NULL);
	test_free(t);
}

/* Whatever happens to the bytes, reading ends with lines or with a sentence. */
TEST(damage_ends_well)
{
	struct source s = {
		.pieces = {{"one \x13 HYPERLINK \"x\" \x14y\x15\r", false, 0}, {"two\r", true, 0}},
		.characters = {{0, "\x35\x08\x01", 3, 0}, {4, "", 0, 0}},
		.paragraphs = {{0, "", 0, 1}, {5, "", 0, 0}}};
	struct file f = make(&s);
	unsigned random = 1;

	for (int round = 0; round < 400; round++) {
		unsigned char *copy = malloc(f.n);
		size_t n = round % 4 == 0 ? f.n - (size_t)round * 20 : f.n;
		struct test_doc *t;

		memcpy(copy, f.bytes, f.n);
		for (int i = 0; i < round % 30; i++) {
			random = random * 1103515245 + 12345;
			copy[(random >> 8) % n] ^= (unsigned char)(1 << (random >> 3 & 7));
		}
		t = test_read(msdoc_read, copy, n);
		CHECK(t->rc == OK || t->error.text[0] != '\0');
		test_free(t);
		free(copy);
	}
	free(f.bytes);
}

TEST_MAIN()
