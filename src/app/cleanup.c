/*
 * cleanup: the guarded deletion of all résumés, and of all videos.
 *
 * Works in development only, asks for a token and for a confirmation in words, and needs no login.
 * Every attempt is logged. The statistics say what was really done, whatever fails on the way.
 *
 * Résumés: the rows go first, in one transaction; a failure there leaves rows and files as they
 * are. The files go after its commit: those that lay there before a moment within the transaction
 * (files_fence), so that what is uploaded meanwhile keeps its file. Videos: the files alone; their
 * rows stay and are then shown as not available.
 */
#include "app/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "app/alerts.h"
#include "app/candidates.h"
#include "app/removals.h"
#include "app/resumes.h"
#include "app/videos.h"
#include "base/log.h"
#include "core/core.h"
#include "core/storage.h"
#include "data/sniff_video.h"

enum { ERRORS_MAX = 100, LISTED_MAX = 1000 };

/* ---- schemas ---- */

struct cleanup_in {
	const char *confirmation_token, *confirm_action, *dry_run;
};
static const struct field cleanup_in_fields[] = {
	FIELD(struct cleanup_in, confirmation_token, F_NULL,
		  .doc = "The server's token for this deletion", .example = "\"CONFIRM_…\""),
	FIELD(struct cleanup_in, confirm_action, F_NULL, .doc = "What is to be done, in capital words",
		  .example = "\"DELETE_ALL_…\""),
	FIELD(struct cleanup_in, dry_run, F_QUERY, .doc = "true: only tell what would go",
		  .example = "\"true\""),
};
static const struct schema cleanup_in_schema =
	SCHEMA("CleanupRequest", struct cleanup_in, cleanup_in_fields);

struct resume_statistics {
	int64_t total_resumes_before, total_files_before, files_removed, files_failed,
		db_records_removed;
	struct strings db_errors;
};
static const struct field resume_statistics_fields[] = {
	FIELD(struct resume_statistics, total_resumes_before, 0, .doc = "Rows before", .example = "15"),
	FIELD(struct resume_statistics, total_files_before, 0, .doc = "Files before", .example = "12"),
	FIELD(struct resume_statistics, files_removed, 0, .doc = "Files removed", .example = "12"),
	FIELD(struct resume_statistics, files_failed, 0, .doc = "Files, and folders, that withstood",
		  .example = "0"),
	FIELD(struct resume_statistics, db_records_removed, 0, .doc = "Rows removed", .example = "15"),
	FIELD(struct resume_statistics, db_errors, 0, .doc = "What the database would not do",
		  .example = "[]"),
};
static const struct schema resume_statistics_schema =
	SCHEMA("CleanupResumeStatistics", struct resume_statistics, resume_statistics_fields);

struct video_statistics {
	int64_t total_files_before, directories_processed, files_removed, files_failed;
	struct strings cleanup_errors;
};
static const struct field video_statistics_fields[] = {
	FIELD(struct video_statistics, total_files_before, 0, .doc = "Video files before",
		  .example = "25"),
	FIELD(struct video_statistics, directories_processed, 0, .doc = "Folders gone through",
		  .example = "2"),
	FIELD(struct video_statistics, files_removed, 0, .doc = "Files removed", .example = "25"),
	FIELD(struct video_statistics, files_failed, 0, .doc = "Files that withstood", .example = "0"),
	FIELD(struct video_statistics, cleanup_errors, 0, .doc = "Why they did, for the first 100",
		  .example = "[]"),
};
static const struct schema video_statistics_schema =
	SCHEMA("CleanupVideoStatistics", struct video_statistics, video_statistics_fields);

/* The fields around the statistics, which are the two replies' only difference. */
#define REPLY_FIELDS(T, statistics_schema)                                                        \
	FIELD(T, success, 0, .doc = "False if anything withstood", .example = "true"),                \
		FIELD(T, operation, 0, .doc = "Name of the operation", .example = "\"cleanup_all_…\""),   \
		FIELD(T, timestamp, 0, .doc = "When it ended, Unix seconds", .example = "1642694400.0"),  \
		FIELD_OBJECT(T, statistics, 0, statistics_schema, .doc = "What was done",                 \
					 .example = "{}"),                                                            \
		FIELD(T, message, 0, .doc = "The same in a sentence", .example = "\"… completed\""),      \
		FIELD(T, dry_run, F_OMIT, .doc = "True if nothing was to be removed", .example = "true"), \
		FIELD(T, files, F_OMIT, .doc = "With dry_run: what would go, the first 1000",             \
			  .example = "[\"uploads/3f9a_ada.pdf\"]")

