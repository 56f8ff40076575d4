/*
 * metrics: the page that a monitoring system reads (Prometheus' text format). Never limited: it
 * must answer when there is too much of everything else.
 */
#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "core/core.h"
#include "core/metrics.h"
#include "core/route.h"

enum { PAGE_MAX = 8 * 1024 * 1024 };

static void gauge(struct metrics_page *p, const char *name, const char *help, double value)
{
	metrics_family(p, name, "gauge", help);
	metrics_sample(p, NULL, 0, value);
}

/* ---- the process ---- */

static double resident_bytes(void)
{
	long long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lld %lld", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	if (d == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static void add_process(const struct core *core, struct metrics_page *p)
{
	struct rusage u = {0};
	struct rlimit files = {0};

	getrusage(RUSAGE_SELF, &u);
	getrlimit(RLIMIT_NOFILE, &files);
	metrics_family(p, "process_cpu_seconds_total", "counter", "Processor time, user and system");
	metrics_sample(p, NULL, 0, seconds(&u.ru_utime) + seconds(&u.ru_stime));
	gauge(p, "process_resident_memory_bytes", "Resident memory", resident_bytes());
	gauge(p, "process_open_fds", "Open file descriptors", entries("/proc/self/fd") - 1);
	gauge(p, "process_max_fds", "Most file descriptors", (double)files.rlim_cur);
	gauge(p, "process_threads", "Threads", entries("/proc/self/task"));
	gauge(p, "process_start_time_seconds", "When the server started, since the epoch",
		  (double)core->started / CLOCK_SECOND);
	metrics_family(p, "vitae_build_info", "gauge", "Always 1; the labels tell the version");
	metrics_sample(p, (struct pair[]){{"version", VITAE_VERSION}}, 1, 1);
}

/* ---- what waits ---- */

static void add_connections(struct core *core, struct metrics_page *p)
{
	size_t sockets, streams;

	hub_counts(core->hub, &sockets, &streams);
	gauge(p, "vitae_http_connections", "Open HTTP connections", http_connections(core->http));
	metrics_family(p, "vitae_listeners", "gauge", "Open WebSockets and event streams");
	metrics_sample(p, (struct pair[]){{"kind", "websocket"}}, 1, (double)sockets);
	metrics_sample(p, (struct pair[]){{"kind", "stream"}}, 1, (double)streams);
}

static int add_tasks(struct ctx *c, struct metrics_page *p)
{
	const struct task_backlog *t;
	struct list list;

	TRY(task_backlogs(c, &list));
	t = list.items;
	metrics_family(p, "vitae_tasks", "gauge", "Background tasks by kind and state");
	for (size_t i = 0; i < list.n; i++) {
		metrics_sample(p, (struct pair[]){{"kind", t[i].kind}, {"state", "waiting"}}, 2,
					   (double)t[i].waiting);
		metrics_sample(p, (struct pair[]){{"kind", t[i].kind}, {"state", "running"}}, 2,
					   (double)t[i].running);
	}
	metrics_family(p, "vitae_task_oldest_seconds", "gauge",
				   "Age of the oldest task that is due, by kind");
	for (size_t i = 0; i < list.n; i++)
		metrics_sample(p, (struct pair[]){{"kind", t[i].kind}}, 1,
					   t[i].oldest == 0 ? 0 : (double)(c->now - t[i].oldest) / CLOCK_SECOND);
	return OK;
}

/* ---- the database ---- */

/* SQLite's is a file, whose log grows while a reader stays. */
static void add_file(struct metrics_page *p, struct ctx *c, const char *part, const char *suffix)
{
	struct stat st;
	const char *path = c->core->db_url + strlen("sqlite:");

	if (stat(arena_printf(c->arena, "%s%s", path, suffix), &st) == 0)
		metrics_sample(p, (struct pair[]){{"file", part}}, 1, (double)st.st_size);
}

static int add_database(struct ctx *c, struct metrics_page *p)
{
	int64_t one, bytes, begun = clock_monotonic();

	TRY(db_int(c->db, &one, "SELECT 1"));
	gauge(p, "vitae_database_answer_seconds", "Time that the database took for a trivial question",
		  (double)(clock_monotonic() - begun) / CLOCK_SECOND);
	metrics_family(p, "vitae_database_bytes", "gauge", "Size of the database on disk");
	if (strcmp(db_engine(c->db), "sqlite") != 0) {
		TRY(db_int(c->db, &bytes, "SELECT pg_database_size(current_database())"));
		metrics_sample(p, (struct pair[]){{"file", "main"}}, 1, (double)bytes);
		return OK;
	}
	add_file(p, c, "main", "");
	add_file(p, c, "wal", "-wal");
	return OK;
}

/* ---- the handler ---- */

static int check_token(struct ctx *c)
{
	if (text_is_blank(c->config->metrics_token) ||
		text_equal_ct(c->config->metrics_token, c->token == NULL ? "" : c->token))
		return OK;
	return fail(c, E_AUTH,
				c->token == NULL ? "Not authenticated" : "Could not validate credentials");
}

static int page(struct ctx *c)
{
	struct metrics_page p;

	TRY(check_token(c));
	buf_init(&p.out, c->arena, PAGE_MAX);
	add_process(c->core, &p);
	add_connections(c->core, &p);
	TRY(add_tasks(c, &p));
	TRY(add_database(c, &p));
	for (size_t i = 0; i < c->core->nfeatures; i++)
		if (c->core->features[i]->metrics != NULL)
			TRY(c->core->features[i]->metrics(c, &p));
	metrics_print(c->core->metrics, &p);
	if (!buf_ok(&p.out))
		return fail(c, E_INTERNAL, "the page of metrics exceeds %d bytes", PAGE_MAX);
	ctx_body(c, p.out.p, p.out.n, "text/plain; version=0.0.4; charset=utf-8");
	return OK;
}

static const short refused[] = {401, 0};

static const struct route routes[] = {
	{"GET", "/metrics", page, NULL, NULL, .role = ROLE_PUBLIC, .rate = RATE_NONE, .status = 200,
	 .flags = ROUTE_RAW | ROUTE_FRESH, .tag = "operation",
	 .doc =
		 "What monitoring reads, in Prometheus' text format\nWith METRICS_TOKEN set, that is the "
		 "bearer token to send.",
	 .errors = refused},
};

const struct feature metrics_feature = {.name = "metrics", .routes = routes, .nroutes = 1};
