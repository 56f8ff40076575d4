/*
 * DOCX (ECMA-376, ISO/IEC 29500, strict and transitional): the parts of a document in reading
 * order. Headers come first, each distinct one once, then the body, the notes, and the footers
 * last. Only the document itself must be readable; of the rest what can be read is used.
 */
#include <string.h>

#include "base/text.h"
#include "parse/word/docx_body.h"

enum { HEADERS_MAX = 60 };

static const char damaged[] = "The Word document is damaged and cannot be read.";

static void close_package(struct package *p)
{
	package_close(p);
}

/* Says what a zip archive without a Word document in it is. */
static int not_word(struct docx *x)
{
	struct package *p = &x->package;

	if (package_has_folder(p, "xl/"))
		return fail(x->doc, E_RULE, "The file is an Excel workbook, not a Word document.");
	if (package_has_folder(p, "ppt/"))
		return fail(x->doc, E_RULE, "The file is a PowerPoint presentation, not a Word document.");
	if (package_has(p, "META-INF/manifest.xml") && package_has(p, "content.xml"))
		return fail(
			x->doc, E_RULE,
			"The file is an OpenDocument file, not a Word document. Save it as DOCX or PDF.");
	return fail(x->doc, E_RULE, "The file is an archive, not a Word document.");
}

struct types {
	struct arena *arena;
	const char *document;
};

static void types_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct types *t = self;
	struct slice type;

	if (ns != NS_TYPES || tag != 0 || !xml_attr(a, NS_NONE, "ContentType", &type))
		return;
	if (!slice_has(type, ".main+xml") || !slice_has(type, "word"))
		return;
	t->document = xml_attr_text(a, NS_NONE, "PartName", t->arena);
	if (t->document != NULL && t->document[0] == '/')
		t->document++;
}

static void no_end(void *self, enum xml_ns ns, int tag)
{
	(void)self, (void)ns, (void)tag;
}

static void no_text(void *self, const char *p, size_t n)
{
	(void)self, (void)p, (void)n;
}

/* The document's part: by relationship, by content type, by its usual name. */
static const char *find_document(struct docx *x, const struct rels *top)
{
	static const char *const names[] = {"Override"};
	static const struct xml_handler handler = {names, 1, types_start, no_end, no_text};
	const struct rel *rel = rels_by_type(top, REL_DOCUMENT);
	struct types types = {.arena = x->doc->arena};

	if (rel != NULL && !rel->external && package_has(&x->package, rel->target))
		return rel->target;
	package_read(&x->package, "[Content_Types].xml", &handler, &types);
	if (types.document != NULL && package_has(&x->package, types.document))
		return types.document;
	return package_has(&x->package, "word/document.xml") ? "word/document.xml" : NULL;
}

struct core {
	struct arena *arena;
	int now;
	const char *text[2]; /* title, creator */
};

static void core_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct core *c = self;

	(void)a;
	c->now = ns == NS_DC ? tag : -1;
}

static void core_end(void *self, enum xml_ns ns, int tag)
{
	struct core *c = self;

	(void)ns, (void)tag;
	c->now = -1;
}

static void core_text(void *self, const char *p, size_t n)
{
	struct core *c = self;
	const char *had;

	if (c->now < 0)
		return;
	had = c->text[c->now];
	if (had == NULL || strlen(had) < 1000)
		c->text[c->now] =
			arena_printf(c->arena, "%s%.*s", had ? had : "", n > 1000 ? 1000 : (int)n, p);
}

static const char *trimmed(struct arena *a, const char *s)
{
	char *copy;

	if (text_is_blank(s))
		return NULL;
	copy = utf8_clean(a, s, strlen(s));
	return text_trim(copy);
}

static void read_core(struct docx *x, const struct rels *top)
{
	static const char *const names[] = {"title", "creator"};
	static const struct xml_handler handler = {names, 2, core_start, core_end, core_text};
	const struct rel *rel = rels_by_type(top, REL_CORE);
	struct core core = {.arena = x->doc->arena, .now = -1};
	const char *part = rel != NULL && !rel->external ? rel->target : "docProps/core.xml";

	package_read(&x->package, part, &handler, &core);
	x->doc->title = trimmed(x->doc->arena, core.text[0]);
	x->doc->author = trimmed(x->doc->arena, core.text[1]);
}

/* Reads the parts of a type that the document refers to. */
static void read_all(struct docx *x, const struct rels *rels, enum rel_type type,
					 enum region region)
{
	int since = x->doc->nlines, read = 0;

	for (int i = 0; i < rels->n && read < HEADERS_MAX; i++) {
		const struct rel *rel = &rels->list[i];
		int first = x->doc->nlines;

		if (rel->type != type || rel->external)
			continue;
		docx_body_read(x, rel->target, region, NULL);
		writer_unrepeat(&x->writer, since, first);
		read++;
	}
}

static int check_document(struct docx *x, const char *part, enum xml_result result, int lines)
{
	if (package_encrypted(&x->package, part))
		return fail(x->doc, E_RULE,
					"The Word document is protected by a password. Remove it and upload again.");
	switch (result) {
	case XML_READ: return OK;
	case XML_STOPPED: return OK;
	case XML_DEEP:
		if (lines == 0)
			return fail(x->doc, E_RULE, "The Word document is nested too deeply to be read.");
		doc_find(x->doc, "cut", "The document is nested very deeply; only its beginning was read.");
		return OK;
	case XML_DOCTYPE: return fail(x->doc, E_RULE, "%s", damaged);
	case XML_BROKEN:
		if (x->package.cut)
			return fail(x->doc, E_TOO_LARGE, "The Word document is too large to be read.");
		return fail(x->doc, E_RULE, "%s", damaged);
	}
	return OK;
}

int docx_read(struct doc *d, const unsigned char *data, size_t n)
{
	CLEANUP(close_package) struct package package = {0};
	struct docx *x = ARENA_NEW(d->arena, struct docx);
	struct rels top, rels;
	const struct rel *styles;
	const char *document;
	enum xml_result result;
	struct place nowhere = {.table = -1, .row = -1, .cell = -1};
	int lines;

	TRY(package_open(d, data, n, &package));
	x->doc = d;
	x->package = package;
	top = package_rels(&x->package, "");
	document = find_document(x, &top);
	if (document == NULL)
		return not_word(x);
	rels = package_rels(&x->package, document);
	styles = rels_by_type(&rels, REL_STYLES);
	x->styles = docx_styles_read(&x->package, styles == NULL ? NULL : styles->target);
	read_core(x, &top);
	writer_init(&x->writer, d);
	read_all(x, &rels, REL_HEADER, REGION_HEADER);
	lines = d->nlines;
	result = docx_body_read(x, document, REGION_BODY, &rels);
	TRY(check_document(x, document, result, d->nlines - lines));
	read_all(x, &rels, REL_FOOTNOTES, REGION_NOTE);
	read_all(x, &rels, REL_ENDNOTES, REGION_NOTE);
	read_all(x, &rels, REL_FOOTER, REGION_FOOTER);
	writer_finish(&x->writer, &nowhere);
	if (x->package.cut)
		doc_find(d, "cut", "Parts of the document are too large and were left out.");
	return OK;
}
