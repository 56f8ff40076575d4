/*
 * bus: short texts by topic, told to every server that shares the database, this one too. For what
 * caches and open connections must hear of: a flag that changed, an event for the hub. Nothing is
 * kept: a server that is down at that moment hears nothing, so what must not be lost is a row.
 */
#pragma once
#include "core/ctx.h"

enum { BUS_TEXT_MAX = 64 * 1024, BUS_SUBSCRIBERS_MAX = 32 };

struct bus;

struct bus *bus_new(void);
void bus_free(struct bus *b); /* NULL allowed */

/* Calls fn(arg, text) for each text published under topic from now on, until the server ends. fn
 * runs on whatever thread delivers, several at once: it must be quick, and neither publish nor
 * subscribe. topic is borrowed for ever. E_LIMIT beyond BUS_SUBSCRIBERS_MAX. */
int bus_subscribe(struct core *core, const char *topic, void (*fn)(void *arg, const char *text),
				  void *arg);

/* Publishes with the commit of the open transaction (after a rollback: not at all): all hear what
 * is published so in the order of the commits. text is copied. E_INTERNAL if it is longer than
 * BUS_TEXT_MAX, or no transaction is open. */
int bus_publish(struct ctx *c, const char *topic, const char *text);

/* Publishes outside of any transaction, from a thread without a database. Does not block.
 * E_TOO_LARGE, or E_UNAVAILABLE if too much waits to be told already. */
int bus_send(struct core *core, const char *topic, const char *text);

/* Tells this server's subscribers: the last step of every way that a text can take. */
void bus_deliver(struct core *core, const char *topic, const char *text);
