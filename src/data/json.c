/*
 * See json.h. Jansson builds the tree; before it runs, one pass over the text counts depth and
 * values, because jansson's own depth limit is far above ours and its memory is not the arena's.
 * Printing is our own: jansson prints 0.1 with seventeen digits. A text with an integer beyond 64
 * bits is read anew with all integers as reals, so that the field which gets it is at fault, not
 * the text.
 */

/* Jansson's enumerators and two of its functions carry names of json.h: they step aside. */
#define JSON_OBJECT LIB_OBJECT
#define JSON_ARRAY LIB_ARRAY
#define JSON_STRING LIB_STRING
#define JSON_REAL LIB_REAL
#define JSON_NULL LIB_NULL
#define json_string lib_json_string
#define json_real lib_json_real
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_REAL
#undef JSON_NULL
#undef json_string
#undef json_real

#include "data/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static const json_t *lib(const struct json_value *v)
{
	return (const json_t *)(const void *)v;
}

static const struct json_value *ours(const json_t *v)
{
	return (const struct json_value *)(const void *)v;
}

static void release(void *v)
{
	json_decref(v);
}

static int refuse(struct arena *a, const char **why, const char *reason, size_t at)
{
	if (why != NULL)
		*why = arena_printf(a, "%s at byte %zu", reason, at);
	return E_INVALID;
}

/* Offset behind the string that begins at text[i]. */
static size_t skip_string(const char *text, size_t n, size_t i)
{
	for (i++; i < n && text[i] != '"'; i++)
		i += text[i] == '\\';
	return i < n ? i + 1 : n;
}

static int check_size(struct arena *a, const char *text, size_t n, const char **why)
{
	size_t depth = 0, values = 1;

	for (size_t i = 0; i < n;) {
		switch (text[i]) {
		case '"': i = skip_string(text, n, i); continue;
		case '[':
		case '{':
			values++;
			if (++depth > JSON_DEPTH_MAX)
				return refuse(a, why, "nested too deeply", i);
			break;
		case ']':
		case '}': depth -= depth > 0; break;
		case ',':
			if (++values > JSON_VALUES_MAX)
				return refuse(a, why, "too many values", i);
			break;
		}
		i++;
	}
	return OK;
}

int json_parse(struct arena *a, const char *text, size_t n, const struct json_value **out,
			   const char **why)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	json_error_t error;
	json_t *v;

	TRY(check_size(a, text, n, why));
	v = json_loadb(text, n, flags, &error);
	if (v == NULL && json_error_code(&error) == json_error_numeric_overflow)
		v = json_loadb(text, n, flags | JSON_DECODE_INT_AS_REAL, &error);
	if (v == NULL)
		return refuse(a, why, utf8_clean(a, error.text, strlen(error.text)),
					  error.position > 0 ? (size_t)error.position : 0);
	arena_defer(a, release, v);
	*out = ours(v);
	return OK;
}

enum json_kind json_kind(const struct json_value *v)
{
	if (v == NULL)
		return JSON_NULL;
	switch (lib(v)->type) {
	case LIB_OBJECT: return JSON_OBJECT;
	case LIB_ARRAY: return JSON_ARRAY;
	case LIB_STRING: return JSON_STRING;
	case JSON_INTEGER: return JSON_INT;
	case LIB_REAL: return JSON_REAL;
	case JSON_TRUE:
	case JSON_FALSE: return JSON_BOOL;
	case LIB_NULL: break;
	}
	return JSON_NULL;
}

const char *json_string(const struct json_value *v)
{
	return v == NULL ? NULL : json_string_value(lib(v));
}

int64_t json_int(const struct json_value *v)
{
	return v == NULL ? 0 : json_integer_value(lib(v));
}

double json_real(const struct json_value *v)
{
	return v == NULL ? 0 : json_number_value(lib(v));
}

bool json_bool(const struct json_value *v)
{
	return v != NULL && lib(v)->type == JSON_TRUE;
}

