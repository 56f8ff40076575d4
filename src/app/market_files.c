/*
 * market_files: files and media (pictures) that users attach to what they offer. Media are shown to
 * everybody who is signed in; a file is for its owner, and, if it belongs to a searchable, for who
 * has paid for that. Both lie below media/, not uploads/, which is for résumés. Owns the tables
 * files and media; the two differ by their SQL and by who may see a row.
 */
#include "app/export.h"
#include "app/market.h"

#include <string.h>

#include "app/query.h"
#include "app/removals.h"
#include "core/core.h"

enum { BATCH = 500, PICTURE_HEAD = 16 };

/* ---- schemas ---- */

struct stored {
	int64_t id, user_id;
	struct opt_int searchable_id;
	const char *filename, *file_path;
	int64_t file_size;
	const char *content_type;
	struct when created_at;
};
static const struct field stored_fields[] = {
	FIELD(struct stored, id, 0, .doc = "Its number", .example = "1"),
	FIELD(struct stored, user_id, 0, .doc = "Who uploaded it", .example = "2"),
	FIELD(struct stored, searchable_id, F_NULL, .doc = "What it belongs to", .example = "1"),
	FIELD(struct stored, filename, 0, .doc = "Name of the uploaded file",
		  .example = "\"terms.pdf\""),
	FIELD(struct stored, file_path, 0, .doc = "Where it lies below DATA_DIR",
		  .example = "\"media/files/3f9a_terms.pdf\""),
	FIELD(struct stored, file_size, 0, .doc = "Bytes", .example = "48211"),
	FIELD(struct stored, content_type, 0,
		  .doc = "Media type: of a file as it was sent, of a "
				 "picture by its content",
		  .example = "\"application/pdf\""),
	FIELD(struct stored, created_at, 0, .doc = "When it was uploaded",
		  .example = "\"2025-11-28T10:00:00Z\""),
};
static const struct schema stored_schema = SCHEMA("MarketFile", struct stored, stored_fields);

struct upload_in {
	struct upload file;
	struct opt_int searchable_id;
};
static const struct field upload_fields[] = {
	FIELD(struct upload_in, file, F_REQUIRED, .doc = "The file", .example = "null"),
	FIELD(struct upload_in, searchable_id, F_NULL, .min = 1,
		  .doc = "One's own searchable that it belongs to", .example = "1"),
};
static const struct schema upload_schema =
	SCHEMA("MarketFileUpload", struct upload_in, upload_fields);

/* ---- queries ---- */

struct kind {
	const char *name, *path, *folder, *insert, *find, *table, *remove, *by_user, *by_searchable;
};
static const struct kind file_kind = {
	.name = "File",
	.path = "/api/v1/files/",
	.folder = "media/files",
	.insert = "INSERT INTO files (user_id, searchable_id, filename, file_path, file_size, "
			  "content_type, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
	.find = "SELECT * FROM files WHERE id = $1",
	.table = "files",
	.remove = "DELETE FROM files WHERE id = $1",
	.by_user = "SELECT * FROM files WHERE user_id = $1 LIMIT 500",
	.by_searchable = "SELECT * FROM files WHERE searchable_id = $1 LIMIT 500",
};
static const struct kind media_kind = {
	.name = "Media",
	.path = "/api/v1/media/",
	.folder = "media/pictures",
	.insert = "INSERT INTO media (user_id, searchable_id, filename, file_path, file_size, "
			  "content_type, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
	.find = "SELECT * FROM media WHERE id = $1",
	.table = "media",
	.remove = "DELETE FROM media WHERE id = $1",
	.by_user = "SELECT * FROM media WHERE user_id = $1 LIMIT 500",
	.by_searchable = "SELECT * FROM media WHERE searchable_id = $1 LIMIT 500",
};

static int find(struct ctx *c, const struct kind *k, int64_t id, struct stored *out)
{
	int rc = db_one(c->db, c->arena, &stored_schema, out, k->find, P(id));

	return rc == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "%s not found", k->name) : rc;
}

static bool is_own(struct ctx *c, const struct stored *s)
{
	return market_user(c) == 0 || s->user_id == c->actor->user_id;
}

/* A file that the actor may see. */
static int find_visible(struct ctx *c, const struct kind *k, int64_t id, struct stored *out)
{
	bool paid = false;

	TRY(find(c, k, id, out));
	if (k == &media_kind || is_own(c, out))
		return OK;
	if (out->searchable_id.set && !out->searchable_id.null)
		TRY(invoice_paid_by(c, out->searchable_id.v, c->actor->user_id, &paid));
	return paid ? OK : fail(c, E_NOT_FOUND, "%s not found", k->name);
}

