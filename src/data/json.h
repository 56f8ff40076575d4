/*
 * json: the one wrapper of the JSON library (jansson).
 *
 * Parsing refuses duplicate keys, depth beyond JSON_DEPTH_MAX, invalid UTF-8, U+0000 in strings and
 * text after the value (RFC 8259), and more than JSON_VALUES_MAX values, since a value costs a
 * hundred bytes where its text may take two. Values belong to the arena they were parsed into.
 *
 * json_string and json_real are names of the JSON library too, which other libraries call; here
 * they get symbols of their own, so that nobody reaches ours by mistake. No other file may include
 * jansson.h.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum { JSON_DEPTH_MAX = 64, JSON_VALUES_MAX = 250000 };

struct json_value;
enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Parses n bytes. OK, or E_INVALID with a short reason and its byte offset in *why (may be NULL).
 */
int json_parse(struct arena *a, const char *text, size_t n, const struct json_value **out,
			   const char **why);
enum json_kind json_kind(const struct json_value *v);
/* Each returns the plain value, or a neutral one (NULL, 0, false) if v is of another kind or NULL.
 */
const char *json_string(const struct json_value *v) __asm__("vitae_json_string");
int64_t json_int(const struct json_value *v);
double json_real(const struct json_value *v) __asm__("vitae_json_real"); /* of integers too */
bool json_bool(const struct json_value *v);
size_t json_size(const struct json_value *v); /* array or object */
const struct json_value *json_get(const struct json_value *object,
								  const char *key); /* NULL if absent */
const struct json_value *json_at(const struct json_value *array, size_t i);
/* The i-th key of an object, in its order; NULL beyond the last. Takes i steps. */
const char *json_key(const struct json_value *object, size_t i);
/* Prints any value compactly into the arena. */
char *json_text(struct arena *a, const struct json_value *v);

/* n bytes of JSON in the one form that does not depend on blanks, on the order of keys or on how
 * numbers are written: for comparing. What cannot be parsed comes back as it is. In the arena. */
char *json_canonical(struct arena *a, const char *text, size_t n);

/* ---- printing; each returns OK or E_TOO_LARGE ---- */

/* Appends s as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. NULL prints null. */
int json_print_string(struct buf *out, const char *s);
int json_print_int(struct buf *out, int64_t v);
/* The shortest form that reads back the same, always with a fraction or exponent; null for what is
 * no number. */
int json_print_real(struct buf *out, double v);
