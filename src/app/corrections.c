/* See corrections.h. */
#include "app/corrections.h"

#include <string.h>

#include "data/taxonomy.h"

static const struct field corrections_fields[] = {
	FIELD(struct corrections, name, F_NULL | F_OMIT, .doc = "Name", .example = "\"Ada Lovelace\""),
	FIELD(struct corrections, email, F_NULL | F_OMIT, .doc = "E-mail address",
		  .example = "\"ada@example.com\""),
	FIELD(struct corrections, phone, F_NULL | F_OMIT, .doc = "Telephone number",
		  .example = "\"+44 20 7946 0000\""),
	FIELD(struct corrections, skills, F_OMIT, .max = PROFILE_SKILLS_MAX, .doc = "All skills",
		  .example = "[\"Python\"]"),
	FIELD(struct corrections, domain_knowledge, F_NULL | F_OMIT, .doc = "What the person does",
		  .example = "\"Backend development\""),
};
const struct schema corrections_schema =
	SCHEMA("Corrections", struct corrections, corrections_fields);

int corrections_read(struct ctx *c, struct json column, struct corrections *out)
{
	const struct json_value *v;
	struct corrections k;

	*out = (struct corrections){0};
	if (column.text == NULL)
		return OK;
	if (json_parse(c->arena, column.text, strlen(column.text), &v, NULL) != OK ||
		schema_bind_json(&corrections_schema, v, c->arena, &k, c->faults) != OK)
		return fail(c, E_INTERNAL, "the corrections of a candidate do not fit their schema");
	*out = k;
	return OK;
}

int corrections_print(struct ctx *c, const struct corrections *k, struct json *out)
{
	struct buf b;

	out->text = NULL;
	buf_init(&b, c->arena, PROFILE_JSON_MAX);
	if (schema_print(&corrections_schema, k, &b) != OK)
		return fail(c, E_INTERNAL, "the corrections of a candidate exceed %d bytes",
					PROFILE_JSON_MAX);
	if (!text_eq(buf_str(&b), "{}"))
		out->text = buf_str(&b);
	return OK;
}

static void apply_value(const struct opt_str *said, struct value *v)
{
	if (said->set)
		*v = (struct value){.value = said->v, .confidence = 1};
}

/* The skills read, with the form in which their names are compared. */
struct read_skills {
	const struct skill *items;
	const char **folded;
	size_t n;
};

static struct read_skills skills_read(struct arena *a, const struct list *skills)
{
	struct read_skills r = {skills->items, ARENA_ARRAY(a, skills->n, const char *), skills->n};

	for (size_t i = 0; i < r.n; i++)
		r.folded[i] = text_fold(a, r.items[i].name);
	return r;
}

static const struct skill *find_skill(const struct read_skills *r, const char *folded)
{
	for (size_t i = 0; i < r->n; i++)
		if (text_eq(r->folded[i], folded))
			return &r->items[i];
	return NULL;
}

static struct skill said_skill(struct arena *a, const struct read_skills *r, const char *name)
{
	const struct skill *known = find_skill(r, text_fold(a, name));
	const struct taxonomy_entry *entry = taxonomy_find(taxonomy_builtin(), name);
	struct skill s = {0};

	if (known != NULL)
		s = *known;
	else if (entry != NULL)
		s = (struct skill){.canonical = entry->name, .category = entry->category};
	s.name = name;
	s.confidence = 1;
	return s;
}

void corrections_apply(struct ctx *c, const struct corrections *k, struct profile *p)
{
	struct read_skills read;
	struct skill *skills;

	apply_value(&k->name, &p->name);
	apply_value(&k->email, &p->email);
	apply_value(&k->phone, &p->phone);
	apply_value(&k->domain_knowledge, &p->domain_knowledge);
	if (k->skills.items == NULL)
		return;
	read = skills_read(c->arena, &p->skills);
	skills = ARENA_ARRAY(c->arena, k->skills.n, struct skill);
	for (size_t i = 0; i < k->skills.n; i++)
		skills[i] = said_skill(c->arena, &read, k->skills.items[i]);
	p->skills = (struct list){skills, k->skills.n};
}
