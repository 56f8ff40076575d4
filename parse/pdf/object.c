/*
 * See object.h. libqpdf reports misuse of a handle as a warning, which costs an allocation each; so
 * types are asked for first. Streams are taken raw (libqpdf has no limits on what it inflates) and
 * decoded by filter.c under the document's caps.
 */
#include "parse/pdf/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/pdf/encoding.h"

enum { FILTERS_MAX = 8, ARRAY_MAX = 1 << 20 };

void pdf_cut(struct pdf *p)
{
	p->cut = true;
	doc_find(p->doc, "cut", "The document is very large; only its beginning was read.");
}

enum qpdf_object_type_e obj_type(struct pdf *p, qpdf_oh o)
{
	enum qpdf_object_type_e t;

	if (o < PDF_TYPES_MAX && p->types[o] != ot_uninitialized)
		return p->types[o];
	t = qpdf_oh_get_type_code(p->q, o);
	if (o < PDF_TYPES_MAX)
		p->types[o] = (unsigned char)t;
	return t;
}

bool obj_is_dict(struct pdf *p, qpdf_oh o)
{
	return obj_type(p, o) == ot_dictionary;
}

bool obj_is_array(struct pdf *p, qpdf_oh o)
{
	return obj_type(p, o) == ot_array;
}

bool obj_is_stream(struct pdf *p, qpdf_oh o)
{
	return obj_type(p, o) == ot_stream;
}

bool obj_is_null(struct pdf *p, qpdf_oh o)
{
	enum qpdf_object_type_e t = obj_type(p, o);

	return t == ot_null || t == ot_uninitialized || t == ot_reserved;
}

qpdf_oh obj_key(struct pdf *p, qpdf_oh dict, const char *key)
{
	enum qpdf_object_type_e t = obj_type(p, dict);

	if (t == ot_stream)
		dict = qpdf_oh_get_dict(p->q, dict);
	else if (t != ot_dictionary)
		return qpdf_oh_new_null(p->q);
	return qpdf_oh_get_key(p->q, dict, key);
}

int obj_count(struct pdf *p, qpdf_oh array)
{
	int n = obj_is_array(p, array) ? qpdf_oh_get_array_n_items(p->q, array) : 0;

	return n > ARRAY_MAX ? ARRAY_MAX : n;
}

qpdf_oh obj_item(struct pdf *p, qpdf_oh array, int i)
{
	if (i >= obj_count(p, array))
		return qpdf_oh_new_null(p->q);
	return qpdf_oh_get_array_item(p->q, array, i);
}

int obj_id(struct pdf *p, qpdf_oh o)
{
	return qpdf_oh_get_object_id(p->q, o);
}

double obj_number(struct pdf *p, qpdf_oh o, double fallback)
{
	enum qpdf_object_type_e t = obj_type(p, o);
	double v;

	if (t != ot_integer && t != ot_real)
		return fallback;
	v = qpdf_oh_get_numeric_value(p->q, o);
	return v > -1e15 && v < 1e15 ? v : fallback;
}

int obj_int(struct pdf *p, qpdf_oh o, int fallback)
{
	double v = obj_number(p, o, fallback);

	return v > -2e9 && v < 2e9 ? (int)v : fallback;
}

const char *obj_name(struct pdf *p, qpdf_oh o)
{
	const char *s;

	if (obj_type(p, o) != ot_name)
		return NULL;
	s = qpdf_oh_get_name(p->q, o);
	return arena_strdup(p->arena, s[0] == '/' ? s + 1 : s);
}

bool obj_name_is(struct pdf *p, qpdf_oh o, const char *slash_name)
{
	return obj_type(p, o) == ot_name && strcmp(qpdf_oh_get_name(p->q, o), slash_name) == 0;
}

const char *obj_bytes(struct pdf *p, qpdf_oh o, size_t *n)
{
	const char *s;

	if (obj_type(p, o) != ot_string)
		return NULL;
	s = qpdf_oh_get_binary_string_value(p->q, o, n);
	return memcpy(arena_alloc(p->arena, *n + 1), s, *n);
}

