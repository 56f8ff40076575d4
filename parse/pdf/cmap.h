/*
 * cmap: tables from character codes to texts, CIDs or widths, and the CMaps they are read from
 * (ISO 32000-1, 9.7.5 and 9.10.3; Adobe technical notes 5014 and 5411).
 *
 * A table has two levels for codes of up to two bytes; longer codes, which hardly occur, fall
 * through. Everything lies in the document's arena.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse/pdf/object.h"

/* From codes below 65536 to numbers; 0 where nothing was set. */
struct table {
	uint32_t *rows[256];
};

void table_set(struct arena *a, struct table *t, uint32_t code, uint32_t value);

static inline uint32_t table_get(const struct table *t, uint32_t code)
{
	const uint32_t *row = code < 65536 ? t->rows[code >> 8] : NULL;

	return row == NULL ? 0 : row[code & 255];
}

enum { CODESPACES_MAX = 100 };

enum cmap_kind {
	CMAP_TABLE,    /* read from a stream */
	CMAP_IDENTITY, /* codes of two bytes are CIDs */
	CMAP_UTF16,    /* codes are UTF-16 */
	CMAP_UTF32,
	CMAP_UTF8,
	CMAP_LEGACY, /* codes of a national encoding */
};

struct cmap {
	enum cmap_kind kind;
	int legacy; /* which, for cmap_legacy_char */
	bool vertical;
	struct table map; /* a text (ToUnicode) or a CID + 1 (an encoding) */
	struct {
		int bytes;
		uint32_t low, high;
	} spaces[CODESPACES_MAX];
	int nspaces;
};

/* Reads a ToUnicode CMap. NULL if the stream cannot be read. */
struct cmap *cmap_to_unicode(struct pdf *p, qpdf_oh stream);

/* Reads the /Encoding of a composite font: a predefined name or a stream. Never NULL; what is
 * unknown counts as Identity-H. */
struct cmap *cmap_encoding(struct pdf *p, qpdf_oh encoding);

/* Cuts the next code off the n > 0 bytes at s; returns its length, 1 to 4 and at most n. */
size_t cmap_code(const struct cmap *m, const unsigned char *s, size_t n, uint32_t *code);

/* The CID of a code. */
uint32_t cmap_cid(const struct cmap *m, uint32_t code);
/* The code point of a code where the CMap itself says so (the kinds UTF16 to LEGACY), else 0. */
uint32_t cmap_char(const struct cmap *m, uint32_t code, size_t bytes);

/* Opens the converters of the national encodings, which needs files; once, before the jail closes.
 */
void cmap_warm_up(void);
