/*
 * See skills.h. A skill is stored once, under its canonical name, with all its names beside it; so
 * a search looks through the small table of names, never through candidates.
 *
 * Where skills are all that is asked, no candidate is walked: the primary key, and the index by
 * team, hold those who have a skill in the order of their numbers. Those with all of some skills
 * are found along the rarest, the others asked by primary key; those with any are merged from the
 * newest of each. Beside other conditions each row found by those is asked by primary key. Only a
 * part of very many names is no list of skills: rare ones are then collected, common ones looked
 * for among the newest candidates; a bounded count decides.
 */
#include "app/skills.h"

#include <string.h>

#include "app/query.h"
#include "app/series.h"
#include "data/taxonomy.h"

enum { COMMON = 20000, PARTS_MAX = 8 };

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

/* ---- those with all, or any, of some skills ---- */

int skills_wanted(struct ctx *c, const char *words, bool any, struct skills_wanted *out)
{
	char *rest = arena_strdup(c->arena, words), *word;
	struct skills_wanted w = {.any = any};

	while ((word = strsep(&rest, ",")) != NULL) {
		int64_t id;
		size_t at = 0;
		int rc;

		if (text_is_blank(word))
			continue;
		if (++w.words > SKILLS_WANTED_MAX)
			return fail(c, E_RULE, "Too many skills in one request; ask for at most %d",
						SKILLS_WANTED_MAX);
		rc = db_int(c->db, &id, "SELECT skill_id FROM skill_names WHERE folded = $1",
					P(text_fold(c->arena, word)));
		if (rc == E_NOT_FOUND) {
			w.unknown = true;
			continue;
		}
		TRY(rc);
		while (at < w.n && w.ids[at] != id)
			at++;
		if (at == w.n)
			w.ids[w.n++] = id;
	}
	*out = w;
	return OK;
}

int skills_with_part(struct ctx *c, const char *part, struct skills_wanted *out, bool *few)
{
	struct skills_wanted w = {.any = true, .words = 1};
	const struct id_row *row;
	struct list ids;

	TRY(db_list(c->db, c->arena, &id_schema, PARTS_MAX + 1, &ids,
				"SELECT DISTINCT skill_id FROM skill_names WHERE folded LIKE $1 ESCAPE '\\' "
				"ORDER BY skill_id LIMIT $2",
				P(query_like(c->arena, part)), P((int64_t)PARTS_MAX + 1)));
	*few = ids.n <= PARTS_MAX;
	row = ids.items;
	for (size_t i = 0; i < ids.n && *few; i++)
		w.ids[w.n++] = row[i].skill_id;
	w.unknown = w.n == 0;
	*out = w;
	return OK;
}

int skills_condition(struct ctx *c, struct query *q, const char *part, const char **sql)
{
	static const char of_part[] =
		"skill_id IN (SELECT skill_id FROM skill_names WHERE folded LIKE $%d ESCAPE '\\')";
	const char *like = query_like(c->arena, part), *counted, *among;
	int64_t having;

	counted = arena_printf(c->arena,
						   "SELECT count(*) FROM (SELECT 1 FROM candidate_skills WHERE %s LIMIT "
						   "%d) AS counted",
						   arena_printf(c->arena, of_part, 1), COMMON + 1);
	TRY(db_int(c->db, &having, counted, P(like)));
	among = arena_printf(c->arena, of_part, query_param(q, P(like)));
	*sql = arena_printf(c->arena,
						having > COMMON ? "EXISTS (SELECT 1 FROM candidate_skills AS has WHERE "
										  "has.%s AND has.candidate_id = candidates.id)"
										: "candidates.id IN (SELECT candidate_id FROM "
										  "candidate_skills WHERE %s)",
						among);
	return OK;
}

/* Adds the condition that the row's candidate has one of n skills. */
static void having_one(struct ctx *c, struct query *q, const int64_t *skills, size_t n,
					   const char *id, const char *tail)
{
	struct buf b;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	buf_addf(&b,
			 "EXISTS (SELECT 1 FROM candidate_skills AS has WHERE has.candidate_id = %s AND "
			 "has.skill_id IN (",
			 id);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s$%d", i == 0 ? "" : ", ", query_param(q, P(skills[i])));
	buf_addf(&b, ")%s)", tail);
	query_and_plain(q, buf_str(&b));
}

