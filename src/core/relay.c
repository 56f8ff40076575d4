/* See relay.h. A payload is the topic, a line feed and the text; or "#" and the number of a row
 * whose text is that. Rows are old after TEXT_KEPT, and removed by whoever adds one. */
#include "core/relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "core/bus.h"
#include "core/core.h"

enum { PAYLOAD_MAX = 7900, ARENA_MAX = 1024 * 1024, BEAT_MS = 1000 };
#define TEXT_KEPT (600 * CLOCK_SECOND)

struct waiting {
	struct waiting *next;
	char topic[32];
	char text[];
};

struct relay {
	struct core *core;
	struct db *db;
	struct arena *arena;
	pthread_t thread;
	int wake_fd;
	pthread_mutex_t lock; /* of what follows */
	struct waiting *first, **last;
	int n;
	bool stopping;
};

static const char channel[] = "vitae_bus";

/* ---- publishing ---- */

static int add_row(struct ctx *c, const char *payload, const char **out)
{
	int64_t id;

	TRY(db_exec(c->db, NULL, "DELETE FROM bus_texts WHERE created_at < $1", P(c->now - TEXT_KEPT)));
	TRY(db_int(c->db, &id, "INSERT INTO bus_texts (text, created_at) VALUES ($1, $2) RETURNING id",
			   P(payload), P(c->now)));
	*out = arena_printf(c->arena, "#%lld", (long long)id);
	return OK;
}

static int add_row_tx(struct ctx *c, void *arg)
{
	const char **payload = arg;

	TRY(add_row(c, *payload, payload));
	return db_exec(c->db, NULL, "SELECT pg_notify($1, $2)", P(channel), P(*payload));
}

int relay_publish(struct ctx *c, const char *topic, const char *text)
{
	const char *payload = arena_printf(c->arena, "%s\n%s", topic, text);

	if (strlen(payload) > PAYLOAD_MAX)
		return tx(c, add_row_tx, &payload);
	return db_exec(c->db, NULL, "SELECT pg_notify($1, $2)", P(channel), P(payload));
}

int relay_send(struct relay *r, const char *topic, const char *text)
{
	size_t n = strlen(text);
	struct waiting *w;
	bool full;

	if (strlen(topic) >= sizeof w->topic)
		return E_TOO_LARGE;
	w = malloc(sizeof *w + n + 1);
	if (w == NULL)
		abort();
	w->next = NULL;
	memcpy(w->topic, topic, strlen(topic) + 1);
	memcpy(w->text, text, n + 1);
	pthread_mutex_lock(&r->lock);
	full = r->n == RELAY_WAITING_MAX;
	if (!full) {
		*r->last = w;
		r->last = &w->next;
		r->n++;
	}
	pthread_mutex_unlock(&r->lock);
	if (full) {
		free(w);
		return E_UNAVAILABLE;
	}
	(void)eventfd_write(r->wake_fd, 1);
	return OK;
}

/* ---- the thread ---- */

static void relay_ctx(struct relay *r, struct error *error, struct ctx *c)
{
	*error = (struct error){0};
	arena_reset(r->arena);
	core_ctx(r->core, r->arena, error, r->db, c);
}

static struct waiting *next_waiting(struct relay *r)
{
	struct waiting *w;

	pthread_mutex_lock(&r->lock);
	w = r->first;
	pthread_mutex_unlock(&r->lock);
	return w;
}

static void done_waiting(struct relay *r)
{
	struct waiting *w;

	pthread_mutex_lock(&r->lock);
	w = r->first;
	r->first = w->next;
	if (r->first == NULL)
		r->last = &r->first;
	r->n--;
	pthread_mutex_unlock(&r->lock);
	free(w);
}

