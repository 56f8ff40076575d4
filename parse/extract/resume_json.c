/* See resume_json.h. Values and evidence are printed side by side into two buffers, so that the
 * pointers cannot differ from what they point to. */
#include "parse/extract/resume_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/json.h"

enum { POINTER_MAX = 96 }; /* "/NAME/INDEX" takes one byte more */

struct out {
	struct buf json, evidence;
	char pointer[POINTER_MAX + 1]; /* of the object being printed */
	bool comma;                    /* something stands before in the object or array */
};

void things_add(struct reading *r, struct things *list, const struct thing *t)
{
	if (t->name == NULL || list->n == THINGS_MAX)
		return;
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 8 : list->cap * 2;
		struct thing *items = ARENA_ARRAY(r->arena, cap, struct thing);

		if (list->n > 0)
			memcpy(items, list->items, list->n * sizeof *items);
		list->items = items;
		list->cap = cap;
	}
	list->items[list->n++] = *t;
}

/* ---- values ---- */

enum { NUMBER_MAX = 24 };

/* Writes a number of at most two decimals, most of which are whole, to out. Returns its length. */
static size_t number_text(char out[NUMBER_MAX], double v)
{
	char digits[NUMBER_MAX];
	size_t at = sizeof digits;
	long cents = fabs(v) < 1e9 ? (long)(fabs(v) * 100 + 0.5) : 0;

	if (cents % 100 != 0) {
		digits[--at] = (char)('0' + cents % 10);
		digits[--at] = (char)('0' + cents / 10 % 10);
		digits[--at] = '.';
	}
	cents /= 100;
	do {
		digits[--at] = (char)('0' + cents % 10);
		cents /= 10;
	} while (cents > 0);
	if (v < 0)
		digits[--at] = '-';
	memcpy(out, digits + at, sizeof digits - at);
	return sizeof digits - at;
}

static void put_number(struct buf *b, double v)
{
	char text[NUMBER_MAX];

	buf_add(b, text, number_text(text, v));
}

/* One append for all: there is one for each value of the document. */
static void put_place(struct buf *b, double confidence, const struct evidence *e)
{
	const struct {
		const char *key;
		double value;
	} parts[] = {{"\",\"confidence\":", confidence},
				 {",\"page\":", (double)e->page},
				 {",\"box\":[", e->x0},
				 {",", e->y0},
				 {",", e->x1},
				 {",", e->y1},
				 {"],\"line\":", (double)e->line}};
	char text[sizeof parts / sizeof *parts * (NUMBER_MAX + 24)];
	size_t at = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t n = strlen(parts[i].key);

		memcpy(text + at, parts[i].key, n);
		at += n;
		at += number_text(text + at, parts[i].value);
	}
	buf_add(b, text, at);
	buf_adds(b, ",\"text\":");
	json_print_string(b, e->text);
}

static void put_evidence(struct out *o, const char *key, const struct quote *q)
{
	struct buf *b = &o->evidence;

	for (const struct quote *p = q; p != NULL; p = p->more) {
		buf_adds(b, b->n > 0 ? ",{\"pointer\":\"" : "{\"pointer\":\"");
		buf_adds(b, o->pointer);
		buf_addc(b, '/');
		buf_adds(b, key);
		put_place(b, q->confidence, &p->evidence);
		buf_adds(b, q->link ? ",\"link\":true}" : "}");
	}
}

static void put_comma(struct out *o)
{
	if (o->comma)
		buf_addc(&o->json, ',');
	o->comma = true;
}

static void put_key(struct out *o, const char *key)
{
	put_comma(o);
	buf_addc(&o->json, '"');
	buf_adds(&o->json, key);
	buf_adds(&o->json, "\":");
}

static void put(struct out *o, const char *key, const struct quote *q)
{
	if (q == NULL)
		return;
	put_key(o, key);
	json_print_string(&o->json, q->value);
	put_evidence(o, key, q);
}

