/*
 * See dispatch.h. What the head alone can decide is decided on the loop thread, without the
 * database: route, signature of the token, rate, and 401 for a missing or bad token. A route with a
 * body and a role then asks a pool thread whether the account may, before the body is read. The
 * rest is one hop: a pool thread looks at the account, binds, runs the handler in its transaction,
 * prints, commits, and replies.
 *
 * Readers and writers have threads of their own: writers wait for each other, and must not make
 * readers wait. The account is looked at again with the handler, even if it was before the body:
 * reading a body takes time in which an account can end.
 *
 * A bounded read (ROUTE_BOUNDED) with a session's token spares the hop: the loop does the same work
 * on its own connection, which reads and never waits. Where that finds a lock, the request goes to
 * a pool thread as if nothing had been.
 */
#include "core/dispatch.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "core/caller.h"
#include "core/known.h"
#include "core/request.h"
#include "core/storage.h"

enum { REQUEST_ID_MAX = 128, ROWS_MAX = 32 * 1024 * 1024, TRIM_TICKS = 10 };

struct dispatch {
	struct core *core;
	atomic_llong last_busy;           /* second of the last "overloaded" in the log */
	struct db *loops[HTTP_LOOPS_MAX]; /* each of one event loop; NULL: it has none */
	struct known *known[HTTP_LOOPS_MAX];
	struct error unused; /* of these while no request uses them */
	unsigned ticks;
};

int dispatch_new(struct core *core, int loops, struct error *error, struct dispatch **out)
{
	struct dispatch *d = calloc(1, sizeof *d);

	if (d == NULL)
		abort();
	d->core = core;
	for (int i = 0; i < loops && text_starts(core->db_url, "sqlite:"); i++) {
		int rc = db_open_hasty(core->db_url, error, &d->loops[i]);

		if (rc < 0) {
			dispatch_free(d);
			return rc;
		}
		d->loops[i]->error = &d->unused;
		d->known[i] = known_new();
	}
	*out = d;
	return OK;
}

void dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return;
	for (int i = 0; i < HTTP_LOOPS_MAX; i++) {
		db_close(d->loops[i]);
		known_free(d->known[i]);
	}
	free(d);
}

/* ---- on the head ---- */

/* The caller's X-Request-ID if it is sane, else a random one. */
static const char *request_id(struct http_exchange *x)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *sent = http_header(x, "X-Request-ID");
	char *made;
	size_t n;

	if (sent != NULL) {
		n = strspn(sent, allowed);
		if (n > 0 && n <= REQUEST_ID_MAX && sent[n] == '\0')
			return sent;
	}
	made = arena_alloc(x->arena, 33);
	rand_name(made, 16);
	return made;
}

/* Exactly n small hexadecimal digits, not all of them 0, and then end. */
static bool hex_then(const char *s, size_t n, char end)
{
	return strspn(s, "0123456789abcdef") == n && strspn(s, "0") < n && s[n] == end;
}

/* The trace that the caller's request is part of, by the W3C's Trace Context: version, trace, span
 * and flags, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". Later versions may carry
 * more behind that; "ff" is none. NULL: none, or malformed. */
static const char *trace_id(struct http_exchange *x)
{
	enum { VERSION = 2, TRACE = 32, SPAN = 16, FLAGS = 2, WHOLE = 55 };
	const char *sent = http_header(x, "traceparent");
	const char *trace, *span, *flags;

	if (sent == NULL || strlen(sent) < WHOLE || strncmp(sent, "ff", VERSION) == 0 ||
		strspn(sent, "0123456789abcdef") != VERSION || sent[VERSION] != '-')
		return NULL;
	trace = sent + VERSION + 1;
	span = trace + TRACE + 1;
	flags = span + SPAN + 1;
	if (!hex_then(trace, TRACE, '-') || !hex_then(span, SPAN, '-') ||
		strspn(flags, "0123456789abcdef") != FLAGS ||
		(flags[FLAGS] != '\0' && (strncmp(sent, "00", VERSION) == 0 || flags[FLAGS] != '-')))
		return NULL;
	return arena_strndup(x->arena, trace, TRACE);
}

