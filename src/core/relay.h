/*
 * relay: the bus between the servers of one PostgreSQL database. What is published in a transaction
 * is a NOTIFY of that transaction; one thread of each server listens and hands it to the
 * subscribers (bus_deliver). A text too long for a notification (8,000 bytes) is a row that the
 * notification names. The same thread sends what comes from threads without a database, and once a
 * second tells the others what rate limits have counted.
 *
 * Guarantee: while a server is connected it hears each text once, in the order of the commits.
 * While it is not, it misses what is said.
 */
#pragma once
#include "core/ctx.h"

struct relay;

/* Starts the thread. E_RULE if the database cannot be opened. */
int relay_start(struct core *core, struct error *error, struct relay **out);
void relay_stop(struct relay *r); /* NULL allowed */

/* Publishes with the current transaction, or at once outside of one. */
int relay_publish(struct ctx *c, const char *topic, const char *text);
/* Leaves it to the thread; any thread. E_UNAVAILABLE if RELAY_WAITING_MAX texts wait already. */
enum { RELAY_WAITING_MAX = 1024 };
int relay_send(struct relay *r, const char *topic, const char *text);
