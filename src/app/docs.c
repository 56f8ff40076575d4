/*
 * docs: the API documentation, with DEBUG=True: the OpenAPI document and two pages that show it.
 * Scripts and styles are embedded, so the pages work offline; none is inline, so the
 * Content-Security-Policy stays strict.
 */
#include <string.h>

#include "app/app.h"
#include "core/core.h"
#include "core/openapi.h"
#include "core/route.h"

enum { OPENAPI_MAX = 8 * 1024 * 1024 };

extern const unsigned char swagger_js[], swagger_css[], redoc_js[];
extern const size_t swagger_js_size, swagger_css_size, redoc_js_size;

static const char docs_page[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>vitae "
	"API</title>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" "
	"href=\"/docs/swagger-ui.css\">\n</head>\n"
	"<body>\n<div id=\"swagger-ui\"></div>\n<script src=\"/docs/swagger-ui-bundle.js\"></script>\n"
	"<script src=\"/docs/start.js\"></script>\n</body>\n</html>\n";

static const char docs_start[] =
	"SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true,\n"
	"  presets: [SwaggerUIBundle.presets.apis], validatorUrl: null});\n";

static const char redoc_page[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>vitae "
	"API</title>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n<div id=\"redoc\"></div>\n"
	"<script src=\"/redoc/redoc.standalone.js\"></script>\n<script "
	"src=\"/redoc/start.js\"></script>\n"
	"</body>\n</html>\n";

static const char redoc_start[] =
	"Redoc.init('/openapi.json', {disableSearch: false, hideDownloadButton: false},\n"
	"  document.getElementById('redoc'));\n";

static int send_text(struct ctx *c, const char *text, const char *type)
{
	ctx_body(c, text, strlen(text), type);
	return OK;
}

static int openapi(struct ctx *c)
{
	struct buf b;

	buf_init(&b, c->arena, OPENAPI_MAX);
	if (openapi_print(c->core->routes, &b) != OK)
		return fail(c, E_INTERNAL, "the OpenAPI document exceeds %d bytes", OPENAPI_MAX);
	ctx_body(c, b.p, b.n, "application/json");
	return OK;
}

static int docs(struct ctx *c)
{
	return send_text(c, docs_page, "text/html; charset=utf-8");
}

static int docs_js(struct ctx *c)
{
	ctx_body(c, swagger_js, swagger_js_size, "text/javascript; charset=utf-8");
	return OK;
}

static int docs_css(struct ctx *c)
{
	ctx_body(c, swagger_css, swagger_css_size, "text/css; charset=utf-8");
	return OK;
}

static int docs_start_js(struct ctx *c)
{
	return send_text(c, docs_start, "text/javascript; charset=utf-8");
}

static int redoc(struct ctx *c)
{
	return send_text(c, redoc_page, "text/html; charset=utf-8");
}

static int redoc_bundle(struct ctx *c)
{
	ctx_body(c, redoc_js, redoc_js_size, "text/javascript; charset=utf-8");
	return OK;
}

static int redoc_start_js(struct ctx *c)
{
	return send_text(c, redoc_start, "text/javascript; charset=utf-8");
}

enum {
	FILE_FLAGS = ROUTE_DEBUG | ROUTE_RAW | ROUTE_HIDDEN,
	PAGE_FLAGS = FILE_FLAGS | ROUTE_PAGE,
};

static const struct route routes[] = {
	{"GET", "/openapi.json", openapi, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "documentation", .doc = "The OpenAPI document"},
	{"GET", "/docs", docs, NULL, NULL, .rate = RATE_NONE, .status = 200, .flags = PAGE_FLAGS,
	 .tag = "documentation", .doc = "Swagger UI"},
	{"GET", "/docs/swagger-ui-bundle.js", docs_js, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "documentation", .doc = "Swagger UI's script"},
	{"GET", "/docs/swagger-ui.css", docs_css, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "documentation", .doc = "Swagger UI's style"},
	{"GET", "/docs/start.js", docs_start_js, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "documentation", .doc = "Starts Swagger UI"},
	{"GET", "/redoc", redoc, NULL, NULL, .rate = RATE_NONE, .status = 200, .flags = PAGE_FLAGS,
	 .tag = "documentation", .doc = "Redoc"},
	{"GET", "/redoc/redoc.standalone.js", redoc_bundle, NULL, NULL, .rate = RATE_NONE,
	 .status = 200, .flags = FILE_FLAGS, .tag = "documentation", .doc = "Redoc's script"},
	{"GET", "/redoc/start.js", redoc_start_js, NULL, NULL, .rate = RATE_NONE, .status = 200,
	 .flags = FILE_FLAGS, .tag = "documentation", .doc = "Starts Redoc"},
};

const struct feature docs_feature = {
	.name = "docs", .routes = routes, .nroutes = sizeof routes / sizeof routes[0]};
