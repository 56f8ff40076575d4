/*
 * See hub.h. The WebSockets' thread runs all of this but where the header says otherwise: the hooks
 * of sockets, what was posted from the bus, and the tick. A listener that ends is taken off its
 * list at once, so that whoever walks a list meets open ones only; a walk notes the next before it
 * tells one.
 */
#include "core/hub.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/log.h"
#include "base/rand.h"
#include "core/hub_private.h"
#include "core/request.h"

enum { ARENA_MAX = 4 * 1024 * 1024, BEAT_MS = 15 * 1000 };

/* ---- lists ---- */

struct listener **hub_bucket(struct hub *h, int64_t team_id)
{
	return &h->buckets[(uint64_t)team_id % HUB_BUCKETS];
}

static uint64_t hash_of(const char *client_id)
{
	return XXH3_64bits(client_id, strlen(client_id));
}

struct listener *hub_find(struct hub *h, int64_t team_id, const char *client_id)
{
	uint64_t hash = hash_of(client_id);

	for (struct listener *l = *hub_bucket(h, team_id); l != NULL; l = l->next)
		if (l->id_hash == hash && l->client.actor.team_id == team_id &&
			text_eq(l->client.client_id, client_id))
			return l;
	return NULL;
}

static void enlist(struct hub *h, struct listener *l)
{
	struct listener **first = hub_bucket(h, l->client.actor.team_id);

	pthread_mutex_lock(&h->lock);
	l->next = *first;
	if (l->next != NULL)
		l->next->prev = l;
	*first = l;
	l->listed = true;
	pthread_mutex_unlock(&h->lock);
}

static void delist(struct hub *h, struct listener *l)
{
	if (!l->listed)
		return;
	pthread_mutex_lock(&h->lock);
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		*hub_bucket(h, l->client.actor.team_id) = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	l->listed = false;
	pthread_mutex_unlock(&h->lock);
}

static struct listener *listener_new(const struct hub_client *k)
{
	struct listener *l = calloc(1, sizeof *l);

	if (l == NULL)
		abort();
	l->client = *k;
	l->client.actor.username = NULL;
	l->admin = k->actor.superuser || k->actor.role >= ROLE_ADMIN;
	l->opened = clock_now();
	if (k->client_id == NULL)
		return l;
	l->client.client_id = strdup(k->client_id);
	if (l->client.client_id == NULL)
		abort();
	l->id_hash = hash_of(k->client_id);
	return l;
}

static void listener_free(struct listener *l)
{
	buf_done(&l->pending);
	free((void *)(uintptr_t)l->client.client_id);
	free(l);
}

/* ---- telling and ending ---- */

static void write_event(struct listener *l, const char *json, size_t n)
{
	struct buf b;

	buf_init(&b, NULL, HUB_STREAM_MAX);
	buf_adds(&b, "data: ");
	buf_add(&b, json, n);
	buf_adds(&b, "\n\n");
	if (!buf_ok(&b) || http_stream_write(l->s, b.p, b.n, 0) != OK)
		l->beat = 0; /* the next tick ends it */
	buf_done(&b);
}

/* Keeps it until the socket is there. */
static void keep_pending(struct listener *l, const char *json, size_t n)
{
	if (l->pending.max == 0)
		buf_init(&l->pending, NULL, HUB_STREAM_MAX);
	buf_add(&l->pending, &n, sizeof n);
	buf_add(&l->pending, json, n);
}

void hub_tell(struct listener *l, const char *json, size_t n)
{
	if (l->w != NULL)
		ws_send(l->w, json, n);
	else if (l->s == NULL)
		keep_pending(l, json, n);
	else if (l->beat != 0)
		write_event(l, json, n);
}

static void end_stream(struct hub *h, struct listener *l, bool cut)
{
	delist(h, l);
	if (cut)
		http_stream_cut(l->s);
	else
		http_stream_end(l->s);
	atomic_fetch_sub(&h->streams, 1);
	listener_free(l);
}

void hub_end(struct hub *h, struct listener *l, int code, const char *reason)
{
	char text[160];
	int n;

	if (l->s == NULL) {
		delist(h, l);
		l->end_code = code;
		l->end_reason = reason;
		if (l->w != NULL)
			ws_close(l->w, code, reason);
		return;
	}
	n = snprintf(text, sizeof text,
				 "{\"type\":\"closed\",\"data\":{\"code\":%d,\"reason\":\"%s\"}}", code, reason);
	write_event(l, text, (size_t)n);
	end_stream(h, l, false);
}

