/*
 * See metrics.h. Counters are process-wide and never go back but with the process, as Prometheus
 * expects. A request finds its route's row by the address of the table row, in a sorted array.
 */
#include "core/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/route.h"
#include "core/status.h"

/* Rows of one name stand together. */
static const struct {
	const char *name, *label, *value, *help;
} counters[COUNTER_COUNT] = {
	[COUNTER_DOCUMENTS_READ] = {"vitae_documents_total", "result", "read",
								"Documents that parsers looked at"},
	[COUNTER_DOCUMENTS_UNREADABLE] = {"vitae_documents_total", "result", "unreadable", NULL},
	[COUNTER_PARSER_DIED] = {"vitae_parser_deaths_total", "reason", "died",
							 "Parsers that died or were killed because they were late"},
	[COUNTER_PARSER_LATE] = {"vitae_parser_deaths_total", "reason", "late", NULL},
	[COUNTER_PARSER_STARTED] = {"vitae_parser_starts_total", NULL, NULL,
								"Parser processes started"},
	[COUNTER_TASKS_DONE] = {"vitae_task_runs_total", "result", "done", "Runs of background tasks"},
	[COUNTER_TASKS_FAILED] = {"vitae_task_runs_total", "result", "failed", NULL},
	[COUNTER_TASKS_GIVEN_UP] = {"vitae_task_runs_total", "result", "given_up", NULL},
	[COUNTER_EVENTS] = {"vitae_events_total", NULL, NULL, "Events emitted"},
	[COUNTER_CLIENT_MESSAGES] = {"vitae_client_messages_total", NULL, NULL,
								 "Messages from WebSocket clients"},
	[COUNTER_WEBHOOKS_DELIVERED] = {"vitae_webhook_deliveries_total", "result", "delivered",
									"Attempts to deliver to webhooks"},
	[COUNTER_WEBHOOKS_FAILED] = {"vitae_webhook_deliveries_total", "result", "failed", NULL},
};

/* Upper bounds in microseconds; beyond the last there is +Inf. */
static const int64_t bounds[] = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
								 250000, 500000, 1000000, 2500000, 5000000, 10000000};
enum { BOUNDS = sizeof bounds / sizeof bounds[0] };

static const struct {
	const char *name, *help;
} histograms[HISTOGRAM_COUNT] = {
	[HISTOGRAM_PARSE] = {"vitae_parse_duration_seconds", "Time that a parser took for a document"},
};

struct series {
	atomic_ullong buckets[BOUNDS + 1], sum; /* of microseconds */
};

static atomic_ullong counts[COUNTER_COUNT];
static struct series observed[HISTOGRAM_COUNT];

struct row {
	const struct route *route; /* NULL: no route matched */
	struct series seconds;
	atomic_ullong statuses[STATUS_KNOWN + 1]; /* the last: others */
};

struct metrics {
	size_t n;
	struct row rows[]; /* sorted by route; the first is that without */
};

void metrics_count(enum counter c, int64_t n)
{
	atomic_fetch_add_explicit(&counts[c], (unsigned long long)n, memory_order_relaxed);
}

static void observe(struct series *s, int64_t us)
{
	size_t i = 0;

	while (i < BOUNDS && us > bounds[i])
		i++;
	atomic_fetch_add_explicit(&s->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->sum, (unsigned long long)us, memory_order_relaxed);
}

void metrics_observe(enum histogram h, int64_t us)
{
	observe(&observed[h], us);
}

/* ---- requests ---- */

static int by_address(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	uintptr_t p = (uintptr_t)x->route, q = (uintptr_t)y->route;

	return (p > q) - (p < q);
}

struct metrics *metrics_new(const struct routes *routes)
{
	size_t n = routes_count(routes) + 1;
	struct metrics *m = calloc(1, sizeof *m + n * sizeof m->rows[0]);

	if (m == NULL)
		abort();
	m->n = n;
	for (size_t i = 1; i < n; i++)
		m->rows[i].route = routes_at(routes, i - 1);
	qsort(m->rows, n, sizeof m->rows[0], by_address);
	return m;
}

void metrics_free(struct metrics *m)
{
	free(m);
}

