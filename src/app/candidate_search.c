/*
 * See candidate_search.h.
 *
 * SQLite: an FTS5 table whose rowid is the candidate's id. Its column scope holds "all" and the
 * team ("t7"), so that a team's rows are found by the index too, and a search with unwanted words
 * alone has something to take them from. "+" and "#" belong to words ("C++", "C#"); those of a
 * telephone number are therefore left out of the index. PostgreSQL: a table with a generated
 * tsvector and a GIN index.
 */
#include "app/candidate_search.h"

#include <string.h>

#include "app/search_words.h"

enum { SKILLS_TEXT_MAX = 128 * 1024, IDS_TEXT_MAX = 16 * 1024 };

struct engine {
	struct search_sql sql;
	const char *insert, *remove, *text, *highlights;
};

#define MARKS "'" SEARCH_MARK_ON "', '" SEARCH_MARK_OFF "'"

/* Whole short fields, pieces of long ones. The condition on +rowid is no look-up: the words are
 * searched once. */
static const char sqlite_highlights[] =
	"SELECT rowid AS id, highlight(candidate_words, 1, " MARKS ") AS name, "
	"highlight(candidate_words, 2, " MARKS ") AS email, "
	"highlight(candidate_words, 3, " MARKS ") AS phone, "
	"snippet(candidate_words, 4, " MARKS ", '…', 24) AS skills, "
	"snippet(candidate_words, 5, " MARKS ", '…', 24) AS domain_knowledge, "
	"snippet(candidate_words, 6, " MARKS ", '…', 32) AS text "
	"FROM candidate_words WHERE candidate_words MATCH $1 AND rowid BETWEEN $2 AND $3 "
	"AND +rowid IN (SELECT value FROM json_each($4))";

static const char fts5_columns[] = "{name email phone skills domain_knowledge text}";

static const struct engine sqlite = {
	.sql = {.table = "candidate_words",
			.id = "candidate_words.rowid",
			.score = "bm25(candidate_words, 0, 10, 8, 4, 5, 3, 1)",
			.condition = "candidate_words MATCH ?"},
	.insert = "INSERT INTO candidate_words (rowid, scope, name, email, phone, skills, "
			  "domain_knowledge, text) VALUES ($1, 'all t' || $2, $3, $4, $5, $6, $7, $8)",
	.remove = "DELETE FROM candidate_words WHERE rowid = $1",
	.text = "SELECT text FROM candidate_words WHERE rowid = $1",
	.highlights = sqlite_highlights,
};

#define QUERY "to_tsquery('simple', $1)"
#define STARTS "StartSel=\"" SEARCH_MARK_ON "\", StopSel=\"" SEARCH_MARK_OFF "\""
#define WHOLE "'HighlightAll=true, " STARTS "'"
#define PIECE "'MaxWords=32, MinWords=8, " STARTS "'"

static const char postgresql_highlights[] =
	"SELECT candidate_id AS id, ts_headline('simple', name, " QUERY ", " WHOLE ") AS name, "
	"ts_headline('simple', email, " QUERY ", " WHOLE ") AS email, "
	"ts_headline('simple', phone, " QUERY ", " WHOLE ") AS phone, "
	"ts_headline('simple', skills, " QUERY ", " PIECE ") AS skills, "
	"ts_headline('simple', domain_knowledge, " QUERY ", " PIECE ") AS domain_knowledge, "
	"ts_headline('simple', text, " QUERY ", " PIECE ") AS text "
	"FROM candidate_words WHERE candidate_id BETWEEN $2 AND $3 AND candidate_id IN "
	"(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($4 AS JSON)))";

static const struct engine postgresql = {
	.sql = {.table = "candidate_words",
			.id = "candidate_words.candidate_id",
			.score = "-ts_rank(candidate_words.document, to_tsquery('simple', ?))",
			.condition = "candidate_words.document @@ to_tsquery('simple', ?)"},
	.insert = "INSERT INTO candidate_words (candidate_id, name, email, phone, skills, "
			  "domain_knowledge, text) SELECT id, $3, $4, $5, $6, $7, $8 FROM "
			  "(SELECT CAST($1 AS BIGINT) AS id, CAST($2 AS BIGINT) AS team) AS given",
	.remove = "DELETE FROM candidate_words WHERE candidate_id = $1",
	.text = "SELECT text FROM candidate_words WHERE candidate_id = $1",
	.highlights = postgresql_highlights,
};

static const struct engine *engine(struct db *db)
{
	return text_eq(db_engine(db), "sqlite") ? &sqlite : &postgresql;
}

/* ---- the index ---- */

static const char *skills_text(struct arena *a, const struct list *skills)
{
	const struct skill *s = skills->items;
	struct buf b;

	buf_init(&b, a, SKILLS_TEXT_MAX);
	for (size_t i = 0; i < skills->n; i++) {
		buf_adds(&b, i > 0 ? ", " : "");
		buf_adds(&b, s[i].name);
	}
	return buf_str(&b);
}

/* The number without its plus, which would make another word of "+44". */
static const char *phone_text(struct arena *a, const char *phone)
{
	char *copy = arena_strdup(a, phone);

	for (char *s = copy; s != NULL && *s != '\0'; s++)
		if (*s == '+')
			*s = ' ';
	return copy;
}

int search_remove(struct ctx *c, int64_t candidate_id)
{
	return db_exec(c->db, NULL, engine(c->db)->remove, P(candidate_id));
}

