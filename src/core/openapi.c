/*
 * See openapi.h. One pass over the routes prints the paths and collects the schemas they name; the
 * second part prints each of them once. A struct schema may serve as input and as output: these are
 * two components, because the input form states bounds and leaves out path and query fields.
 */
#include "core/openapi.h"

#include <ctype.h>
#include <string.h>

#include "core/event.h"
#include "core/status.h"

enum { COMPONENTS_MAX = 512 };

struct component {
	const struct schema *schema;
	bool input;
};

struct printer {
	const struct routes *routes;
	struct buf *out;
	struct component components[COMPONENTS_MAX];
	size_t n;
};

static void add(struct printer *p, const char *text)
{
	buf_adds(p->out, text);
}

/* "key":"value", with a comma before it unless it is the first in its object. */
static void add_member(struct printer *p, const char *key, const char *value)
{
	char last = p->out->n > 0 ? p->out->p[p->out->n - 1] : '{';

	if (last != '{')
		buf_addc(p->out, ',');
	json_print_string(p->out, key);
	buf_addc(p->out, ':');
	json_print_string(p->out, value);
}

/* ---- components ---- */

static void collect(struct printer *p, const struct schema *s, bool input)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->components[i].schema == s && p->components[i].input == input)
			return;
	if (p->n < COMPONENTS_MAX)
		p->components[p->n++] = (struct component){s, input};
}

/* Outputs first: they get the plain names. */
static void collect_all(struct printer *p)
{
	for (int input = 0; input <= 1; input++)
		for (size_t i = 0; i < routes_count(p->routes); i++) {
			const struct route *r = routes_at(p->routes, i);
			const struct schema *s = input ? r->in : r->out;

			if (s != NULL && (r->flags & ROUTE_HIDDEN) == 0 && (!input || r->body != BODY_NONE))
				collect(p, s, input != 0);
		}
}

/* The schema's name; with a number from the second one of that name on. */
static void add_name(struct printer *p, const struct schema *s, bool input)
{
	int same = 1;

	add(p, s->name);
	for (size_t i = 0; i < p->n; i++) {
		const struct component *c = &p->components[i];

		if (c->schema == s && c->input == input)
			break;
		if (strcmp(c->schema->name, s->name) == 0)
			same++;
	}
	if (same > 1)
		buf_addf(p->out, "%d", same);
}

static void add_reference(struct printer *p, const struct schema *s, bool input)
{
	add(p, "{\"$ref\":\"#/components/schemas/");
	add_name(p, s, input);
	add(p, "\"}");
}

static void add_components(struct printer *p)
{
	add(p,
		"\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
		"\"bearerFormat\":\"JWT\"},\"key\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":"
		"\"X-API-Key\"}},\"schemas\":{"
		"\"Error\":{\"type\":\"object\",\"required\":[\"detail\"],\"properties\":{\"detail\":"
		"{\"type\":\"string\",\"description\":\"What went wrong\"}}},"
		"\"PlainError\":{\"type\":\"object\",\"required\":[\"success\",\"error\"],\"properties\":"
		"{\"success\":{\"type\":\"boolean\",\"const\":false},\"error\":{\"type\":\"string\","
		"\"description\":\"What went wrong\"}}},"
		"\"ValidationError\":{\"type\":\"object\",\"required\":[\"loc\",\"msg\",\"type\"],"
		"\"properties\":{"
		"\"loc\":{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":"
		"\"integer\"}]}},"
		"\"msg\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"}}},"
		"\"HTTPValidationError\":{\"type\":\"object\",\"required\":[\"detail\"],\"properties\":{"
		"\"detail\":"
		"{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/ValidationError\"}}}}");
	for (size_t i = 0; i < p->n; i++) {
		add(p, ",\"");
		add_name(p, p->components[i].schema, p->components[i].input);
		add(p, "\":");
		schema_openapi(p->components[i].schema, p->components[i].input, p->out);
	}
	add(p, "}}");
}

/* ---- one operation ---- */

static void add_parameters(struct printer *p, const struct route *r)
{
	const struct schema *in = r->in;
	bool first = true;

	add(p, ",\"parameters\":[");
	for (size_t i = 0; in != NULL && i < in->n; i++) {
		const struct field *f = &in->fields[i];
		bool path = (f->flags & F_PATH) != 0;

		if ((f->flags & (F_PATH | F_QUERY | F_HEADER)) == 0)
			continue;
		add(p, first ? "{" : ",{");
		first = false;
		add_member(p, "name", f->name);
		add_member(p, "in", path ? "path" : (f->flags & F_HEADER) != 0 ? "header" : "query");
		add(p, path || (f->flags & F_REQUIRED) != 0 ? ",\"required\":true" : "");
		add_member(p, "description", f->doc == NULL ? "" : f->doc);
		add(p, ",\"schema\":");
		schema_field_openapi(f, p->out);
		add(p, "}");
	}
	if ((r->flags & ROUTE_IF_MATCH) != 0) {
		add(p, first ? "{" : ",{");
		add(p, "\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"The ETag under which it "
			   "was read: refused with 412 if it was changed since\",\"schema\":{\"type\":"
			   "\"string\"}}");
	}
	add(p, "]");
}

