/*
 * See logs.h. Administrators see all events, others those of their own requests. Rows come in order
 * of time, so a page is a walk along an index whatever it is filtered by; a part of a text has no
 * index, and is looked for among the newest SCAN_MAX that fit the other filters.
 */
#include "app/logs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/export.h"
#include "app/message.h"
#include "app/query.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/core.h"
#include "data/csv.h"

enum { SCAN_MAX = 20000, CLEAR_BATCH = 10000, EXPORT_BUFFER = 64 * 1024 };
#define DAY (24 * 3600 * CLOCK_SECOND)

/* ---- schemas ---- */

struct log_row {
	int64_t id;
	struct when created_at;
	const char *level, *function;
	int64_t line;
	const char *message, *request_id;
	struct opt_int user_id, team_id;
	const char *address;
};
static const struct field row_fields[] = {
	FIELD(struct log_row, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct log_row, created_at, 0, .doc = "When", .example = "\"2026-01-02T03:04:05Z\""),
	FIELD(struct log_row, level, 0, .doc = "DEBUG, INFO, WARNING or ERROR", .example = "\"INFO\""),
	FIELD(struct log_row, function, 0, .doc = "Where in the program", .example = "\"login\""),
	FIELD(struct log_row, line, 0, .doc = "Line there", .example = "42"),
	FIELD(struct log_row, message, 0, .doc = "What happened", .example = "\"user 7 logged in\""),
	FIELD(struct log_row, request_id, F_NULL, .doc = "X-Request-ID of the request",
		  .example = "\"4f2a\""),
	FIELD(struct log_row, user_id, F_NULL, .doc = "Whose request it was", .example = "7"),
	FIELD(struct log_row, team_id, F_NULL, .doc = "That user's team", .example = "1"),
	FIELD(struct log_row, address, F_NULL, .doc = "From where", .example = "\"192.0.2.1\""),
};
static const struct schema row_schema =
	SCHEMA("Log", struct log_row, row_fields, .doc = "An event of the log");

static const char *const level_choices[] = {"DEBUG", "INFO",    "WARNING", "ERROR", "debug",
											"info",  "warning", "error",   NULL};
static const char *const format_choices[] = {"csv", "json", NULL};

struct filter {
	int64_t skip, limit;
	const char *level, *q, *request_id, *format;
	struct opt_int user_id;
	struct when since, until;
};
#define FILTER_FIELDS                                                                           \
	FIELD(struct filter, level, F_QUERY, .choices = level_choices, .doc = "Only this level",    \
		  .example = "\"ERROR\""),                                                              \
		FIELD(struct filter, since, F_QUERY, .doc = "From this time on",                        \
			  .example = "\"2026-01-02T03:04:05Z\""),                                           \
		FIELD(struct filter, until, F_QUERY, .doc = "Before this time",                         \
			  .example = "\"2026-01-03T03:04:05Z\""),                                           \
		FIELD(struct filter, user_id, F_QUERY, .min = 1, .doc = "Only of this user's requests", \
			  .example = "7"),                                                                  \
		FIELD(struct filter, request_id, F_QUERY, .max = 128, .doc = "Only of this request",    \
			  .example = "\"4f2a\""),                                                           \
		FIELD(struct filter, q, F_QUERY, .max = 200,                                            \
			  .doc = "Part of the message or the function's name, among the newest 20,000 "     \
					 "events that fit the rest",                                                \
			  .example = "\"logged in\"")

static const struct field list_fields[] = {
	QUERY_PAGE(struct filter),
	FILTER_FIELDS,
};
static const struct schema list_schema = SCHEMA("LogList", struct filter, list_fields);

static const struct field export_fields[] = {
	FIELD(struct filter, format, F_QUERY, .choices = format_choices, .preset = "csv",
		  .doc = "csv or json", .example = "\"csv\""),
	FILTER_FIELDS,
};
static const struct schema export_schema = SCHEMA("LogExport", struct filter, export_fields);

struct id_in {
	int64_t log_id;
};
static const struct field id_fields[] = {
	FIELD(struct id_in, log_id, F_PATH, .min = 1, .doc = "Log ID", .example = "1"),
};
static const struct schema id_schema = SCHEMA("LogId", struct id_in, id_fields);

struct clear_in {
	struct when before;
};
static const struct field clear_fields[] = {
	FIELD(struct clear_in, before, F_QUERY, .doc = "Only events before this time",
		  .example = "\"2026-01-02T03:04:05Z\""),
};
static const struct schema clear_schema = SCHEMA("LogClear", struct clear_in, clear_fields);

/* ---- writing ---- */

int logs_write(struct ctx *c, struct journal_entry *const *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct journal_entry *e = entries[i];

		TRY(db_exec(c->db, NULL,
					"INSERT INTO logs (created_at, level, function, line, message, request_id, "
					"user_id, team_id, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
					P(e->time), P(e->level), P(e->function), P(e->line), P(e->message),
					P(e->request_id), param_id(e->user_id), param_id(e->team_id), P(e->address)));
	}
	return OK;
}