struct resume_reply {
	bool success;
	const char *operation, *message;
	double timestamp;
	struct resume_statistics statistics;
	struct opt_bool dry_run;
	struct strings files;
};
static const struct field resume_reply_fields[] = {
	REPLY_FIELDS(struct resume_reply, &resume_statistics_schema)};
static const struct schema resume_reply_schema =
	SCHEMA("CleanupResumes", struct resume_reply, resume_reply_fields);

struct video_reply {
	bool success;
	const char *operation, *message;
	double timestamp;
	struct video_statistics statistics;
	struct opt_bool dry_run;
	struct strings files;
};
static const struct field video_reply_fields[] = {
	REPLY_FIELDS(struct video_reply, &video_statistics_schema)};
static const struct schema video_reply_schema =
	SCHEMA("CleanupVideos", struct video_reply, video_reply_fields);

/* ---- rules ---- */

/* One attempt, from its first line in the log to its last. */
struct attempt {
	const char *function; /* stands in the log lines */
	const char *token, *action;
	bool dry_run;
	struct ctx *rows_stay; /* of files in an object store whose rows stay; else NULL */
	/* what the walks count */
	struct arena *arena;
	const char *remove_what; /* "remove video file" */
	int64_t seen, removed, failed;
	struct strings errors, files;
};

#define note(a, level, ...) log_write((level), (a)->function, __LINE__, __VA_ARGS__)

/* Each attempt, refused or not, stands in the log; the rows name it for the audit trail. */
static void record(struct ctx *c, const struct attempt *a, const char *result)
{
	c->audit_target = a->dry_run ? "dry run" : "all";
	note(a, LOG_WARNING, "%s from %s: %s (request %s)", a->dry_run ? "Dry run" : "Cleanup", c->peer,
		 result, c->request_id);
}

static int refuse(struct ctx *c, const struct attempt *a, enum err code, const char *sentence)
{
	record(c, a, sentence);
	alert_raise(c, "cleanup.refused", 0,
				arena_printf(c->arena, "%s: %s", c->route->path, sentence));
	return fail(c, code, "%s", sentence);
}

static int read_dry_run(struct ctx *c, struct attempt *a, const char *text)
{
	static const char *const words[] = {"false", "true", "0", "1", "no", "yes"};

	if (text == NULL)
		return OK;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (text_ieq(text, words[i])) {
			a->dry_run = i % 2 == 1;
			return OK;
		}
	return refuse(c, a, E_RULE, "dry_run must be true or false");
}

/* Environment, token, confirmation, in this order. */
static int admit(struct ctx *c, struct attempt *a)
{
	const struct cleanup_in *in = c->in;

	note(a, LOG_INFO, "Request IP: %s", c->peer);
	note(a, LOG_INFO, "User-Agent: %s", c->user_agent == NULL ? "Unknown" : c->user_agent);
	if (!c->config->debug)
		return refuse(c, a, E_DENIED, "This operation is only allowed in development mode");
	if (c->body_error == E_TOO_LARGE)
		return refuse(c, a, E_TOO_LARGE, "Request body too large: the limit is 1 MB");
	if (!text_equal_ct(a->token, in->confirmation_token))
		return refuse(c, a, E_AUTH,
					  "Invalid confirmation token required for this destructive operation");
	if (!text_eq(in->confirm_action, a->action))
		return refuse(c, a, E_RULE,
					  arena_printf(c->arena, "Must confirm action with '%s'", a->action));
	TRY(read_dry_run(c, a, in->dry_run));
	note(a, LOG_INFO, "Security checks passed: environment, token, confirmation");
	return OK;
}

