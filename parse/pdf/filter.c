/*
 * See filter.h. All decoders write to a sink, which grows by doubling and stops at its maximum; a
 * decoder ends as soon as its sink is full, so that a bomb costs its cap and no more. Predictors
 * then work in place, as their output is never longer than their input.
 */
#include "parse/pdf/filter.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"

struct sink {
	unsigned char *p;
	size_t n, cap, max;
	bool full;
};

void bytes_done(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){0};
}

bool filter_named(const char *name, enum filter *f)
{
	static const struct {
		const char *name, *brief;
		enum filter filter;
	} filters[] = {
		{"FlateDecode", "Fl", FILTER_FLATE},         {"LZWDecode", "LZW", FILTER_LZW},
		{"ASCII85Decode", "A85", FILTER_ASCII85},    {"ASCIIHexDecode", "AHx", FILTER_ASCIIHEX},
		{"RunLengthDecode", "RL", FILTER_RUNLENGTH},
	};

	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		if (strcmp(name, filters[i].name) == 0 || strcmp(name, filters[i].brief) == 0) {
			*f = filters[i].filter;
			return true;
		}
	}
	return false;
}

/* Makes room for up to want bytes; returns how many there are, 0 when the sink is full. */
static size_t sink_room(struct sink *s, size_t want)
{
	size_t cap = s->cap, need = want < s->max - s->n ? s->n + want : s->max;
	unsigned char *p;

	if (s->n == s->max) {
		s->full = true;
		return 0;
	}
	while (cap < need)
		cap = cap == 0 ? 4096 : cap * 2;
	if (cap > s->max)
		cap = s->max;
	if (cap > s->cap) {
		p = realloc(s->p, cap);
		if (p == NULL)
			abort();
		s->p = p;
		s->cap = cap;
	}
	return s->cap - s->n;
}

static bool sink_put(struct sink *s, unsigned char c)
{
	if (s->n == s->cap && sink_room(s, 1) == 0)
		return false;
	s->p[s->n++] = c;
	return true;
}

static bool sink_write(struct sink *s, const unsigned char *p, size_t n)
{
	while (n > 0) {
		size_t room = sink_room(s, n), k = room < n ? room : n;

		if (k == 0)
			return false;
		memcpy(s->p + s->n, p, k);
		s->n += k;
		p += k;
		n -= k;
	}
	return true;
}

/* The one decompressor, kept from stream to stream: its window costs more to get and to clear than
 * most streams to inflate. A thread has its own. */
static z_stream *inflater(int bits)
{
	static _Thread_local z_stream z;

	if (z.state == NULL ? inflateInit2(&z, bits) != Z_OK : inflateReset2(&z, bits) != Z_OK)
		abort();
	return &z;
}