/* ---- rules ---- */

static bool sees_all(const struct ctx *c)
{
	return c->actor->role >= ROLE_ADMIN;
}

static void add_filters(struct ctx *c, struct query *q, const struct filter *in)
{
	query_init(q, c->arena);
	if (!sees_all(c))
		query_and(q, "user_id = ?", P(c->actor->user_id));
	if (in->user_id.set)
		query_and(q, "user_id = ?", P(in->user_id));
	if (in->level != NULL)
		query_and(q, "level = upper(?)", P(in->level));
	if (in->request_id != NULL)
		query_and(q, "request_id = ?", P(in->request_id));
	if (in->since.us != 0)
		query_and(q, "created_at >= ?", P(in->since));
	if (in->until.us != 0)
		query_and(q, "created_at < ?", P(in->until));
}

/* Narrows the table to the newest that fit so far, and looks for the text among those. */
static const char *add_text(struct ctx *c, struct query *q, const char *text)
{
	const char *from;

	if (text_is_blank(text))
		return "logs";
	from = arena_printf(c->arena,
						"(SELECT * FROM logs %s ORDER BY created_at DESC, id DESC LIMIT %d) "
						"AS newest",
						buf_str(&q->where), SCAN_MAX);
	buf_clear(&q->where);
	query_and(q, "lower(message || ' ' || function) LIKE ? ESCAPE '\\'",
			  P(query_like(c->arena, text)));
	return from;
}

/* ---- handlers ---- */

static int list_rows(struct ctx *c, void *arg)
{
	const struct filter *in = c->in;
	const char *from;
	struct query q;

	(void)arg;
	add_filters(c, &q, in);
	from = add_text(c, &q, in->q);
	return query_page(c, &q, &row_schema, "*", from, "created_at DESC, id DESC", in->skip,
					  in->limit);
}

/* What a caller did right before, and was answered, is found. */
static int list(struct ctx *c)
{
	journal_settle(c->core->journal);
	return snapshot(c, list_rows, NULL);
}

static int get(struct ctx *c)
{
	const struct id_in *in = c->in;
	struct query q;
	int rc;

	query_init(&q, c->arena);
	query_and(&q, "id = ?", P(in->log_id));
	if (!sees_all(c))
		query_and(&q, "user_id = ?", P(c->actor->user_id));
	rc = db_one_params(c->db, c->arena, &row_schema, c->out,
					   arena_printf(c->arena, "SELECT * FROM logs %s", buf_str(&q.where)),
					   (struct params){q.params + 1, q.n});
	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "Log not found") : rc;
}

/* ---- export ---- */

struct log_export {
	struct ctx *c;
	struct buf text;
	struct digest hash;
	int fd;
	int64_t size, rows;
	bool csv;
};