static bool body_required(const struct schema *in)
{
	for (size_t i = 0; i < in->n; i++)
		if ((in->fields[i].flags & F_REQUIRED) != 0 &&
			(in->fields[i].flags & (F_PATH | F_QUERY | F_HEADER)) == 0)
			return true;
	return false;
}

static void add_media(struct printer *p, const char *type, const struct schema *s)
{
	if (p->out->p[p->out->n - 1] != '{')
		add(p, ",");
	json_print_string(p->out, type);
	add(p, ":{\"schema\":");
	add_reference(p, s, true);
	add(p, "}");
}

static void add_request_body(struct printer *p, const struct route *r)
{
	if (r->body == BODY_STREAM)
		add(p, ",\"requestBody\":{\"required\":true,\"content\":{\"application/"
			   "offset+octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":"
			   "\"binary\"}}}}");
	if (r->body == BODY_NONE || r->body == BODY_STREAM || r->in == NULL)
		return;
	add(p, ",\"requestBody\":{\"required\":");
	add(p, body_required(r->in) ? "true" : "false");
	add(p, ",\"content\":{");
	if (r->body != BODY_FILE)
		add_media(p, "application/json", r->in);
	if (r->body == BODY_JSON_OR_FORM || r->body == BODY_FILE_OR_JSON)
		add_media(p, "application/x-www-form-urlencoded", r->in);
	if (r->body != BODY_JSON)
		add_media(p, "multipart/form-data", r->in);
	add(p, "}}");
}

static void add_success(struct printer *p, const struct route *r)
{
	bool list = (r->flags & ROUTE_LIST) != 0;

	buf_addf(p->out, "\"%d\":{\"description\":\"%s\"", r->status, status_reason(r->status));
	if (list)
		add(p, ",\"headers\":{\"X-Total-Count\":{\"description\":\"Rows in all, counted up to "
			   "10,000\","
			   "\"schema\":{\"type\":\"integer\"}},\"X-Total-Count-Capped\":{\"description\":"
			   "\"Present if there are "
			   "more\",\"schema\":{\"type\":\"boolean\"}},\"Link\":{\"description\":"
			   "\"Next and previous page (RFC 8288)\",\"schema\":{\"type\":\"string\"}}}");
	if ((r->flags & ROUTE_PAGE) != 0)
		add(p, ",\"content\":{\"text/html\":{\"schema\":{\"type\":\"string\"}}}");
	else if ((r->flags & ROUTE_STREAM) != 0) {
		add(p, ",\"content\":{\"text/event-stream\":{\"schema\":");
		add_reference(p, r->out, false);
		add(p, "}}");
	} else if ((r->flags & ROUTE_RAW) != 0)
		add(p, ",\"content\":{\"*/*\":{}}");
	else if (r->out != NULL) {
		add(p, ",\"content\":{\"application/json\":{\"schema\":");
		add(p, list ? "{\"type\":\"array\",\"items\":" : "");
		add_reference(p, r->out, false);
		add(p, list ? "}}}" : "}}");
	}
	add(p, "}");
}

static const char *error_component(const struct route *r, int status)
{
	if ((r->flags & ROUTE_PLAIN_ERRORS) != 0)
		return "PlainError";
	return status == 422 ? "HTTPValidationError" : "Error";
}

/* The statuses beyond success; one that is no error carries the reply of a success. */
static void add_others(struct printer *p, const struct route *r)
{
	short statuses[ROUTE_STATUSES_MAX];
	size_t n = status_of_route(r, statuses);

	for (size_t i = 0; i < n; i++) {
		int status = statuses[i];

		buf_addf(p->out, ",\"%d\":{\"description\":\"%s\"", status, status_reason(status));
		if (status < 400 && (r->out == NULL || (r->flags & ROUTE_RAW) != 0)) {
			add(p, "}");
			continue;
		}
		add(p, ",\"content\":{\"application/json\":{\"schema\":");
		if (status < 400)
			add_reference(p, r->out, false);
		else
			buf_addf(p->out, "{\"$ref\":\"#/components/schemas/%s\"}", error_component(r, status));
		add(p, "}}}");
	}
}

