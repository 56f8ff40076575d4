/*
 * doc: a document between its bytes and its profile.
 *
 * PDF engines fill runs (pieces of text with boxes); layout.c makes lines in reading order of them.
 * Word, RTF and HTML engines know their paragraphs and fill lines directly. Extraction (extract.h)
 * reads lines only. Everything belongs to doc->arena, whose limit is the parser's memory cap.
 * Coordinates: points, origin at the top left of the page as displayed (after /Rotate), y
 * downwards.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct box {
	float x0, y0, x1, y1;
};

enum text_flag {
	TEXT_BOLD = 1 << 0,
	TEXT_ITALIC = 1 << 1,
	TEXT_HIDDEN = 1 << 2, /* not visible to a reader (white on white, tiny, off the page, mode 3) */
	TEXT_UNDERLINE = 1 << 3,
	TEXT_SYMBOL = 1 << 4,   /* from a symbol or icon font: decoration, not words */
	TEXT_VERTICAL = 1 << 5, /* written other than left to right across the displayed page */
	TEXT_FIELD = 1 << 6,    /* value of a form field or annotation */
	TEXT_RTL = 1 << 7,      /* mostly right-to-left characters; text is in logical order */
	TEXT_OCR = 1 << 8,      /* recognised from an image */
};

/* A piece of text that was drawn in one go in one font. */
struct run {
	const char *text; /* UTF-8, NUL-terminated, no control characters */
	struct box box;
	float baseline; /* y of the baseline */
	float size;     /* font size in points as displayed */
	float space;    /* width of a blank in this font and size, 0 if unknown */
	int page;       /* from 0 */
	int font;       /* the same number for the same font; -1 unknown */
	int order;      /* drawing order */
	unsigned flags;
	const char *link; /* URI behind it, NULL if none */
};

struct page {
	float width, height;
	float image_area; /* share of the page covered by images, 0 to 1 */
	bool picture;     /* shows images, and no text to speak of */
	int first_run, nruns;
};

enum region { REGION_BODY, REGION_HEADER, REGION_FOOTER, REGION_TEXTBOX, REGION_NOTE };

/* A stretch of a line in one style. */
struct span {
	size_t start, length; /* bytes of line->text */
	float size;
	unsigned flags;
	struct box box;
	const char *link;
};

/* A line of a PDF, or a paragraph (or a line of it, at explicit breaks) of a Word document. A wide
 * gap inside it is a tab ("Acme Ltd\t2019 – 2021"), anything narrower one blank. */
struct line {
	const char *text; /* UTF-8, trimmed, never empty */
	struct box box;   /* zeros where the format has no pages */
	int page;         /* from 0 */
	float size;       /* dominant font size, points */
	unsigned flags;   /* dominant style */
	enum region region;
	int block;            /* lines of one paragraph or of one visually connected block share it */
	int column;           /* 0 full width or first column; from 1 further columns, left to right */
	int table, row, cell; /* -1 outside tables; a number for each table, row and cell from 0 */
	int heading;          /* 1..9 if the format itself calls it a heading (or title: 1), else 0 */
	bool bullet;          /* a list item; the bullet itself is not in text */
	int indent;           /* list or paragraph level from 0 */
	struct span *spans;
	size_t nspans;
};

struct doc_finding {
	const char *kind, *message;
};

struct doc {
	struct arena *arena;
	struct error *error;
	const char *file_name;      /* evidence for the name; may be NULL */
	const char *format;         /* "pdf", "docx", "doc", "rtf", "html"; set by document_read */
	const char *title, *author; /* the file's own metadata; NULL if none */
	bool pictures;              /* a Word file that holds pictures, and hardly any text besides */
	struct page *pages;
	int npages;
	struct run *runs;
	int nruns, runs_cap;
	struct line *lines;
	int nlines, lines_cap;
	struct doc_finding *findings;
	int nfindings;
};

/* Every cap of the engines, in one place. Reaching one ends reading with what there is and a
 * finding
 * ("cut"), or with an error where nothing usable was read. */
enum {
	DOC_FILE_MAX = 64 * 1024 * 1024, /* bytes of a file that is read at all */
	DOC_PAGES_MAX = 60,
	DOC_RUNS_MAX = 400000,
	DOC_LINES_MAX = 60000,
	DOC_TEXT_MAX = 4 * 1024 * 1024, /* bytes of text */
	DOC_DEPTH_MAX = 100,            /* nesting of objects, elements, groups */
	DOC_FINDINGS_MAX = 32,
	DOC_SCANNED_TEXT = 400, /* bytes of text beside pictures, not taken for the document's */
	PDF_OPERATORS_MAX = 5 * 1000 * 1000,
	PDF_FORMS_MAX = 5000, /* form XObject invocations */
	PDF_FORM_DEPTH_MAX = 12,
	PDF_STATE_DEPTH_MAX = 512,           /* q */
	PDF_STREAM_MAX = 32 * 1024 * 1024,   /* inflated bytes of one stream */
	PDF_INFLATE_MAX = 128 * 1024 * 1024, /* of all streams */
	ZIP_MEMBERS_MAX = 5000,
	ZIP_MEMBER_MAX = 32 * 1024 * 1024, /* inflated bytes of one part */
	ZIP_TOTAL_MAX = 64 * 1024 * 1024,
	ZIP_RATIO_MAX = 1000, /* above 1 MB inflated */
};

/* Appends a copy of *r or *l (the texts are not copied; they must be in the arena or static). OK or
 * E_TOO_LARGE at the cap (the caller stops reading and keeps what there is). */
int doc_add_run(struct doc *d, const struct run *r);
int doc_add_line(struct doc *d, const struct line *l);
/* Notes a finding once for each kind; ignored when full. */
void doc_find(struct doc *d, const char *kind, const char *message);

/* Takes k of the *n bytes off the front of a line in the making, and what covers them off its
 * spans.
 */
void line_drop_front(char *text, size_t *n, struct span *spans, size_t *nspans, size_t k);

/* True if the document's text is in its pictures: a page is one, and there is hardly any text
 * besides. */
bool doc_scanned(const struct doc *d);

/* The engines. Each reads n bytes, fills d and returns OK; or fails with a sentence a recruiter
 * understands: E_RULE (protected, damaged, of a kind that cannot be read), E_TOO_LARGE. */
int pdf_read(struct doc *d, const unsigned char *data, size_t n);  /* runs and pages */
int docx_read(struct doc *d, const unsigned char *data, size_t n); /* lines */
int msdoc_read(struct doc *d, const unsigned char *data, size_t n);
int rtf_read(struct doc *d, const unsigned char *data, size_t n);
int html_read(struct doc *d, const unsigned char *data, size_t n);

/* Turns runs into lines in reading order. */
int layout_lines(struct doc *d);

/* Decides by the bytes what the file is, calls the engine and, for PDF, layout_lines. */
int document_read(struct doc *d, const unsigned char *data, size_t n);
