/*
 * export: all that the server holds of a user, as one zip archive: JSON arrays and the files. Each
 * feature adds what its own tables hold (.export_user of struct feature):
 *
 *	static int export_user(struct ctx *c, int64_t user_id, struct export *x)
 *	{
 *		return export_rows(x, "notes", &note_schema, "SELECT * FROM notes WHERE user_id = $1",
 *						   P(user_id));
 *	}
 *
 * Rows and files go through the disk, so that memory does not grow with them. All of it is of one
 * moment.
 */
#pragma once
#include "core/route.h"

struct export;

/* Adds name.json: an array of the rows that the query gives, printed by s (F_SECRET fields are left
 * out). Names are the user's to see: "resumes", "sessions"; each once. */
int export_rows_params(struct export *x, const char *name, const struct schema *s, const char *sql,
					   struct params p);
#define export_rows(x, name, s, sql, ...) \
	export_rows_params((x), (name), (s), (sql), PARAMS(__VA_ARGS__))

/* Adds a stored file (path relative to DATA_DIR) under the given name: "resumes/7_cv.pdf", each
 * once. One that is no longer on the disk is left out. */
int export_file(struct export *x, const char *path, const char *name);

extern const struct feature export_feature;
