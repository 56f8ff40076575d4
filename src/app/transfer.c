/* See transfer.h. The list of tables is read from PostgreSQL if one side is, whose columns have
 * types that tell JSON from text. */
#include "app/transfer.h"

#include <string.h>

#include "app/candidate_rows.h"
#include "app/candidate_search.h"
#include "app/job_rows.h"
#include "core/storage.h"
#include "store/tables.h"

enum { LIST_ARENA = 16 * 1024 * 1024 };

static const struct table texts = {
	.name = "candidates' texts",
	.columns = {{"id", COLUMN_PLAIN},
				{"name", COLUMN_PLAIN},
				{"email", COLUMN_PLAIN},
				{"phone", COLUMN_PLAIN},
				{"skills", COLUMN_PLAIN},
				{"domain_knowledge", COLUMN_PLAIN},
				{"text", COLUMN_PLAIN}},
	.n = 7,
};

static void arena_done(struct arena **a)
{
	*a = arena_free(*a);
}

static void say(const struct transfer *t, const char *name, int64_t rows, bool copied)
{
	if (t->table != NULL)
		t->table(t->arg, name, rows, copied);
}

static int differ(const struct transfer *t, const char *name)
{
	return fail(t, E_RULE, "%s: what was copied differs from its source", name);
}

static int copy_table(const struct transfer *t, const struct table *table)
{
	struct table_sum from, to;

	TRY(table_sum(t->from, table, &from));
	TRY(table_sum(t->to, table, &to));
	if (table_sum_equal(&from, &to)) {
		say(t, table->name, from.rows, false);
		return OK;
	}
	TRY(table_copy(t->from, t->to, table));
	TRY(table_sum(t->to, table, &to));
	if (!table_sum_equal(&from, &to))
		return differ(t, table->name);
	say(t, table->name, from.rows, true);
	return OK;
}

/* A ctx as far as the functions of the index need one. */
static struct ctx ctx_of(const struct transfer *t, struct db *db, struct arena *a)
{
	return (struct ctx){.arena = a, .error = t->error, .db = db};
}

static int team_of(struct ctx *c, int64_t id, int64_t *team_id)
{
	struct candidate k;

	return candidates_row(c, id, &k, team_id);
}

static int index_words(struct ctx *from, struct ctx *to)
{
	TRY(search_transfer(from, to, team_of));
	return job_index_all(to);
}

static int copy_words(const struct transfer *t, struct arena *a)
{
	struct ctx from = ctx_of(t, t->from, a), to = ctx_of(t, t->to, a);
	struct table_sum before, after;
	int rc;

	TRY(table_sum_of(t->from, &texts, search_texts_select(&from), &before));
	TRY(db_begin(t->to, true));
	rc = index_words(&from, &to);
	if (rc < 0) {
		db_rollback(t->to);
		return rc;
	}
	TRY(db_commit(t->to));
	TRY(table_sum_of(t->to, &texts, search_texts_select(&to), &after));
	if (!table_sum_equal(&before, &after))
		return differ(t, texts.name);
	say(t, texts.name, after.rows, true);
	return OK;
}

/* Once more in the end: a table that was emptied anew may have taken others' rows along. */
static int compare(const struct transfer *t, const struct table *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct table_sum from, to;

		TRY(table_sum(t->from, &list[i], &from));
		TRY(table_sum(t->to, &list[i], &to));
		if (!table_sum_equal(&from, &to))
			return differ(t, list[i].name);
	}
	return OK;
}

static int in_snapshot(const struct transfer *t, struct arena *a)
{
	const struct table *list;
	size_t n;

	TRY(tables_list(text_eq(db_engine(t->from), "postgresql") ? t->from : t->to, a, &list, &n));
	for (size_t i = 0; i < n; i++)
		TRY(copy_table(t, &list[i]));
	TRY(copy_words(t, a));
	return compare(t, list, n);
}

int transfer_all(const struct transfer *t)
{
	CLEANUP(arena_done) struct arena *a = arena_new(LIST_ARENA);
	int rc;

	TRY(db_unhurried(t->from));
	TRY(db_unhurried(t->to));
	TRY(db_begin(t->from, false));
	rc = in_snapshot(t, a);
	db_rollback(t->from);
	return rc < 0 ? rc : storage_carry(t->from, t->to);
}

int transfer_used(struct db *db, bool *used)
{
	static const struct table users = {.name = "users", .columns = {{"id", COLUMN_PLAIN}}, .n = 1};
	struct table_sum sum;

	TRY(table_sum(db, &users, &sum));
	*used = sum.rows > 0;
	return OK;
}