/* What cannot be sent while the database is away waits; what is wrong with a text is its end. */
static void send_waiting(struct relay *r)
{
	struct waiting *w;

	while ((w = next_waiting(r)) != NULL) {
		struct error error;
		struct ctx c;
		int rc;

		relay_ctx(r, &error, &c);
		rc = relay_publish(&c, w->topic, w->text);
		if (rc == E_UNAVAILABLE)
			return;
		if (rc != OK)
			log_error("a text of the topic %s cannot be told: %s", w->topic, error.text);
		done_waiting(r);
	}
}

static void deliver(struct relay *r, const char *payload)
{
	const char *end = strchr(payload, '\n');
	char topic[32];

	if (end == NULL || (size_t)(end - payload) >= sizeof topic)
		return;
	memcpy(topic, payload, (size_t)(end - payload));
	topic[end - payload] = '\0';
	bus_deliver(r->core, topic, end + 1);
}

static void heard(void *arg, const char *payload)
{
	struct relay *r = arg;
	struct error error;
	struct ctx c;
	const char *text;
	int64_t id;

	if (payload[0] != '#') {
		deliver(r, payload);
		return;
	}
	relay_ctx(r, &error, &c);
	if (text_int(payload + 1, &id) != OK ||
		db_text(c.db, c.arena, &text, "SELECT text FROM bus_texts WHERE id = $1", P(id)) != OK)
		log_warning("a text of another server cannot be read: %s", error.text);
	else
		deliver(r, text);
}

static bool is_stopping(struct relay *r)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	yes = r->stopping;
	pthread_mutex_unlock(&r->lock);
	return yes;
}

/* While there is no connection, the waking descriptor alone is waited for. */
static void rest(struct relay *r)
{
	struct pollfd p = {.fd = r->wake_fd, .events = POLLIN};

	(void)poll(&p, 1, BEAT_MS);
}

static const char rate_topic[] = "rate";

static void tell_rates(void *arg, const char *text)
{
	if (relay_send(arg, rate_topic, text) != OK)
		log_warning("the other servers cannot be told what was counted");
}

static void hear_rates(void *arg, const char *text)
{
	struct core *core = arg;

	rate_hear(core->rate, core->instance, text, clock_now());
}

static void *relay_main(void *arg)
{
	struct relay *r = arg;
	const struct db_wait w = {channel, r->wake_fd, BEAT_MS, heard, r};
	int64_t told = 0;

	while (!is_stopping(r)) {
		struct error error;
		struct ctx c;
		eventfd_t ignored;

		relay_ctx(r, &error, &c);
		if (db_wait(c.db, &w) != OK)
			rest(r);
		(void)eventfd_read(r->wake_fd, &ignored);
		if (clock_monotonic() - told >= BEAT_MS * INT64_C(1000)) {
			told = clock_monotonic();
			rate_tell(r->core->rate, r->core->instance, clock_now(), tell_rates, r);
		}
		send_waiting(r);
	}
	return NULL;
}

/* ---- start and stop ---- */

static void release(struct relay *r)
{
	while (r->first != NULL)
		done_waiting(r);
	db_close(r->db);
	if (r->wake_fd >= 0)
		close(r->wake_fd);
	pthread_mutex_destroy(&r->lock);
	arena_free(r->arena);
	free(r);
}

int relay_start(struct core *core, struct error *error, struct relay **out)
{
	struct relay *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		abort();
	r->core = core;
	r->last = &r->first;
	r->arena = arena_new(ARENA_MAX);
	pthread_mutex_init(&r->lock, NULL);
	r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = bus_subscribe(core, rate_topic, hear_rates, core);
	if (rc == OK)
		rc = db_open(core->db_url, error, &r->db);
	if (rc == OK && (r->wake_fd < 0 || pthread_create(&r->thread, NULL, relay_main, r) != 0))
		rc = fail(&(struct { struct error *error; }){error}, E_UNAVAILABLE,
				  "no thread for the bus can be started");
	if (rc != OK) {
		release(r);
		return rc;
	}
	*out = r;
	return OK;
}

void relay_stop(struct relay *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_mutex_unlock(&r->lock);
	(void)eventfd_write(r->wake_fd, 1);
	pthread_join(r->thread, NULL);
	release(r);
}