void metrics_request(struct metrics *m, const struct route *route, int status, int64_t us)
{
	const uintptr_t wanted = (uintptr_t)route;
	size_t low = 0, high = m->n - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((uintptr_t)m->rows[middle].route < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	observe(&m->rows[low].seconds, us);
	atomic_fetch_add_explicit(&m->rows[low].statuses[status_index(status)], 1,
							  memory_order_relaxed);
}

/* ---- the page ---- */

void metrics_family(struct metrics_page *p, const char *name, const char *type, const char *help)
{
	p->name = name;
	buf_addf(&p->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			buf_addc(b, '\\');
		if (*s == '\n')
			buf_adds(b, "\\n");
		else
			buf_addc(b, *s);
	}
}

static void add_number(struct buf *b, double v)
{
	if (v == floor(v) && fabs(v) < 1e15)
		buf_addf(b, "%.0f", v);
	else
		buf_addf(b, "%.15g", v);
}

static void add_sample(struct metrics_page *p, const char *suffix, const struct pair *labels,
					   size_t n, double value)
{
	struct buf *b = &p->out;

	buf_addf(b, "%s%s", p->name, suffix);
	for (size_t i = 0; i < n; i++) {
		buf_addf(b, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		add_escaped(b, labels[i].value == NULL ? "" : labels[i].value);
		buf_addc(b, '"');
	}
	buf_adds(b, n > 0 ? "} " : " ");
	add_number(b, value);
	buf_addc(b, '\n');
}

void metrics_sample(struct metrics_page *p, const struct pair *labels, size_t n, double value)
{
	add_sample(p, "", labels, n, value);
}

enum { LABELS_MAX = 4 };

/* Buckets count what is at most their bound, so they add up. */
static void print_series(struct metrics_page *p, const struct series *s, const struct pair *labels,
						 size_t n)
{
	struct pair with_bound[LABELS_MAX];
	unsigned long long count = 0;
	char bound[24];

	for (size_t i = 0; i < n; i++)
		with_bound[i] = labels[i];
	for (size_t i = 0; i <= BOUNDS; i++) {
		count += atomic_load_explicit(&s->buckets[i], memory_order_relaxed);
		if (i < BOUNDS)
			snprintf(bound, sizeof bound, "%g", (double)bounds[i] / CLOCK_SECOND);
		else
			snprintf(bound, sizeof bound, "+Inf");
		with_bound[n] = (struct pair){"le", bound};
		add_sample(p, "_bucket", with_bound, n + 1, (double)count);
	}
	add_sample(p, "_sum", labels, n,
			   (double)atomic_load_explicit(&s->sum, memory_order_relaxed) / CLOCK_SECOND);
	add_sample(p, "_count", labels, n, (double)count);
}

static bool was_asked(const struct row *r)
{
	for (size_t i = 0; i <= STATUS_KNOWN; i++)
		if (atomic_load_explicit(&r->statuses[i], memory_order_relaxed) > 0)
			return true;
	return false;
}

static void name_row(const struct row *r, struct pair labels[LABELS_MAX])
{
	labels[0] = (struct pair){"method", r->route == NULL ? "other" : r->route->method};
	labels[1] = (struct pair){"route", r->route == NULL ? "none" : r->route->path};
}

static void print_statuses(struct metrics_page *p, const struct row *r)
{
	char status[8];
	struct pair labels[LABELS_MAX];

	name_row(r, labels);
	labels[2] = (struct pair){"status", status};
	for (int i = 0; i <= STATUS_KNOWN; i++) {
		unsigned long long n = atomic_load_explicit(&r->statuses[i], memory_order_relaxed);

		snprintf(status, sizeof status, "%d", status_at(i));
		if (n > 0)
			metrics_sample(p, labels, 3, (double)n);
	}
}

static void print_requests(const struct metrics *m, struct metrics_page *p)
{
	struct pair labels[LABELS_MAX];

	metrics_family(p, "vitae_http_requests_total", "counter", "Replies by route and status");
	for (size_t i = 0; i < m->n; i++)
		print_statuses(p, &m->rows[i]);
	metrics_family(p, "vitae_http_request_duration_seconds", "histogram",
				   "Time from a request's head to its reply");
	for (size_t i = 0; i < m->n; i++) {
		name_row(&m->rows[i], labels);
		if (was_asked(&m->rows[i]))
			print_series(p, &m->rows[i].seconds, labels, 2);
	}
}

static void print_counter(struct metrics_page *p, enum counter c)
{
	const struct pair label = {counters[c].label, counters[c].value};

	if (counters[c].help != NULL)
		metrics_family(p, counters[c].name, "counter", counters[c].help);
	metrics_sample(p, &label, label.name != NULL,
				   (double)atomic_load_explicit(&counts[c], memory_order_relaxed));
}

void metrics_print(const struct metrics *m, struct metrics_page *p)
{
	for (enum counter c = 0; c < COUNTER_COUNT; c++)
		print_counter(p, c);
	for (enum histogram h = 0; h < HISTOGRAM_COUNT; h++) {
		metrics_family(p, histograms[h].name, "histogram", histograms[h].help);
		print_series(p, &observed[h], NULL, 0);
	}
	print_requests(m, p);
}
