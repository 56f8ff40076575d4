/*
 * object: the objects of a PDF as the engine reads them, over libqpdf's C interface.
 *
 * libqpdf finds and repairs the cross-reference table, opens object streams and decrypts. Only what
 * is asked for is parsed. Handles belong to the qpdf_data and die with it; strings are copied to
 * the document's arena. Wrong types read as the fallback, never as an error: a broken font must not
 * cost the document.
 */
#pragma once
#include <qpdf/qpdf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "parse/doc.h"
#include "parse/pdf/filter.h"

struct font;
struct pdf_images;

enum { PDF_TYPES_MAX = 4096 };

/* A document while it is read. */
struct pdf {
	struct doc *doc;
	struct arena *arena; /* doc's */
	struct error *error;
	qpdf_data q;
	/* By handle, once asked for: libqpdf finds handles in a tree, and objects do not change. */
	unsigned char types[PDF_TYPES_MAX];
	size_t inflated; /* bytes of all streams so far */
	int operators, forms;
	size_t text;         /* bytes of text so far */
	int unmapped;        /* glyphs of unknown meaning */
	bool damaged;        /* had to be mended before it could be opened */
	bool cut;            /* a cap was met: stop reading */
	struct font **fonts; /* read so far, newest last */
	int nfonts, fonts_cap;
	uint32_t *pool; /* texts of several characters, see encoding.h */
	size_t npool, pool_cap;
	int cmap_entries;       /* of all CMaps so far */
	qpdf_oh *hidden_layers; /* ids of optional content groups that are off */
	int nhidden_layers;
	struct pdf_images *images; /* where pictures are noted; NULL: nowhere */
};

/* Marks the document as cut at a cap, with the finding "cut". */
void pdf_cut(struct pdf *p);

enum qpdf_object_type_e obj_type(struct pdf *p, qpdf_oh o);
bool obj_is_dict(struct pdf *p, qpdf_oh o);
bool obj_is_array(struct pdf *p, qpdf_oh o);
bool obj_is_stream(struct pdf *p, qpdf_oh o);
bool obj_is_null(struct pdf *p, qpdf_oh o);
/* The value of a key ("/Length") of a dictionary or a stream's dictionary; a null object otherwise.
 */
qpdf_oh obj_key(struct pdf *p, qpdf_oh dict, const char *key);
int obj_count(struct pdf *p, qpdf_oh array);
qpdf_oh obj_item(struct pdf *p, qpdf_oh array, int i);
/* The object number of what was an indirect object, else 0. */
int obj_id(struct pdf *p, qpdf_oh o);

double obj_number(struct pdf *p, qpdf_oh o, double fallback);
int obj_int(struct pdf *p, qpdf_oh o, int fallback);
/* A name without its slash, or NULL. */
const char *obj_name(struct pdf *p, qpdf_oh o);
bool obj_name_is(struct pdf *p, qpdf_oh o, const char *slash_name);
/* A text string as clean UTF-8, or NULL. */
const char *obj_text(struct pdf *p, qpdf_oh o);
/* The bytes of a string, NUL-terminated, or NULL. */
const char *obj_bytes(struct pdf *p, qpdf_oh o, size_t *n);
/* Reads the first n numbers of an array; false if there are fewer. */
bool obj_numbers(struct pdf *p, qpdf_oh array, double *out, int n);
/* The object as PDF source, for lexer.h: far cheaper than a handle for each item of a long array.
 */
struct bytes obj_source(struct pdf *p, qpdf_oh o);

/* Decodes a stream through all its filters. OK; E_TOO_LARGE at a cap (*out is cut, and the document
 * is marked); E_INVALID for image data and unknown filters. Release *out with bytes_done. */
int obj_stream(struct pdf *p, qpdf_oh stream, struct bytes *out);
/* Decodes a picture's stream up to max bytes, outside of the document's caps. Stops before a filter
 * of its own kind (DCTDecode, …): *filter is its name and *parms its parameters, else NULL. OK,
 * E_TOO_LARGE, E_INVALID. */
int obj_stream_image(struct pdf *p, qpdf_oh stream, size_t max, const char **filter, qpdf_oh *parms,
					 struct bytes *out);

/* Takes a picture's stream apart row by row (filter_inflate_rows). E_NOT_FOUND if it has other
 * filters than one Flate. */
int obj_stream_rows(struct pdf *p, qpdf_oh stream, size_t stride,
					bool (*take)(void *arg, const unsigned char *row), void *arg);

/* The text of PDFDocEncoding or UTF-16 bytes as clean UTF-8 without control characters, in the
 * arena. */
const char *text_string(struct arena *a, const unsigned char *s, size_t n);