/* Writes "NAME/INDEX" to at. */
static void print_index(char at[POINTER_MAX], const char *name, size_t i)
{
	size_t n = strlen(name), tens = 1;

	while (i / tens >= 10)
		tens *= 10;
	if (n + 24 > POINTER_MAX)
		n = POINTER_MAX - 24;
	memcpy(at, name, n);
	at[n++] = '/';
	for (; tens > 0; tens /= 10)
		at[n++] = (char)('0' + i / tens % 10);
	at[n] = '\0';
}

static void put_list(struct out *o, const char *key, const struct quotes *list)
{
	if (list->n == 0)
		return;
	put_key(o, key);
	buf_addc(&o->json, '[');
	for (size_t i = 0; i < list->n; i++) {
		char at[POINTER_MAX];

		print_index(at, key, i);
		if (i > 0)
			buf_addc(&o->json, ',');
		json_print_string(&o->json, list->items[i]->value);
		put_evidence(o, at, list->items[i]);
	}
	buf_addc(&o->json, ']');
}

/* ---- objects ---- */

static void open_object(struct out *o, const char *name, size_t i)
{
	buf_adds(&o->json, i > 0 ? ",{" : "{");
	o->pointer[0] = '/';
	print_index(o->pointer + 1, name, i);
	o->comma = false;
}

static void open_array(struct out *o, const char *name)
{
	buf_adds(&o->json, ",\"");
	buf_adds(&o->json, name);
	buf_adds(&o->json, "\":[");
}

static void put_jobs(struct out *o, const char *name, const char *who, const char *role,
					 const struct job *jobs, size_t n)
{
	open_array(o, name);
	for (size_t i = 0; i < n; i++) {
		open_object(o, name, i);
		put(o, who, jobs[i].name);
		if (role != NULL)
			put(o, role, jobs[i].position);
		if (strcmp(name, "work") == 0)
			put(o, "location", jobs[i].location);
		put(o, "url", jobs[i].url);
		put(o, "startDate", jobs[i].start);
		put(o, "endDate", jobs[i].end);
		put(o, role == NULL ? "description" : "summary", jobs[i].summary);
		put_list(o, "highlights", &jobs[i].highlights);
		buf_addc(&o->json, '}');
	}
	buf_addc(&o->json, ']');
}

static void put_education(struct out *o, const struct resume *c)
{
	open_array(o, "education");
	for (size_t i = 0; i < c->neducation; i++) {
		const struct study *s = &c->education[i];

		open_object(o, "education", i);
		put(o, "institution", s->institution);
		put(o, "url", s->url);
		put(o, "area", s->area);
		put(o, "studyType", s->study_type);
		put(o, "startDate", s->start);
		put(o, "endDate", s->end);
		put(o, "score", s->score);
		put_list(o, "courses", &s->courses);
		buf_addc(&o->json, '}');
	}
	buf_addc(&o->json, ']');
}

/* The keys under which a short list's members are printed; NULL: it has no such member. */
struct keys {
	const char *list, *name, *detail, *date, *url, *keywords;
};

static void put_things(struct out *o, const struct keys *k, const struct things *list)
{
	open_array(o, k->list);
	for (size_t i = 0; i < list->n; i++) {
		const struct thing *t = &list->items[i];

		open_object(o, k->list, i);
		put(o, k->name, t->name);
		if (k->detail != NULL)
			put(o, k->detail, t->detail);
		if (k->date != NULL)
			put(o, k->date, t->date);
		if (k->url != NULL)
			put(o, k->url, t->url);
		if (k->keywords != NULL)
			put_list(o, k->keywords, &t->keywords);
		buf_addc(&o->json, '}');
	}
	buf_addc(&o->json, ']');
}