/* ---- the sockets' hooks ---- */

static void replace(struct hub *h, const struct listener *newer)
{
	struct listener *older = hub_find(h, newer->client.actor.team_id, newer->client.client_id);

	if (older != NULL)
		hub_end(h, older, HUB_REPLACED, "Replaced by a newer connection");
}

static bool is_taken(struct hub *h, const struct listener *l)
{
	const struct listener *other = hub_find(h, l->client.actor.team_id, l->client.client_id);

	return other != NULL && other->client.actor.user_id != l->client.actor.user_id;
}

/* Tells what came while the handshake lasted. */
static void tell_pending(struct listener *l)
{
	const struct buf *b = &l->pending;
	size_t n;

	for (size_t at = 0; at < b->n; at += sizeof n + n) {
		memcpy(&n, b->p + at, sizeof n);
		ws_send(l->w, b->p + at + sizeof n, n);
	}
	if (b->over)
		ws_close(l->w, WS_POLICY, "Too much happened before the connection was open");
	buf_done(&l->pending);
}

static void *on_opened(void *hub, struct ws *w, void *arg)
{
	struct listener *l = arg;

	if (w == NULL) {
		delist(hub, l);
		listener_free(l);
		return NULL;
	}
	l->w = w;
	tell_pending(l);
	if (l->end_code != 0)
		ws_close(w, l->end_code, l->end_reason);
	return l;
}

static void on_message(void *hub, struct ws *w, const char *text, size_t n)
{
	struct hub *h = hub;

	hub_receive(h, ws_user(w), text, n);
	arena_reset(h->arena);
}

static void on_closed(void *hub, struct ws *w)
{
	struct listener *l = ws_user(w);

	delist(hub, l);
	listener_free(l);
}

/* True if it is over: its token, or its reader. */
static bool look_at(struct hub *h, struct listener *l, int64_t now_ms)
{
	static const char beat[] = ": still here\n\n";

	if (l->client.claims.type == TOKEN_ACCESS &&
		l->client.claims.expires <= clock_now() / CLOCK_SECOND) {
		hub_end(h, l, HUB_EXPIRED, "The token has expired");
		return true;
	}
	if (l->s == NULL)
		return false;
	if (l->beat != 0 && now_ms - l->beat < BEAT_MS)
		return false;
	if (l->beat == 0 || http_stream_write(l->s, beat, sizeof beat - 1, 0) != OK) {
		end_stream(h, l, true);
		return true;
	}
	l->beat = now_ms;
	return false;
}

static bool on_tick(void *hub, int64_t now_ms)
{
	struct hub *h = hub;

	for (size_t i = 0; i < HUB_BUCKETS; i++)
		for (struct listener *l = h->buckets[i], *next; l != NULL; l = next) {
			next = l->next;
			look_at(h, l, now_ms);
		}
	hub_check_due(h, now_ms);
	return atomic_load(&h->streams) > 0;
}

/* ---- taking connections over ---- */

/* Work that another thread waits for, so that what it answers afterwards is true. */
struct errand {
	struct listener *l;
	bool taken; /* the client id is another member's */
	sem_t done;
};

/* False if the end has begun: nothing was done. */
static bool run_errand(struct hub *h, void (*fn)(void *hub, void *arg), struct errand *e)
{
	bool closing;

	sem_init(&e->done, 0, 0);
	pthread_mutex_lock(&h->lock);
	closing = atomic_load(&h->closing);
	if (!closing)
		ws_post(h->sockets, fn, e);
	pthread_mutex_unlock(&h->lock);
	while (!closing && sem_wait(&e->done) != 0)
		;
	sem_destroy(&e->done);
	return !closing;
}

static void open_stream(void *hub, void *arg)
{
	static const char hello[] = "retry: 3000\n\n";
	struct hub *h = hub;
	struct errand *e = arg;

	e->l->serial = ++h->serials;
	e->l->beat = clock_monotonic() / 1000;
	atomic_fetch_add(&h->streams, 1);
	enlist(h, e->l);
	http_stream_write(e->l->s, hello, sizeof hello - 1, 0);
	sem_post(&e->done);
}

void hub_take_stream(struct core *core, void *arg, struct http_stream *s)
{
	struct errand e = {.l = listener_new(arg)};

	e.l->s = s;
	if (run_errand(core->hub, open_stream, &e))
		return;
	http_stream_end(s);
	listener_free(e.l);
}