/* "get_api_v1_users_user_id": unique, because method and path are. */
static void add_operation_id(struct printer *p, const struct route *r)
{
	bool gap = true;

	add(p, ",\"operationId\":\"");
	for (const char *c = r->method; *c != '\0'; c++)
		buf_addc(p->out, (char)tolower((unsigned char)*c));
	for (const char *c = r->path; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c)) {
			gap = true;
			continue;
		}
		if (gap)
			buf_addc(p->out, '_');
		gap = false;
		buf_addc(p->out, *c);
	}
	add(p, "\"");
}

static void add_docs(struct printer *p, const struct route *r)
{
	const char *end = strchr(r->doc, '\n');
	struct buf summary;

	buf_init(&summary, NULL, 4096);
	buf_add(&summary, r->doc, end == NULL ? strlen(r->doc) : (size_t)(end - r->doc));
	add_member(p, "summary", buf_str(&summary));
	buf_done(&summary);
	if (end != NULL)
		add_member(p, "description", end + 1);
}

static void add_operation(struct printer *p, const struct route *r)
{
	add(p, "\"");
	for (const char *c = r->method; *c != '\0'; c++)
		buf_addc(p->out, (char)tolower((unsigned char)*c));
	add(p, "\":{\"tags\":[");
	json_print_string(p->out, r->tag == NULL ? "server" : r->tag);
	add(p, "]");
	add_docs(p, r);
	add_operation_id(p, r);
	add_parameters(p, r);
	add_request_body(p, r);
	add(p, ",\"responses\":{");
	add_success(p, r);
	add_others(p, r);
	add(p, "}");
	if (r->role > ROLE_PUBLIC || (r->flags & ROUTE_OPTIONAL_AUTH) != 0) {
		add(p, ",\"security\":[");
		add(p, r->role == ROLE_PUBLIC ? "{}," : "");
		add(p, "{\"bearer\":[]}");
		add(p, (r->flags & ROUTE_PERSON) != 0 ? "]" : ",{\"key\":[]}]");
	}
	add(p, "}");
}

/* ---- paths ---- */

static bool is_shown(const struct route *r)
{
	return (r->flags & ROUTE_HIDDEN) == 0;
}

static bool path_seen(const struct routes *rs, size_t before, const char *path)
{
	for (size_t i = 0; i < before; i++)
		if (is_shown(routes_at(rs, i)) && strcmp(routes_at(rs, i)->path, path) == 0)
			return true;
	return false;
}

static void add_path(struct printer *p, size_t from)
{
	const char *path = routes_at(p->routes, from)->path;
	bool first = true;

	json_print_string(p->out, path);
	add(p, ":{");
	for (size_t i = from; i < routes_count(p->routes); i++) {
		const struct route *r = routes_at(p->routes, i);

		if (!is_shown(r) || strcmp(r->path, path) != 0)
			continue;
		add(p, first ? "" : ",");
		first = false;
		add_operation(p, r);
	}
	add(p, "}");
}

/* What the server itself sends to others (OpenAPI 3.1, webhooks). */
static void add_webhooks(struct printer *p)
{
	bool first = true;

	add(p, "\"webhooks\":{");
	for (size_t i = 0; i < event_types_count; i++) {
		const struct event_type *t = &event_types[i];

		if (!event_has_webhooks(t->name))
			continue;
		buf_addf(p->out, "%s\"%s\":{\"post\":{\"tags\":[\"webhooks\"]", first ? "" : ",", t->name);
		first = false;
		add_member(p, "summary", t->doc);
		buf_addf(p->out,
				 ",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"type\":"
				 "\"object\",\"required\":[\"type\",\"timestamp\",\"data\"],\"properties\":{"
				 "\"type\":{\"const\":\"%s\"},\"timestamp\":{\"type\":\"string\",\"format\":"
				 "\"date-time\"},\"data\":{\"type\":\"object\"}}}}}},\"responses\":{\"2XX\":"
				 "{\"description\":\"Taken\"}}}}",
				 t->name);
	}
	add(p, "},");
}

int openapi_print(const struct routes *r, struct buf *out)
{
	struct printer p = {.routes = r, .out = out};
	bool first = true;

	collect_all(&p);
	add(&p, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"vitae\",\"version\":\"" VITAE_VERSION
			"\"},\"paths\":{");
	for (size_t i = 0; i < routes_count(r); i++) {
		const struct route *row = routes_at(r, i);

		if (!is_shown(row) || path_seen(r, i, row->path))
			continue;
		add(&p, first ? "" : ",");
		first = false;
		add_path(&p, i);
	}
	add(&p, "},");
	add_webhooks(&p);
	add_components(&p);
	add(&p, "}");
	return buf_ok(out) ? OK : E_TOO_LARGE;
}
