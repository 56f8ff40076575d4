/*
 * xml: reads the XML parts of a package as a stream of events.
 *
 * libxml2's SAX2 interface with a handler set of our own that knows neither entities nor external
 * parts: a document type declaration ends reading at once, undefined entities are errors, nothing
 * is ever fetched. Nothing is kept in memory but the element under way. Element names come as
 * numbers from the caller's list. Element depth is capped by libxml2 (256).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum xml_ns { NS_OTHER, NS_W, NS_R, NS_RELS, NS_TYPES, NS_MC, NS_MATH, NS_DC, NS_VML, NS_NONE };

/* The attributes of an element; valid during the event. */
struct xml_attrs {
	const unsigned char **raw;
	int n;
	struct xml_parse *parse;
};

struct slice {
	const char *p;
	size_t n;
};

struct xml_handler {
	const char *const *names; /* local names, an element's number is its index */
	int nnames;
	/* tag is -1 for a name that is not in the list. */
	void (*start)(void *self, enum xml_ns ns, int tag, const struct xml_attrs *attrs);
	void (*end)(void *self, enum xml_ns ns, int tag);
	void (*text)(void *self, const char *p, size_t n);
};

enum xml_result {
	XML_READ,    /* to the end */
	XML_STOPPED, /* by xml_stop */
	XML_DEEP,    /* nested beyond the cap */
	XML_DOCTYPE, /* has a document type declaration */
	XML_BROKEN,  /* not well-formed, or the source failed */
};

struct xml_parse;

/* Reads bytes from read(source, into, n) until it returns 0 (or negative: failed). */
enum xml_result xml_read(const struct xml_handler *h, void *self, int (*read)(void *, char *, int),
						 void *source);
/* The same from memory. */
enum xml_result xml_read_memory(const struct xml_handler *h, void *self, struct slice source);
/* Ends reading after the present event. For handlers, which find `parse` in the attributes. */
void xml_stop(struct xml_parse *parse);

/* Finds an attribute by its local name; NS_NONE means one without a prefix or in the namespace of
 * w:. The value is not terminated and has "&#38;" for "&". */
bool xml_attr(const struct xml_attrs *a, enum xml_ns ns, const char *name, struct slice *out);
/* As text in the arena, decoded; NULL if there is none. */
char *xml_attr_text(const struct xml_attrs *a, enum xml_ns ns, const char *name,
					struct arena *arena);
bool slice_is(struct slice s, const char *text);
bool slice_has(struct slice s, const char *part);
/* The decimal number at the start, clamped to int32_t; fallback if there is none. */
int32_t slice_int(struct slice s, int32_t fallback);
