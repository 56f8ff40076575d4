/*
 * See export.h. The rows of each array are spooled while they are read, inside one snapshot; then
 * libzip makes the archive of what was spooled and of the stored files, piece by piece, into
 * another spooled file, which is the reply. What was spooled goes with the request.
 */
#include "app/export.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "core/core.h"

enum { ROW_MAX = 8 * 1024 * 1024, FILES_MAX = 20000 };

struct export
{
	struct error *error;
	struct ctx *c;
	zip_t *zip;
	int nfiles;
	struct stored *files; /* to be added, newest first */
};

/* ---- parts ---- */

static int zip_failed(struct export *x)
{
	return fail(x, E_UNAVAILABLE, "The archive cannot be made: %s", zip_strerror(x->zip));
}

/* Takes the source. */
static int add_source(struct export *x, const char *name, zip_source_t *source, int32_t method)
{
	zip_int64_t at;

	if (source == NULL)
		return zip_failed(x);
	at = zip_file_add(x->zip, name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return zip_failed(x);
	}
	if (zip_set_file_compression(x->zip, (zip_uint64_t)at, method, 0) < 0 ||
		zip_file_set_mtime(x->zip, (zip_uint64_t)at, x->c->now / CLOCK_SECOND, 0) < 0)
		return zip_failed(x);
	return OK;
}

struct rows {
	const struct schema *schema;
	struct spool *spool;
	struct buf line;
	int64_t n;
};

static int add_row(void *arg, const void *value)
{
	struct rows *r = arg;

	buf_clear(&r->line);
	buf_adds(&r->line, r->n++ == 0 ? "[\n" : ",\n");
	TRY(schema_print(r->schema, value, &r->line));
	return files_write(r->spool, r->line.p, r->line.n, INT64_MAX);
}

static void line_done(struct rows *r)
{
	buf_done(&r->line);
}

static int spool_rows(struct export *x, struct rows *r, const char *sql, struct params p)
{
	const char *end;

	TRY(db_each_params(x->c->db, r->schema, add_row, r, sql, p));
	end = r->n == 0 ? "[]\n" : "\n]\n";
	return files_write(r->spool, end, strlen(end), INT64_MAX);
}

int export_rows_params(struct export *x, const char *name, const struct schema *s, const char *sql,
					   struct params p)
{
	CLEANUP(line_done) struct rows r = {.schema = s};
	struct ctx *c = x->c;
	struct upload spooled;

	buf_init(&r.line, NULL, ROW_MAX);
	TRY(files_open(c->files, c->arena, c->error, &r.spool));
	TRY(spool_rows(x, &r, sql, p));
	TRY(files_close(r.spool, &spooled));
	TRY(add_source(x, arena_printf(c->arena, "%s.json", name),
				   zip_source_file(x->zip, spooled.path, 0, -1), ZIP_CM_DEFLATE));
	return OK;
}

/* A stored file, opened when its turn comes. */
struct stored {
	struct stored *next;
	struct files *files;
	const char *path, *name; /* where it is; in the archive */
	int fd;
	int64_t size;
};

static zip_int64_t open_stored(struct stored *f)
{
	struct error error;

	return files_read(f->files, &error, f->path, &f->fd, &f->size) == OK ? 0 : -1;
}

static void close_stored(struct stored *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static zip_int64_t describe_stored(const struct stored *f, void *data)
{
	zip_stat_t *st = data;

	zip_stat_init(st);
	st->size = (zip_uint64_t)f->size;
	st->valid = ZIP_STAT_SIZE;
	return sizeof *st;
}

static zip_int64_t tell_error(void *data, zip_uint64_t n)
{
	zip_error_t error;

	zip_error_init(&error);
	zip_error_set(&error, ZIP_ER_READ, 0);
	return zip_error_to_data(&error, data, n);
}

/* What libzip asks of a source. */
static zip_int64_t serve_stored(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
	struct stored *f = arg;

	if (command == ZIP_SOURCE_OPEN)
		return open_stored(f);
	if (command == ZIP_SOURCE_READ)
		return read(f->fd, data, n);
	if (command == ZIP_SOURCE_STAT)
		return describe_stored(f, data);
	if (command == ZIP_SOURCE_ERROR)
		return tell_error(data, n);
	if (command == ZIP_SOURCE_CLOSE || command == ZIP_SOURCE_FREE) {
		close_stored(f);
		return 0;
	}
	if (command == ZIP_SOURCE_SUPPORTS)
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
											  ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
											  -1);
	return -1;
}