static int remove_row(struct ctx *c, const struct kind *k, const struct stored *s)
{
	TRY(removals_add(c, s->file_path));
	return db_exec(c->db, NULL, k->remove, P(s->id));
}

static int remove_all(struct ctx *c, const struct kind *k, const char *sql, int64_t id, int64_t *n)
{
	struct list rows;

	do {
		const struct stored *s;

		TRY(db_list(c->db, c->arena, &stored_schema, BATCH, &rows, sql, P(id)));
		s = rows.items;
		for (size_t i = 0; i < rows.n; i++)
			TRY(remove_row(c, k, &s[i]));
		*n += (int64_t)rows.n;
	} while (rows.n == BATCH);
	return OK;
}

int market_files_remove(struct ctx *c, enum market_owner owner, int64_t id, struct market_counts *n)
{
	bool user = owner == MARKET_USER;

	TRY(remove_all(c, &file_kind, user ? file_kind.by_user : file_kind.by_searchable, id,
				   &n->files));
	return remove_all(c, &media_kind, user ? media_kind.by_user : media_kind.by_searchable, id,
					  &n->media);
}

/* ---- rules ---- */

/* NULL for what is no picture that browsers show. */
static const char *picture_type(const unsigned char *p, int64_t n)
{
	if (n >= 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "image/png";
	if (n >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0)
		return "image/jpeg";
	if (n >= 6 && (memcmp(p, "GIF87a", 6) == 0 || memcmp(p, "GIF89a", 6) == 0))
		return "image/gif";
	if (n >= 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
		return "image/webp";
	return NULL;
}

static int check_picture(struct ctx *c, const struct upload *u, const char **type)
{
	unsigned char head[PICTURE_HEAD];
	int64_t n = files_head(u->path, head, sizeof head);

	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the spooled file %s", u->path);
	*type = picture_type(head, n);
	return *type != NULL ? OK : fail(c, E_RULE, "Only PNG, JPEG, GIF and WebP pictures are media");
}

/* As it was sent, if it looks like a media type. */
static const char *sent_type(const struct upload *u)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								  "!#$&^_.+-/";
	const char *s = u->content_type;

	if (s == NULL || strlen(s) > 100 || strchr(s, '/') == NULL || strspn(s, letters) != strlen(s))
		return "application/octet-stream";
	return s;
}

static int check_owner(struct ctx *c, struct opt_int searchable_id)
{
	int64_t owner;

	if (!searchable_id.set || searchable_id.null)
		return OK;
	TRY(searchable_owner(c, searchable_id.v, &owner));
	if (market_user(c) != 0 && owner != c->actor->user_id)
		return fail(c, E_RULE, "Only who offers a searchable attaches files to it");
	return OK;
}

/* ---- handlers ---- */

static int add(struct ctx *c, const struct kind *k, const char *type)
{
	const struct upload_in *in = c->in;
	const char *path;
	int64_t id;

	TRY(check_owner(c, in->searchable_id));
	TRY(files_place(c->files, c->arena, c->error, &in->file, k->folder, &path));
	TRY(removals_undo(c, path));
	TRY(db_int(c->db, &id, k->insert, P(c->actor->user_id), P(in->searchable_id),
			   P(in->file.filename), P(path), P(in->file.size), P(type), P(c->now)));
	TRY(market_location(c, k->path, id));
	return find(c, k, id, c->out);
}

static int add_file(struct ctx *c)
{
	const struct upload_in *in = c->in;

	return add(c, &file_kind, sent_type(&in->file));
}

static int add_media(struct ctx *c)
{
	const struct upload_in *in = c->in;
	const char *type;

	TRY(check_picture(c, &in->file, &type));
	return add(c, &media_kind, type);
}

static int list(struct ctx *c, const struct kind *k)
{
	const struct market_list *in = c->in;
	struct query q;

	query_init(&q, c->arena);
	if (k == &file_kind && market_user(c) != 0)
		query_and(&q, "user_id = ?", P(market_user(c)));
	if (in->searchable_id.set)
		query_and(&q, "searchable_id = ?", P(in->searchable_id));
	return query_page(c, &q, &stored_schema, "*", k->table, "id DESC", in->skip, in->limit);
}

static int list_files(struct ctx *c)
{
	return list(c, &file_kind);
}

static int list_media(struct ctx *c)
{
	return list(c, &media_kind);
}

static int get_file(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find_visible(c, &file_kind, in->id, c->out);
}

static int get_media(struct ctx *c)
{
	const struct market_id *in = c->in;

	return find_visible(c, &media_kind, in->id, c->out);
}

static int download(struct ctx *c, const struct kind *k)
{
	const struct market_id *in = c->in;
	struct ctx_stored file = {.gone = "The file is no longer on the server"};
	struct stored s;

	TRY(find_visible(c, k, in->id, &s));
	file.path = s.file_path;
	/* What a stranger uploaded is never shown as a page of ours. */
	file.type = k == &file_kind ? "application/octet-stream" : s.content_type;
	file.name = k == &file_kind ? s.filename : NULL;
	TRY(ctx_header(c, "ETag", arena_printf(c->arena, "\"%s%lld\"", k->table, (long long)s.id)));
	return ctx_stored(c, &file);
}

static int download_file(struct ctx *c)
{
	return download(c, &file_kind);
}

static int show_media(struct ctx *c)
{
	return download(c, &media_kind);
}

static int delete_stored(struct ctx *c, const struct kind *k)
{
	const struct market_id *in = c->in;
	struct stored s;

	TRY(find(c, k, in->id, &s));
	return is_own(c, &s) ? remove_row(c, k, &s) : fail(c, E_NOT_FOUND, "%s not found", k->name);
}

static int delete_file(struct ctx *c)
{
	return delete_stored(c, &file_kind);
}

static int delete_media(struct ctx *c)
{
	return delete_stored(c, &media_kind);
}

/* ---- files ---- */

static bool has_file(struct ctx *c, const char *path)
{
	int64_t id;

	return db_int(c->db, &id, "SELECT id FROM files WHERE file_path = $1", P(path)) !=
			   E_NOT_FOUND ||
		   db_int(c->db, &id, "SELECT id FROM media WHERE file_path = $1", P(path)) != E_NOT_FOUND;
}

static int files(struct db *db, int (*file)(void *arg, const char *path), void *arg)
{
	TRY(db_each_text(db, file, arg, "SELECT file_path FROM files ORDER BY id"));
	return db_each_text(db, file, arg, "SELECT file_path FROM media ORDER BY id");
}

static int export_user(struct ctx *c, int64_t user_id, struct export *x)
{
	(void)c;
	TRY(export_rows(x, "files", &stored_schema,
					"SELECT * FROM files WHERE user_id = $1 ORDER BY id", P(user_id)));
	TRY(export_rows(x, "media", &stored_schema,
					"SELECT * FROM media WHERE user_id = $1 ORDER BY id", P(user_id)));
	TRY(export_files(
		x, "files",
		"SELECT id, filename AS name, file_path AS path FROM files WHERE user_id = $1 ORDER BY id",
		P(user_id)));
	return export_files(
		x, "media",
		"SELECT id, filename AS name, file_path AS path FROM media WHERE user_id = $1 ORDER BY id",
		P(user_id));
}

/* ---- tables ---- */

static const short refused[] = {400, 404, 0}, gone[] = {206, 404, 410, 416, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/files/", add_file, &upload_schema, &stored_schema, .role = ROLE_VIEWER,
	 .body = BODY_FILE, .status = 201, .tag = "market",
	 .doc = "Upload a file, for a searchable if one likes", .errors = refused},
	{"GET", "/api/v1/files/", list_files, &market_list_of_schema, &stored_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "One's own files, newest first"},
	{"GET", "/api/v1/files/{id}", get_file, &market_id_schema, &stored_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One file\nOne's own, or of what one has paid for."},
	{"GET", "/api/v1/files/{id}/content", download_file, &market_id_schema, NULL,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_RAW, .tag = "market",
	 .doc = "Download a file", .errors = gone},
	{"DELETE", "/api/v1/files/{id}", delete_file, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "market", .doc = "Delete one's own file"},
	{"POST", "/api/v1/media/", add_media, &upload_schema, &stored_schema, .role = ROLE_VIEWER,
	 .body = BODY_FILE, .status = 201, .tag = "market",
	 .doc = "Upload a picture: PNG, JPEG, GIF or WebP", .errors = refused},
	{"GET", "/api/v1/media/", list_media, &market_list_of_schema, &stored_schema,
	 .role = ROLE_VIEWER, .status = 200, .flags = ROUTE_LIST, .tag = "market",
	 .doc = "Pictures, newest first"},
	{"GET", "/api/v1/media/{id}", get_media, &market_id_schema, &stored_schema, .role = ROLE_VIEWER,
	 .status = 200, .tag = "market", .doc = "One picture's data"},
	{"GET", "/api/v1/media/{id}/content", show_media, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 200, .flags = ROUTE_RAW, .tag = "market", .doc = "The picture itself",
	 .errors = gone},
	{"DELETE", "/api/v1/media/{id}", delete_media, &market_id_schema, NULL, .role = ROLE_VIEWER,
	 .status = 204, .tag = "market", .doc = "Delete one's own picture"},
};

const struct feature market_files_feature = {
	.name = "market_files",
	.routes = routes,
	.nroutes = sizeof routes / sizeof routes[0],
	.files = files,
	.has_file = has_file,
	.export_user = export_user,
};
