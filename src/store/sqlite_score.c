/* See sqlite_score.h. */
#include "store/sqlite_score.h"

#include <stddef.h>

enum { PHRASES_MAX = 64 };

static void field_score(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context,
						int n, sqlite3_value **weights)
{
	double best[PHRASES_MAX] = {0}, sum = 0;
	int instances = 0, rc = api->xInstCount(fts, &instances);

	for (int i = 0; rc == SQLITE_OK && i < instances; i++) {
		int phrase, column, offset;
		double weight;

		rc = api->xInst(fts, i, &phrase, &column, &offset);
		if (rc != SQLITE_OK || phrase >= PHRASES_MAX || column >= n)
			continue;
		weight = sqlite3_value_double(weights[column]);
		if (weight > best[phrase])
			best[phrase] = weight;
	}
	if (rc != SQLITE_OK) {
		sqlite3_result_error_code(context, rc);
		return;
	}
	for (int i = 0; i < PHRASES_MAX; i++)
		sum += best[i];
	sqlite3_result_double(context, sum);
}

int sqlite_score_register(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	fts5_api *api = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
	(void)sqlite3_step(stmt);
	rc = sqlite3_finalize(stmt);
	if (rc != SQLITE_OK || api == NULL)
		return rc != SQLITE_OK ? rc : SQLITE_ERROR;
	return api->xCreateFunction(api, "field_score", NULL, field_score, NULL);
}
