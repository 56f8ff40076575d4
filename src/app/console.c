/*
 * console: the pages for browsers, embedded compressed. All but index.html have a hash of their
 * content in the name, so a browser keeps them for good; index.html is asked for each time.
 */
#include <string.h>
#include <zlib.h>

#include "app/app.h"
#include "app/console_files.h"
#include "core/core.h"
#include "core/route.h"

struct asset_in {
	const char *name;
};
static const struct field asset_fields[] = {
	FIELD(struct asset_in, name, F_PATH, .max = 200, .doc = "File", .example = "\"index.js\""),
};
static const struct schema asset_schema = SCHEMA("ConsoleAsset", struct asset_in, asset_fields);

static const struct embedded_file *find(const char *path)
{
	for (size_t i = 0; i < console_files_count; i++)
		if (strcmp(console_files[i].path, path) == 0)
			return &console_files[i];
	return NULL;
}

static const char *type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".mjs", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".svg", "image/svg+xml"},
		{".json", "application/json"},
		{".wasm", "application/wasm"},
		{".woff2", "font/woff2"},
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (text_ends(path, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

/* Whoever does not take gzip gets the file unpacked. */
static int unpack(struct ctx *c, const struct embedded_file *f)
{
	unsigned char *out = arena_alloc(c->arena, f->size + 1);
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)f->data,
				  .avail_in = (uInt)f->packed,
				  .next_out = out,
				  .avail_out = (uInt)f->size};
	int rc;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return fail(c, E_INTERNAL, "zlib cannot start");
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END)
		return fail(c, E_INTERNAL, "the embedded %s cannot be unpacked", f->path);
	ctx_body(c, out, f->size, type_of(f->path));
	return OK;
}

/* RFC 9110, 12.5.3, as far as it matters here: gzip is named, and not refused with q=0. */
static bool takes_gzip(const char *accept)
{
	const char *at = accept != NULL ? strstr(accept, "gzip") : NULL;

	if (at == NULL)
		return false;
	at += strlen("gzip");
	at += strspn(at, " ;");
	return !text_starts(at, "q=0") || (at[3] == '.' && at[4 + strspn(at + 4, "0")] != '\0' &&
									   strchr("123456789", at[4 + strspn(at + 4, "0")]) != NULL);
}

static int send(struct ctx *c, const char *path, const char *cache)
{
	const struct embedded_file *f = find(path);

	if (f == NULL)
		return fail(c, E_NOT_FOUND, "File not found");
	TRY(ctx_header(c, "Cache-Control", cache));
	TRY(ctx_header(c, "Vary", "Accept-Encoding"));
	if (!takes_gzip(c->accept_encoding))
		return unpack(c, f);
	TRY(ctx_header(c, "Content-Encoding", "gzip"));
	ctx_body(c, f->data, f->packed, type_of(f->path));
	return OK;
}

static int page(struct ctx *c)
{
	return send(c, "index.html", "no-cache");
}

static int asset(struct ctx *c)
{
	const struct asset_in *in = c->in;

	return send(c, arena_printf(c->arena, "assets/%s", in->name),
				"public, max-age=31536000, immutable");
}

enum { FILE_FLAGS = ROUTE_CONSOLE | ROUTE_RAW | ROUTE_HIDDEN };
static const short not_found[] = {404, 0};

static const struct route routes[] = {
	{"GET", "/", page, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS | ROUTE_PAGE, .tag = "console", .doc = "The console"},
	{"GET", "/console/assets/{name}", asset, &asset_schema, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "console", .doc = "Its scripts and styles", .errors = not_found},
};

const struct feature console_feature = {
	.name = "console", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};
