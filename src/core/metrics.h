/*
 * metrics: what an operator's monitoring reads (GET /metrics, Prometheus' text format 0.0.4).
 *
 * Counting costs an atomic addition. To count something new, add a row to the tables in metrics.c
 * and call metrics_count or metrics_observe. What is a state rather than an event (rows that wait,
 * bytes) is looked up when the page is asked for, by a feature's .metrics hook:
 *
 *	metrics_family(p, "vitae_outbox_messages", "gauge", "Mails by state");
 *	metrics_sample(p, (struct pair[]){{"state", "queued"}}, 1, n);
 */
#pragma once
#include "core/ctx.h"

enum counter {
	COUNTER_DOCUMENTS_READ,
	COUNTER_DOCUMENTS_UNREADABLE,
	COUNTER_PARSER_DIED,
	COUNTER_PARSER_LATE,
	COUNTER_PARSER_STARTED,
	COUNTER_TASKS_DONE,
	COUNTER_TASKS_FAILED,
	COUNTER_TASKS_GIVEN_UP,
	COUNTER_EVENTS,
	COUNTER_CLIENT_MESSAGES,
	COUNTER_WEBHOOKS_DELIVERED,
	COUNTER_WEBHOOKS_FAILED,
	COUNTER_COUNT
};
void metrics_count(enum counter c, int64_t n);

enum histogram { HISTOGRAM_PARSE, HISTOGRAM_COUNT };
void metrics_observe(enum histogram h, int64_t us);

struct routes;
struct metrics; /* of the requests, by route */
struct metrics *metrics_new(const struct routes *routes);
void metrics_free(struct metrics *m); /* NULL allowed */
/* Counts a reply and the microseconds until its head was sent; route NULL: none matched. */
void metrics_request(struct metrics *m, const struct route *route, int status, int64_t us);

/* ---- the page ---- */

struct metrics_page {
	struct buf out;
	const char *name; /* of the family at hand */
};
/* Starts a family: type "counter", "gauge" or "histogram". All samples of it follow. */
void metrics_family(struct metrics_page *p, const char *name, const char *type, const char *help);
/* One sample, with n labels (values in any text). */
void metrics_sample(struct metrics_page *p, const struct pair *labels, size_t n, double value);
/* Prints all that was counted. */
void metrics_print(const struct metrics *m, struct metrics_page *p);
