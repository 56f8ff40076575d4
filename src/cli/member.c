/* See member.h. */
#include "cli/member.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "data/schema.h"

static const struct field member_fields[] = {
	FIELD(struct member, path, F_REQUIRED, .min = 1, .max = 4096, .doc = "Path in DATA_DIR",
		  .example = "\"vitae.db\""),
	FIELD(struct member, size, F_REQUIRED, .doc = "Bytes", .example = "4096"),
	FIELD(struct member, sha256, F_REQUIRED, .min = 64, .max = 64, .doc = "SHA-256 of the content",
		  .example = "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
};
static const struct schema member_schema = SCHEMA("BackupMember", struct member, member_fields);

/* ---- paths ---- */

static bool goes_down(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || n > 255 || (n == 1 && path[0] == '.') ||
			(n == 2 && memcmp(path, "..", 2) == 0))
			return false;
		if (path[n] == '\0')
			return true;
		path += n + 1;
	}
}

bool member_path_ok(const char *path)
{
	if (path == NULL || strlen(path) >= 4096 || !goes_down(path))
		return false;
	return text_starts(path, "uploads/") || text_starts(path, "media/") ||
		   text_eq(path, MEMBER_DATABASE) || text_eq(path, MEMBER_KEY);
}

/* ---- the manifest ---- */

bool member_begin(FILE *out)
{
	char iso[CLOCK_ISO_SIZE];

	return fprintf(out,
				   "{\"format\":1,\"version\":\"" VITAE_VERSION
				   "\",\"created_at\":\"%s\",\"files\":[\n",
				   clock_iso(clock_now(), iso)) > 0;
}

bool member_put(FILE *out, const struct member *m, bool first)
{
	struct buf line;
	bool ok;

	buf_init(&line, NULL, MEMBER_LINE_MAX);
	ok = schema_print(&member_schema, m, &line) == OK &&
		 fprintf(out, "%s%s", first ? "" : ",\n", buf_str(&line)) > 0;
	buf_done(&line);
	return ok;
}

bool member_end(FILE *out)
{
	return fputs("\n]}\n", out) >= 0;
}

static int bind_line(struct arena *a, const char *line, size_t n, struct member *out)
{
	struct faults *faults = ARENA_NEW(a, struct faults);
	const struct json_value *v;

	if (json_parse(a, line, n, &v, NULL) != OK)
		return E_INVALID;
	return schema_bind_json(&member_schema, v, a, out, faults);
}

int member_next(FILE *in, struct arena *a, struct member *out)
{
	char *line = arena_alloc(a, MEMBER_LINE_MAX);
	bool at_start = ftell(in) == 0;
	size_t n;

	if (at_start &&
		(fgets(line, MEMBER_LINE_MAX, in) == NULL || !text_starts(line, "{\"format\":1,")))
		return E_INVALID;
	do {
		if (fgets(line, MEMBER_LINE_MAX, in) == NULL)
			return E_INVALID;
		n = strcspn(line, "\n");
		if (line[n] == '\0')
			return E_INVALID;
	} while (n == 0);
	if (text_starts(line, "]}"))
		return E_NOT_FOUND;
	return bind_line(a, line, line[n - 1] == ',' ? n - 1 : n, out);
}
