/*
 * schema: one table for each kind of object, and everything that follows from it.
 *
 * A struct schema lists the fields of a C struct: name, type (from the C type, by _Generic),
 *bounds, choices, documentation. From it come validation of bodies, queries and paths
 *(schema_bind), replies (schema_print), database rows (store/db.h reads columns by field name),
 *OpenAPI (schema_openapi) and the generated contract tests. There is no second statement of any of
 *them.
 *
 *	struct tag_in { int64_t tag_id; const char *label; struct opt_bool hidden; };
 *	static const struct field tag_in_fields[] = {
 *		FIELD(struct tag_in, tag_id, F_PATH, .min = 1, .doc = "Tag ID", .example = "7"),
 *		FIELD(struct tag_in, label, F_REQUIRED, .min = 1, .max = 50, .doc = "…", .example =
 *"\"Go\""), FIELD(struct tag_in, hidden, 0, .doc = "…"),
 *	};
 *	static const struct schema tag_in_schema = SCHEMA("TagIn", struct tag_in, tag_in_fields);
 *
 * C types and what they stand for: int64_t, double, bool, const char *, struct when (ISO 8601),
 * struct opt_int / opt_bool / opt_str (absent, null or a value; for PATCH and nullable columns),
 *struct strings (array of strings), struct list (array of objects, .of their schema), struct json
 *(any JSON, kept as text), struct upload (a file part); FIELD_OBJECT for a nested struct. Plain
 *types that are absent keep the default given by .preset (or zero, "" never: NULL).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "data/json.h"

struct opt_int {
	bool set, null;
	int64_t v;
};
struct opt_bool {
	bool set, null, v;
};
struct opt_str {
	bool set;
	const char *v;
}; /* set with v NULL: an explicit null */
struct strings {
	const char **items;
	size_t n;
};
struct list {
	void *items;
	size_t n;
};
struct json {
	const char *text;
}; /* valid JSON, or NULL */

/* A file that came with a request, spooled by store/files.h. */
struct upload {
	const char *filename;     /* as sent, made safe (files_base_name), NULL: no file */
	const char *content_type; /* as sent */
	const char *path;         /* the spooled file */
	int64_t size;             /* bytes */
	char sha256[65];          /* hexadecimal */
};

enum type {
	T_INT,
	T_NUM,
	T_BOOL,
	T_STR,
	T_WHEN,
	T_OPT_INT,
	T_OPT_BOOL,
	T_OPT_STR,
	T_STRINGS,
	T_LIST,
	T_OBJECT,
	T_JSON,
	T_UPLOAD,
};

enum field_flag {
	F_REQUIRED = 1 << 0, /* must be present (and not null) in input */
	F_NULL = 1 << 1,     /* may be null in output; in input null is the same as absent (opt_*: kept;
						  * an array of strings becomes an empty one, absent ones have no items).
						  * A nested struct of zeros prints as null.
						  * Without it null is a fault of type, for opt_* too */
	F_SECRET = 1 << 2,   /* never printed, never echoed in a fault */
	F_PATH = 1 << 3,     /* from the route's {name} */
	F_QUERY = 1 << 4,    /* from the query string; neither: from the body */
	F_EMAIL = 1 << 5,    /* must look like an e-mail address (WHATWG rule) */
	F_OMIT = 1 << 6,     /* left out of the output when absent (NULL, unset) instead of null */
	F_HEADER = 1 << 8,   /* from the request's header of this name: FIELD_HEADER */
	F_STRINGS = 1 << 7,  /* T_JSON: the text is an array of strings, says the documentation */
	F_WORDS = 1 << 9,    /* a string that must not be blank */
	F_LINE = 1 << 10,    /* a string of one line: without control characters */
};

/* The value of a request's header of that name, as text. */
#define FIELD_HEADER(T, member, header, ...)                                           \
	{                                                                                  \
		.name = (header), .type = SCHEMA_TYPE_OF(((T *)0)->member), .flags = F_HEADER, \
		.offset = offsetof(T, member), __VA_ARGS__                                     \
	}

struct schema;

struct field {
	const char *name;
	enum type type;
	unsigned flags;
	unsigned offset;
	unsigned name_n; /* bytes of the name; 0: to be counted */
	int64_t min,
		max; /* value of numbers; characters of strings; elements of arrays; bytes
			  * of T_JSON. max 0: the type's own bound (STR_MAX characters, LIST_MAX elements,
			  * int64). An integer's min holds always, 0 too; a real's if one is set */
	const char *const *choices; /* NULL-terminated */
	const struct schema *of;    /* T_LIST, T_OBJECT */
	const char *preset;         /* default as text ("100", "true", "viewer") */
	const char *doc;
	const char *example; /* as JSON text */
};

