/*
 * See candidate_search.h.
 *
 * SQLite: an FTS5 table whose rowid is the candidate's id. Its column scope holds "all" and the
 * team ("t7"), so that a team's rows are found by the index too, and a search with unwanted words
 * alone has something to take them from. "+" and "#" belong to words ("C++", "C#"); those of a
 * telephone number are therefore left out of the index. PostgreSQL: the texts, and beside them rows
 * of the index with a small tsvector for ranking (search_tokens.h makes both).
 */
#include "app/candidate_search.h"

#include <string.h>

#include "app/search_blocks.h"
#include "app/search_find.h"
#include "app/search_tokens.h"

enum { SKILLS_TEXT_MAX = 128 * 1024, TSVECTOR_TEXT_MAX = 1024 * 1024, PIECE_WORDS = 32 };

static bool is_sqlite(struct ctx *c)
{
	return text_eq(db_engine(c->db), "sqlite");
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
	if (is_sqlite(c))
		return db_exec(c->db, NULL, "DELETE FROM candidate_words WHERE rowid = $1",
					   P(candidate_id));
	TRY(db_exec(c->db, NULL, "DELETE FROM candidate_texts WHERE candidate_id = $1",
				P(candidate_id)));
	return db_exec(c->db, NULL, "DELETE FROM candidate_words WHERE candidate_id = $1",
				   P(candidate_id));
}

int search_remove_all(struct ctx *c)
{
	TRY(db_exec(c->db, NULL, "DELETE FROM candidate_words"));
	return is_sqlite(c) ? OK : db_exec(c->db, NULL, "DELETE FROM candidate_texts");
}

int search_text(struct ctx *c, int64_t candidate_id, const char **text)
{
	static const char of_words[] = "SELECT text FROM candidate_words WHERE rowid = $1",
					  of_texts[] = "SELECT text FROM candidate_texts WHERE candidate_id = $1";
	int rc = db_text(c->db, c->arena, text, is_sqlite(c) ? of_words : of_texts, P(candidate_id));

	return rc == E_NOT_FOUND ? OK : rc;
}

struct texts {
	const char *name, *email, *phone, *skills, *domain_knowledge, *text;
	int64_t id;
};

static int insert_sqlite(struct ctx *c, const struct texts *t, int64_t team_id)
{
	return db_exec(c->db, NULL,
				   "INSERT INTO candidate_words (rowid, scope, name, email, phone, skills, "
				   "domain_knowledge, text) VALUES ($1, 'all t' || $2, $3, $4, $5, $6, $7, $8)",
				   P(t->id), P(team_id), P(t->name), P(t->email), P(t->phone), P(t->skills),
				   P(t->domain_knowledge), P(t->text));
}

static void add_fields(struct buf *b, const struct texts *t, int *position)
{
	tsvector_add(b, t->name, 'A', position);
	tsvector_add(b, t->email, 'B', position);
	tsvector_add(b, t->skills, 'B', position);
	tsvector_add(b, t->phone, 'C', position);
	tsvector_add(b, t->domain_knowledge, 'C', position);
}

static int insert_postgresql(struct ctx *c, const struct texts *t, int64_t team_id)
{
	struct buf fields, document;
	int position = 0;

	buf_init(&fields, c->arena, TSVECTOR_TEXT_MAX);
	buf_init(&document, c->arena, TSVECTOR_TEXT_MAX);
	add_fields(&fields, t, &position);
	blocks_add(&document, t->id, team_id);
	buf_adds(&document, buf_str(&fields));
	tsvector_add(&document, t->text, 'D', &position);
	TRY(db_exec(c->db, NULL,
				"INSERT INTO candidate_texts (candidate_id, name, email, phone, skills, "
				"domain_knowledge, text) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				P(t->id), P(t->name), P(t->email), P(t->phone), P(t->skills),
				P(t->domain_knowledge), P(t->text)));
	return db_exec(c->db, NULL,
				   "INSERT INTO candidate_words (candidate_id, team_id, fields, document) VALUES "
				   "($1, $2, CAST($3 AS TSVECTOR), CAST($4 AS TSVECTOR))",
				   P(t->id), P(team_id), P(buf_str(&fields)), P(buf_str(&document)));
}

int search_set(struct ctx *c, int64_t candidate_id, int64_t team_id, const struct profile *p,
			   const char *text)
{
	struct texts t = {p->name.value,
					  p->email.value,
					  phone_text(c->arena, p->phone.value),
					  skills_text(c->arena, &p->skills),
					  p->domain_knowledge.value,
					  text,
					  candidate_id};

	if (text == NULL)
		TRY(search_text(c, candidate_id, &t.text));
	TRY(search_remove(c, candidate_id));
	return is_sqlite(c) ? insert_sqlite(c, &t, team_id) : insert_postgresql(c, &t, team_id);
}

/* ---- asking it ---- */

static const struct find_table table = {
	.name = "candidate_words",
	.sqlite_columns = "{name email phone skills domain_knowledge text}",
	.sqlite_score = "field_score(candidate_words, 0, 10, 7, 4, 7, 4, 1)",
	.postgresql_id = "candidate_id",
	.postgresql_score = "ts_rank('{0, 0.4, 0.7, 1}', found.fields, CAST($%d AS TSQUERY))",
	.of = "candidates",
};

