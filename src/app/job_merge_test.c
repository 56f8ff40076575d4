/* Made-up postings through the real tables: those of one job become one, others do not. */
#include "app/job_merge.h"

#include <stdlib.h>

#include "app/app.h"
#include "app/job_fixture.h"
#include "app/teams.h"
#include "base/test.h"
#include "core/core.h"
#include "store/scratch_dir.h"

enum { POSTINGS = 1000, ARENA = 256 * 1024 * 1024 };

static struct error error;

static struct core *open_core(void)
{
	static struct config config;
	static char name[] = "admin", email[] = "admin@example.com", password[] = "correct horse 7";
	static const struct feature *const features[] = {&jobs_feature};
	const struct core_options o = {.config = &config, .features = features, .nfeatures = 1};
	struct core *core;

	config = (struct config){.data_dir = scratch_path("data"),
							 .admin_username = name,
							 .admin_email = email,
							 .admin_password = password,
							 .threads = 1};
	return core_start(&o, &error, &core) == OK ? core : NULL;
}

struct ingest {
	const struct fixture *fixture;
	int64_t team, *found;
	size_t most;
};

static int ingest_tx(struct ctx *c, void *arg)
{
	struct ingest *g = arg;
	struct merged m;

	TRY(teams_create(c, "Team", &g->team));
	for (size_t i = 0; i < g->fixture->n; i++) {
		TRY(job_merge(c, g->team, &g->fixture->items[i], 1, &m));
		g->found[i] = m.job_id;
		g->most = m.job_id > (int64_t)g->most ? (size_t)m.job_id : g->most;
	}
	return OK;
}

TEST(postings_of_one_job_become_one)
{
	struct arena *a = arena_new(ARENA);
	struct fixture f = fixture_make(a, POSTINGS, 30, 7);
	struct ingest g = {&f, 0, ARENA_ARRAY(a, POSTINGS, int64_t), 0};
	struct core *core = open_core();
	struct db *db = NULL;
	struct fixture_score score;
	struct ctx c;

	CHECK(core != NULL);
	CHECK_INT(db_open(core->db_url, &error, &db), OK);
	core_ctx(core, a, &error, db, &c);
	CHECK_INT(tx(&c, ingest_tx, &g), OK);
	score = fixture_judge(a, &f, g.found, g.most);
	printf("    %zu postings of %zu jobs: %zu found, precision %.4f, recall %.4f\n", f.n, f.jobs,
		   g.most, score.precision, score.recall);
	CHECK(score.precision > 0.97 && score.recall > 0.85);
	db_close(db);
	core_stop(core);
	arena_free(a);
}

TEST_MAIN()