static void put_basics(struct out *o, const struct resume *c)
{
	static const struct keys profiles = {"profiles", "network", "username", NULL, "url", NULL};

	buf_adds(&o->json, "{\"basics\":{");
	snprintf(o->pointer, sizeof o->pointer, "/basics");
	put(o, "name", c->name);
	put(o, "label", c->label);
	put(o, "email", c->email);
	put(o, "phone", c->phone);
	put(o, "url", c->url);
	put(o, "summary", c->summary);
	put_comma(o);
	buf_adds(&o->json, "\"location\":{");
	snprintf(o->pointer, sizeof o->pointer, "/basics/location");
	o->comma = false;
	put(o, "address", c->address);
	put(o, "postalCode", c->postal_code);
	put(o, "city", c->city);
	put(o, "countryCode", c->country_code);
	put(o, "region", c->region);
	buf_adds(&o->json, "},\"profiles\":[");
	for (size_t i = 0; i < c->profiles.n; i++) {
		buf_adds(&o->json, i > 0 ? ",{" : "{");
		snprintf(o->pointer, sizeof o->pointer, "/basics/profiles/%zu", i);
		o->comma = false;
		put(o, profiles.name, c->profiles.items[i].name);
		put(o, profiles.detail, c->profiles.items[i].detail);
		put(o, profiles.url, c->profiles.items[i].url);
		buf_addc(&o->json, '}');
	}
	buf_adds(&o->json, "]}");
}

static void put_all(struct out *o, const struct resume *c)
{
	static const struct keys certificates = {"certificates", "name", "issuer", "date", "url", NULL},
							 languages = {"languages", "language", "fluency", NULL, NULL, NULL},
							 publications = {"publications", "name", "publisher",
											 "releaseDate",  "url",  NULL},
							 awards = {"awards", "title", "awarder", "date", NULL, NULL},
							 interests = {"interests", "name", NULL, NULL, NULL, "keywords"},
							 references = {"references", "name", "reference", NULL, NULL, NULL},
							 skills = {"skills", "name", "level", NULL, NULL, "keywords"};

	put_basics(o, c);
	put_jobs(o, "work", "name", "position", c->work, c->nwork);
	put_jobs(o, "volunteer", "organization", "position", c->volunteer, c->nvolunteer);
	put_education(o, c);
	put_things(o, &awards, &c->awards);
	put_things(o, &certificates, &c->certificates);
	put_things(o, &publications, &c->publications);
	put_things(o, &skills, &c->skills);
	put_things(o, &languages, &c->languages);
	put_things(o, &interests, &c->interests);
	put_things(o, &references, &c->references);
	put_jobs(o, "projects", "name", NULL, c->projects, c->nprojects);
}

static size_t count_dated(const struct resume *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nwork; i++)
		n += c->work[i].start != NULL;
	for (size_t i = 0; i < c->neducation; i++)
		n += c->education[i].start != NULL || c->education[i].end != NULL;
	return n;
}

struct json resume_json(struct reading *r, const struct profile *p, struct date now, size_t *dated)
{
	struct resume c = {.years = -1};
	struct out o = {0};

	basics_read(r, &c);
	links_read(r, &c);
	location_read(r, &c);
	c.nwork = history_read(r, SECTION_EXPERIENCE, &c.work);
	c.nvolunteer = history_read(r, SECTION_VOLUNTEER, &c.volunteer);
	c.nprojects = projects_read(r, &c.projects);
	c.neducation = education_read(r, &c.education);
	languages_read(r, &c.languages);
	lists_read(r, p, &c);
	c.years = history_years(r, c.work, c.nwork, now);
	r->years = c.years;
	if (c.nwork > 0 && c.work[0].position != NULL)
		r->position = (struct value){c.work[0].position->value, c.work[0].position->confidence,
									 c.work[0].position->evidence};
	buf_init(&o.json, r->arena, PROFILE_JSON_MAX);
	buf_init(&o.evidence, r->arena, PROFILE_JSON_MAX);
	put_all(&o, &c);
	buf_adds(&o.json, ",\"meta\":{\"version\":\"v1.0.0\"");
	if (c.years >= 0) {
		buf_adds(&o.json, ",\"experienceYears\":");
		put_number(&o.json, round(c.years * 10) / 10);
	}
	buf_adds(&o.json, ",\"evidence\":[");
	buf_add(&o.json, buf_str(&o.evidence), o.evidence.n);
	buf_adds(&o.json, "]}}");
	*dated = count_dated(&c);
	return (struct json){buf_ok(&o.json) && buf_ok(&o.evidence) ? buf_str(&o.json) : NULL};
}