/* Inflates with the given window bits (negative: no zlib header); false on damage. */
static bool inflate_with(int bits, const unsigned char *in, size_t n, struct sink *s)
{
	z_stream *z = inflater(bits);
	int rc = Z_OK;

	z->next_in = (unsigned char *)(uintptr_t)in;
	z->avail_in = n > UINT32_MAX ? UINT32_MAX : (uInt)n;
	while (rc == Z_OK) {
		size_t room = sink_room(s, s->n == 0 ? n * 3 + 1024 : 1);

		if (room == 0)
			break;
		z->next_out = s->p + s->n;
		z->avail_out = room > UINT32_MAX ? UINT32_MAX : (uInt)room;
		rc = inflate(z, Z_NO_FLUSH);
		s->n = (size_t)(z->next_out - s->p);
	}
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

size_t filter_inflated_size(const unsigned char *in, size_t n, size_t max)
{
	unsigned char out[16384];
	z_stream *z = inflater(MAX_WBITS);
	int rc = Z_OK;

	z->next_in = (unsigned char *)(uintptr_t)in;
	z->avail_in = n > UINT32_MAX ? UINT32_MAX : (uInt)n;
	while (rc == Z_OK && z->total_out < max) {
		z->next_out = out;
		z->avail_out = sizeof out;
		rc = inflate(z, Z_NO_FLUSH);
	}
	return z->total_out < max ? z->total_out : max;
}

/* The quick way for what is whole and not huge, as almost all streams are. False leaves the sink
 * empty: zlib then takes what can be had. */
static bool inflate_whole(const unsigned char *in, size_t n, struct sink *s)
{
	enum { WHOLE_MAX = 4 * 1024 * 1024 };
	static _Thread_local struct libdeflate_decompressor *d;
	enum libdeflate_result rc = LIBDEFLATE_INSUFFICIENT_SPACE;

	if (d == NULL)
		d = libdeflate_alloc_decompressor();
	for (size_t want = n * 4 + 1024; d != NULL && want <= WHOLE_MAX; want *= 2) {
		size_t room = sink_room(s, want);

		rc = libdeflate_zlib_decompress(d, in, n, s->p, room, &s->n);
		if (rc != LIBDEFLATE_INSUFFICIENT_SPACE || room < want)
			break;
	}
	if (rc != LIBDEFLATE_SUCCESS)
		s->n = 0;
	return rc == LIBDEFLATE_SUCCESS;
}

static void decode_flate(const unsigned char *in, size_t n, struct sink *s)
{
	while (n > 0 && (*in == '\r' || *in == '\n')) {
		in++;
		n--;
	}
	if (inflate_whole(in, n, s) || inflate_with(MAX_WBITS, in, n, s) || s->n > 0 || n < 3)
		return;
	/* Some writers spoil the two header bytes; the data behind them is often whole. */
	inflate_with(-MAX_WBITS, in + 2, n - 2, s);
}

enum { LZW_CLEAR = 256, LZW_END = 257, LZW_FIRST = 258, LZW_CODES = 4096 };

struct lzw {
	uint16_t prefix[LZW_CODES], length[LZW_CODES];
	unsigned char last[LZW_CODES];
	int next, bits;
};

/* Writes the string of a code; its first byte goes to *first. */
static bool lzw_emit(const struct lzw *t, int code, struct sink *s, unsigned char *first)
{
	size_t len = code < 256 ? 1 : t->length[code], at = s->n + len;

	if (sink_room(s, len) < len) {
		s->full = true;
		return false;
	}
	s->n = at;
	for (; code >= 256; code = t->prefix[code])
		s->p[--at] = t->last[code];
	s->p[--at] = (unsigned char)code;
	*first = (unsigned char)code;
	return true;
}

static void lzw_learn(struct lzw *t, int prev, unsigned char last, int early)
{
	if (t->next >= LZW_CODES)
		return;
	t->prefix[t->next] = (uint16_t)prev;
	t->length[t->next] = (uint16_t)((prev < 256 ? 1 : t->length[prev]) + 1);
	t->last[t->next] = last;
	t->next++;
	while (t->bits < 12 && t->next + early >= 1 << t->bits)
		t->bits++;
}

static void decode_lzw(const struct filter_params *params, const unsigned char *in, size_t n,
					   struct sink *s)
{
	struct lzw t = {.next = LZW_FIRST, .bits = 9};
	int prev = -1, early = params->late_change ? 0 : 1, have = 0;
	uint32_t acc = 0;

	for (size_t i = 0; i < n;) {
		int code;
		unsigned char first;

		while (have < t.bits && i < n) {
			acc = acc << 8 | in[i++];
			have += 8;
		}
		if (have < t.bits)
			return;
		have -= t.bits;
		code = (int)(acc >> have & ((1u << t.bits) - 1));
		if (code == LZW_END)
			return;
		if (code == LZW_CLEAR) {
			t.next = LZW_FIRST;
			t.bits = 9;
			prev = -1;
			continue;
		}
		if (code > t.next || (code == t.next && prev < 0))
			return;
		if (code == t.next) {
			/* The one code that may be used before it is known: the last string and its own start.
			 */
			int c = prev;

			while (c >= 256)
				c = t.prefix[c];
			lzw_learn(&t, prev, (unsigned char)c, early);
			if (code >= t.next || !lzw_emit(&t, code, s, &first))
				return;
		} else {
			if (!lzw_emit(&t, code, s, &first))
				return;
			if (prev >= 0)
				lzw_learn(&t, prev, first, early);
		}
		prev = code;
	}
}

static void decode_ascii85(const unsigned char *in, size_t n, struct sink *s)
{
	uint32_t word = 0;
	int have = 0;

	for (size_t i = 0; i < n && in[i] != '~'; i++) {
		unsigned char c = in[i];
		unsigned char b[4];

		if (c == 'z' && have == 0) {
			if (!sink_write(s, (const unsigned char *)"\0\0\0\0", 4))
				return;
			continue;
		}
		if (c < '!' || c > 'u')
			continue;
		word = word * 85 + (uint32_t)(c - '!');
		if (++have < 5)
			continue;
		for (int k = 0; k < 4; k++)
			b[k] = (unsigned char)(word >> (24 - 8 * k));
		if (!sink_write(s, b, 4))
			return;
		word = 0;
		have = 0;
	}
	for (int k = have; k > 0 && k < 5; k++)
		word = word * 85 + 84;
	for (int k = 0; k + 1 < have; k++)
		if (!sink_put(s, (unsigned char)(word >> (24 - 8 * k))))
			return;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_asciihex(const unsigned char *in, size_t n, struct sink *s)
{
	int high = -1;

	for (size_t i = 0; i < n && in[i] != '>'; i++) {
		int d = hex_digit(in[i]);

		if (d < 0)
			continue;
		if (high < 0) {
			high = d;
			continue;
		}
		if (!sink_put(s, (unsigned char)(high << 4 | d)))
			return;
		high = -1;
	}
	if (high >= 0)
		sink_put(s, (unsigned char)(high << 4));
}

static void decode_runlength(const unsigned char *in, size_t n, struct sink *s)
{
	for (size_t i = 0; i < n && in[i] != 128;) {
		unsigned len = in[i++];

		if (len < 128) {
			size_t k = len + 1 < n - i ? len + 1 : n - i;

			if (!sink_write(s, in + i, k))
				return;
			i += k;
			continue;
		}
		for (unsigned k = 0; i < n && k < 257 - len; k++)
			if (!sink_put(s, in[i]))
				return;
		i++;
	}
}

static unsigned char paeth(int a, int b, int c)
{
	int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

	if (pa <= pb && pa <= pc)
		return (unsigned char)a;
	return (unsigned char)(pb <= pc ? b : c);
}

/* Undoes one PNG row (RFC 2083, 6) of n bytes in place; up is the row above or NULL. */
static void png_row(int kind, unsigned char *row, const unsigned char *up, size_t n, size_t bpp)
{
	for (size_t i = 0; i < n; i++) {
		int a = i >= bpp ? row[i - bpp] : 0, b = up != NULL ? up[i] : 0;
		int c = up != NULL && i >= bpp ? up[i - bpp] : 0, add = 0;

		switch (kind) {
		case 1: add = a; break;
		case 2: add = b; break;
		case 3: add = (a + b) / 2; break;
		case 4: add = paeth(a, b, c); break;
		}
		row[i] = (unsigned char)(row[i] + add);
	}
}

static void undo_png(struct sink *s, size_t row, size_t bpp)
{
	unsigned char *up = NULL;
	size_t out = 0;

	for (size_t in = 0; in + 1 < s->n;) {
		int kind = s->p[in++];
		size_t len = s->n - in < row ? s->n - in : row;

		memmove(s->p + out, s->p + in, len);
		png_row(kind, s->p + out, up, len, bpp);
		up = s->p + out;
		in += len;
		out += len;
	}
	s->n = out;
}

/* TIFF predictor 2 for eight bits a component; other depths do not occur outside images. */
static void undo_tiff(struct sink *s, size_t row, size_t colors)
{
	for (size_t at = 0; at + row <= s->n; at += row)
		for (size_t i = colors; i < row; i++)
			s->p[at + i] = (unsigned char)(s->p[at + i] + s->p[at + i - colors]);
}

/* The parameters within bounds, and what follows of them. */
struct row_shape {
	int colors, bits;
	size_t bytes, bpp; /* of a row, of all components of a sample */
};

static struct row_shape shape_of(const struct filter_params *params)
{
	struct row_shape r = {params->colors > 0 && params->colors <= 32 ? params->colors : 1,
						  params->bits > 0 && params->bits <= 16 ? params->bits : 8, 0, 0};
	int columns = params->columns > 0 && params->columns < 1 << 20 ? params->columns : 1;

	r.bytes = ((size_t)r.colors * (size_t)r.bits * (size_t)columns + 7) / 8;
	r.bpp = ((size_t)r.colors * (size_t)r.bits + 7) / 8;
	return r;
}

static void undo_predictor(const struct filter_params *params, struct sink *s)
{
	struct row_shape r = shape_of(params);

	if (params->predictor >= 10)
		undo_png(s, r.bytes, r.bpp);
	else if (params->predictor == 2 && r.bits == 8)
		undo_tiff(s, r.bytes, (size_t)r.colors);
}

int filter_inflate_rows(const struct filter_params *params, const unsigned char *in, size_t n,
						size_t stride, bool (*take)(void *arg, const unsigned char *row), void *arg)
{
	struct row_shape shape = shape_of(params);
	bool png = params->predictor >= 10, first = true, wanted = true;
	size_t size = stride + (png ? 1 : 0), have = 0;
	unsigned char *rows, *now, *above;
	z_stream *z = inflater(MAX_WBITS);
	int rc = Z_OK;

	if ((params->predictor > 1 && !png) || (png && shape.bytes != stride) || n > UINT32_MAX)
		return E_INVALID;
	rows = malloc(2 * size);
	if (rows == NULL)
		abort();
	now = rows;
	above = rows + size;
	z->next_in = (unsigned char *)(uintptr_t)in;
	z->avail_in = (uInt)n;
	while (rc == Z_OK && wanted) {
		z->next_out = now + have;
		z->avail_out = (uInt)(size - have);
		rc = inflate(z, Z_NO_FLUSH);
		have = (size_t)(z->next_out - now);
		if (have < size)
			continue;
		if (png)
			png_row(now[0], now + 1, first ? NULL : above + 1, stride, shape.bpp);
		wanted = take(arg, now + (png ? 1 : 0));
		above = now;
		now = now == rows ? rows + size : rows;
		first = false;
		have = 0;
	}
	free(rows);
	return OK;
}

int filter_decode(enum filter f, const struct filter_params *params, const unsigned char *in,
				  size_t n, size_t max, struct bytes *out)
{
	struct sink s = {.max = max};

	switch (f) {
	case FILTER_FLATE: decode_flate(in, n, &s); break;
	case FILTER_LZW: decode_lzw(params, in, n, &s); break;
	case FILTER_ASCII85: decode_ascii85(in, n, &s); break;
	case FILTER_ASCIIHEX: decode_asciihex(in, n, &s); break;
	case FILTER_RUNLENGTH: decode_runlength(in, n, &s); break;
	}
	if (params->predictor > 1 && (f == FILTER_FLATE || f == FILTER_LZW))
		undo_predictor(params, &s);
	*out = (struct bytes){s.p, s.n};
	return s.full ? E_TOO_LARGE : OK;
}