int search_remove_all(struct ctx *c)
{
	return db_exec(c->db, NULL, "DELETE FROM candidate_words");
}

int search_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct profile *p,
			   const char *text)
{
	const struct engine *e = engine(c->db);

	if (text == NULL) {
		int rc = db_text(c->db, c->arena, &text, e->text, P(candidate_id));

		if (rc != E_NOT_FOUND)
			TRY(rc);
	}
	TRY(search_remove(c, candidate_id));
	return db_exec(c->db, NULL, e->insert, P(candidate_id), P(team_id), P(p->name.value),
				   P(p->email.value), P(phone_text(c->arena, p->phone.value)),
				   P(skills_text(c->arena, &p->skills)), P(p->domain_knowledge.value), P(text));
}

/* ---- asking it ---- */

int search_expression(struct ctx *c, const char *typed, int64_t team, const char **expression)
{
	struct search_terms terms;

	search_parse(c->arena, typed, &terms);
	if (terms.over)
		return ctx_fault(
			c, "query", "q",
			arena_printf(c->arena, "A search should have at most %d words", SEARCH_TERMS_MAX),
			"too_long");
	*expression = engine(c->db) == &sqlite ? search_fts5(c->arena, fts5_columns, &terms, team)
										   : search_tsquery(c->arena, &terms);
	return OK;
}

/* The text with each "?" as parameter number n. */
static const char *numbered(struct arena *a, const char *text, int n)
{
	struct buf b;

	buf_init(&b, a, 1024);
	for (; *text != '\0'; text++) {
		if (*text == '?')
			buf_addf(&b, "$%d", n);
		else
			buf_addc(&b, *text);
	}
	return buf_str(&b);
}

struct search_sql search_sql(struct ctx *c, int n)
{
	struct search_sql sql = engine(c->db)->sql;

	sql.score = numbered(c->arena, sql.score, n);
	sql.condition = numbered(c->arena, sql.condition, n);
	return sql;
}

/* ---- where it was found ---- */

static const struct field highlight_fields[] = {
	FIELD(struct highlight, field, 0, .doc = "Field of the candidate, or text: the document",
		  .example = "\"text\""),
	FIELD(struct highlight, text, 0,
		  .doc = "What stands there, as HTML with <mark> around what was found",
		  .example = "\"billing in <mark>Python</mark> and C++\""),
};
const struct schema highlight_schema = SCHEMA("Highlight", struct highlight, highlight_fields);

struct marked {
	const char *name, *email, *phone, *skills, *domain_knowledge, *text;
	int64_t id;
};
static const struct field marked_fields[] = {
	FIELD(struct marked, name, F_NULL, .doc = "Name", .example = "null"),
	FIELD(struct marked, email, F_NULL, .doc = "E-mail address", .example = "null"),
	FIELD(struct marked, phone, F_NULL, .doc = "Phone", .example = "null"),
	FIELD(struct marked, skills, F_NULL, .doc = "Skills", .example = "null"),
	FIELD(struct marked, domain_knowledge, F_NULL, .doc = "Domain knowledge", .example = "null"),
	FIELD(struct marked, text, F_NULL, .doc = "Text", .example = "null"),
	FIELD(struct marked, id, 0, .doc = "Candidate", .example = "1"),
};
static const struct schema marked_schema = SCHEMA("CandidateMarked", struct marked, marked_fields);

static struct list highlights_of(struct arena *a, const struct marked *m)
{
	enum { TEXTS = sizeof marked_fields / sizeof marked_fields[0] - 1 };
	struct highlight *items = ARENA_ARRAY(a, TEXTS, struct highlight);
	size_t n = 0;

	for (size_t i = 0; i < TEXTS; i++) {
		const char *marked = *(const char *const *)((const char *)m + marked_fields[i].offset);
		const char *html = search_html(a, marked);

		if (html != NULL)
			items[n++] = (struct highlight){marked_fields[i].name, html};
	}
	return (struct list){items, n};
}

/* The ids as a JSON array; their least and greatest. */
static const char *ids_text(struct arena *a, const int64_t *ids, size_t n, int64_t *least,
							int64_t *most)
{
	struct buf b;

	buf_init(&b, a, IDS_TEXT_MAX);
	*least = *most = ids[0];
	for (size_t i = 0; i < n; i++) {
		*least = ids[i] < *least ? ids[i] : *least;
		*most = ids[i] > *most ? ids[i] : *most;
		buf_addf(&b, "%c%lld", i == 0 ? '[' : ',', (long long)ids[i]);
	}
	buf_addc(&b, ']');
	return buf_str(&b);
}

int search_highlights(struct ctx *c, const char *expression, const int64_t *ids, size_t n,
					  struct list *out)
{
	const struct marked *m;
	struct list found;
	const char *text;
	int64_t least, most;

	if (n == 0)
		return OK;
	text = ids_text(c->arena, ids, n, &least, &most);
	TRY(db_list(c->db, c->arena, &marked_schema, n, &found, engine(c->db)->highlights,
				P(expression), P(least), P(most), P(text)));
	m = found.items;
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct list){ARENA_ARRAY(c->arena, 1, struct highlight), 0};
		for (size_t k = 0; k < found.n; k++) {
			if (m[k].id == ids[i])
				out[i] = highlights_of(c->arena, &m[k]);
		}
	}
	return OK;
}