static struct request *request_new(struct dispatch *d, struct http_exchange *x)
{
	struct request *r = ARENA_NEW(x->arena, struct request);

	r->core = d->core;
	r->x = x;
	r->begun = clock_monotonic();
	/* Copied: what is logged at the end of a reply that came bit by bit may be after the
	 * connection's. */
	r->request_id = arena_strdup(x->arena, request_id(x));
	r->trace_id = trace_id(x);
	r->peer = arena_strdup(x->arena, caller_address(x, d->core->config));
	r->ctx = (struct ctx){
		.arena = x->arena,
		.error = &r->error,
		.faults = &r->faults,
		.core = d->core,
		.config = d->core->config,
		.files = d->core->files,
		.now = clock_now(),
		.request_id = r->request_id,
		.peer = r->peer,
		.user_agent = http_header(x, "User-Agent"),
		.accept_encoding = http_header(x, "Accept-Encoding"),
		.file_fd = -1,
		.sink_fd = -1,
		.request = r,
	};
	x->user = r;
	return r;
}

/* A failure known before any pool thread: the sentence, then the reply. */
static enum http_head refuse(struct request *r, int code, const char *text)
{
	r->error.code = (enum err)code;
	reply_failure(r, fail(&r->ctx, (enum err)code, "%s", text));
	return HTTP_GO;
}

/* Too much to do: not worth a line in the log for each. */
static void reply_busy(struct dispatch *d, struct request *r)
{
	long long now = r->ctx.now / CLOCK_SECOND;

	if (atomic_exchange(&d->last_busy, now) != now)
		log_error("overloaded: the request queue is full");
	reply_detail(r, 503, "The server is busy, try again in a moment");
}

static bool verify(struct request *r, const char *token)
{
	r->token = r->ctx.token = token;
	return access_verify(r->core->access, token, TOKEN_ACCESS, r->ctx.now, &r->claims) == OK;
}

/* The token of a ROUTE_STREAM request without the header: in the query, or a subprotocol. */
static bool verify_elsewhere(struct request *r)
{
	const struct pairs *q = &r->x->query;
	char *rest, *item;

	for (size_t i = 0; i < q->n; i++)
		if (text_eq(q->items[i].name, "token"))
			return verify(r, q->items[i].value);
	rest = arena_strdup(r->x->arena, http_header_list(r->x, "Sec-WebSocket-Protocol"));
	while ((item = strsep(&rest, ",")) != NULL)
		if (verify(r, text_trim(item)))
			return true;
	return false;
}

static const char *token_without_header(struct request *r)
{
	const char *token = access_key(http_header(r->x, "X-API-Key"));

	return token == NULL && (r->route->flags & ROUTE_MEDIA) != 0 ? http_cookie(r->x, "playback")
																 : token;
}

/* Looks at the token's signature and dates, not yet at the account. */
static void look_at_token(struct request *r)
{
	const char *authorization = http_header(r->x, "Authorization");
	const char *token =
		authorization == NULL ? token_without_header(r) : access_bearer(authorization);

	if ((r->route->flags & ROUTE_INVITED) != 0 && text_starts(token, ACCESS_INVITATION) &&
		r->core->load_guest != NULL)
		r->invitation = r->ctx.token = token;
	else if (token != NULL)
		r->signed_in = verify(r, token);
	else if (authorization == NULL && (r->route->flags & ROUTE_STREAM) != 0)
		r->signed_in = verify_elsewhere(r);
}

static void count_request(struct request *r)
{
	int64_t user = r->signed_in ? r->claims.user_id : 0;

	if (r->route->rate != RATE_NONE)
		rate_check(r->core->rate, r->route, caller_name(r->x->arena, user, r->peer), r->ctx.now,
				   &r->rate);
}

