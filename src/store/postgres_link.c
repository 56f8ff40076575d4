/*
 * See postgres_link.h. Defaults that an operator's URL may override: connect_timeout, keep-alives,
 * application_name, and by "options" the time-outs of statements, locks and idle transactions.
 */
#include "store/postgres_link.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum { VERSION_MIN = 130000, GRACE_MS = 5000, PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 2000 };

static const struct {
	const char *keyword, *value;
} defaults[] = {
	{"connect_timeout", "5"},      {"application_name", "vitae"}, {"client_encoding", "UTF8"},
	{"keepalives_idle", "15"},     {"keepalives_interval", "5"},  {"keepalives_count", "3"},
	{"tcp_user_timeout", "20000"},
};
enum { NDEFAULTS = sizeof defaults / sizeof defaults[0] };

/* Before the operator's own, which win. Statements here are short and many: compiling one, or
 * sharing it among processes, takes longer than it runs. */
static const char settings[] = "-c statement_timeout=30s -c lock_timeout=10s "
							   "-c idle_in_transaction_session_timeout=60s "
							   "-c standard_conforming_strings=on "
							   "-c jit=off -c max_parallel_workers_per_gather=0";

/* ---- errors ---- */

/* "Key (team_id, email_folded)=(1, a) already exists." of table users gives "users.team_id"; an
 * index over an expression gives its own name. */
static void note_conflict(struct db *db, const PGresult *r)
{
	const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *name = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	const char *at = detail != NULL ? strchr(detail, '(') : NULL;
	size_t n = at != NULL ? strcspn(at + 1, "(),") : 0;

	if (table == NULL || n == 0 || at[1 + n] == '(')
		snprintf(db->conflict, sizeof db->conflict, "%s", name != NULL ? name : "");
	else
		snprintf(db->conflict, sizeof db->conflict, "%s.%.*s", table, (int)n, at + 1);
}

static bool in_class(const char *state, const char *class)
{
	return strncmp(state, class, strlen(class)) == 0;
}

/* What passes by itself: connections, resources, locks, time-outs, shutdown, lost serialisation, a
 * standby, a plan that a migration has overtaken. */
static bool passes(const char *state)
{
	static const char *const states[] = {"53",    "57",    "58",    "40",   "55P03",
										 "55006", "25006", "25P03", "0A000"};

	if (in_class(state, "08"))
		return !in_class(state, "08P01");
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (in_class(state, states[i]))
			return true;
	return false;
}

static int tell(struct db *db, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	state = state != NULL ? state : "08000";
	message = message != NULL ? message : PQresultErrorMessage(r);
	if (in_class(state, "23505")) {
		note_conflict(db, r);
		return fail(db, E_CONFLICT, "This exists already");
	}
	if (in_class(state, "23503")) {
		db->conflict[0] = '\0';
		return fail(db, E_CONFLICT, "This refers to something missing, or is still referred to");
	}
	if (in_class(state, "22P05") || in_class(state, "22021"))
		return fail(db, E_RULE, "A text holds a character that cannot be stored (U+0000)");
	if (in_class(state, "25006") && db->in_tx && !db->write_tx)
		return fail(db, E_INTERNAL, "this writes in a transaction for reading: %s", message);
	if (!passes(state))
		return fail(db, E_INTERNAL, "PostgreSQL: %s (%s)", message, state);
	log_warning("PostgreSQL: %s (%s)", message, state);
	if (in_class(state, "57014"))
		return fail(db, E_UNAVAILABLE, "The database took too long to answer; try again later");
	if (in_class(state, "40") || in_class(state, "55"))
		return fail(db, E_UNAVAILABLE, "The database is busy; try again");
	return fail(db, E_UNAVAILABLE, "The database cannot be used just now; try again later");
}

/* ---- the pause of the whole process ---- */

static pthread_mutex_t pause_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t pause_until, pause_ms;

static bool pausing(void)
{
	bool yes;

	pthread_mutex_lock(&pause_lock);
	yes = clock_monotonic() < pause_until;
	pthread_mutex_unlock(&pause_lock);
	return yes;
}