static int add_file(struct export *x, const char *path, const char *name)
{
	struct ctx *c = x->c;
	struct stored *f = ARENA_NEW(c->arena, struct stored);

	if (++x->nfiles > FILES_MAX)
		return fail(x, E_RULE, "There are more than %d files; delete some first", FILES_MAX);
	*f = (struct stored){.next = x->files,
						 .files = c->files,
						 .path = arena_strdup(c->arena, path),
						 .name = name,
						 .fd = -1};
	x->files = f;
	return OK;
}

/* After the snapshot, for a file store may take its time. They are compressed by themselves: PDF,
 * videos. */
static int add_stored(struct export *x)
{
	for (struct stored *f = x->files; f != NULL; f = f->next) {
		int rc = files_size(f->files, x->error, f->path, &f->size);

		if (rc == E_NOT_FOUND)
			continue;
		TRY(rc);
		TRY(add_source(x, f->name, zip_source_function(x->zip, serve_stored, f), ZIP_CM_STORE));
	}
	return OK;
}

struct named {
	int64_t id;
	const char *name, *path;
};
static const struct field named_fields[] = {
	FIELD(struct named, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct named, name, 0, .doc = "Name", .example = "\"cv.pdf\""),
	FIELD(struct named, path, 0, .doc = "Where it lies", .example = "\"uploads/1f_cv.pdf\""),
};
static const struct schema named_schema = SCHEMA("ExportFile", struct named, named_fields);

struct folder {
	struct export *x;
	const char *name;
};

static int add_named(void *arg, const void *value)
{
	const struct folder *f = arg;
	const struct named *n = value;

	return add_file(f->x, n->path,
					arena_printf(f->x->c->arena, "%s/%lld_%s", f->name, (long long)n->id, n->name));
}

int export_files_params(struct export *x, const char *folder, const char *sql, struct params p)
{
	struct folder f = {x, folder};

	return db_each_params(x->c->db, &named_schema, add_named, &f, sql, p);
}

/* ---- the archive ---- */

static void discard(struct export *x)
{
	if (x->zip != NULL)
		zip_discard(x->zip);
}

static int collect(struct ctx *c, void *arg)
{
	struct export *x = arg;

	for (size_t i = 0; i < c->core->nfeatures; i++)
		if (c->core->features[i]->export_user != NULL)
			TRY(c->core->features[i]->export_user(c, c->actor->user_id, x));
	return OK;
}

static int send(struct ctx *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return fail(c, E_INTERNAL, "the archive that was made cannot be opened");
	}
	ctx_file(c, fd, st.st_size, "application/zip",
			 arena_printf(c->arena, "vitae-%s.zip", c->actor->username));
	return OK;
}

static int export(struct ctx *c)
{
	CLEANUP(discard) struct export x = {.error = c->error, .c = c};
	struct spool *spool;
	struct upload made;

	TRY(files_open(c->files, c->arena, c->error, &spool));
	TRY(files_close(spool, &made));
	x.zip = zip_open(made.path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	if (x.zip == NULL)
		return fail(c, E_UNAVAILABLE, "The archive cannot be made");
	TRY(snapshot(c, collect, &x));
	TRY(add_stored(&x));
	if (zip_close(x.zip) < 0)
		return zip_failed(&x);
	x.zip = NULL;
	return send(c, made.path);
}

static const struct route routes[] = {
	{"GET", "/api/v1/auth/me/export", export, NULL, NULL, .role = ROLE_VIEWER, .rate = RATE_STRICT,
	 .status = 200, .flags = ROUTE_SLOW | ROUTE_RAW | ROUTE_PERSON | ROUTE_FRESH,
	 .audit = "user.export", .tag = "auth",
	 .doc =
		 "All that the server holds of oneself, as a zip archive\nJSON arrays, one for each kind "
		 "of thing, and the files."},
};

const struct feature export_feature = {.name = "export", .routes = routes, .nroutes = 1};