static void add_text(struct arena *a, struct strings *list, size_t most, const char *text)
{
	if (list->n >= most)
		return;
	if (list->items == NULL)
		list->items = ARENA_ARRAY(a, most, const char *);
	list->items[list->n++] = arena_strdup(a, text);
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void fault(struct attempt *a, const char *path, bool folder, int why)
{
	char text[PATH_MAX];

	snprintf(text, sizeof text, "Failed to %s %s: %s", folder ? "read directory" : a->remove_what,
			 folder ? path : base_name(path), strerrordesc_np(why));
	note(a, LOG_ERROR, "%s", text);
	add_text(a->arena, &a->errors, ERRORS_MAX, text);
}

static void count_file(void *arg, const char *path, bool folder, int why)
{
	struct attempt *a = arg;

	if (why != 0) {
		fault(a, path, folder, why);
		return;
	}
	a->seen++;
	if (a->dry_run)
		add_text(a->arena, &a->files, LISTED_MAX, path);
}

static int remember_tx(struct ctx *c, void *path)
{
	return removals_missing(c, path);
}

static void remove_file(void *arg, const char *path, bool folder, int why)
{
	struct attempt *a = arg;

	if (why != 0) {
		a->failed++;
		fault(a, path, folder, why);
		return;
	}
	a->removed++;
	note(a, LOG_INFO, "Removed %s", path);
	if (a->rows_stay != NULL && tx(a->rows_stay, remember_tx, (void *)(uintptr_t)path) != OK)
		note(a, LOG_WARNING, "%s is still shown as available", path);
}

/* ---- résumés ---- */

struct resumes {
	struct attempt a;
	struct resume_statistics s;
	int64_t fence;
	FILE *listed; /* paths in the object store, one a line; NULL: files are in a folder */
};

static int count_rows(struct ctx *c, void *arg)
{
	struct resumes *r = arg;
	int64_t candidates, applicants;

	TRY(candidates_count_all(c, &candidates));
	TRY(resumes_count_all(c, &applicants));
	r->s.total_resumes_before = candidates + applicants;
	return OK;
}

/* A folder that somebody has removed holds no files. */
static int walk_uploads(struct ctx *c, const struct files_walk *walk)
{
	int rc = files_walk(c->files, c->error, "uploads", walk);

	return rc == E_NOT_FOUND ? OK : rc;
}

static int count_files(struct ctx *c, struct resumes *r)
{
	const struct files_walk walk = {.seen = count_file, .arg = &r->a};

	r->a.seen = 0;
	return walk_uploads(c, &walk);
}

static int delete_rows(struct ctx *c, void *arg)
{
	struct resumes *r = arg;
	int64_t candidates, applicants;

	TRY(count_rows(c, r));
	if (r->listed == NULL)
		TRY(count_files(c, r));
	TRY(storage_emptied(c));
	TRY(candidates_delete_all(c, &candidates));
	TRY(resumes_delete_all(c, &applicants));
	r->s.db_records_removed = candidates + applicants;
	r->fence = files_fence();
	return OK;
}

/* The rows, all or none. A failure becomes part of the statistics. */
static bool remove_rows(struct ctx *c, struct resumes *r)
{
	const char *text;

	if (tx(c, delete_rows, r) == OK) {
		note(&r->a, LOG_WARNING, "Removed %lld rows", (long long)r->s.db_records_removed);
		return true;
	}
	text = arena_printf(c->arena, "The rows were not removed, nor any file: %s",
						c->error->code == E_INTERNAL ? "the database failed; the log tells why"
													 : c->error->text);
	note(&r->a, LOG_ERROR, "The rows were not removed: %s", c->error->text);
	r->s.db_records_removed = 0;
	add_text(c->arena, &r->s.db_errors, ERRORS_MAX, text);
	return false;
}

static int look_at_resumes(struct ctx *c, struct resumes *r)
{
	TRY(count_files(c, r));
	return tx(c, count_rows, r);
}

/* ---- of an object store ---- */

static void close_list(void *file)
{
	fclose(file);
}

static void list_object(void *arg, const char *path, bool folder, int why)
{
	struct resumes *r = arg;

	(void)folder, (void)why;
	r->a.seen++;
	fprintf(r->listed, "%s\n", path);
}

/* What is there before the rows go: no clock divides old files from new ones, for an object's time
 * is the store's, and no request to it is made inside a transaction. */
static int list_objects(struct ctx *c, struct resumes *r)
{
	const struct files_walk walk = {.seen = list_object, .arg = r};
	int fd;

	TRY(files_temporary(c->files, c->error, &fd));
	r->listed = fdopen(fd, "w+");
	if (r->listed == NULL) {
		close(fd);
		return fail(c, E_UNAVAILABLE, "The files cannot be listed just now; try again");
	}
	arena_defer(c->arena, close_list, r->listed);
	TRY(walk_uploads(c, &walk));
	if (fflush(r->listed) != 0 || ferror(r->listed))
		return fail(c, E_UNAVAILABLE, "The files cannot be listed just now; try again");
	rewind(r->listed);
	return OK;
}

static void remove_listed(struct ctx *c, struct resumes *r)
{
	char path[PATH_MAX];
	struct error error;

	while (fgets(path, sizeof path, r->listed) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		remove_file(&r->a, path, false, files_remove(c->files, &error, path) == OK ? 0 : EIO);
	}
}

/* ---- either ---- */

static int remove_resumes(struct ctx *c, struct resumes *r)
{
	struct files_walk walk = {.remove = true, .seen = remove_file, .arg = &r->a};
	bool gone;

	note(&r->a, LOG_WARNING, "=== STARTING DESTRUCTIVE CLEANUP OPERATION ===");
	if (files_is_remote(c->files))
		TRY(list_objects(c, r));
	gone = remove_rows(c, r);
	if (r->listed != NULL) {
		if (gone)
			remove_listed(c, r);
	} else if (gone) {
		walk.until = r->fence;
		TRY(walk_uploads(c, &walk));
	} else {
		TRY(count_files(c, r));
	}
	note(&r->a, LOG_WARNING, "=== CLEANUP OPERATION COMPLETED ===");
	return OK;
}

/* ---- videos ---- */

static const char *const video_folders[] = {VIDEO_UPLOADS, VIDEO_ANSWERS};
enum { VIDEO_FOLDERS = sizeof video_folders / sizeof video_folders[0] };

static bool is_video(void *arg, const char *path)
{
	(void)arg;
	return video_name(path);
}

/* Goes through the folders that are there; *n (may be NULL) tells how many. */
static int walk_videos(struct ctx *c, struct attempt *a, bool removing, int64_t *n)
{
	const struct files_walk walk = {.remove = removing,
									.wanted = is_video,
									.seen = removing ? remove_file : count_file,
									.arg = a};

	for (size_t i = 0; i < VIDEO_FOLDERS; i++) {
		int rc = files_walk(c->files, c->error, video_folders[i], &walk);

		if (rc == OK && n != NULL)
			(*n)++;
		if (rc != OK)
			note(a, LOG_INFO, "Directory %s: %s", video_folders[i], c->error->text);
		if (rc != OK && rc != E_NOT_FOUND)
			add_text(c->arena, &a->errors, ERRORS_MAX,
					 arena_printf(c->arena, "Failed to read directory %s: %s", video_folders[i],
								  c->error->text));
		if (rc == OK)
			note(a, LOG_INFO, "Directory %s processed", video_folders[i]);
	}
	return OK;
}

/* ---- handlers ---- */

static double seconds_now(void)
{
	return (double)clock_now() / (double)CLOCK_SECOND;
}

static void finish(struct ctx *c, struct attempt *a, const char *statistics, bool success)
{
	if (!success)
		c->status = 206;
	note(a, LOG_INFO, "Final statistics: %s", statistics);
	c->audit_detail = statistics;
	record(c, a, success ? "completed" : "completed with errors");
}

static void finish_resumes(struct ctx *c, struct resumes *r)
{
	struct resume_reply *out = c->out;

	r->s.total_files_before = r->a.seen;
	r->s.files_removed = r->a.removed;
	r->s.files_failed = r->a.failed;
	out->statistics = r->s;
	out->success = r->a.failed == 0 && r->s.db_errors.n == 0;
	out->operation = r->a.function;
	out->timestamp = seconds_now();
	out->message = !out->success  ? "Cleanup completed with errors"
				   : r->a.dry_run ? "Dry run: nothing was removed"
								  : "Cleanup operation completed";
	out->dry_run = (struct opt_bool){.set = r->a.dry_run, .v = true};
	out->files = r->a.files;
	finish(c, &r->a,
		   arena_printf(c->arena, "%lld rows, %lld removed; %lld files, %lld removed, %lld failed",
						(long long)r->s.total_resumes_before, (long long)r->s.db_records_removed,
						(long long)r->a.seen, (long long)r->a.removed, (long long)r->a.failed),
		   out->success);
}

static int cleanup_all_resumes(struct ctx *c)
{
	struct resumes r = {.a = {.function = __func__,
							  .token = c->config->delete_resumes_token,
							  .action = "DELETE_ALL_RESUME_DATA",
							  .arena = c->arena,
							  .remove_what = "remove file"}};

	log_warning("=== CLEANUP ALL RESUMES REQUEST STARTED ===");
	TRY(admit(c, &r.a));
	TRY(r.a.dry_run ? look_at_resumes(c, &r) : remove_resumes(c, &r));
	finish_resumes(c, &r);
	return OK;
}

static void finish_videos(struct ctx *c, struct attempt *a, int64_t folders)
{
	struct video_reply *out = c->out;

	out->statistics = (struct video_statistics){a->seen, folders, a->removed, a->failed, a->errors};
	out->success = a->failed == 0 && a->errors.n == 0;
	out->operation = a->function;
	out->timestamp = seconds_now();
	out->message = !out->success ? "Video cleanup completed with errors"
				   : a->dry_run  ? "Dry run: nothing was removed"
								 : "Video cleanup operation completed";
	out->dry_run = (struct opt_bool){.set = a->dry_run, .v = true};
	out->files = a->files;
	finish(c, a,
		   arena_printf(c->arena, "%lld directories; %lld files, %lld removed, %lld failed",
						(long long)folders, (long long)a->seen, (long long)a->removed,
						(long long)a->failed),
		   out->success);
}

static int cleanup_all_videos(struct ctx *c)
{
	struct attempt a = {.function = __func__,
						.token = c->config->delete_videos_token,
						.action = "DELETE_ALL_VIDEO_DATA",
						.arena = c->arena,
						.remove_what = "remove video file",
						.rows_stay = files_is_remote(c->files) ? c : NULL};
	int64_t folders = 0;

	log_warning("=== CLEANUP ALL VIDEOS REQUEST STARTED ===");
	TRY(admit(c, &a));
	TRY(walk_videos(c, &a, false, &folders));
	if (!a.dry_run) {
		note(&a, LOG_WARNING, "=== STARTING DESTRUCTIVE VIDEO CLEANUP OPERATION ===");
		a.errors.n = 0;
		TRY(walk_videos(c, &a, true, NULL));
		note(&a, LOG_WARNING, "=== VIDEO CLEANUP OPERATION COMPLETED ===");
	}
	finish_videos(c, &a, folders);
	return OK;
}

/* The folders are there from the start, so that they are gone through even while they are empty. */
static int start(struct ctx *c)
{
	for (size_t i = 0; i < VIDEO_FOLDERS; i++)
		TRY(files_make_folder(c->files, c->error, video_folders[i]));
	return OK;
}

/* ---- tables ---- */

static const short statuses[] = {206, 400, 401, 403, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/cleanup-all-resumes/", cleanup_all_resumes, &cleanup_in_schema,
	 &resume_reply_schema, .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200,
	 .flags = ROUTE_SLOW | ROUTE_PLAIN_ERRORS | ROUTE_LENIENT, .audit = "cleanup.resumes",
	 .tag = "cleanup",
	 .doc =
		 "Delete all résumés, in development only\nEvery candidate and every applicant's résumé, "
		 "and every file below uploads/. 206 if a part of it failed.",
	 .errors = statuses},
	{"POST", "/api/v1/cleanup-all-videos/", cleanup_all_videos, &cleanup_in_schema,
	 &video_reply_schema, .rate = RATE_STRICT, .body = BODY_JSON_OR_FORM, .status = 200,
	 .flags = ROUTE_SLOW | ROUTE_PLAIN_ERRORS | ROUTE_LENIENT, .audit = "cleanup.videos",
	 .tag = "cleanup",
	 .doc = "Delete all video files, in development only\nThe files below media/videos/ and "
			"media/interview_videos/; rows stay. 206 if a part of it failed.",
	 .errors = statuses},
};

const struct feature cleanup_feature = {.name = "cleanup",
										.routes = routes,
										.nroutes = sizeof routes / sizeof routes[0],
										.start = start};
