/* The tables of every feature: sound schemas, routes that compile, tasks and jobs with names of
 * their own. */
#include "app/app.h"

#include "base/test.h"
#include "core/scheduler.h"

static int defects(const struct schema *s, const char *where)
{
	struct arena *a = arena_new(1 << 20);
	struct buf b;
	int n;

	buf_init(&b, a, 1 << 16);
	n = s == NULL ? 0 : schema_check(s, &b);
	if (n > 0)
		printf("    %s: %s", where, buf_str(&b));
	arena_free(a);
	return n;
}

TEST(schemas_are_sound)
{
	int n = 0;

	for (size_t i = 0; i < app_features_count; i++) {
		const struct feature *f = app_features[i];

		for (size_t k = 0; k < f->nroutes; k++)
			n += defects(f->routes[k].in, f->routes[k].path) +
				 defects(f->routes[k].out, f->routes[k].path);
		for (size_t k = 0; k < f->ntasks; k++)
			n += defects(f->tasks[k].args, f->tasks[k].name);
	}
	CHECK_INT(n, 0);
}

TEST(routes_compile)
{
	struct arena *a = arena_new(1 << 22);
	struct error error = {0};
	struct routes *r;

	CHECK_INT(routes_new(a, &error, app_features, app_features_count, 0, &r), OK);
	CHECK(routes_count(r) > 15);
	for (size_t i = 0; i < routes_count(r); i++) {
		const struct route *route = routes_at(r, i);

		CHECK(route->doc != NULL && route->tag != NULL && route->status >= 101);
		CHECK(!(route->flags & ROUTE_LIST) || route->out != NULL);
	}
	arena_free(a);
}

TEST(tasks_have_names_of_their_own)
{
	for (size_t i = 0; i < app_features_count; i++)
		for (size_t k = 0; k < app_features[i]->ntasks; k++)
			for (size_t j = 0; j < app_features_count; j++)
				for (size_t m = 0; m < app_features[j]->ntasks; m++)
					CHECK((i == j && k == m) || strcmp(app_features[i]->tasks[k].name,
													   app_features[j]->tasks[m].name) != 0);
}

TEST(jobs_name_tasks)
{
	size_t n = 0;

	for (size_t i = 0; i < app_features_count; i++)
		for (size_t k = 0; k < app_features[i]->njobs; k++, n++)
			CHECK(app_features[i]->jobs[k].task != NULL && app_features[i]->jobs[k].interval > 0);
	CHECK(n >= 4);
}

TEST(whoever_stores_files_answers_for_them)
{
	for (size_t i = 0; i < app_features_count; i++)
		CHECK((app_features[i]->files == NULL) == (app_features[i]->has_file == NULL));
}

TEST_MAIN()
