/*
 * package: the parts of an Office Open XML file (ISO/IEC 29500-2) out of a zip archive in memory.
 *
 * Parts are inflated as a stream, never as a whole, and within the caps ZIP_* of parse/doc.h; what
 * the archive's directory says about sizes is not believed. A package lives as long as its archive
 * pointer: package_close.
 */
#pragma once
#include "parse/doc.h"
#include "parse/word/xml.h"

struct zip;

struct package {
	struct doc *doc;
	struct zip *zip;
	size_t inflated; /* bytes so far, of all parts */
	bool cut;        /* a part went beyond a cap */
};

enum rel_type {
	REL_OTHER,
	REL_DOCUMENT,
	REL_CORE,
	REL_STYLES,
	REL_HEADER,
	REL_FOOTER,
	REL_FOOTNOTES,
	REL_ENDNOTES,
	REL_HYPERLINK,
	REL_CHUNK,
	REL_IMAGE,
};

struct rel {
	const char *id, *target; /* a part's name without leading slash, or an address if external */
	enum rel_type type;
	bool external;
};

struct rels {
	struct rel *list;
	int n;
};

enum { RELS_MAX = 4000, LINK_MAX = 2048 };

/* Opens the archive over data, which must outlive it. E_RULE with a sentence if it is none, empty,
 * damaged or encrypted; E_TOO_LARGE if it has too many members. */
int package_open(struct doc *d, const unsigned char *data, size_t n, struct package *out);
void package_close(struct package *p);

bool package_has(struct package *p, const char *part);
/* True if a member's name begins with prefix. */
bool package_has_folder(struct package *p, const char *prefix);
/* True if the part is there and encrypted. */
bool package_encrypted(struct package *p, const char *part);

/* Reads a part through the handler. XML_BROKEN also if it is missing, damaged or beyond a cap (then
 * p->cut is set). */
enum xml_result package_read(struct package *p, const char *part, const struct xml_handler *h,
							 void *self);
/* Reads a whole part of at most max bytes into the arena; E_NOT_FOUND, E_TOO_LARGE or E_RULE
 * without a sentence. */
int package_load(struct package *p, const char *part, size_t max, struct slice *out);

/* The relationships of a part ("" for the package's own); none if it has none. */
struct rels package_rels(struct package *p, const char *part);
const struct rel *rels_by_id(const struct rels *r, struct slice id);
const struct rel *rels_by_type(const struct rels *r, enum rel_type type);