static void pause_after(bool connected)
{
	pthread_mutex_lock(&pause_lock);
	if (connected)
		pause_ms = 0;
	else if (pause_ms == 0)
		pause_ms = PAUSE_FIRST_MS;
	else
		pause_ms = pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms * 2;
	pause_until = clock_monotonic() + pause_ms * 1000;
	pthread_mutex_unlock(&pause_lock);
}

/* ---- answers ---- */

/* Waits until an answer can be taken; false when it is late or the connection is lost. */
static bool wait_for_answer(struct link *l)
{
	int64_t until = clock_monotonic() + l->wait_ms * 1000;

	while (PQisBusy(l->conn)) {
		struct pollfd p = {.fd = PQsocket(l->conn), .events = POLLIN};
		int64_t left = until - clock_monotonic();
		int rc;

		if (l->wait_ms > 0 && left <= 0)
			return false;
		rc = poll(&p, 1, l->wait_ms > 0 ? (int)(left / 1000 + 1) : -1);
		if (rc < 0 && errno != EINTR)
			return false;
		if (rc > 0 && PQconsumeInput(l->conn) == 0)
			return false;
	}
	return true;
}

static void drop(struct link *l)
{
	PQfinish(l->conn);
	l->conn = NULL;
}

static int lost(struct db *db, struct link *l)
{
	log_warning("the connection to the database is lost: %s",
				l->conn != NULL ? PQerrorMessage(l->conn) : "");
	drop(l);
	return fail(db, E_UNAVAILABLE, "The connection to the database was lost; try again");
}

static bool failed(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

int link_answer(struct db *db, struct link *l, int sent, PGresult **out)
{
	PGresult *kept = NULL, *r;
	int rc;

	if (sent == 0 || !wait_for_answer(l))
		return lost(db, l);
	while ((r = PQgetResult(l->conn)) != NULL) {
		if (kept != NULL && failed(kept)) {
			PQclear(r);
		} else {
			PQclear(kept);
			kept = r;
		}
		if (!wait_for_answer(l)) {
			PQclear(kept);
			return lost(db, l);
		}
	}
	if (kept == NULL || PQstatus(l->conn) != CONNECTION_OK) {
		PQclear(kept);
		return lost(db, l);
	}
	if (!failed(kept)) {
		*out = kept;
		return OK;
	}
	rc = tell(db, kept);
	PQclear(kept);
	return rc;
}

int link_run(struct db *db, struct link *l, const char *sql)
{
	PGresult *r = NULL;

	TRY(link_answer(db, l, PQsendQuery(l->conn, sql), &r));
	PQclear(r);
	return OK;
}

/* ---- connecting ---- */

static void no_notices(void *arg, const PGresult *r)
{
	(void)arg;
	log_debug("PostgreSQL: %s", PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
}

/* What a new connection must be like; how long answers may take there. NULL, or what is wrong. */
static const char *settle(struct link *l)
{
	const char *encoding = PQparameterStatus(l->conn, "server_encoding");
	int64_t ms = 0;
	PGresult *r;

	if (PQserverVersion(l->conn) < VERSION_MIN)
		return "the server is older than PostgreSQL 13";
	if (!text_eq(encoding, "UTF8"))
		return "the database's encoding is not UTF8";
	r = PQexec(l->conn, "SELECT setting FROM pg_settings WHERE name = 'statement_timeout'");
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1 ||
		text_int(PQgetvalue(r, 0, 0), &ms) != OK) {
		PQclear(r);
		return "the server does not tell its statement_timeout";
	}
	PQclear(r);
	l->wait_ms = ms > 0 ? ms + GRACE_MS : 0;
	return NULL;
}

/* NULL, or what is wrong, which then lives as long as the connection. */
static const char *connect_now(struct link *l)
{
	const char *wrong;

	drop(l);
	l->generation++;
	l->conn = PQconnectdbParams(l->keywords, l->values, 0);
	if (l->conn == NULL)
		return "there is no memory for a connection";
	wrong = PQstatus(l->conn) == CONNECTION_OK ? NULL : PQerrorMessage(l->conn);
	if (wrong == NULL) {
		PQsetNoticeReceiver(l->conn, no_notices, NULL);
		wrong = settle(l);
	}
	pause_after(wrong == NULL);
	return wrong;
}

bool link_again(struct link *l)
{
	const char *wrong = connect_now(l);

	if (wrong != NULL)
		drop(l);
	return wrong == NULL;
}

/* Whether the server has hung up meanwhile, seen without asking it. */
static bool is_alive(struct link *l)
{
	return l->conn != NULL && PQstatus(l->conn) == CONNECTION_OK && PQconsumeInput(l->conn) == 1 &&
		   PQstatus(l->conn) == CONNECTION_OK;
}

int link_ready(struct db *db, struct link *l)
{
	const char *wrong;

	if (db->in_tx && l->conn == NULL)
		return fail(db, E_UNAVAILABLE, "The transaction was lost; try again");
	if (db->in_tx || is_alive(l))
		return OK;
	if (pausing())
		return fail(db, E_UNAVAILABLE, "The database cannot be reached just now; try again later");
	wrong = connect_now(l);
	if (wrong == NULL)
		return OK;
	log_warning("the database cannot be reached: %s", wrong);
	drop(l);
	return fail(db, E_UNAVAILABLE, "The database cannot be reached just now; try again later");
}

/* ---- the URL ---- */

static bool is_set(const PQconninfoOption *o, const char *keyword)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL && o->val[0] != '\0';
	return false;
}

