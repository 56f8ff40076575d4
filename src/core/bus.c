/*
 * See bus.h. With SQLite the one server is told what it publishes at the commit; with
 * PostgreSQL every server, this one too, hears it by relay.c. The list of subscribers only grows,
 * so whoever delivers holds it for reading.
 */
#include "core/bus.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/relay.h"

struct subscriber {
	const char *topic;
	void (*fn)(void *arg, const char *text);
	void *arg;
};

struct bus {
	pthread_rwlock_t lock;
	struct subscriber subscribers[BUS_SUBSCRIBERS_MAX];
	size_t n;
};

struct bus *bus_new(void)
{
	struct bus *b = calloc(1, sizeof *b);

	if (b == NULL)
		abort();
	pthread_rwlock_init(&b->lock, NULL);
	return b;
}

void bus_free(struct bus *b)
{
	if (b == NULL)
		return;
	pthread_rwlock_destroy(&b->lock);
	free(b);
}

int bus_subscribe(struct core *core, const char *topic, void (*fn)(void *arg, const char *text),
				  void *arg)
{
	struct bus *b = core->bus;
	int rc = E_LIMIT;

	pthread_rwlock_wrlock(&b->lock);
	if (b->n < BUS_SUBSCRIBERS_MAX) {
		b->subscribers[b->n++] = (struct subscriber){topic, fn, arg};
		rc = OK;
	}
	pthread_rwlock_unlock(&b->lock);
	return rc;
}

void bus_deliver(struct core *core, const char *topic, const char *text)
{
	struct bus *b = core->bus;

	pthread_rwlock_rdlock(&b->lock);
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->subscribers[i].topic, topic) == 0)
			b->subscribers[i].fn(b->subscribers[i].arg, text);
	pthread_rwlock_unlock(&b->lock);
}

struct publication {
	struct db_hook hook;
	struct core *core;
	const char *topic, *text;
};

static void deliver(void *arg)
{
	const struct publication *p = arg;

	bus_deliver(p->core, p->topic, p->text);
}

int bus_publish(struct ctx *c, const char *topic, const char *text)
{
	struct publication *p;

	if (strlen(text) > BUS_TEXT_MAX)
		return fail(c, E_INTERNAL, "a text for the topic %s exceeds %d bytes", topic, BUS_TEXT_MAX);
	if (strcmp(db_engine(c->db), "sqlite") != 0)
		return relay_publish(c, topic, text);
	if (!c->db->in_tx)
		return fail(c, E_INTERNAL, "published outside of transactions: %s", topic);
	p = ARENA_NEW(c->arena, struct publication);
	*p = (struct publication){.hook = {.fn = deliver, .arg = p},
							  .core = c->core,
							  .topic = arena_strdup(c->arena, topic),
							  .text = arena_strdup(c->arena, text)};
	db_on_commit(c->db, &p->hook);
	return OK;
}

int bus_send(struct core *core, const char *topic, const char *text)
{
	if (strlen(text) > BUS_TEXT_MAX)
		return E_TOO_LARGE;
	if (core->relay != NULL)
		return relay_send(core->relay, topic, text);
	bus_deliver(core, topic, text);
	return OK;
}
