/*
 * jobs: made-up postings through the real tables, in batches as a search keeps them: postings a
 * second, and how well those of one job were told (precision and recall of pairs).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/job_fixture.h"
#include "app/job_merge.h"
#include "app/teams.h"
#include "core/core.h"

enum { BATCH = 100, ARENA = 1 << 30 };

static struct error error;

struct batch {
	const struct fixture *fixture;
	size_t from, to;
	int64_t team, begun, *found;
};

static int make_team(struct ctx *c, void *arg)
{
	struct batch *b = arg;

	return teams_create(c, "Team", &b->team);
}

static int keep(struct ctx *c, void *arg)
{
	struct batch *b = arg;
	struct merged m;

	c->now = clock_now();
	for (size_t i = b->from; i < b->to; i++) {
		TRY(job_merge(c, b->team, &b->fixture->items[i], b->begun, &m));
		b->found[i] = m.job_id;
	}
	return OK;
}

/* One transaction, with memory of its own. */
static int transact(struct core *core, struct db *db, int (*body)(struct ctx *c, void *arg),
					struct batch *b)
{
	struct arena *a = arena_new(ARENA);
	struct ctx c;
	int rc;

	core_ctx(core, a, &error, db, &c);
	rc = tx(&c, body, b);
	arena_free(a);
	return rc;
}

static int run(struct core *core, struct db *db, struct batch *b)
{
	TRY(transact(core, db, make_team, b));
	for (size_t i = 0; i < b->fixture->n; i += BATCH) {
		b->from = i;
		b->to = i + BATCH < b->fixture->n ? i + BATCH : b->fixture->n;
		TRY(transact(core, db, keep, b));
	}
	return OK;
}

static size_t most_of(const int64_t *ids, size_t n)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = ids[i] > (int64_t)most ? (size_t)ids[i] : most;
	return most;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	uint64_t seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 42;
	char dir[] = "/tmp/vitae-bench-jobs-XXXXXX";
	struct config config = {.threads = 1};
	const struct feature *features[] = {&jobs_feature};
	const struct core_options o = {.config = &config, .features = features, .nfeatures = 1};
	struct arena *a = arena_new(ARENA);
	struct fixture f = fixture_make(a, n, 30, seed);
	struct batch b = {.fixture = &f, .found = ARENA_ARRAY(a, n, int64_t)};
	struct fixture_score score;
	struct core *core;
	struct db *db;
	int64_t begun;
	clock_t worked;
	double seconds, cpu;

	config.data_dir = mkdtemp(dir);
	if (config.data_dir == NULL || core_start(&o, &error, &core) != OK ||
		db_open(core->db_url, &error, &db) != OK) {
		fprintf(stderr, "jobs: %s\n", error.text);
		return 1;
	}
	begun = clock_monotonic();
	worked = clock();
	b.begun = clock_now();
	if (run(core, db, &b) != OK) {
		fprintf(stderr, "jobs: %s\n", error.text);
		return 1;
	}
	seconds = (double)(clock_monotonic() - begun) / 1e6;
	cpu = (double)(clock() - worked) / CLOCKS_PER_SEC;
	score = fixture_judge(a, &f, b.found, most_of(b.found, n));
	printf("%zu postings of %zu jobs became %zu jobs: precision %.4f, recall %.4f; "
		   "%.1f s (%.1f of them on a processor), %.0f postings a second\n",
		   n, f.jobs, most_of(b.found, n), score.precision, score.recall, seconds, cpu,
		   (double)n / seconds);
	db_close(db);
	core_stop(core);
	arena_free(a);
	return 0;
}