static const char *auth_problem(const struct request *r)
{
	bool tried = http_header(r->x, "Authorization") != NULL ||
				 http_header(r->x, "X-API-Key") != NULL || r->token != NULL;

	return tried ? "Could not validate credentials" : "Not authenticated";
}

/* Whether the account behind the token is worth a look. */
static bool wants_account(const struct request *r)
{
	return (r->signed_in || r->invitation != NULL) &&
		   (r->route->role > ROLE_PUBLIC || (r->route->flags & ROUTE_OPTIONAL_AUTH) != 0);
}

static void check_head(void *arg, struct db *db);

static enum http_head admit(struct dispatch *d, struct request *r)
{
	const char *shut;
	bool body;

	look_at_token(r);
	count_request(r);
	if (r->rate.refused)
		return refuse(r, E_LIMIT, "Too many requests");
	if (r->route->role > ROLE_PUBLIC && !r->signed_in && r->invitation == NULL)
		return refuse(r, E_AUTH, auth_problem(r));
	shut = r->route->shut == NULL ? NULL : r->route->shut(r->ctx.config);
	if (shut != NULL)
		return refuse(r, E_DENIED, shut);
	body = body_plan(r);
	if (!body)
		return HTTP_GO;
	if (r->route->role == ROLE_PUBLIC) {
		if ((r->route->flags & ROUTE_LENIENT) == 0 && body_check_length(r) < 0)
			reply_failure(r, E_TOO_LARGE);
		return HTTP_GO;
	}
	if (pool_run(r->core->fast, check_head, r) == OK)
		return HTTP_WAIT;
	reply_busy(d, r);
	return HTTP_GO;
}

static enum http_head on_head(void *arg, struct http_exchange *x)
{
	struct dispatch *d = arg;
	struct request *r = request_new(d, x);
	int rc = route_match(d->core->routes, x->arena, x->method, x->path, &r->route, &r->input.path,
						 &r->allow, &r->path_flags);

	x->body_kind = HTTP_BODY_DISCARD;
	r->ctx.route = r->route;
	if (rc == OK)
		return admit(d, r);
	if (rc == E_NOT_FOUND)
		reply_detail(r, 404, "Not Found");
	else if (strcmp(x->method, "OPTIONS") == 0)
		reply_options(r);
	else
		reply_detail(r, 405, "Method Not Allowed");
	return HTTP_GO;
}

/* ---- on a pool thread ---- */

static const char *missing_right(enum role role)
{
	switch (role) {
	case ROLE_PUBLIC:
	case ROLE_VIEWER: return "Not enough permissions";
	case ROLE_RECRUITER: return "Recruiter privileges required";
	case ROLE_HR_MANAGER: return "HR manager privileges required";
	case ROLE_ADMIN: return "Admin privileges required";
	case ROLE_SUPERUSER: return "Superuser privileges required";
	}
	return "Not enough permissions";
}

/* What this thread logs from now on belongs to the request. */
static void begin_log(const struct request *r)
{
	log_context_set(
		&(struct log_context){.request_id = r->request_id,
							  .address = r->peer,
							  .trace_id = r->trace_id,
							  .user_id = r->ctx.actor != NULL ? r->ctx.actor->user_id : 0,
							  .team_id = r->ctx.actor != NULL ? r->ctx.actor->team_id : 0});
}

/* What loading the actor left to do happens once, whatever becomes of the request. */
static void note_use(struct request *r)
{
	struct ctx *c = &r->ctx;

	if (r->actor.used == NULL || r->use_noted)
		return;
	r->use_noted = true;
	after_commit(c, r->actor.used, c);
	after_rollback(c, r->actor.used, c);
}

