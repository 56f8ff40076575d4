/*
 * See xml.h. Names and namespace addresses are interned by libxml2 within one parse, so both are
 * recognised by address after their first appearance: a small direct-mapped cache for names, a list
 * for namespaces.
 */
#include "parse/word/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

enum { NAME_CACHE = 256, NS_CACHE = 16 };

struct xml_parse {
	const struct xml_handler *h;
	void *self;
	xmlParserCtxtPtr ctxt;
	int (*read)(void *, char *, int);
	void *source;
	bool stopped, doctype;
	const xmlChar *name_seen[NAME_CACHE];
	short name_tag[NAME_CACHE];
	const xmlChar *ns_seen[NS_CACHE];
	enum xml_ns ns_kind[NS_CACHE];
	int nns;
};

static const struct {
	const char *uri;
	enum xml_ns ns;
} namespaces[] = {
	{"http://schemas.openxmlformats.org/wordprocessingml/2006/main", NS_W},
	{"http://purl.oclc.org/ooxml/wordprocessingml/main", NS_W},
	{"http://schemas.openxmlformats.org/officeDocument/2006/relationships", NS_R},
	{"http://purl.oclc.org/ooxml/officeDocument/relationships", NS_R},
	{"http://schemas.openxmlformats.org/package/2006/relationships", NS_RELS},
	{"http://schemas.openxmlformats.org/package/2006/content-types", NS_TYPES},
	{"http://schemas.openxmlformats.org/markup-compatibility/2006", NS_MC},
	{"http://schemas.openxmlformats.org/officeDocument/2006/math", NS_MATH},
	{"http://purl.oclc.org/ooxml/officeDocument/math", NS_MATH},
	{"http://purl.org/dc/elements/1.1/", NS_DC},
	{"urn:schemas-microsoft-com:vml", NS_VML},
};

static enum xml_ns find_ns(const xmlChar *uri)
{
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		if (strcmp((const char *)uri, namespaces[i].uri) == 0)
			return namespaces[i].ns;
	return NS_OTHER;
}

static enum xml_ns ns_of(struct xml_parse *x, const xmlChar *uri)
{
	if (uri == NULL)
		return NS_NONE;
	for (int i = 0; i < x->nns; i++)
		if (x->ns_seen[i] == uri)
			return x->ns_kind[i];
	if (x->nns == NS_CACHE)
		return find_ns(uri);
	x->ns_seen[x->nns] = uri;
	x->ns_kind[x->nns] = find_ns(uri);
	return x->ns_kind[x->nns++];
}

static int tag_of(struct xml_parse *x, const xmlChar *name)
{
	size_t at = ((uintptr_t)name ^ (uintptr_t)name >> 8) % NAME_CACHE;
	short tag = -1;

	if (x->name_seen[at] == name)
		return x->name_tag[at];
	for (short i = 0; i < x->h->nnames && tag < 0; i++)
		if ((char)name[0] == x->h->names[i][0] && strcmp((const char *)name, x->h->names[i]) == 0)
			tag = i;
	x->name_seen[at] = name;
	x->name_tag[at] = tag;
	return tag;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
					 int nns, const xmlChar **ns, int nattrs, int ndefaulted, const xmlChar **attrs)
{
	struct xml_parse *x = ctx;
	struct xml_attrs a = {.raw = attrs, .n = nattrs, .parse = x};

	(void)prefix, (void)nns, (void)ns, (void)ndefaulted;
	if (!x->stopped)
		x->h->start(x->self, ns_of(x, uri), tag_of(x, name), &a);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_parse *x = ctx;

	(void)prefix;
	if (!x->stopped)
		x->h->end(x->self, ns_of(x, uri), tag_of(x, name));
}

static void on_text(void *ctx, const xmlChar *p, int n)
{
	struct xml_parse *x = ctx;

	if (!x->stopped && n > 0)
		x->h->text(x->self, (const char *)p, (size_t)n);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *id, const xmlChar *system_id)
{
	struct xml_parse *x = ctx;

	(void)name, (void)id, (void)system_id;
	x->doctype = true;
	xml_stop(x);
}

