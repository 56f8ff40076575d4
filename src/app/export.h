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

/* Adds the stored files that the query names: id, name (as uploaded) and path (relative to
 * DATA_DIR) of each. They get the names folder/id_name. One that is no longer on the disk is left
 * out. */
int export_files_params(struct export *x, const char *folder, const char *sql, struct params p);
#define export_files(x, folder, sql, ...) \
	export_files_params((x), (folder), (sql), PARAMS(__VA_ARGS__))

extern const struct feature export_feature;