int search_prepare(struct ctx *c, const char *typed, int64_t team, struct search *out)
{
	*out = (struct search){.team = team, .table = &table};
	search_parse(c->arena, typed, &out->terms);
	if (!out->terms.over)
		return OK;
	return ctx_fault(
		c, "query", "q",
		arena_printf(c->arena, "A search should have at most %d words", SEARCH_TERMS_MAX),
		"too_long");
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

static const struct field texts_fields[] = {
	FIELD(struct texts, name, F_NULL, .doc = "Name", .example = "null"),
	FIELD(struct texts, email, F_NULL, .doc = "E-mail address", .example = "null"),
	FIELD(struct texts, phone, F_NULL, .doc = "Phone", .example = "null"),
	FIELD(struct texts, skills, F_NULL, .doc = "Skills", .example = "null"),
	FIELD(struct texts, domain_knowledge, F_NULL, .doc = "Domain knowledge", .example = "null"),
	FIELD(struct texts, text, F_NULL, .doc = "Text", .example = "null"),
	FIELD(struct texts, id, 0, .doc = "Candidate", .example = "1"),
};
static const struct schema texts_schema = SCHEMA("CandidateTexts", struct texts, texts_fields);

struct marking {
	struct arena *arena;
	const struct search_terms *terms;
	const int64_t *ids;
	size_t n;
	struct list *out;
};

/* Short fields whole, pieces of long ones. */
static struct list highlights_of(const struct marking *m, const struct texts *t)
{
	enum { TEXTS = sizeof texts_fields / sizeof texts_fields[0] - 1, SHORT = 3 };
	struct highlight *items = ARENA_ARRAY(m->arena, TEXTS, struct highlight);
	size_t n = 0;

	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = *(const char *const *)((const char *)t + texts_fields[i].offset);
		const char *marked =
			tokens_marked(m->arena, text, m->terms, i < SHORT ? 0 : (size_t)PIECE_WORDS);
		const char *html = search_html(m->arena, marked);

		if (html != NULL)
			items[n++] = (struct highlight){texts_fields[i].name, html};
	}
	return (struct list){items, n};
}

static void mark(const struct marking *m, const struct texts *t)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->ids[i] == t->id)
			m->out[i] = highlights_of(m, t);
}

/* The texts are read some candidates at a time, into memory that then serves the next. */
enum { MARK_BATCH = 20 };

static int mark_all(struct ctx *c, const struct marking *m, struct arena *scratch)
{
	static const char of_words[] =
		"SELECT rowid AS id, name, email, phone, skills, domain_knowledge, text "
		"FROM candidate_words WHERE rowid IN (SELECT value FROM json_each($1))";
	static const char of_texts[] =
		"SELECT candidate_id AS id, name, email, phone, skills, domain_knowledge, text "
		"FROM candidate_texts WHERE candidate_id = ANY (CAST($1 AS BIGINT[]))";

	for (size_t at = 0; at < m->n; at += MARK_BATCH) {
		size_t some = m->n - at < MARK_BATCH ? m->n - at : MARK_BATCH;
		const struct texts *t;
		struct list rows;

		arena_reset(scratch);
		TRY(db_list(c->db, scratch, &texts_schema, some, &rows, is_sqlite(c) ? of_words : of_texts,
					P(find_ids_text(c, m->ids + at, some))));
		t = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			mark(m, &t[i]);
	}
	return OK;
}

int search_highlights(struct ctx *c, const struct search *s, const int64_t *ids, size_t n,
					  struct list *out)
{
	struct marking m = {c->arena, &s->terms, ids, n, out};
	struct arena *scratch = arena_new(MARK_BATCH * TSVECTOR_TEXT_MAX);
	int rc;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct list){ARENA_ARRAY(c->arena, 1, struct highlight), 0};
	rc = mark_all(c, &m, scratch);
	arena_free(scratch);
	return rc;
}

/* ---- from one database to another ---- */

static const char all_of_words[] =
	"SELECT rowid AS id, name, email, phone, skills, domain_knowledge, text FROM candidate_words";
static const char all_of_texts[] = "SELECT candidate_id AS id, name, email, phone, skills, "
								   "domain_knowledge, text FROM candidate_texts";

const char *search_texts_select(struct ctx *c)
{
	return is_sqlite(c) ? all_of_words : all_of_texts;
}

struct transferring {
	struct ctx *to;
	int (*team_of)(struct ctx *to, int64_t candidate_id, int64_t *team_id);
};

static int transfer_row(void *arg, const void *value)
{
	const struct transferring *t = arg;
	const struct texts *row = value;
	struct ctx to = *t->to;
	int64_t team = 0;
	int rc;

	to.arena = arena_new(2 * TSVECTOR_TEXT_MAX + TSVECTOR_TEXT_MAX);
	rc = t->team_of(&to, row->id, &team);
	if (rc == OK)
		rc = is_sqlite(&to) ? insert_sqlite(&to, row, team) : insert_postgresql(&to, row, team);
	arena_free(to.arena);
	return rc;
}

int search_transfer(struct ctx *from, struct ctx *to,
					int (*team_of)(struct ctx *to, int64_t candidate_id, int64_t *team_id))
{
	struct transferring t = {to, team_of};

	TRY(search_remove_all(to));
	return db_each(from->db, &texts_schema, transfer_row, &t, search_texts_select(from));
}