void skills_having(struct ctx *c, struct query *q, const struct skills_wanted *w, const char *id,
				   const char *tail)
{
	if (w->n == 0 || (w->unknown && !w->any))
		query_and_plain(q, "1 = 0");
	else if (w->any)
		having_one(c, q, w->ids, w->n, id, tail);
	else
		for (size_t i = 0; i < w->n; i++)
			having_one(c, q, &w->ids[i], 1, id, tail);
}

/* The number of the candidate who is the RECENT-th newest with the skill; 0: fewer have it. */
static int reaches_back(struct ctx *c, int64_t skill, int64_t team, int64_t *out)
{
	enum { RECENT = 1000 };
	static const char of_all[] = "SELECT candidate_id FROM candidate_skills WHERE skill_id = $1 "
								 "ORDER BY candidate_id DESC LIMIT 1 OFFSET $2",
					  of_team[] = "SELECT candidate_id FROM candidate_skills WHERE skill_id = $1 "
								  "AND team_id = $3 ORDER BY candidate_id DESC LIMIT 1 OFFSET $2";
	int rc = team == 0 ? db_int(c->db, out, of_all, P(skill), P((int64_t)RECENT))
					   : db_int(c->db, out, of_team, P(skill), P((int64_t)RECENT), P(team));

	if (rc != E_NOT_FOUND)
		return rc;
	*out = 0;
	return OK;
}

/* Puts the rarest of the skills first: as many of it reach the farthest back. */
static int rarest_first(struct ctx *c, struct skills_wanted *w, int64_t team)
{
	int64_t farthest = INT64_MAX, first, back;
	size_t rarest = 0;

	for (size_t i = 0; w->n > 1 && i < w->n && farthest > 0; i++) {
		TRY(reaches_back(c, w->ids[i], team, &back));
		if (back < farthest) {
			farthest = back;
			rarest = i;
		}
	}
	first = w->ids[0];
	w->ids[0] = w->ids[rarest];
	w->ids[rarest] = first;
	return OK;
}

/* The SELECT of those with this skill; the filters' and the team's parameters are q's already. */
static const char *with_skill(struct ctx *c, struct query *q, int64_t skill, int team_at)
{
	struct buf b;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	buf_addf(&b, "SELECT has.candidate_id FROM candidate_skills AS has %s %s has.skill_id = $%d",
			 buf_str(&q->where), q->where.n == 0 ? "WHERE" : "AND", query_param(q, P(skill)));
	if (team_at != 0)
		buf_addf(&b, " AND has.team_id = $%d", team_at);
	return buf_str(&b);
}

/* The SELECT of those with all the skills. */
static const char *with_all(struct ctx *c, struct query *q, const struct skills_wanted *w,
							int team_at)
{
	struct buf b;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	buf_adds(&b, with_skill(c, q, w->ids[0], team_at));
	for (size_t i = 1; i < w->n; i++)
		buf_addf(&b,
				 " AND EXISTS (SELECT 1 FROM candidate_skills AS too WHERE too.skill_id = $%d AND "
				 "too.candidate_id = has.candidate_id)",
				 query_param(q, P(w->ids[i])));
	return buf_str(&b);
}

/* The SELECT of those with any of the skills, as far as they are among the newest of one. */
static const char *with_any(struct ctx *c, struct query *q, const struct skills_wanted *w,
							int team_at, int64_t newest)
{
	int newest_at = query_param(q, P(newest));
	struct buf b;

	buf_init(&b, c->arena, QUERY_TEXT_MAX);
	for (size_t i = 0; i < w->n; i++)
		buf_addf(
			&b, "%sSELECT candidate_id FROM (%s ORDER BY has.candidate_id DESC LIMIT $%d) AS of%zu",
			i == 0 ? "" : " UNION ", with_skill(c, q, w->ids[i], team_at), newest_at, i);
	return buf_str(&b);
}