static void expect_socket(void *hub, void *arg)
{
	struct hub *h = hub;
	struct errand *e = arg;

	e->l->serial = ++h->serials;
	e->taken = is_taken(h, e->l);
	if (!e->taken) {
		replace(h, e->l);
		enlist(h, e->l);
		hub_announce(h, e->l);
	}
	sem_post(&e->done);
}

static void forget_expected(void *hub, void *arg)
{
	on_opened(hub, NULL, arg);
}

/* When the request is over: the socket that was expected came, or never will. */
static void request_over(void *arg)
{
	struct hub_client *k = arg;

	if (k->expected != NULL)
		ws_post(k->hub->sockets, forget_expected, k->expected);
}

int hub_expect(struct ctx *c, struct hub_client *k)
{
	struct errand e = {.l = listener_new(k)};

	if (!run_errand(c->core->hub, expect_socket, &e)) {
		listener_free(e.l);
		return fail(c, E_UNAVAILABLE, "The server is stopping");
	}
	k->hub = c->core->hub;
	k->expected = e.l;
	arena_defer(c->arena, request_over, k);
	if (e.taken)
		return fail(c, E_CONFLICT, "The client id is in use by another member of the team");
	return OK;
}

void hub_take_socket(struct core *core, void *arg, struct http_socket *s)
{
	struct hub *h = core->hub;
	struct hub_client *k = arg;
	bool closing;

	pthread_mutex_lock(&h->lock);
	closing = atomic_load(&h->closing);
	if (!closing) {
		ws_adopt(h->sockets, s, k->expected);
		k->expected = NULL;
	}
	pthread_mutex_unlock(&h->lock);
	if (closing)
		http_socket_close(s);
}

int hub_admits(struct ctx *c, const char *client_id, struct hub_client **out)
{
	struct hub_client *k = ARENA_NEW(c->arena, struct hub_client);
	struct hub *h = c->core->hub;
	const struct listener *other = NULL;
	bool closing, taken;

	*k = (struct hub_client){
		.client_id = client_id, .claims = c->request->claims, .actor = *c->actor};
	pthread_mutex_lock(&h->lock);
	closing = atomic_load(&h->closing);
	if (k->client_id != NULL)
		other = hub_find(h, k->actor.team_id, k->client_id);
	taken = other != NULL && other->client.actor.user_id != k->actor.user_id;
	pthread_mutex_unlock(&h->lock);
	if (closing)
		return fail(c, E_UNAVAILABLE, "The server is stopping");
	if (taken)
		return fail(c, E_CONFLICT, "The client id is in use by another member of the team");
	if (ws_count(h->sockets) + atomic_load(&h->streams) >= (size_t)c->config->max_listeners)
		return fail(c, E_UNAVAILABLE, "Too many WebSockets and event streams are open");
	*out = k;
	return OK;
}

/* ---- start and stop ---- */

int hub_start(struct core *core, struct hub **out)
{
	struct hub *h = calloc(1, sizeof *h);
	struct ws_options o = ws_defaults;
	const struct ws_hooks hooks = {on_opened, on_message, on_closed, on_tick, h};
	int rc;

	if (h == NULL)
		abort();
	h->core = core;
	rand_hex(h->name, 16);
	h->arena = arena_new(ARENA_MAX);
	pthread_mutex_init(&h->lock, NULL);
	o.max_message = HUB_MESSAGE_MAX;
	o.max_sockets = (size_t)core->config->max_listeners;
	rc = ws_start(&o, &hooks, &core->error, &h->sockets);
	if (rc == OK)
		rc = hub_subscribe(h);
	if (rc != OK) {
		if (h->sockets != NULL)
			hub_stop(h);
		hub_free(h);
		return rc;
	}
	*out = h;
	return OK;
}

static void end_streams(void *hub, void *arg)
{
	struct hub *h = hub;

	(void)arg;
	for (size_t i = 0; i < HUB_BUCKETS; i++)
		for (struct listener *l = h->buckets[i], *next; l != NULL; l = next) {
			next = l->next;
			if (l->s != NULL)
				end_stream(h, l, false);
		}
}

void hub_stop(struct hub *h)
{
	pthread_mutex_lock(&h->lock);
	atomic_store(&h->closing, true);
	pthread_mutex_unlock(&h->lock);
	ws_post(h->sockets, end_streams, NULL);
	ws_stop(h->sockets);
}

void hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	ws_free(h->sockets);
	pthread_mutex_destroy(&h->lock);
	arena_free(h->arena);
	free(h);
}

void hub_counts(struct hub *h, size_t *sockets, size_t *streams)
{
	*sockets = ws_count(h->sockets);
	*streams = atomic_load(&h->streams);
}