static int load_actor(struct request *r)
{
	struct ctx *c = &r->ctx;
	uint64_t snapshot;

	if (r->known == NULL)
		return access_actor(r->core->access, c->db, c->arena, &r->claims, &r->actor);
	snapshot = db_snapshot(c->db);
	if (known_find(r->known, snapshot, &r->claims, c->now, c->arena, &r->actor))
		return OK;
	TRY(access_actor(r->core->access, c->db, c->arena, &r->claims, &r->actor));
	known_note(r->known, snapshot, &r->claims, c->now, &r->actor);
	return OK;
}

/* The account behind the token, and whether its role is enough. */
static int identify(struct request *r)
{
	struct ctx *c = &r->ctx;
	bool needed = r->route->role > ROLE_PUBLIC;
	int rc;

	if (!wants_account(r))
		return OK;
	if (r->invitation != NULL)
		rc = r->core->load_guest(c->db, c->arena, r->invitation, c->now, &r->actor);
	else
		rc = load_actor(r);
	if (rc == E_AUTH && !needed)
		return OK;
	TRY(rc);
	c->actor = &r->actor;
	begin_log(r);
	note_use(r);
	if (r->actor.key_id != 0 && (r->route->flags & ROUTE_PERSON) != 0)
		return fail(c, E_DENIED, "An API key is not enough for this; log in with the password");
	if (r->actor.superuser || r->actor.role >= r->route->role)
		return OK;
	return fail(c, E_DENIED, "%s", missing_right(r->route->role));
}

/* Whether the feature of the route is on. */
static int check_flag(struct request *r)
{
	bool on = true;

	if (r->route->flag == NULL)
		return OK;
	TRY(flag_enabled(&r->ctx, r->route->flag, &on));
	return on ? OK : fail(&r->ctx, E_DENIED, "This feature is switched off (%s)", r->route->flag);
}

/* What answers 401 or 403. */
static int permit(struct request *r)
{
	TRY(identify(r));
	return check_flag(r);
}

/* What the audit trail shall know of the request. A caller's slip (a fault of form, a thing that is
 * not there) is no event. */
static int tell_audit(struct request *r, int code)
{
	struct ctx *c = &r->ctx;

	if (r->route->audit == NULL || r->core->audit == NULL || code == E_INVALID ||
		code == E_NOT_FOUND || code == E_CONFLICT || code == E_PRECONDITION)
		return OK;
	if (c->audit_target == NULL && r->input.path.n > 0)
		c->audit_target = arena_printf(c->arena, "%s %s", r->input.path.items[0].name,
									   r->input.path.items[0].value);
	return r->core->audit(c, r->route->audit, code);
}

int ctx_audit(struct ctx *c)
{
	if (c->request == NULL)
		return OK;
	TRY(tell_audit(c->request, OK));
	c->audit_told = true;
	return OK;
}

/* The same outside the request's transaction; the reply's own error stays what it was. */
static void tell_audit_late(struct request *r, int code)
{
	struct error kept = r->error;

	tell_audit(r, code);
	r->error = kept;
}

void request_failed(struct request *r, int rc)
{
	tell_audit_late(r, rc);
	reply_failure(r, rc);
}

static void use_db(struct request *r, struct db *db)
{
	begin_log(r);
	r->ctx.db = db;
	db->error = &r->error;
}

/* Whether the account may, while the body waits. */
static void check_head(void *arg, struct db *db)
{
	struct request *r = arg;
	struct http_exchange *x = r->x;
	int rc;

	use_db(r, db);
	rc = permit(r);
	if (rc >= 0)
		rc = body_check_length(r);
	if (rc >= 0 && r->route->sink != NULL && r->input.body_fault == NULL)
		rc = body_open_sink(r);
	if (rc < 0)
		request_failed(r, rc);
	log_context_set(NULL);
	http_resume_head(x);
}

enum mode { MODE_READ, MODE_WRITE, MODE_NONE };

