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

static const struct skill *find_skill(struct ctx *c, const struct list *skills, const char *folded)
{
	const struct skill *s = skills->items;

	for (size_t i = 0; i < skills->n; i++)
		if (text_eq(text_fold(c->arena, s[i].name), folded))
			return &s[i];
	return NULL;
}

static struct skill said_skill(struct ctx *c, const struct list *read, const char *name)
{
	const struct skill *known = find_skill(c, read, text_fold(c->arena, name));
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
	struct skill *skills;

	apply_value(&k->name, &p->name);
	apply_value(&k->email, &p->email);
	apply_value(&k->phone, &p->phone);
	apply_value(&k->domain_knowledge, &p->domain_knowledge);
	if (k->skills.items == NULL)
		return;
	skills = ARENA_ARRAY(c->arena, k->skills.n, struct skill);
	for (size_t i = 0; i < k->skills.n; i++)
		skills[i] = said_skill(c, &p->skills, k->skills.items[i]);
	p->skills = (struct list){skills, k->skills.n};
}