const char *obj_text(struct pdf *p, qpdf_oh o)
{
	size_t n = 0;
	const char *s = obj_bytes(p, o, &n);

	return s == NULL ? NULL : text_string(p->arena, (const unsigned char *)s, n);
}

/* Appends a character of a text string; line ends and other controls become blanks. */
static void add_char(struct buf *b, uint32_t cp)
{
	buf_add_utf8(b, cp < 0x20 || cp == 0x7F ? ' ' : cp);
}

static void add_utf16(struct buf *b, const unsigned char *s, size_t n, bool little)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t u = little ? (uint32_t)(s[i + 1] << 8 | s[i]) : (uint32_t)(s[i] << 8 | s[i + 1]);
		uint32_t low;

		if (u == 0x1B) { /* a language mark: up to the next escape */
			for (i += 2; i + 1 < n && (s[i] | s[i + 1]) != 0x1B; i += 2)
				;
			continue;
		}
		if (u >= 0xD800 && u < 0xDC00 && i + 3 < n) {
			low = little ? (uint32_t)(s[i + 3] << 8 | s[i + 2])
						 : (uint32_t)(s[i + 2] << 8 | s[i + 3]);
			if (low >= 0xDC00 && low < 0xE000) {
				u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		add_char(b, u);
	}
}

const char *text_string(struct arena *a, const unsigned char *s, size_t n)
{
	struct buf b;

	buf_init(&b, a, 64 * 1024);
	if (n >= 2 && s[0] == 0xFE && s[1] == 0xFF) {
		add_utf16(&b, s + 2, n - 2, false);
	} else if (n >= 2 && s[0] == 0xFF && s[1] == 0xFE) {
		add_utf16(&b, s + 2, n - 2, true);
	} else if (n >= 3 && s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF) {
		buf_adds(&b, utf8_clean(a, (const char *)s + 3, n - 3));
	} else {
		for (size_t i = 0; i < n; i++)
			add_char(&b, encoding_pdfdoc(s[i]));
	}
	return text_trim(arena_strdup(a, buf_str(&b)));
}

bool obj_numbers(struct pdf *p, qpdf_oh array, double *out, int n)
{
	if (obj_count(p, array) < n)
		return false;
	for (int i = 0; i < n; i++)
		out[i] = obj_number(p, qpdf_oh_get_array_item(p->q, array, i), 0);
	return true;
}

struct bytes obj_source(struct pdf *p, qpdf_oh o)
{
	const char *s = qpdf_oh_unparse_resolved(p->q, o);
	struct bytes b = {.n = s == NULL ? 0 : strlen(s)};

	b.p = malloc(b.n + 1);
	if (b.p == NULL)
		abort();
	if (b.n > 0)
		memcpy(b.p, s, b.n);
	b.p[b.n] = '\0';
	return b;
}

static struct filter_params params_of(struct pdf *p, qpdf_oh dict)
{
	struct filter_params f = {0};

	if (!obj_is_dict(p, dict))
		return f;
	f.predictor = obj_int(p, obj_key(p, dict, "/Predictor"), 1);
	f.late_change = obj_int(p, obj_key(p, dict, "/EarlyChange"), 1) == 0;
	if (f.predictor <= 1)
		return f;
	f.colors = obj_int(p, obj_key(p, dict, "/Colors"), 1);
	f.bits = obj_int(p, obj_key(p, dict, "/BitsPerComponent"), 8);
	f.columns = obj_int(p, obj_key(p, dict, "/Columns"), 1);
	return f;
}

/* A stream on its way through its filters. */
struct decoding {
	struct bytes data;
	size_t max, left;   /* bytes after each filter, and after all of them together */
	const char *filter; /* the one that is none of ours, NULL so far */
	qpdf_oh parms;      /* of that one */
};

static void decoding_done(struct decoding *s)
{
	bytes_done(&s->data);
}