static enum mode mode_of(const struct route *route)
{
	if ((route->flags & (ROUTE_CRYPT | ROUTE_SLOW | ROUTE_OWN_TX | ROUTE_PARSER)) != 0)
		return MODE_NONE;
	return route_only_reads(route) ? MODE_READ : MODE_WRITE;
}

static void make_room(struct request *r)
{
	const struct route *route = r->route;

	if (route->out == NULL)
		return;
	r->ctx.out = arena_alloc(r->x->arena, (route->flags & ROUTE_LIST) != 0 ? sizeof(struct list)
																		   : route->out->size);
}

/* Writers wait for each other; meanwhile an account can end, or lose its right, and what the caller
 * has read can change. */
static int begin_write(struct request *r)
{
	TRY(db_begin(r->ctx.db, true));
	TRY(identify(r));
	return match_check(r);
}

/* A writer takes the write lock only once its request has been found good. */
static int run(struct request *r, enum mode mode)
{
	struct ctx *c = &r->ctx;

	if (mode == MODE_READ)
		TRY(db_begin(c->db, false));
	TRY(permit(r));
	TRY(body_bind(r));
	if (arena_over(c->arena))
		return fail(c, E_TOO_LARGE, "Request too large to be taken apart");
	if (mode == MODE_WRITE)
		TRY(begin_write(r));
	make_room(r);
	TRY(r->route->run(c));
	if (arena_over(c->arena))
		return fail(c, E_INTERNAL, "the request took more memory than it may");
	TRY(reply_print(r));
	if (mode == MODE_WRITE)
		TRY(tell_audit(r, OK));
	if (mode == MODE_WRITE)
		TRY(storage_settled(c));
	return mode == MODE_NONE ? OK : db_commit(c->db);
}

/* The rows of a list are given back before it is sent, so they have an arena of their own. */
static void use_rows(struct request *r)
{
	if (r->rows == NULL && (r->route->flags & (ROUTE_LIST | ROUTE_RAW | ROUTE_SLOW)) == ROUTE_LIST)
		r->ctx.arena = r->rows = arena_new(ROWS_MAX);
}

