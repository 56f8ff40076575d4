/*
 * Web archives (MHTML, RFC 2557): a MIME message whose first HTML part is the document. Multiparts
 * are followed by their boundary only, so their nesting does not matter.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/word/codepage.h"
#include "parse/word/html.h"

enum { HEADER_MAX = 64 * 1024, PARTS_MAX = 200 };

enum coding { CODING_PLAIN, CODING_QUOTED, CODING_BASE64 };

struct part {
	bool html;
	int page;
	enum coding coding;
	struct bytes boundary;
	size_t body; /* where it begins */
};

static bool starts(struct bytes b, size_t at, const char *text)
{
	size_t n = strlen(text);

	return b.n >= n && at <= b.n - n && strncasecmp((const char *)b.p + at, text, n) == 0;
}

/* The value of a parameter (charset=, boundary=) in a header field. */
static struct bytes parameter(struct bytes field, const char *name)
{
	for (size_t i = 0; i < field.n; i++) {
		size_t from = i + strlen(name), to;
		bool quoted;

		if (!starts(field, i, name))
			continue;
		quoted = bytes_u8(field, from) == '"';
		from += quoted;
		for (to = from; to < field.n; to++)
			if (quoted ? field.p[to] == '"' : field.p[to] <= ' ' || field.p[to] == ';')
				break;
		return bytes_part(field, from, to - from);
	}
	return bytes_part(field, 0, 0);
}

static void read_field(struct bytes field, struct part *p)
{
	if (starts(field, 0, "content-type:")) {
		struct bytes charset = parameter(field, "charset=");

		for (size_t i = 0; i < field.n && !p->html; i++)
			p->html = starts(field, i, "text/html");
		p->boundary = parameter(field, "boundary=");
		p->page = codepage_of_name((const char *)charset.p, charset.n);
	} else if (starts(field, 0, "content-transfer-encoding:")) {
		for (size_t i = 0; i < field.n; i++) {
			if (starts(field, i, "quoted-printable"))
				p->coding = CODING_QUOTED;
			else if (starts(field, i, "base64"))
				p->coding = CODING_BASE64;
		}
	}
}

/* The end of the line at `at`, after its line feed. */
static size_t next_line(struct bytes b, size_t at)
{
	const unsigned char *lf = at < b.n ? memchr(b.p + at, '\n', b.n - at) : NULL;

	return lf == NULL ? b.n : (size_t)(lf - b.p) + 1;
}

static bool blank_line(struct bytes b, size_t at)
{
	return bytes_u8(b, at) == '\n' || (bytes_u8(b, at) == '\r' && bytes_u8(b, at + 1) == '\n');
}

static struct part read_head(struct bytes b, size_t at)
{
	struct part p = {.boundary = bytes_part(b, 0, 0)};
	size_t end = at + HEADER_MAX;

	while (at < b.n && at < end && !blank_line(b, at)) {
		size_t next = next_line(b, at);

		/* A line that begins with a blank goes on with the field before it. */
		while (next < b.n && next < end && (b.p[next] == ' ' || b.p[next] == '\t'))
			next = next_line(b, next);
		read_field(bytes_part(b, at, next - at), &p);
		at = next;
	}
	p.body = next_line(b, at);
	return p;
}

static int hex_value(unsigned c)
{
	if (c >= '0' && c <= '9')
		return (int)c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}

/* RFC 2045, 6.7. */
static struct bytes decode_quoted(struct arena *a, struct bytes in)
{
	unsigned char *out = arena_alloc(a, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		int high = hex_value(bytes_u8(in, i + 1)), low = hex_value(bytes_u8(in, i + 2));

		if (in.p[i] != '=') {
			out[n++] = in.p[i];
		} else if (high >= 0 && low >= 0) {
			out[n++] = (unsigned char)(high << 4 | low);
			i += 2;
		} else if (blank_line(in, i + 1)) {
			i += bytes_u8(in, i + 1) == '\r' ? 2 : 1;
		}
	}
	return (struct bytes){out, n};
}

static int base64_value(unsigned c)
{
	if (c >= 'A' && c <= 'Z')
		return (int)c - 'A';
	if (c >= 'a' && c <= 'z')
		return (int)c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return (int)c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static struct bytes decode_base64(struct arena *a, struct bytes in)
{
	unsigned char *out = arena_alloc(a, in.n / 4 * 3 + 3);
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < in.n && in.p[i] != '='; i++) {
		int v = base64_value(in.p[i]);

		if (v < 0)
			continue;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
		}
	}
	return (struct bytes){out, n};
}

/* Where the next line "--" stands after `at`, with `boundary` behind it; the end if nowhere. */
static size_t find_boundary(struct bytes b, size_t at, struct bytes boundary)
{
	while (at < b.n) {
		if (b.n - at > boundary.n + 2 && b.p[at] == '-' && b.p[at + 1] == '-' &&
			memcmp(b.p + at + 2, boundary.p, boundary.n) == 0)
			return at;
		at = next_line(b, at);
	}
	return b.n;
}

bool mhtml_is(struct bytes source)
{
	size_t at = 0;

	for (int i = 0; i < 30 && at < source.n && !blank_line(source, at); i++) {
		if (starts(source, at, "mime-version:") || starts(source, at, "content-type: multipart"))
			return true;
		at = next_line(source, at);
	}
	return false;
}

int mhtml_find(struct arena *a, struct bytes source, struct bytes *html, int *page)
{
	struct bytes boundary = bytes_part(source, 0, 0);
	size_t at = 0;

	for (int i = 0; i < PARTS_MAX && at < source.n; i++) {
		struct part p = read_head(source, at);
		size_t end = boundary.n > 0 ? find_boundary(source, p.body, boundary) : source.n;

		if (p.boundary.n > 0) {
			boundary = p.boundary;
			end = find_boundary(source, p.body, boundary);
		} else if (p.html) {
			struct bytes body = bytes_part(source, p.body, end - p.body);

			*html = p.coding == CODING_QUOTED   ? decode_quoted(a, body)
					: p.coding == CODING_BASE64 ? decode_base64(a, body)
												: body;
			*page = p.page;
			return OK;
		}
		at = next_line(source, end);
	}
	return E_NOT_FOUND;
}
