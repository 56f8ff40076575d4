/*
 * resumes: an applicant's own documents: kept, described, fetched again. Owns no table:
 * resume_rows.c does. The file lies in the folder of the team that the user had at the upload.
 */
#include "app/resumes.h"

#include <string.h>

#include "app/message.h"
#include "app/query.h"
#include "app/removals.h"
#include "app/resume_rows.h"
#include "data/sniff.h"

/* ---- schemas ---- */

struct upload_in {
	struct upload file;
	const char *title, *notes;
	bool is_default;
};
static const struct field upload_fields[] = {
	FIELD(struct upload_in, file, F_REQUIRED, .doc = "PDF, at most 10 MB"),
	FIELD(struct upload_in, title, F_NULL, .min = 1, .max = RESUME_TITLE_MAX,
		  .doc = "Title; left out: the file's name", .example = "\"Backend roles\""),
	FIELD(struct upload_in, notes, F_NULL, .max = RESUME_NOTES_MAX, .doc = "One's own notes",
		  .example = "\"with the talk in Oslo\""),
	FIELD(struct upload_in, is_default, 0, .preset = "false",
		  .doc = "Make it the default; the first one always is", .example = "false"),
};
static const struct schema upload_schema = SCHEMA("ResumeUpload", struct upload_in, upload_fields);

struct edit_in {
	int64_t resume_id;
	const char *title;
	struct opt_str notes;
	struct opt_bool is_default;
};
#define RESUME_ID \
	FIELD(struct edit_in, resume_id, F_PATH, .min = 1, .doc = "Resume ID", .example = "1")
static const struct field id_fields[] = {RESUME_ID};
static const struct schema id_schema = SCHEMA("ResumeId", struct edit_in, id_fields);
static const struct field edit_fields[] = {
	RESUME_ID,
	FIELD(struct edit_in, title, F_NULL, .min = 1, .max = RESUME_TITLE_MAX, .doc = "New title",
		  .example = "\"Backend roles\""),
	FIELD(struct edit_in, notes, F_NULL, .max = RESUME_NOTES_MAX,
		  .doc = "New notes; null removes them", .example = "\"with the talk in Oslo\""),
	FIELD(struct edit_in, is_default, F_NULL,
		  .doc = "true: this one is the default from now on, and no other", .example = "true"),
};
static const struct schema edit_schema = SCHEMA("ResumeUpdate", struct edit_in, edit_fields);

/* ---- rules ---- */

static int check_file(struct ctx *c, const struct upload *u)
{
	unsigned char head[SNIFF_HEAD];
	int64_t n;

	if (!text_iends(u->filename, ".pdf"))
		return fail(c, E_RULE, "Only PDF files can be uploaded");
	if (u->size == 0)
		return fail(c, E_RULE, "The file is empty");
	n = files_head(u->path, head, sizeof head);
	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the spooled file %s", u->path);
	if (sniff(head, (size_t)n) != KIND_PDF)
		return fail(c, E_RULE, "The file's content is not that of a PDF document");
	return OK;
}

static int check_title(struct ctx *c, const char *title)
{
	if (title != NULL && text_is_blank(title))
		return ctx_fault(c, "body", "title", "String should not be blank", "value_error");
	return OK;
}

/* The file's name without its ending; all of it if nothing would be left. */
static const char *title_of(struct ctx *c, const char *filename)
{
	size_t n = strlen(filename);

	return n > 4 ? arena_strndup(c->arena, filename, n - 4) : filename;
}

/* ---- handlers ---- */

static int upload(struct ctx *c)
{
	const struct upload_in *in = c->in;
	const char *path, *title = in->title ? in->title : title_of(c, in->file.filename);
	int64_t id;

	TRY(check_title(c, in->title));
	TRY(check_file(c, &in->file));
	TRY(files_place(
		c->files, c->arena, c->error, &in->file,
		arena_printf(c->arena, "uploads/team_%lld/resumes", (long long)c->actor->team_id), &path));
	TRY(removals_undo(c, path));
	TRY(resume_insert(c, &in->file, path, title, in->notes, in->is_default, &id));
	TRY(resume_queue(c, id));
	TRY(ctx_header(c, "Location", arena_printf(c->arena, "/api/v1/resumes/%lld", (long long)id)));
	return resumes_get(c, id, c->out);
}

static int list(struct ctx *c)
{
	const struct page *in = c->in;

	return resume_page(c, in->skip, in->limit);
}

static int get(struct ctx *c)
{
	const struct edit_in *in = c->in;

	return resumes_get(c, in->resume_id, c->out);
}

static int edit(struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct resume r;

	TRY(resumes_get(c, in->resume_id, &r));
	TRY(check_title(c, in->title));
	if (in->title != NULL)
		r.title = in->title;
	if (in->notes.set)
		r.notes = in->notes.v;
	if (in->is_default.set && !in->is_default.null) {
		if (r.is_default && !in->is_default.v)
			return fail(c, E_RULE, "One resume is always the default; make another one so instead");
		r.is_default = in->is_default.v;
	}
	TRY(resume_update(c, &r));
	return resumes_get(c, r.id, c->out);
}

static int delete (struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct resume r;

	TRY(resumes_get(c, in->resume_id, &r));
	TRY(resume_delete(c, &r));
	return message(c, "Resume deleted successfully");
}

static int download(struct ctx *c)
{
	const struct edit_in *in = c->in;
	struct resume r;
	struct ctx_stored file = {.type = "application/pdf",
							  .gone = "The uploaded file is no longer on the server"};
	const char *hash;

	TRY(resumes_get(c, in->resume_id, &r));
	TRY(resume_hash(c, r.id, &hash));
	TRY(ctx_header(c, "ETag", arena_printf(c->arena, "\"%s\"", hash)));
	file.path = r.file_path;
	file.name = r.filename;
	return ctx_stored(c, &file);
}

/* ---- tables ---- */

static const short bad[] = {400, 0}, not_found[] = {404, 0}, not_found_bad[] = {400, 404, 0},
				   gone[] = {404, 410, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/resumes/upload", upload, &upload_schema, &resume_schema, .role = ROLE_VIEWER,
	 .body = BODY_FILE, .status = 201, .audit = "resume.upload", .tag = "resumes",
	 .doc = "Upload a résumé of one's own", .errors = bad},
	{"GET", "/api/v1/resumes/", list, &page_schema, &resume_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_LIST, .tag = "resumes",
	 .doc = "One's own résumés, newest first"},
	{"GET", "/api/v1/resumes/{resume_id}", get, &id_schema, &resume_schema, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_BOUNDED, .tag = "resumes", .doc = "One of them",
	 .errors = not_found},
	{"PATCH", "/api/v1/resumes/{resume_id}", edit, &edit_schema, &resume_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .flags = ROUTE_IF_MATCH,
	 .tag = "resumes", .doc = "Change title and notes, or make it the default",
	 .errors = not_found_bad},
	{"DELETE", "/api/v1/resumes/{resume_id}", delete, &id_schema, &message_schema,
	 .role = ROLE_VIEWER, .status = 200, .audit = "resume.delete", .tag = "resumes",
	 .doc = "Delete it and its file\nOf the default the newest other one becomes it.",
	 .errors = not_found},
	{"GET", "/api/v1/resumes/{resume_id}/download", download, &id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW, .tag = "resumes", .doc = "The uploaded file",
	 .errors = gone},
};

const struct feature resumes_feature = {.name = "resumes",
										.routes = routes,
										.nroutes = sizeof routes / sizeof routes[0],
										.files = resume_files,
										.has_file = resume_has_file,
										.export_user = resume_export,
										.forget_user = resume_delete_of};
