/*
 * Whether connections may stay, see hub.h. Accounts and sessions are rows, so a thread of the
 * readers' pool looks at them; it gets a list of the connections in question and posts back which
 * of them are over. Somebody's connections are looked at when their access changed, and everybody's
 * from time to time, should word of a change have been lost.
 */
#include <stdlib.h>

#include "base/log.h"
#include "core/hub_private.h"

enum { EVERYBODY_MS = 60 * 1000, CHECK_ARENA = 1024 * 1024 };

struct suspect {
	uint64_t serial;
	struct hub_client client;
	bool over;
};

struct check {
	struct hub *hub;
	int64_t user_id;
	size_t n;
	struct suspect list[];
};

static int by_serial(const void *a, const void *b)
{
	const struct suspect *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static bool is_meant(const struct listener *l, int64_t user_id)
{
	return user_id == 0 || l->client.actor.user_id == user_id;
}

static struct check *collect(struct hub *h, int64_t user_id)
{
	struct check *c;
	size_t n = 0;

	for (size_t i = 0; i < HUB_BUCKETS; i++)
		for (struct listener *l = h->buckets[i]; l != NULL; l = l->next)
			n += is_meant(l, user_id);
	if (n == 0)
		return NULL;
	c = calloc(1, sizeof *c + n * sizeof c->list[0]);
	if (c == NULL)
		abort();
	c->hub = h;
	c->user_id = user_id;
	for (size_t i = 0; i < HUB_BUCKETS; i++)
		for (struct listener *l = h->buckets[i]; l != NULL; l = l->next)
			if (is_meant(l, user_id))
				c->list[c->n++] = (struct suspect){.serial = l->serial, .client = l->client};
	qsort(c->list, c->n, sizeof c->list[0], by_serial);
	return c;
}

static const struct suspect *find(const struct check *c, const struct listener *l)
{
	const struct suspect key = {.serial = l->serial};

	return bsearch(&key, c->list, c->n, sizeof key, by_serial);
}

/* On the hub's thread: what the check has found. */
static void conclude(void *hub, void *arg)
{
	struct hub *h = hub;
	struct check *c = arg;

	for (size_t i = 0; i < HUB_BUCKETS; i++)
		for (struct listener *l = h->buckets[i], *next; l != NULL; l = next) {
			const struct suspect *s = is_meant(l, c->user_id) ? find(c, l) : NULL;

			next = l->next;
			if (s == NULL)
				continue;
			l->admin = s->client.actor.superuser || s->client.actor.role >= ROLE_ADMIN;
			if (s->over)
				hub_end(h, l, HUB_ENDED, "The session has ended, or the account has changed");
		}
	free(c);
	h->checking = false;
	if (h->check_again) {
		h->check_again = false;
		hub_check(h, h->check_user);
	}
}

/* On a thread with a database. What cannot be looked at stays. */
static void look(void *arg, struct db *db)
{
	struct check *c = arg;
	struct arena *a = arena_new(CHECK_ARENA);
	struct error error = {0};

	db->error = &error;
	for (size_t i = 0; i < c->n; i++) {
		struct suspect *s = &c->list[i];
		struct actor now;
		int rc = access_actor(c->hub->core->access, db, a, &s->client.claims, &now);

		s->over = rc == E_AUTH || (rc == OK && now.team_id != s->client.actor.team_id);
		if (rc == OK)
			s->client.actor = now;
		else if (rc != E_AUTH)
			log_warning("a connection's account cannot be looked at: %s", error.text);
		arena_reset(a);
	}
	arena_free(a);
	ws_post(c->hub->sockets, conclude, c);
}

void hub_check(struct hub *h, int64_t user_id)
{
	struct check *c;

	if (atomic_load(&h->closing))
		return;
	if (h->checking) {
		h->check_user = h->check_again && h->check_user != user_id ? 0 : user_id;
		h->check_again = true;
		return;
	}
	c = collect(h, user_id);
	if (c == NULL)
		return;
	if (pool_run(h->core->fast, look, c) == OK) {
		h->checking = true;
		return;
	}
	free(c);
	h->checked = 0; /* the next tick tries again */
}

void hub_check_due(struct hub *h, int64_t now_ms)
{
	if (h->checking || now_ms - h->checked < EVERYBODY_MS)
		return;
	h->checked = now_ms;
	hub_check(h, 0);
}