enum { SCHEMA_STR_MAX = 100000, SCHEMA_LIST_MAX = 1000, SCHEMA_FAULTS_MAX = 100 };

struct schema {
	const char *name; /* the component's name in OpenAPI */
	size_t size;
	const struct field *fields;
	size_t n;
	const char *doc;
};

#define SCHEMA_TYPE_OF(x) \
	_Generic((x), int64_t: T_INT, double: T_NUM, bool: T_BOOL, const char *: T_STR,              \
		struct when: T_WHEN, struct opt_int: T_OPT_INT, struct opt_bool: T_OPT_BOOL,             \
		struct opt_str: T_OPT_STR, struct strings: T_STRINGS, struct list: T_LIST,               \
		struct json: T_JSON, struct upload: T_UPLOAD)

#define FIELD(T, member, fl, ...)                                                 \
	{                                                                             \
		.name = #member, .type = SCHEMA_TYPE_OF(((T *)0)->member), .flags = (fl), \
		.offset = offsetof(T, member), .name_n = sizeof #member - 1, __VA_ARGS__  \
	}
#define FIELD_OBJECT(T, member, fl, schema, ...)                                         \
	{                                                                                    \
		.name = #member, .type = T_OBJECT, .flags = (fl), .offset = offsetof(T, member), \
		.name_n = sizeof #member - 1, .of = (schema), __VA_ARGS__                        \
	}
#define SCHEMA(component, T, table, ...)                           \
	{                                                              \
		.name = (component), .size = sizeof(T), .fields = (table), \
		.n = sizeof(table) / sizeof((table)[0]), __VA_ARGS__       \
	}

/* ---- input ---- */

struct pair {
	const char *name, *value;
};
struct pairs {
	struct pair *items;
	size_t n;
};

struct fault {
	const char *where;      /* "body", "query", "path" */
	const char *name;       /* field; NULL for the whole; dots separate nested names and indices */
	const char *msg, *type; /* as Pydantic words them: "Field required", "missing" */
};
struct faults {
	struct fault items[SCHEMA_FAULTS_MAX];
	size_t n;
};

/* Where the fields of one request come from; any part may be absent. */
struct input {
	const struct json_value *body; /* parsed JSON body */
	const char *body_fault; /* why there is no usable body: "json_invalid", "content_type", NULL */
	struct pairs form, query, path, headers;
	const struct upload *upload; /* the file part, name in upload_name */
	bool lenient;                /* a field of the body whose value does not fit counts as absent */
	const char *upload_name;
};

/* Fills out (s->size bytes, zeroed first) from the input; lists every fault in *f. Strings are
 * copied into the arena. Returns OK or E_INVALID. Unknown fields are ignored. A repeated query
 * name: the last wins. */
int schema_bind(const struct schema *s, const struct input *in, struct arena *a, void *out,
				struct faults *f);

/* Binds one JSON object to s (all fields from the body): task arguments, parser replies, messages.
 */
int schema_bind_json(const struct schema *s, const struct json_value *v, struct arena *a, void *out,
					 struct faults *f);

/* Adds a fault by hand (rules a table cannot say); ignored when full. Returns E_INVALID. */
int faults_add(struct faults *f, const char *where, const char *name, const char *msg,
			   const char *type);
/* Prints {"detail": [{"loc": […], "msg": …, "type": …}]}. */
int faults_print(const struct faults *f, struct buf *out);

/* ---- output ---- */

/* Appends the value as a JSON object. OK or E_TOO_LARGE. F_SECRET fields are left out. */
int schema_print(const struct schema *s, const void *value, struct buf *out);
int schema_print_list(const struct schema *s, const struct list *list, struct buf *out);

/* ---- the tables themselves ---- */

/* Appends the JSON Schema object (OpenAPI 3.1 component). input: the body fields with their bounds
 * (path and query fields left out); otherwise the reply. */
int schema_openapi(const struct schema *s, bool input, struct buf *out);
/* Appends the JSON Schema of one field (also for OpenAPI parameters). */
int schema_field_openapi(const struct field *f, struct buf *out);
/* Appends a line for each defect of the table: offset beyond size, names twice, min > max, example
 * that does not validate, missing doc. Returns the number of defects. */
int schema_check(const struct schema *s, struct buf *out);