/* What one skill has is a lower bound, and mostly the answer. */
static int total_of_any(struct ctx *c, const struct query *filters, const struct skills_wanted *w,
						int team_at, int64_t *out)
{
	struct query q = *filters;

	for (size_t i = 0; i < w->n; i++) {
		struct query one = *filters;
		const char *select = with_skill(c, &one, w->ids[i], team_at);

		TRY(query_count(c, &one, select, out));
		if (*out > COUNT_CAP || w->n == 1)
			return OK;
	}
	return query_count(c, &q, with_any(c, &q, w, team_at, COUNT_CAP + 1), out);
}

static int total(struct ctx *c, const struct query *filters, const struct skills_wanted *w,
				 int team_at, int64_t *out)
{
	struct query q = *filters;

	return w->any ? total_of_any(c, filters, w, team_at, out)
				  : query_count(c, &q, with_all(c, &q, w, team_at), out);
}

struct found_row {
	int64_t candidate_id;
};
static const struct field found_fields[] = {
	FIELD(struct found_row, candidate_id, 0, .doc = "Candidate", .example = "1"),
};
static const struct schema found_schema = SCHEMA("SkillFound", struct found_row, found_fields);

static int page(struct ctx *c, const struct query *filters, const struct skills_wanted *w,
				int team_at, int64_t skip, int64_t limit, struct list *out)
{
	struct query q = *filters;
	int64_t newest = skip > INT64_MAX - limit ? INT64_MAX : skip + limit;
	const char *select = w->any ? with_any(c, &q, w, team_at, newest) : with_all(c, &q, w, team_at);
	int limit_at = query_param(&q, P(limit)), skip_at = query_param(&q, P(skip));

	return db_list_params(c->db, c->arena, &found_schema, (size_t)limit, out,
						  arena_printf(c->arena,
									   "%s ORDER BY candidate_id DESC LIMIT $%d OFFSET $%d", select,
									   limit_at, skip_at),
						  (struct params){q.params + 1, q.n});
}

static void take_ids(struct arena *a, const struct list *found, int64_t **ids, size_t *n)
{
	const struct found_row *row = found->items;

	*ids = ARENA_ARRAY(a, found->n, int64_t);
	for (size_t i = 0; i < found->n; i++)
		(*ids)[i] = row[i].candidate_id;
	*n = found->n;
}

int skills_few(struct ctx *c, const struct skills_wanted *wanted, int64_t team, int64_t max,
			   const int64_t **ids, size_t *n)
{
	struct skills_wanted w = *wanted;
	struct list found;
	struct query q;
	int64_t *some;
	int team_at;

	*ids = NULL;
	*n = 0;
	if (w.n == 0 || (w.unknown && !w.any))
		return OK;
	if (!w.any) {
		TRY(rarest_first(c, &w, team));
		w.n = 1;
	}
	query_init(&q, c->arena);
	team_at = team == 0 ? 0 : query_param(&q, P(team));
	TRY(page(c, &q, &w, team_at, 0, max + 1, &found));
	take_ids(c->arena, &found, &some, n);
	*ids = some;
	return OK;
}

int skills_page(struct ctx *c, const struct skills_wanted *wanted, int64_t team,
				const struct query *filters, int64_t skip, int64_t limit, int64_t **ids, size_t *n)
{
	struct skills_wanted w = *wanted;
	struct query q = *filters;
	struct list found;
	int team_at = team == 0 ? 0 : query_param(&q, P(team));
	int64_t all;

	*n = 0;
	if (w.n == 0 || (w.unknown && !w.any))
		return OK;
	if (!w.any)
		TRY(rarest_first(c, &w, team));
	TRY(page(c, &q, &w, team_at, skip, limit, &found));
	take_ids(c->arena, &found, ids, n);
	if (query_total_of_page(c, skip, limit, found.n))
		return OK;
	TRY(total(c, &q, &w, team_at, &all));
	c->total = all;
	return OK;
}