static int try_to_run(struct request *r, enum mode mode, struct db *db)
{
	int rc;

	use_db(r, db);
	use_rows(r);
	r->ctx.cookie = http_cookie(r->x, "refresh_token");
	r->ctx.idempotency_key = http_header(r->x, "Idempotency-Key");
	if ((r->route->flags & ROUTE_PARSER) != 0)
		r->ctx.worker = r->core->parse_worker;
	rc = run(r, mode);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

/* As if try_to_run had not been. */
static void forget_try(struct request *r)
{
	struct ctx *c = &r->ctx;

	c->actor = NULL;
	c->in = c->out = NULL;
	c->status = 0;
	c->total = 0;
	c->audit_target = c->audit_detail = NULL;
	c->headers.n = 0;
	r->faults.n = 0;
	r->error = (struct error){0};
	r->response = (struct http_response){.fd = -1};
}

static void answer_again(struct request *r, struct db *db);

/* Sends what became of the request: rc, of try_to_run. */
static void conclude(struct request *r, enum mode mode, int rc)
{
	ctx_after(&r->ctx, rc >= 0);
	if (store_goes_on(r, mode == MODE_WRITE, answer_again, &rc))
		return;
	files_put_end(r->core->files, r->x->arena);
	if (rc < 0 || (mode != MODE_WRITE && !r->ctx.audit_told))
		tell_audit_late(r, rc < 0 ? rc : OK);
	if (stream_finish(r, rc))
		return;
	if (rc >= 0) {
		reply_success(r);
		return;
	}
	if (r->ctx.file_fd >= 0)
		close(r->ctx.file_fd);
	reply_failure(r, rc);
}

static void answer_again(struct request *r, struct db *db)
{
	enum mode mode = mode_of(r->route);

	forget_try(r);
	r->ctx.now = clock_now();
	conclude(r, mode, try_to_run(r, mode, db));
}

static void execute(void *arg, struct db *db)
{
	struct request *r = arg;
	enum mode mode = mode_of(r->route);

	r->ctx.now = clock_now(); /* the head may be long ago */
	conclude(r, mode, try_to_run(r, mode, db));
	log_context_set(NULL);
}

static struct pool *pool_of(const struct core *core, const struct route *route)
{
	bool file = route_takes_file(route) || route->body == BODY_STREAM;

	if ((route->flags & ROUTE_SLOW) != 0 && file && core->store != NULL)
		return core->store;
	if ((route->flags & ROUTE_CRYPT) != 0)
		return core->crypt;
	if ((route->flags & ROUTE_SLOW) != 0)
		return core->slow;
	if ((route->flags & ROUTE_PARSER) != 0)
		return core->parse;
	return route_only_reads(route) ? core->fast : core->write;
}

/* ---- on the loop again ---- */

/* An API key's use may have to be written down, so a key is none for a loop. */
static bool is_bounded(const struct request *r)
{
	return (r->route->flags & ROUTE_BOUNDED) != 0 && r->signed_in && r->claims.type == TOKEN_ACCESS;
}

/* Answers a bounded read on the loop's own connection. False: it cannot, without waiting. */
static bool answer_here(struct dispatch *d, struct request *r)
{
	struct db *db = d->loops[r->x->loop];
	int rc;

	if (db == NULL || !is_bounded(r))
		return false;
	r->known = d->known[r->x->loop];
	rc = try_to_run(r, MODE_READ, db);
	r->known = NULL;
	if (rc == E_UNAVAILABLE)
		forget_try(r);
	else
		conclude(r, MODE_READ, rc);
	db->error = &d->unused;
	log_context_set(NULL);
	return rc != E_UNAVAILABLE;
}

static int on_file(void *arg, struct http_exchange *x, const char *name, const char *filename,
				   const char *content_type, const void *p, size_t n, bool last)
{
	struct request *r = x->user;

	(void)arg;
	if (name == NULL)
		return body_stream(r, p, n);
	return body_file(r, name, filename, content_type, p, n, last);
}

static void on_ready(void *arg, struct http_exchange *x)
{
	struct dispatch *d = arg;
	struct request *r = x->user;

	if (r->replied || answer_here(d, r))
		return;
	if (pool_run(pool_of(d->core, r->route), execute, r) < 0)
		reply_busy(d, r);
}

/* What changes something is worth a line; what only reads, in the search for a fault. */
static void on_done(void *arg, struct http_exchange *x, bool sent)
{
	const struct request *r = x->user;
	enum log_level level;

	(void)arg;
	if (r == NULL)
		return;
	level = r->route != NULL && r->response.status < 400 && !route_only_reads(r->route) ? LOG_INFO
																						: LOG_DEBUG;
	if (!log_wants(level))
		return;
	begin_log(r);
	log_write(level, __func__, __LINE__, "%s %s %d %lld us%s%s%s", x->method, x->path,
			  r->response.status, (long long)(clock_monotonic() - r->begun),
			  sent ? "" : ", not delivered", r->trace_id == NULL ? "" : ", trace ",
			  r->trace_id == NULL ? "" : r->trace_id);
	log_context_set(NULL);
}

/* A loop without requests must not keep the write-ahead log from beginning anew; and what requests
 * have freed lies between what is in use until it is asked for. */
static void on_tick(void *arg)
{
	struct dispatch *d = arg;

	for (int i = 0; i < HTTP_LOOPS_MAX && d->loops[i] != NULL; i++)
		db_rest(d->loops[i]);
	if (++d->ticks % TRIM_TICKS == 0)
		malloc_trim(0);
}

struct http_hooks dispatch_hooks(struct dispatch *d)
{
	return (struct http_hooks){
		.head = on_head,
		.file = on_file,
		.ready = on_ready,
		.done = on_done,
		.tick = on_tick,
		.arg = d,
	};
}