static void on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx, (void)error;
}

static int on_read(void *ctx, char *into, int n)
{
	struct xml_parse *x = ctx;

	return x->stopped ? 0 : x->read(x->source, into, n);
}

void xml_stop(struct xml_parse *x)
{
	x->stopped = true;
	xmlStopParser(x->ctxt);
}

static enum xml_result outcome(const struct xml_parse *x)
{
	if (x->doctype)
		return XML_DOCTYPE;
	if (x->stopped)
		return XML_STOPPED;
	if (x->ctxt->wellFormed)
		return XML_READ;
	/* libxml2 has no code of its own for its depth limit. */
	if (x->ctxt->lastError.message != NULL &&
		strstr(x->ctxt->lastError.message, "Excessive depth") != NULL)
		return XML_DEEP;
	return XML_BROKEN;
}

enum xml_result xml_read(const struct xml_handler *h, void *self, int (*read)(void *, char *, int),
						 void *source)
{
	struct xml_parse x = {.h = h, .self = self, .read = read, .source = source};
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
						 .internalSubset = on_doctype,
						 .startElementNs = on_start,
						 .endElementNs = on_end,
						 .characters = on_text,
						 .ignorableWhitespace = on_text,
						 .cdataBlock = on_text,
						 .serror = on_error};
	enum xml_result result;

	x.ctxt = xmlCreateIOParserCtxt(&sax, &x, on_read, NULL, &x, XML_CHAR_ENCODING_NONE);
	if (x.ctxt == NULL)
		return XML_BROKEN;
	xmlCtxtUseOptions(x.ctxt, XML_PARSE_NONET | XML_PARSE_NOCDATA);
	xmlParseDocument(x.ctxt);
	result = outcome(&x);
	xmlFreeParserCtxt(x.ctxt);
	return result;
}

static int read_memory(void *self, char *into, int n)
{
	struct slice *s = self;
	size_t take = s->n < (size_t)n ? s->n : (size_t)n;

	memcpy(into, s->p, take);
	s->p += take;
	s->n -= take;
	return (int)take;
}

enum xml_result xml_read_memory(const struct xml_handler *h, void *self, struct slice source)
{
	return xml_read(h, self, read_memory, &source);
}

bool xml_attr(const struct xml_attrs *a, enum xml_ns ns, const char *name, struct slice *out)
{
	for (int i = 0; i < a->n; i++) {
		const unsigned char **at = a->raw + (size_t)i * 5;
		enum xml_ns have;

		if ((char)at[0][0] != name[0] || strcmp((const char *)at[0], name) != 0)
			continue;
		have = ns_of(a->parse, at[2]);
		if (have != ns && !(ns == NS_NONE && have == NS_W))
			continue;
		*out = (struct slice){(const char *)at[3], (size_t)(at[4] - at[3])};
		return true;
	}
	return false;
}

char *xml_attr_text(const struct xml_attrs *a, enum xml_ns ns, const char *name,
					struct arena *arena)
{
	struct slice s;
	char *text;
	size_t n = 0;

	if (!xml_attr(a, ns, name, &s))
		return NULL;
	text = arena_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		text[n++] = s.p[i];
		if (s.n - i >= 5 && memcmp(s.p + i, "&#38;", 5) == 0)
			i += 4;
	}
	text[n] = '\0';
	return text;
}

bool slice_is(struct slice s, const char *text)
{
	return strlen(text) == s.n && memcmp(s.p, text, s.n) == 0;
}

bool slice_has(struct slice s, const char *part)
{
	return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

int32_t slice_int(struct slice s, int32_t fallback)
{
	int64_t v = 0;
	size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;

	if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
		return fallback;
	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		if (v < INT32_MAX)
			v = v * 10 + (s.p[i] - '0');
	if (v > INT32_MAX)
		v = INT32_MAX;
	return (int32_t)(s.p[0] == '-' ? -v : v);
}