/* Runs the data through one filter. */
static int apply(struct pdf *p, qpdf_oh name, qpdf_oh parms, struct decoding *s)
{
	struct filter_params params = params_of(p, parms);
	const char *filter = obj_name(p, name);
	struct bytes out = {0};
	enum filter f;
	int rc;

	if (filter != NULL && strcmp(filter, "Crypt") == 0)
		return OK;
	if (filter == NULL)
		return E_INVALID;
	if (!filter_named(filter, &f)) {
		s->filter = filter;
		s->parms = parms;
		return OK;
	}
	rc = filter_decode(f, &params, s->data.p, s->data.n, s->left < s->max ? s->left : s->max, &out);
	bytes_done(&s->data);
	s->data = out;
	s->left -= out.n;
	return rc;
}

/* Takes the raw bytes through the filters up to one that is not ours, or the cap. */
static int decode(struct pdf *p, qpdf_oh stream, struct decoding *s)
{
	QPDF_BOOL filtered = QPDF_FALSE;
	qpdf_oh filter, parms;
	int rc = OK, n;

	if (!obj_is_stream(p, stream))
		return E_INVALID;
	if ((qpdf_oh_get_stream_data(p->q, stream, qpdf_dl_none, &filtered, &s->data.p, &s->data.n) &
		 (QPDF_ERRORS)) != 0)
		return E_INVALID;
	filter = obj_key(p, stream, "/Filter");
	parms = obj_key(p, stream, "/DecodeParms");
	if (!obj_is_array(p, filter))
		return obj_is_null(p, filter)
				   ? OK
				   : apply(p, filter, obj_is_array(p, parms) ? obj_item(p, parms, 0) : parms, s);
	n = obj_count(p, filter);
	for (int i = 0; i < n && i < FILTERS_MAX && rc == OK && s->filter == NULL; i++)
		rc = apply(p, obj_item(p, filter, i),
				   obj_is_array(p, parms) ? obj_item(p, parms, i) : parms, s);
	return rc;
}

int obj_stream(struct pdf *p, qpdf_oh stream, struct bytes *out)
{
	CLEANUP(decoding_done)
	struct decoding s = {.max = PDF_STREAM_MAX, .left = PDF_INFLATE_MAX - p->inflated};
	int rc = decode(p, stream, &s);

	p->inflated = PDF_INFLATE_MAX - s.left;
	if (rc == E_TOO_LARGE)
		pdf_cut(p);
	if ((rc != OK && rc != E_TOO_LARGE) || s.filter != NULL)
		return E_INVALID;
	*out = s.data;
	s.data = (struct bytes){0};
	return rc;
}

int obj_stream_image(struct pdf *p, qpdf_oh stream, size_t max, const char **filter, qpdf_oh *parms,
					 struct bytes *out)
{
	CLEANUP(decoding_done) struct decoding s = {.max = max, .left = max * 2};

	TRY(decode(p, stream, &s));
	*filter = s.filter;
	*parms = s.parms;
	*out = s.data;
	s.data = (struct bytes){0};
	return OK;
}

int obj_stream_rows(struct pdf *p, qpdf_oh stream, size_t stride,
					bool (*take)(void *arg, const unsigned char *row), void *arg)
{
	CLEANUP(bytes_done) struct bytes raw = {0};
	qpdf_oh filter = obj_key(p, stream, "/Filter"), parms = obj_key(p, stream, "/DecodeParms");
	QPDF_BOOL filtered = QPDF_FALSE;
	struct filter_params params;
	const char *name;
	enum filter f;

	if (obj_is_array(p, parms))
		parms = obj_item(p, parms, 0);
	if (obj_count(p, filter) == 1)
		filter = obj_item(p, filter, 0);
	name = obj_name(p, filter);
	if (name == NULL || !filter_named(name, &f) || f != FILTER_FLATE)
		return E_NOT_FOUND;
	if ((qpdf_oh_get_stream_data(p->q, stream, qpdf_dl_none, &filtered, &raw.p, &raw.n) &
		 (QPDF_ERRORS)) != 0)
		return E_INVALID;
	params = params_of(p, parms);
	return filter_inflate_rows(&params, raw.p, raw.n, stride, take, arg);
}
