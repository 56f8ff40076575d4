/*
 * schema.org JobPosting in JSON-LD, in the scripts of any page: alone, in arrays, in @graph, in an
 * ItemList. Templates often break the JSON; what can be mended is, what cannot is told.
 */
#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "scrape/read.h"
#include "scrape/relax.h"

enum { DEPTH_MAX = 8, NODES_MAX = 2000000, TEXT_MAX = 4000, PLACES_MAX = 10 };

struct failable {
	struct error *error;
};

struct finder {
	struct arena *a;
	struct raws *out;
	size_t scripts;
};

static void free_doc(xmlDoc **d)
{
	xmlFreeDoc(*d);
}

/* ---- values ---- */

/* The object itself, or the first of an array. */
static const struct json_value *first(const struct json_value *v)
{
	return json_kind(v) == JSON_ARRAY ? json_at(v, 0) : v;
}

/* A string, a number, or an object's name or value. */
static const char *text(struct arena *a, const struct json_value *v)
{
	v = first(v);
	switch (json_kind(v)) {
	case JSON_STRING: return json_string(v);
	case JSON_INT: return arena_printf(a, "%lld", (long long)json_int(v));
	case JSON_REAL: return arena_printf(a, "%.2f", json_real(v));
	case JSON_BOOL: return json_bool(v) ? "true" : "false";
	case JSON_OBJECT: {
		const struct json_value *inner = json_get(v, "name");

		inner = inner != NULL ? inner : json_get(v, "value");
		return json_kind(inner) == JSON_OBJECT ? NULL : text(a, inner);
	}
	case JSON_ARRAY:
	case JSON_NULL: break;
	}
	return NULL;
}

static void add_part(struct buf *b, const char *s, const char *separator)
{
	if (text_is_blank(s))
		return;
	buf_adds(b, b->n > 0 ? separator : "");
	buf_adds(b, s);
}

static const char *all_texts(struct arena *a, const struct json_value *v)
{
	struct buf b;

	if (json_kind(v) != JSON_ARRAY)
		return text(a, v);
	buf_init(&b, a, TEXT_MAX);
	for (size_t i = 0; i < json_size(v) && buf_ok(&b); i++)
		add_part(&b, text(a, json_at(v, i)), ", ");
	return buf_str(&b);
}

static void add_place(struct arena *a, const struct json_value *place, struct buf *b)
{
	const struct json_value *address = first(json_get(place, "address"));
	struct buf one;

	buf_init(&one, a, TEXT_MAX);
	if (json_kind(place) == JSON_STRING) {
		add_part(&one, json_string(place), "");
	} else if (json_kind(address) == JSON_OBJECT) {
		add_part(&one, text(a, json_get(address, "addressLocality")), ", ");
		add_part(&one, text(a, json_get(address, "addressRegion")), ", ");
		add_part(&one, text(a, json_get(address, "addressCountry")), ", ");
	} else {
		add_part(&one, address != NULL ? text(a, address) : text(a, json_get(place, "name")), "");
	}
	add_part(b, buf_str(&one), " / ");
}

static const char *places(struct arena *a, const struct json_value *v)
{
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	if (json_kind(v) != JSON_ARRAY)
		add_place(a, v, &b);
	for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_size(v) && i < PLACES_MAX; i++)
		add_place(a, json_at(v, i), &b);
	return buf_str(&b);
}

/* baseSalary is a number, a text, or a MonetaryAmount around a QuantitativeValue. */
static void put_salary(struct arena *a, const struct json_value *job, struct raw *r)
{
	const struct json_value *base = first(json_get(job, "baseSalary"));
	const struct json_value *value = first(json_get(base, "value"));
	const struct json_value *amount = json_kind(value) == JSON_OBJECT ? value : base;
	const char *missing = "the posting has no baseSalary";

	if (base == NULL)
		base = amount = first(json_get(job, "estimatedSalary"));
	raw_put(r, PART_SALARY_CURRENCY, text(a, json_get(base, "currency")), missing);
	raw_put(r, PART_SALARY_CURRENCY, text(a, json_get(job, "salaryCurrency")), missing);
	raw_put(r, PART_SALARY_PERIOD, text(a, json_get(amount, "unitText")), missing);
	raw_put(r, PART_SALARY_MIN, text(a, json_get(amount, "minValue")), missing);
	raw_put(r, PART_SALARY_MAX, text(a, json_get(amount, "maxValue")), missing);
	raw_put(r, PART_SALARY, NULL, missing);
	if (json_kind(base) != JSON_OBJECT)
		raw_put(r, PART_SALARY, text(a, base), missing);
	else if (r->value[PART_SALARY_MIN] == NULL)
		raw_put(r, PART_SALARY,
				json_kind(value) == JSON_OBJECT ? text(a, json_get(value, "value"))
												: text(a, value),
				missing);
}

