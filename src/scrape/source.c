/*
 * See source.h. A wrong key, kind or template is the operator's slip and stops the reading of the
 * file, since a source that is silently left out looks like one that finds nothing.
 */
#include "scrape/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scrape/relax.h"
#include "scrape/source_presets.h"
#include "scrape/web.h"

enum { BOARDS_MAX = 200, PAGES_MAX = 50, EXPRESSION_MAX = 1000, URL_MAX = 2000 };

extern const unsigned char job_sources[];
extern const size_t job_sources_size;

/* ---- the file's form ---- */

#define MAP(member, what)                                                   \
	FIELD(struct source_map, member, 0, .max = EXPRESSION_MAX, .doc = what, \
		  .example = "\"/" #member "\"")

static const struct field map_fields[SOURCE_PARTS] = {
	MAP(id, "Number at the source"),
	MAP(title, "Title"),
	MAP(company, "Who hires"),
	MAP(location, "Where"),
	MAP(remote, "Whether it is remote"),
	MAP(type, "Kind of employment"),
	MAP(salary, "Pay in words"),
	MAP(salary_min, "Least pay"),
	MAP(salary_max, "Most pay"),
	MAP(salary_currency, "Its currency"),
	MAP(salary_period, "What it is for"),
	MAP(description, "Description"),
	MAP(url, "Its page"),
	MAP(apply_email, "Where to write"),
	MAP(posted_at, "When it was posted"),
	MAP(expires_at, "When it ends"),
	MAP(tags, "Words to find it by"),
};
static const struct schema map_schema = SCHEMA("JobSourceFields", struct source_map, map_fields);

const char *const source_part_names[SOURCE_PARTS] = {
	"id",     "title",       "company",    "location",        "remote",        "type",
	"salary", "salary_min",  "salary_max", "salary_currency", "salary_period", "description",
	"url",    "apply_email", "posted_at",  "expires_at",      "tags"};

const char *source_map_get(const struct source_map *m, enum source_part f)
{
	return *(const char *const *)((const char *)m + map_fields[f].offset);
}

static void source_map_set(struct source_map *m, enum source_part f, const char *v)
{
	*(const char **)((char *)m + map_fields[f].offset) = v;
}

struct entry {
	const char *name, *kind, *url, *company, *items, *detail, *detail_kind, *title_form, *render,
		*wait_for, *currency, *dates;
	struct opt_bool enabled, filter, complete;
	struct strings boards;
	struct opt_int pages, page_start, page_size, pause_ms, scroll;
	struct source_map fields, detail_fields;
};

static const char *const renders[] = {"plain", "browser", NULL};
static const char *const date_orders[] = {"month first", "day first", NULL};
static const char *const detail_kinds[] = {"json", "jsonld", "html", NULL};

static const struct field entry_fields[] = {
	FIELD(struct entry, name, F_REQUIRED, .min = 1, .max = 100, .doc = "Name",
		  .example = "\"acme\""),
	FIELD(struct entry, kind, F_REQUIRED, .max = 40, .doc = "Kind", .example = "\"json\""),
	FIELD(struct entry, enabled, 0, .doc = "Whether it is asked", .example = "true"),
	FIELD(struct entry, url, 0, .max = URL_MAX, .doc = "Template of the address",
		  .example = "\"https://acme.example/jobs\""),
	FIELD(struct entry, boards, 0, .max = BOARDS_MAX, .doc = "Names of companies' boards",
		  .example = "[\"acme\"]"),
	FIELD(struct entry, company, 0, .max = 200, .doc = "Who hires", .example = "\"Acme\""),
	FIELD(struct entry, items, 0, .max = EXPRESSION_MAX, .doc = "Where the postings are",
		  .example = "\"/jobs\""),
	FIELD_OBJECT(struct entry, fields, 0, &map_schema, .doc = "How each field is read",
				 .example = "{}"),
	FIELD(struct entry, detail, 0, .max = EXPRESSION_MAX, .doc = "Address of the posting's page",
		  .example = "\"/ref\""),
	FIELD(struct entry, detail_kind, 0, .choices = detail_kinds, .doc = "How that page is read",
		  .example = "\"json\""),
	FIELD_OBJECT(struct entry, detail_fields, 0, &map_schema, .doc = "How its fields are read",
				 .example = "{}"),
	FIELD(struct entry, title_form, 0, .max = 100, .doc = "How titles are composed",
		  .example = "\"{company}: {title}\""),
	FIELD(struct entry, filter, 0, .doc = "Compare keyword and place here", .example = "true"),
	FIELD(struct entry, complete, 0, .doc = "What a listing lacks is gone", .example = "true"),
	FIELD(struct entry, pages, 0, .min = 1, .max = PAGES_MAX, .doc = "Pages at most",
		  .example = "3"),
	FIELD(struct entry, page_start, 0, .min = 0, .max = 1, .doc = "Number of the first page",
		  .example = "1"),
	FIELD(struct entry, page_size, 0, .min = 1, .max = 1000, .doc = "Postings on a page",
		  .example = "100"),
	FIELD(struct entry, pause_ms, 0, .min = 0, .max = 60000, .doc = "Between two requests",
		  .example = "1000"),
	FIELD(struct entry, render, 0, .choices = renders, .doc = "Whether a browser renders it",
		  .example = "\"browser\""),
	FIELD(struct entry, wait_for, 0, .max = 300, .doc = "CSS selector to wait for",
		  .example = "\".job\""),
	FIELD(struct entry, scroll, 0, .min = 0, .max = 20, .doc = "Times to the page's end",
		  .example = "2"),
	FIELD(struct entry, currency, 0, .min = 3, .max = 3, .doc = "Of amounts without one",
		  .example = "\"EUR\""),
	FIELD(struct entry, dates, 0, .choices = date_orders, .doc = "Order of 01/02/2025",
		  .example = "\"day first\""),
};
static const struct schema entry_schema = SCHEMA("JobSource", struct entry, entry_fields);

/* ---- reading it ---- */

struct loader {
	struct arena *arena;
	struct error *error;
	const char *file;
	struct sources *out;
};

static bool is_field(const struct schema *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (text_eq(s->fields[i].name, key))
			return true;
	return false;
}

static int check_keys(struct loader *l, const struct schema *s, const struct json_value *v,
					  const char *where)
{
	for (size_t i = 0; json_kind(v) == JSON_OBJECT && i < json_size(v); i++)
		if (!is_field(s, json_key(v, i)))
			return fail(l, E_RULE, "%s: %s has the unknown key \"%s\"", l->file, where,
						json_key(v, i));
	return OK;
}

static int check_template(struct loader *l, const struct source *s)
{
	static const char *const known[] = {"{keyword}", "{location}", "{page}", "{offset}",
										"{limit}",   "{board}",    NULL};

	for (const char *p = s->url; (p = strchr(p, '{')) != NULL; p++) {
		bool good = false;

		for (int i = 0; known[i] != NULL; i++)
			good |= text_starts(p, known[i]);
		if (!good)
			return fail(l, E_RULE, "%s: the url of source %s has an unknown variable at \"%.20s\"",
						l->file, s->name, p);
	}
	if (!text_starts(s->url, "http://") && !text_starts(s->url, "https://"))
		return fail(l, E_RULE, "%s: the url of source %s must begin with http:// or https://",
					l->file, s->name);
	return OK;
}

static void overlay(struct source_map *to, const struct source_map *from)
{
	for (enum source_part f = 0; f < SOURCE_PARTS; f++)
		if (source_map_get(from, f) != NULL)
			source_map_set(to, f, source_map_get(from, f));
}

static int64_t given(struct opt_int v, int64_t preset)
{
	return v.set && !v.null ? v.v : preset;
}

static bool given_bool(struct opt_bool v, bool preset)
{
	return v.set && !v.null ? v.v : preset;
}

static enum source_reader reader_of(const char *kind, enum source_reader preset)
{
	if (kind == NULL)
		return preset;
	return text_eq(kind, "json") ? READ_JSON : text_eq(kind, "html") ? READ_HTML : READ_JSONLD;
}

/* What the entry says in place of what its kind presets. */
static void merge(const struct entry *e, struct source *s)
{
	s->name = e->name;
	s->kind = e->kind;
	s->enabled = given_bool(e->enabled, true);
	s->url = e->url != NULL ? e->url : s->url;
	s->company = e->company;
	s->items = e->items != NULL ? e->items : s->items;
	overlay(&s->fields, &e->fields);
	s->detail = e->detail != NULL ? e->detail : s->detail;
	s->detail_reader = reader_of(e->detail_kind, s->detail_reader);
	overlay(&s->detail_fields, &e->detail_fields);
	s->title_form = e->title_form;
	s->pages = given(e->pages, s->pages > 0 ? s->pages : 1);
	s->page_start = given(e->page_start, s->page_start);
	s->page_size = given(e->page_size, s->page_size > 0 ? s->page_size : 50);
	s->pause_ms = given(e->pause_ms, 0);
	s->browser = text_eq(e->render, "browser");
	s->wait_for = e->wait_for;
	s->scroll = given(e->scroll, 0);
	s->currency = e->currency;
	s->day_first = text_eq(e->dates, "day first");
}

static int check_source(struct loader *l, const struct entry *e, struct source *s)
{
	if (s->url == NULL)
		return fail(l, E_RULE, "%s: source %s needs a url", l->file, e->name);
	TRY(check_template(l, s));
	if (source_uses(s, "board") && e->boards.n == 0 && s->enabled)
		return fail(l, E_RULE,
					"%s: source %s needs the names of its boards in \"boards\", or \"enabled\": "
					"false",
					l->file, e->name);
	if ((s->reader == READ_HTML || s->reader == READ_JSON) && s->items == NULL)
		return fail(l, E_RULE, "%s: source %s needs \"items\", where its postings are", l->file,
					e->name);
	if ((s->reader == READ_HTML || s->reader == READ_JSON) && s->fields.title == NULL)
		return fail(l, E_RULE, "%s: source %s needs \"fields\" with a title", l->file, e->name);
	s->filter = given_bool(e->filter, s->filter || !source_uses(s, "keyword"));
	s->complete = given_bool(e->complete, s->complete);
	if (s->complete && (source_uses(s, "keyword") || source_uses(s, "location")))
		return fail(l, E_RULE, "%s: source %s cannot be \"complete\", since it is searched",
					l->file, e->name);
	return OK;
}

static int add(struct loader *l, const struct source *s)
{
	if (sources_find(l->out, s->name) != NULL)
		return fail(l, E_RULE, "%s: two sources are called %s", l->file, s->name);
	if (l->out->n == SOURCES_MAX)
		return fail(l, E_RULE, "%s: more than %d sources", l->file, SOURCES_MAX);
	l->out->items[l->out->n++] = *s;
	return OK;
}

static int add_entry(struct loader *l, const struct json_value *v, size_t number)
{
	struct faults faults = {.n = 0};
	const struct source *preset;
	struct entry e;
	struct source s;
	const char *where = json_string(json_get(v, "name"));

	where = where != NULL ? arena_printf(l->arena, "source %s", where)
						  : arena_printf(l->arena, "source number %zu", number + 1);
	TRY(check_keys(l, &entry_schema, v, where));
	TRY(check_keys(l, &map_schema, json_get(v, "fields"), where));
	TRY(check_keys(l, &map_schema, json_get(v, "detail_fields"), where));
	if (schema_bind_json(&entry_schema, v, l->arena, &e, &faults) != OK)
		return fail(l, E_RULE, "%s: %s: %s: %s", l->file, where,
					faults.items[0].name != NULL ? faults.items[0].name : "the whole",
					faults.items[0].msg);
	preset = source_preset(e.kind);
	if (preset == NULL)
		return fail(l, E_RULE, "%s: %s has the unknown kind \"%s\"", l->file, where, e.kind);
	s = *preset;
	merge(&e, &s);
	TRY(check_source(l, &e, &s));
	if (e.boards.n == 0)
		return add(l, &s);
	for (size_t i = 0; i < e.boards.n; i++) {
		s.board = e.boards.items[i];
		s.name = arena_printf(l->arena, "%s:%s", e.name, s.board);
		s.company = e.company != NULL ? e.company : s.board;
		TRY(add(l, &s));
	}
	return OK;
}

static size_t line_at(const char *text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

static int parse_fault(struct loader *l, const char *why, const char *text, size_t n)
{
	const char *at = strstr(why, " at byte ");
	int64_t offset = 0;

	if (at == NULL || text_int(at + 9, &offset) != OK || offset < 0 || (size_t)offset > n)
		return fail(l, E_RULE, "%s is no JSON: %s", l->file, why);
	return fail(l, E_RULE, "%s, line %zu: %.*s", l->file, line_at(text, (size_t)offset),
				(int)(at - why), why);
}

int sources_parse(struct arena *a, struct error *error, const char *name, const char *text,
				  size_t n, struct sources *out)
{
	struct sources found = {ARENA_ARRAY(a, SOURCES_MAX, struct source), 0};
	struct loader l = {a, error, name, &found};
	const struct json_value *v, *list;
	const char *why;

	if (json_parse(a, json_relax(a, text, n), n, &v, &why) != OK)
		return parse_fault(&l, why, text, n);
	list = json_get(v, "sources");
	if (json_kind(list) != JSON_ARRAY)
		return fail(&l, E_RULE, "%s needs an array \"sources\"", name);
	for (size_t i = 0; i < json_size(list); i++)
		TRY(add_entry(&l, json_at(list, i), i));
	*out = found;
	return OK;
}

const char *sources_builtin(size_t *n)
{
	*n = job_sources_size;
	return (const char *)job_sources;
}

static void close_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

int sources_load(struct arena *a, struct error *error, const char *path, struct sources *out)
{
	struct loader l = {a, error, path, out};
	CLEANUP(close_file) FILE *f = NULL;
	char *text;
	size_t n;

	if (path == NULL) {
		const char *builtin = sources_builtin(&n);

		return sources_parse(a, error, "the built-in list of job sources", builtin, n, out);
	}
	f = fopen(path, "re");
	if (f == NULL)
		return fail(&l, E_RULE, "%s cannot be read: %s", path, strerror(errno));
	text = arena_alloc(a, SOURCE_FILE_MAX + 1);
	n = fread(text, 1, SOURCE_FILE_MAX + 1, f);
	if (ferror(f) || n > SOURCE_FILE_MAX)
		return fail(&l, E_RULE, "%s cannot be read, or is larger than 1 MB", path);
	return sources_parse(a, error, path, text, n, out);
}

const struct source *sources_find(const struct sources *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (text_eq(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

/* ---- its address ---- */

bool source_uses(const struct source *s, const char *variable)
{
	size_t n = strlen(variable);

	for (const char *p = s->url; (p = strchr(p, '{')) != NULL; p++)
		if (strncmp(p + 1, variable, n) == 0 && p[n + 1] == '}')
			return true;
	return false;
}

/* The variable's value, escaped; "" if it has none. */
static const char *value_of(struct arena *a, const struct source *s, const struct source_query *q,
							const char *variable)
{
	if (text_starts(variable, "{keyword}"))
		return web_escape(a, q->keyword);
	if (text_starts(variable, "{location}"))
		return q->location == NULL ? "" : web_escape(a, q->location);
	if (text_starts(variable, "{board}"))
		return s->board == NULL ? "" : web_escape(a, s->board);
	if (text_starts(variable, "{page}"))
		return arena_printf(a, "%lld", (long long)(q->page + s->page_start));
	if (text_starts(variable, "{offset}"))
		return arena_printf(a, "%lld", (long long)(q->page * s->page_size));
	return arena_printf(a, "%lld", (long long)q->limit);
}

const char *source_url(struct arena *a, const struct source *s, const struct source_query *q)
{
	struct buf b;

	buf_init(&b, a, 8 * URL_MAX);
	for (const char *p = s->url; *p != '\0';) {
		if (*p != '{') {
			buf_addc(&b, *p++);
			continue;
		}
		buf_adds(&b, value_of(a, s, q, p));
		p += strcspn(p, "}") + 1;
	}
	return buf_str(&b);
}