static int flush(struct log_export *e)
{
	const char *p = buf_str(&e->text);

	for (size_t n = e->text.n; n > 0;) {
		ssize_t done = write(e->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(e->c, E_UNAVAILABLE, "The disk does not take the export: %s",
						strerrordesc_np(errno));
		p += done;
		n -= (size_t)done;
	}
	digest_add(&e->hash, buf_str(&e->text), e->text.n);
	e->size += (int64_t)e->text.n;
	buf_clear(&e->text);
	return OK;
}

static int export_row(void *arg, const void *row)
{
	struct log_export *e = arg;

	if (!e->csv)
		buf_adds(&e->text, e->rows > 0 ? ",\n" : "\n");
	TRY(e->csv ? csv_line(&e->text, &row_schema, row) : schema_print(&row_schema, row, &e->text));
	e->rows++;
	return e->text.n > EXPORT_BUFFER / 2 ? flush(e) : OK;
}

static int stream_rows(struct log_export *e, const struct filter *in)
{
	struct ctx *c = e->c;
	const char *from;
	struct query q;

	add_filters(c, &q, in);
	from = add_text(c, &q, in->q);
	if (e->csv)
		TRY(csv_head(&e->text, &row_schema));
	else
		TRY(buf_adds(&e->text, "["));
	TRY(db_each_params(c->db, &row_schema, export_row, e,
					   arena_printf(c->arena, "SELECT * FROM %s %s ORDER BY created_at, id", from,
									buf_str(&q.where)),
					   (struct params){q.params + 1, q.n}));
	if (!e->csv)
		TRY(buf_adds(&e->text, "\n]\n"));
	return flush(e);
}

/* All rows of one moment go through a file without a name: memory stays small however many they
 * are, and the reply has its length. */
static int export_logs(struct ctx *c)
{
	const struct filter *in = c->in;
	struct log_export e = {.c = c, .fd = -1, .csv = text_eq(in->format, "csv")};
	char tag[DIGEST_HEX];
	int rc;

	journal_settle(c->core->journal);
	TRY(files_temporary(c->files, c->error, &e.fd));
	buf_init(&e.text, c->arena, 2 * EXPORT_BUFFER);
	digest_init(&e.hash);
	rc = db_begin(c->db, false);
	if (rc >= 0)
		rc = stream_rows(&e, in);
	db_rollback(c->db);
	if (rc < 0 || lseek(e.fd, 0, SEEK_SET) < 0) {
		close(e.fd);
		return rc < 0 ? rc : fail(c, E_INTERNAL, "the export cannot be read back");
	}
	c->audit_detail = arena_printf(c->arena, "%lld rows as %s", (long long)e.rows, in->format);
	ctx_file(c, e.fd, e.size, e.csv ? "text/csv; charset=utf-8" : "application/json",
			 e.csv ? "vitae-logs.csv" : "vitae-logs.json");
	digest_hex(&e.hash, tag);
	return ctx_header(c, "ETag", arena_printf(c->arena, "\"%s\"", tag));
}

/* ---- removal ---- */

struct removal {
	int64_t before; /* microseconds */
	int64_t removed;
};

static int remove_batch(struct ctx *c, void *arg)
{
	struct removal *r = arg;

	return db_exec(c->db, &r->removed,
				   "DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE created_at < $1 "
				   "ORDER BY created_at, id LIMIT 10000)",
				   P(r->before));
}

/* In batches, so that others can write in between. */
static int remove_before(struct ctx *c, int64_t before, int64_t *total)
{
	struct removal r = {.before = before};

	*total = 0;
	do {
		TRY(tx(c, remove_batch, &r));
		*total += r.removed;
	} while (r.removed == CLEAR_BATCH);
	return OK;
}

static int clear(struct ctx *c)
{
	const struct clear_in *in = c->in;
	int64_t removed;

	journal_settle(c->core->journal);
	TRY(remove_before(c, in->before.us != 0 ? in->before.us : c->now, &removed));
	log_warning("%lld log entries removed by user %lld", (long long)removed,
				(long long)c->actor->user_id);
	c->audit_detail = arena_printf(c->arena, "%lld rows", (long long)removed);
	return message(c, arena_printf(c->arena, "%lld log entries removed", (long long)removed));
}

int logs_expire(struct ctx *c, int64_t *removed)
{
	int64_t old = 0, beyond = 0, bound = 0;
	int rc = E_NOT_FOUND;

	if (c->config->log_days > 0)
		TRY(remove_before(c, c->now - c->config->log_days * DAY, &old));
	if (c->config->log_rows > 0)
		rc = db_int(c->db, &bound,
					"SELECT created_at FROM logs ORDER BY created_at DESC, id DESC "
					"LIMIT 1 OFFSET $1",
					P(c->config->log_rows));
	if (rc != E_NOT_FOUND) {
		TRY(rc);
		TRY(remove_before(c, bound + 1, &beyond));
	}
	*removed = old + beyond;
	return OK;
}

static int expire(struct ctx *c)
{
	int64_t removed;

	return logs_expire(c, &removed);
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	return export_rows(x, "logs", &row_schema,
					   "SELECT * FROM logs WHERE user_id = $1 ORDER BY created_at, id", P(user_id));
}

/* The events stay, for they tell of the server too; whose they were does not. */
static int forget_user(struct ctx *c, int64_t user_id)
{
	return db_exec(c->db, NULL, "UPDATE logs SET user_id = NULL, address = NULL WHERE user_id = $1",
				   P(user_id));
}

/* ---- tables ---- */

static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"GET", "/api/v1/logs/", list, &list_schema, &row_schema, .role = ROLE_VIEWER, .status = 200,
	 .flags = ROUTE_LIST | ROUTE_OWN_TX, .tag = "logs",
	 .doc = "Events of the log, newest first\nAll for administrators, those of their own requests "
			"for others."},
	{"GET", "/api/v1/logs/export", export_logs, &export_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW | ROUTE_SLOW, .audit = "log.export", .tag = "logs",
	 .doc = "The same as a file, oldest first"},
	{"DELETE", "/api/v1/logs/clear", clear, &clear_schema, &message_schema, .role = ROLE_ADMIN,
	 .status = 200, .flags = ROUTE_SLOW, .audit = "log.clear", .tag = "logs",
	 .doc = "Remove events of the log"},
	{"GET", "/api/v1/logs/{log_id}", get, &id_schema, &row_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "logs", .doc = "One event of the log", .errors = not_found},
};

static const struct task_kind tasks[] = {
	{.name = "logs.expire", .pool = TASK_BACKGROUND, .attempts = 3, .run = expire},
};
static const struct maintenance jobs[] = {
	{.name = "logs.expire", .task = &tasks[0], .interval = 3600},
};

const struct feature logs_feature = {
	.name = "logs",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.tasks = tasks,
	.ntasks = 1,
	.jobs = jobs,
	.njobs = 1,
	.export_user = export_user,
	.forget_user = forget_user,
};