static void put(struct arena *a, struct raw *r, enum source_part part, const struct json_value *job,
				const char *name)
{
	raw_put(r, part, all_texts(a, json_get(job, name)),
			arena_printf(a, "the posting has no %s", name));
}

static void read_posting(struct arena *a, const struct json_value *job, struct raw *r)
{
	const char *id = text(a, json_get(job, "@id"));

	put(a, r, PART_ID, job, "identifier");
	put(a, r, PART_TITLE, job, "title");
	put(a, r, PART_TITLE, job, "name");
	put(a, r, PART_COMPANY, job, "hiringOrganization");
	raw_put(r, PART_LOCATION, places(a, json_get(job, "jobLocation")),
			"the posting has no jobLocation");
	put(a, r, PART_REMOTE, job, "jobLocationType");
	if (r->value[PART_LOCATION] == NULL)
		put(a, r, PART_LOCATION, job, "applicantLocationRequirements");
	put(a, r, PART_TYPE, job, "employmentType");
	put_salary(a, job, r);
	put(a, r, PART_DESCRIPTION, job, "description");
	put(a, r, PART_URL, job, "url");
	if (r->value[PART_URL] == NULL && id != NULL && text_starts(id, "http"))
		raw_put(r, PART_URL, id, NULL);
	raw_put(r, PART_APPLY_EMAIL, text(a, json_get(json_get(job, "applicationContact"), "email")),
			"the posting has no applicationContact");
	put(a, r, PART_POSTED_AT, job, "datePosted");
	put(a, r, PART_EXPIRES_AT, job, "validThrough");
	put(a, r, PART_TAGS, job, "skills");
}

/* ---- finding them ---- */

static bool is_posting(const struct json_value *v)
{
	const struct json_value *type = json_get(v, "@type");

	if (json_kind(type) == JSON_STRING)
		return text_ends(json_string(type), "JobPosting");
	for (size_t i = 0; json_kind(type) == JSON_ARRAY && i < json_size(type); i++)
		if (json_kind(json_at(type, i)) == JSON_STRING &&
			text_ends(json_string(json_at(type, i)), "JobPosting"))
			return true;
	return false;
}

static void search(struct finder *f, const struct json_value *v, int depth)
{
	static const char *const leads[] = {"@graph",     "itemListElement",  "item",
										"mainEntity", "mainEntityOfPage", "hasPart"};
	struct raw *r;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_size(v); i++)
		search(f, json_at(v, i), depth + 1);
	if (json_kind(v) != JSON_OBJECT)
		return;
	if (is_posting(v)) {
		r = raws_add(f->a, f->out);
		if (r != NULL)
			read_posting(f->a, v, r);
		return;
	}
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
		search(f, json_get(v, leads[i]), depth + 1);
}

static void read_script(struct finder *f, const char *s)
{
	const struct json_value *v;
	const char *why;
	size_t n = strlen(s);

	f->scripts++;
	if (json_parse(f->a, s, n, &v, &why) == OK ||
		json_parse(f->a, json_relax(f->a, s, n), n, &v, &why) == OK)
		search(f, v, 0);
	else
		f->out->note =
			arena_printf(f->a, "JSON-LD block %zu of the page is broken: %s", f->scripts, why);
}

static bool is_ld(const xmlNode *node)
{
	if (strcasecmp((const char *)node->name, "script") != 0)
		return false;
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
		if (strcasecmp((const char *)at->name, "type") == 0 && at->children != NULL &&
			at->children->content != NULL &&
			strncasecmp((const char *)at->children->content, "application/ld+json", 19) == 0)
			return true;
	return false;
}

/* The next node of the tree, in the order of the document. */
static xmlNode *next_node(xmlNode *node)
{
	if (node->children != NULL && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node != NULL && node->next == NULL)
		node = node->parent;
	return node == NULL ? NULL : node->next;
}

int read_jsonld(struct arena *a, struct error *error, const struct page *p, struct raws *out)
{
	struct failable f = {error};
	struct finder finder = {.a = a, .out = out};
	CLEANUP(free_doc)
	xmlDoc *doc = htmlReadMemory(p->text, (int)p->size, NULL, "UTF-8",
								 HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
									 HTML_PARSE_NONET);
	xmlNode *node = doc == NULL ? NULL : xmlDocGetRootElement(doc);

	for (size_t n = 0; node != NULL && n < NODES_MAX; n++, node = next_node(node)) {
		xmlChar *s;

		if (node->type != XML_ELEMENT_NODE || !is_ld(node))
			continue;
		s = xmlNodeGetContent(node);
		if (s != NULL)
			read_script(&finder, arena_strdup(a, (const char *)s));
		xmlFree(s);
	}
	if (out->n == 0 && out->note != NULL)
		return fail(&f, E_UPSTREAM, "%s", out->note);
	return OK;
}