size_t json_size(const struct json_value *v)
{
	return json_kind(v) == JSON_OBJECT ? json_object_size(lib(v)) : json_array_size(lib(v));
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
	return ours(json_object_get(lib(object), key));
}

const struct json_value *json_at(const struct json_value *array, size_t i)
{
	return ours(json_array_get(lib(array), i));
}

const char *json_key(const struct json_value *object, size_t i)
{
	/* The iterator's interface takes a changeable object, but changes nothing. */
	json_t *o = (json_t *)(uintptr_t)lib(object);
	void *at = json_object_iter(o);

	while (at != NULL && i-- > 0)
		at = json_object_iter_next(o, at);
	return at == NULL ? NULL : json_object_iter_key(at);
}

static int print_value(struct buf *out, const json_t *v);

static int print_object(struct buf *out, const json_t *v)
{
	/* The iterator's interface takes a changeable object, but changes nothing. */
	json_t *o = (json_t *)(uintptr_t)v;
	const char *comma = "{";

	if (json_object_size(v) == 0)
		return buf_adds(out, "{}");
	for (void *at = json_object_iter(o); at != NULL; at = json_object_iter_next(o, at)) {
		TRY(buf_adds(out, comma));
		TRY(json_print_string(out, json_object_iter_key(at)));
		TRY(buf_addc(out, ':'));
		TRY(print_value(out, json_object_iter_value(at)));
		comma = ",";
	}
	return buf_addc(out, '}');
}

static int print_array(struct buf *out, const json_t *v)
{
	size_t n = json_array_size(v);

	TRY(buf_addc(out, '['));
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			TRY(buf_addc(out, ','));
		TRY(print_value(out, json_array_get(v, i)));
	}
	return buf_addc(out, ']');
}

/* Recursion ends at JSON_DEPTH_MAX: deeper values do not get past json_parse. */
static int print_value(struct buf *out, const json_t *v)
{
	switch (v->type) {
	case LIB_OBJECT: return print_object(out, v);
	case LIB_ARRAY: return print_array(out, v);
	case LIB_STRING: return json_print_string(out, json_string_value(v));
	case JSON_INTEGER: return json_print_int(out, json_integer_value(v));
	case LIB_REAL: return json_print_real(out, json_real_value(v));
	case JSON_TRUE: return buf_adds(out, "true");
	case JSON_FALSE: return buf_adds(out, "false");
	case LIB_NULL: break;
	}
	return buf_adds(out, "null");
}

char *json_text(struct arena *a, const struct json_value *v)
{
	struct buf out;

	if (v == NULL)
		return arena_strdup(a, "null");
	buf_init(&out, a, SIZE_MAX / 8);
	print_value(&out, lib(v));
	return out.p;
}

static int print_escaped(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"': return buf_adds(out, "\\\"");
	case '\\': return buf_adds(out, "\\\\");
	case '\b': return buf_adds(out, "\\b");
	case '\f': return buf_adds(out, "\\f");
	case '\n': return buf_adds(out, "\\n");
	case '\r': return buf_adds(out, "\\r");
	case '\t': return buf_adds(out, "\\t");
	}
	return buf_addf(out, "\\u%04x", c);
}

/* Whether eight bytes are all ASCII that stands for itself. */
static bool plain_eight(const char *s)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
	uint64_t w, quote, stroke;

	memcpy(&w, s, 8);
	quote = w ^ (ones * '"');
	stroke = w ^ (ones * '\\');
	/* A byte below k makes the top bit of (byte - k); those above ASCII have theirs in w. */
	return (((w - ones * 0x20) | (quote - ones) | (stroke - ones) | w) & tops) == 0;
}

/* Bytes at s that stand for themselves, whole characters only. */
static size_t plain_run(const char *s, size_t n)
{
	size_t i = 0, length;
	uint32_t cp;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (n - i >= 8 && plain_eight(s + i)) {
			i += 8;
			continue;
		}
		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c < 0x80) {
			i++;
			continue;
		}
		length = utf8_decode(s + i, n - i, &cp);
		if (length == 0)
			break;
		i += length;
	}
	return i;
}

