/*
 * See skills.h. A skill is stored once, under its canonical name, with all its names beside it; so
 * a search looks through the small table of names, never through candidates.
 *
 * For a rare skill the quickest way is to collect who has it; for a common one to walk the newest
 * candidates and ask each. Which of them, a bounded count decides.
 */
#include "app/skills.h"

#include "app/query.h"
#include "app/series.h"
#include "data/taxonomy.h"

enum { COMMON = 20000, IDS_MAX = 8 };

static int add_name(struct ctx *c, const char *name, int64_t skill_id)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO skill_names (folded, skill_id) VALUES ($1, $2) ON CONFLICT "
				   "(folded) DO NOTHING",
				   P(text_fold(c->arena, name)), P(skill_id));
}

/* Makes the skill with all its names. */
static int add_skill(struct ctx *c, const struct skill *s, int64_t *id)
{
	const struct taxonomy_entry *known =
		taxonomy_find(taxonomy_builtin(), s->canonical ? s->canonical : s->name);
	const char *name = s->canonical ? s->canonical : known ? known->name : s->name;

	TRY(db_int(c->db, id,
			   "INSERT INTO skills (name, name_folded) VALUES ($1, $2) "
			   "ON CONFLICT (name_folded) DO UPDATE SET name = skills.name RETURNING id",
			   P(name), P(text_fold(c->arena, name))));
	TRY(add_name(c, name, *id));
	TRY(add_name(c, s->name, *id));
	for (size_t i = 0; known != NULL && i < known->naliases; i++)
		TRY(add_name(c, known->aliases[i], *id));
	return OK;
}

static int skill_id(struct ctx *c, const struct skill *s, int64_t *id)
{
	int rc = db_int(c->db, id, "SELECT skill_id FROM skill_names WHERE folded = $1",
					P(text_fold(c->arena, s->name)));

	return rc == E_NOT_FOUND ? add_skill(c, s, id) : rc;
}

static const struct field share_fields[] = {
	FIELD(struct skill_share, skill, 0, .doc = "Canonical name", .example = "\"Python\""),
	FIELD(struct skill_share, count, 0, .doc = "How many have it", .example = "12"),
};
const struct schema skill_share_schema = SCHEMA("SkillShare", struct skill_share, share_fields);

int skills_top(struct ctx *c, int64_t team, size_t max, struct list *out)
{
	int64_t last;

	TRY(db_int(c->db, &last, "SELECT max(candidate_id) FROM candidate_skills"));
	return db_list_params(
		c->db, c->arena, &skill_share_schema, max, out,
		tally_sql(c, team, "team_id",
				  "SELECT s.name AS skill, t.n AS count FROM (SELECT skill_id, count(*) AS n "
				  "FROM candidate_skills WHERE candidate_id > $1 AND %s GROUP BY skill_id "
				  "ORDER BY count(*) DESC, skill_id LIMIT $3) AS t "
				  "JOIN skills AS s ON s.id = t.skill_id ORDER BY t.n DESC, s.name"),
		PARAMS(P(last - SKILLS_TOP_OF), P(team), P((int64_t)max)));
}

int skills_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct list *skills)
{
	const struct skill *s = skills->items;
	int64_t id;

	TRY(db_exec(c->db, NULL, "DELETE FROM candidate_skills WHERE candidate_id = $1",
				P(candidate_id)));
	for (size_t i = 0; i < skills->n; i++) {
		TRY(skill_id(c, &s[i], &id));
		TRY(db_exec(
			c->db, NULL,
			"INSERT INTO candidate_skills (skill_id, candidate_id, team_id) VALUES ($1, $2, $3) "
			"ON CONFLICT (skill_id, candidate_id) DO NOTHING",
			P(id), P(candidate_id), P(team_id)));
	}
	return OK;
}

struct id_row {
	int64_t skill_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_row, skill_id, 0, .doc = "Skill", .example = "1"),
};
static const struct schema id_schema = SCHEMA("SkillId", struct id_row, id_fields);

/* The skills with a name that is, or has the part, word; up to IDS_MAX + 1. */
static int skill_ids(struct ctx *c, const char *value, bool part, struct list *out)
{
	static const char whole[] = "SELECT DISTINCT skill_id FROM skill_names WHERE folded = $1 "
								"ORDER BY skill_id LIMIT 9",
					  parts[] = "SELECT DISTINCT skill_id FROM skill_names WHERE folded LIKE $1 "
								"ESCAPE '\\' ORDER BY skill_id LIMIT 9";

	return db_list(c->db, c->arena, &id_schema, IDS_MAX + 1, out, part ? parts : whole, P(value));
}

/* "skill_id IN (…)": few skills as parameters of q, whose numbers the engines plan with; more, or
 * none, by their names. */
static const char *among(struct ctx *c, struct query *q, const struct list *ids, const char *value,
						 bool part)
{
	const struct id_row *row = ids->items;
	struct buf b;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	if (ids->n == 0 || ids->n > IDS_MAX) {
		buf_addf(&b, "skill_id IN (SELECT skill_id FROM skill_names WHERE folded %s $%d%s)",
				 part ? "LIKE" : "=", query_param(q, P(value)), part ? " ESCAPE '\\'" : "");
		return buf_str(&b);
	}
	for (size_t i = 0; i < ids->n; i++)
		buf_addf(&b, "%s$%d", i == 0 ? "skill_id IN (" : ", ", query_param(q, P(row[i].skill_id)));
	buf_addc(&b, ')');
	return buf_str(&b);
}

int skills_condition(struct ctx *c, struct query *q, const char *word, bool part, const char **sql)
{
	const char *value = part ? query_like(c->arena, word) : text_fold(c->arena, word);
	struct query alone;
	struct list ids;
	const char *counted;
	int64_t having;

	TRY(skill_ids(c, value, part, &ids));
	query_init(&alone, c->arena);
	counted = arena_printf(c->arena,
						   "SELECT count(*) FROM (SELECT 1 FROM candidate_skills WHERE %s LIMIT "
						   "%d) AS counted",
						   among(c, &alone, &ids, value, part), COMMON + 1);
	TRY(db_int_params(c->db, &having, counted, (struct params){alone.params + 1, alone.n}));
	*sql = arena_printf(c->arena,
						having > COMMON ? "EXISTS (SELECT 1 FROM candidate_skills AS has WHERE "
										  "has.%s AND has.candidate_id = candidates.id)"
										: "candidates.id IN (SELECT candidate_id FROM "
										  "candidate_skills WHERE %s)",
						among(c, q, &ids, value, part));
	return OK;
}
