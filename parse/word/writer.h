/*
 * writer: turns a stream of styled characters into the lines of a document.
 *
 * Every word processor format is read front to back: characters with a style, ends of lines, ends
 * of paragraphs. The writer collapses white space, drops what is no text (control and invisible
 * characters), notices bullets, cuts spans where the style changes and keeps within the caps of
 * parse/doc.h. Text boxes stand inside paragraphs: writer_box_begin sets the paragraph under way
 * aside, and the box's lines follow that paragraph. All memory is the document's arena.
 */
#pragma once
#include "parse/doc.h"

/* Set in style.flags beside TEXT_*: drawn in white. Becomes TEXT_HIDDEN at the end unless something
 * coloured may lie behind it (writer_backdrop). Never leaves the writer. */
enum { STYLE_WHITE = 1 << 30 };

struct style {
	unsigned flags;
	float size; /* points */
	const char *link;
};

/* What a line is, apart from its text. */
struct place {
	enum region region;
	int table, row, cell; /* -1 outside tables */
	int heading, indent;
	bool bullet;
};

enum { WRITER_BOXES_MAX = 8, WRITER_TAB = 1000, WRITER_WIDE_MAX = 8 };

struct frame {
	char *text;
	size_t n, cap;
	struct span *spans;
	size_t nspans, spans_cap;
	int gap;                      /* blanks since the last character, WRITER_TAB for a tab */
	size_t wide[WRITER_WIDE_MAX]; /* where in text stand blanks of two or three */
	int nwide;
	int block;
	unsigned long written; /* characters so far, over all paragraphs */
};

struct writer {
	struct doc *doc;
	struct frame frames[WRITER_BOXES_MAX];
	int depth;          /* boxes open */
	int boxes_ignored;  /* boxes open beyond WRITER_BOXES_MAX */
	struct line *later; /* lines of boxes, waiting for the end of the paragraph around them */
	int nlater, later_cap;
	int blocks;
	size_t text, spans; /* used of the caps */
	bool full;          /* a cap is reached: nothing is taken any more */
	bool white, backdrop;
	bool collapse; /* blanks in a row are never a wide gap (HTML) */
};

void writer_init(struct writer *w, struct doc *d);

/* Appends a character, or n bytes of UTF-8. White space collapses; '\t' stays. */
void writer_char(struct writer *w, uint32_t c, const struct style *s);
void writer_text(struct writer *w, const char *p, size_t n, const struct style *s);

/* Ends the line, the paragraph going on; ends the paragraph. Empty ones leave no line. */
void writer_break(struct writer *w, const struct place *p);
void writer_end(struct writer *w, const struct place *p);

/* True if the paragraph under way has no text yet. */
bool writer_empty(const struct writer *w);
/* Characters written so far in this box or outside of boxes: tells whether a link had any text. */
unsigned long writer_written(const struct writer *w);

void writer_box_begin(struct writer *w);
void writer_box_end(struct writer *w);

/* Something coloured may lie behind the text: white is not invisible in this document. */
void writer_backdrop(struct writer *w);

/* Removes the lines from `first` on if the same lines of the same region stand in a row between
 * `since` and `first` (headers that differ in their page only). */
void writer_unrepeat(struct writer *w, int since, int first);

/* Puts the lines of headers first and those of footers last, for formats that have them anywhere.
 */
void writer_order(struct writer *w);

/* Ends what is open and settles which white text is hidden. */
void writer_finish(struct writer *w, const struct place *p);