/* Whether any of eight bytes is no ASCII, a control character, a quote or a backslash: in each of
 * the four terms the highest bit of such a byte is set (and perhaps of one behind it). */
static bool needs_a_look(uint64_t eight)
{
	const uint64_t each = UINT64_C(0x0101010101010101), high = each * 0x80;
	const uint64_t quote = eight ^ (each * '"'), backslash = eight ^ (each * '\\');

	return ((eight | (eight - each * 0x20) | (quote - each) | (backslash - each)) & high) != 0;
}

/* Copies n bytes that stand for themselves; false if one does not, or may not. */
static bool copy_plain(char *to, const char *s, size_t n)
{
	uint64_t eight;
	size_t i = 0;

	for (; n - i >= sizeof eight; i += sizeof eight) {
		memcpy(&eight, s + i, sizeof eight);
		if (needs_a_look(eight))
			return false;
		memcpy(to + i, &eight, sizeof eight);
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			return false;
		to[i] = s[i];
	}
	return true;
}

int json_print_string(struct buf *out, const char *s)
{
	size_t n;
	char *to;

	if (s == NULL)
		return buf_adds(out, "null");
	n = strlen(s);
	to = buf_room(out, n + 2);
	if (to == NULL)
		return E_TOO_LARGE;
	*to = '"';
	if (copy_plain(to + 1, s, n)) {
		to[n + 1] = '"';
		buf_wrote(out, n + 2);
		return OK;
	}
	TRY(buf_addc(out, '"'));
	while (n > 0) {
		size_t run = plain_run(s, n);

		TRY(buf_add(out, s, run));
		s += run;
		n -= run;
		if (n == 0)
			break;
		if ((unsigned char)*s >= 0x80)
			TRY(buf_add_utf8(out, 0xFFFD));
		else
			TRY(print_escaped(out, (unsigned char)*s));
		s++;
		n--;
	}
	return buf_addc(out, '"');
}

int json_print_int(struct buf *out, int64_t v)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (v < 0)
		digits[--at] = '-';
	return buf_add(out, digits + at, sizeof digits - at);
}

/* Numbers of at most three decimals, as most are, without the way over printf and back: a quotient
 * of two integers is rounded just as its decimals are when they are read. False for others. */
static bool short_real(double v, char text[40])
{
	int64_t thousandths, rest;
	char *at = text + 39;

	if (!(fabs(v) < 1e9) || (signbit(v) && !(v < 0)))
		return false;
	thousandths = llround(v * 1000);
	if ((double)thousandths / 1000 < v || (double)thousandths / 1000 > v)
		return false;
	rest = thousandths < 0 ? -thousandths : thousandths;
	*at = '\0';
	for (int i = 0; i < 3; i++, rest /= 10)
		if (*at != '\0' || rest % 10 != 0 || i == 2)
			*--at = (char)('0' + rest % 10);
	*--at = '.';
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (thousandths < 0)
		*--at = '-';
	memmove(text, at, (size_t)(text + 40 - at));
	return true;
}

int json_print_real(struct buf *out, double v)
{
	char text[40];

	if (!isfinite(v))
		return buf_adds(out, "null");
	if (short_real(v, text))
		return buf_adds(out, text);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
			break;
	}
	TRY(buf_adds(out, text));
	return strpbrk(text, ".e") == NULL ? buf_adds(out, ".0") : OK;
}

char *json_canonical(struct arena *a, const char *text, size_t n)
{
	json_t *v = json_loadb(text, n, JSON_DECODE_ANY, NULL);
	char *dumped =
		v != NULL ? json_dumps(v, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT) : NULL;
	char *out = dumped != NULL ? arena_strdup(a, dumped) : arena_strndup(a, text, n);

	free(dumped);
	json_decref(v);
	return out;
}