static bool join_settings(struct link *l, const char *own)
{
	return asprintf(&l->settings, "%s%s%s", settings, own != NULL ? " " : "",
					own != NULL ? own : "") >= 0;
}

/* The URL's parameters, "options" led by our settings, and our defaults for those not given. */
static int read_url(struct db *db, struct link *l, const char *url)
{
	size_t n = 0, at = 0;
	const char *own = NULL;

	l->options = PQconninfoParse(url, NULL);
	if (l->options == NULL)
		return fail(db, E_RULE,
					"The URL should read postgresql://user:password@host:port/database"
					"?parameter=value, with parameters that libpq knows");
	for (const PQconninfoOption *o = l->options; o->keyword != NULL; o++)
		n++;
	l->keywords = calloc(n + NDEFAULTS + 2, sizeof *l->keywords);
	l->values = calloc(n + NDEFAULTS + 2, sizeof *l->values);
	if (l->keywords == NULL || l->values == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a database connection");
	for (const PQconninfoOption *o = l->options; o->keyword != NULL; o++) {
		if (o->val == NULL || strcmp(o->keyword, "options") == 0) {
			own = o->val != NULL ? o->val : own;
			continue;
		}
		l->keywords[at] = o->keyword;
		l->values[at++] = o->val;
	}
	for (size_t i = 0; i < NDEFAULTS; i++)
		if (!is_set(l->options, defaults[i].keyword)) {
			l->keywords[at] = defaults[i].keyword;
			l->values[at++] = defaults[i].value;
		}
	if (!join_settings(l, own))
		return fail(db, E_UNAVAILABLE, "There is no memory for a database connection");
	l->keywords[at] = "options";
	l->values[at] = l->settings;
	return OK;
}

static int open_in(struct db *db, struct link *l, const char *url)
{
	const char *wrong;

	TRY(read_url(db, l, url));
	wrong = connect_now(l);
	if (wrong != NULL)
		return fail(db, E_RULE, "The database cannot be reached: %s", wrong);
	return OK;
}

int link_open(struct db *db, const char *url, struct link **out)
{
	struct link *l = calloc(1, sizeof *l);
	int rc;

	if (l == NULL)
		return fail(db, E_UNAVAILABLE, "There is no memory for a database connection");
	rc = open_in(db, l, url);
	if (rc < 0) {
		link_close(l);
		return rc;
	}
	*out = l;
	return OK;
}

void link_close(struct link *l)
{
	PQfinish(l->conn);
	PQconninfoFree(l->options);
	free(l->settings);
	free(l->keywords);
	free(l->values);
	free(l);
}
