/*
 * http_head: what the library lets pass and we do not.
 *
 * Two parties that read one head differently can be played against each other (request smuggling),
 * so every doubt is refused. The library hides some doubts: it joins folded lines into the name,
 * ends a line at a NUL, takes "Content-Length :" for another name. But its strings lie in the
 * buffer in which the head arrived, so it is enough to see that they follow each other without a
 * gap: method, target, version, and each header's name and value with nothing but line ends between
 * them.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "io/http_private.h"

enum { HEADERS_MAX = 100 };

struct head {
	struct request *r;
	const char *at; /* the NUL that ends the line before */
	int headers, lengths, encodings, hosts;
	const char *length, *encoding;
	const char *fault;
};

/* ---- names and values ---- */

/* tchar of RFC 9110 (5.6.2). */
static bool is_token(const char *s, size_t n)
{
	static const bool allowed[256] = {
		['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,
		['#'] = true,         ['$'] = true,         ['%'] = true,         ['&'] = true,
		['\''] = true,        ['*'] = true,         ['+'] = true,         ['-'] = true,
		['.'] = true,         ['^'] = true,         ['_'] = true,         ['`'] = true,
		['|'] = true,         ['~'] = true,
	};

	for (size_t i = 0; i < n; i++)
		if (!allowed[(unsigned char)s[i]])
			return false;
	return n > 0;
}

/* Looks at all of it, and not for the first: so the compiler takes many bytes at once. */
static bool has_control(const char *s, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found |= ((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f;
	return found;
}

/* Whether a line starts right behind the one that ends at end: CR LF or LF, both overwritten with
 * NUL. */
static bool follows(const char *end, const char *start)
{
	return start == end + 1 || (start == end + 2 && end[1] == '\0');
}

static bool only_blanks(const char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != ' ' && *from != '\t')
			return false;
	return from == to;
}

static bool is_named(const char *key, size_t n, const char *name)
{
	return n == strlen(name) && strncasecmp(key, name, n) == 0;
}

static void note_header(struct head *h, const char *key, size_t key_n, const char *value)
{
	if (is_named(key, key_n, "content-length")) {
		h->lengths++;
		h->length = value;
	} else if (is_named(key, key_n, "transfer-encoding")) {
		h->encodings++;
		h->encoding = value;
	} else if (is_named(key, key_n, "host")) {
		h->hosts++;
	} else if (is_named(key, key_n, "expect")) {
		h->r->expects |= strcasecmp(value, "100-continue") == 0;
	} else if (is_named(key, key_n, "content-type") && h->r->x.content_type == NULL) {
		h->r->x.content_type = value;
	}
}

static enum MHD_Result look_at(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_n,
							   const char *value, size_t value_n)
{
	struct head *h = cls;

	(void)kind;
	if (value == NULL || !follows(h->at, key) || !only_blanks(key + key_n + 1, value)) {
		h->fault = "Malformed header.";
		return MHD_NO;
	}
	h->at = value + value_n;
	if (!is_token(key, key_n))
		h->fault = "A header's name has characters that it may not have.";
	else if (has_control(value, value_n))
		h->fault = "A header's value has control characters.";
	else if (++h->headers > HEADERS_MAX)
		h->fault = "Too many headers.";
	if (h->fault != NULL)
		return MHD_NO;
	note_header(h, key, key_n, value);
	return MHD_YES;
}

/* ---- the body's length ---- */

static const char *read_length(struct request *r, const struct head *h, bool http_1_1)
{
	if (h->lengths > 1)
		return "More than one Content-Length.";
	if (h->encodings > 1)
		return "More than one Transfer-Encoding.";
	if (h->encodings == 1 && h->lengths == 1)
		return "Content-Length and Transfer-Encoding exclude each other.";
	if (h->encodings == 1 && !http_1_1)
		return "Transfer-Encoding needs HTTP/1.1.";
	if (h->encodings == 1 && strcasecmp(h->encoding, "chunked") != 0)
		return "The only Transfer-Encoding understood is chunked.";
	r->chunked = h->encodings == 1;
	r->x.content_length = r->chunked ? -1 : 0;
	if (h->lengths == 1 && (h->length[strspn(h->length, "0123456789")] != '\0' ||
							text_int(h->length, &r->x.content_length) != OK))
		return "Content-Length is not a number.";
	return NULL;
}

/* ---- the target ---- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_escape(const char *s, size_t n)
{
	return n >= 3 && s[0] == '%' && hex_value(s[1]) >= 0 && hex_value(s[2]) >= 0;
}

static const char *read_path(struct request *r, const char *s, size_t n)
{
	char *path = arena_alloc(r->x.arena, n + 1);
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && !is_escape(s + i, n - i))
			return "The path has a % that starts no escape.";
		path[to] = s[i];
		if (s[i] == '%') {
			path[to] = (char)(hex_value(s[i + 1]) * 16 + hex_value(s[i + 2]));
			i += 2;
		}
		if (path[to++] == '\0')
			return "The path has a NUL.";
	}
	if (path[0] != '/')
		return "The path does not begin with a slash.";
	if (!utf8_valid(path, to))
		return "The path is not valid UTF-8.";
	r->x.path = path;
	return NULL;
}

/* Decodes + and %XX; what is no escape stays as it is. NUL turns into a byte that no UTF-8 has. */
static char *decode(struct arena *a, const char *s, size_t n)
{
	char *text = arena_alloc(a, n + 1);
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i] == '+' ? ' ' : s[i];

		if (is_escape(s + i, n - i)) {
			c = (char)(hex_value(s[i + 1]) * 16 + hex_value(s[i + 2]));
			i += 2;
		}
		text[to++] = c == '\0' ? (char)0xff : c;
	}
	return utf8_valid(text, to) ? text : utf8_clean(a, text, to);
}

static size_t count_pairs(const char *s, size_t n)
{
	size_t count = 1;

	for (size_t i = 0; i < n; i++)
		count += s[i] == '&';
	return count;
}

int pairs_decode(struct arena *a, const char *s, size_t n, struct pairs *out)
{
	struct pairs p = {0};
	size_t max = count_pairs(s, n);

	if (max > HTTP_PAIRS_MAX)
		return E_TOO_LARGE;
	p.items = ARENA_ARRAY(a, max, struct pair);
	while (n > 0) {
		const char *amp = memchr(s, '&', n);
		size_t len = amp == NULL ? n : (size_t)(amp - s);
		const char *eq = memchr(s, '=', len);
		size_t name = eq == NULL ? len : (size_t)(eq - s);
		size_t skip = len < n ? len + 1 : len;

		if (len > 0) {
			p.items[p.n].name = decode(a, s, name);
			p.items[p.n++].value = eq == NULL ? "" : decode(a, eq + 1, len - name - 1);
		}
		s += skip;
		n -= skip;
	}
	*out = p;
	return OK;
}

/* Origin form, or the absolute form that a server must understand as well (RFC 9112, 3.2.2). */
static const char *read_target(struct request *r)
{
	const char *s = r->uri, *query;

	if (strncasecmp(s, "http://", 7) == 0 || strncasecmp(s, "https://", 8) == 0) {
		s = strchr(s, ':') + 3;
		s += strcspn(s, "/?");
		if (*s != '/')
			s = arena_printf(r->x.arena, "/%s", s);
	}
	if (has_control(s, strlen(s)))
		return "The path has control characters.";
	query = strchr(s, '?');
	if (query != NULL && pairs_decode(r->x.arena, query + 1, strlen(query + 1), &r->x.query) != OK)
		return "Too many query parameters.";
	return read_path(r, s, query == NULL ? strlen(s) : (size_t)(query - s));
}

/* ---- all of it ---- */

static size_t head_size(const struct request *r)
{
	return MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
}

/* The header lines: fills h. */
static const char *read_headers(struct request *r, struct head *h, const char *method)
{
	const char *end = method + head_size(r);

	MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND, look_at, h);
	if (h->fault != NULL)
		return h->fault;
	if (!follows(h->at + 1, end) && !follows(h->at + 2, end))
		return "Malformed header.";
	return h->hosts > 1 ? "More than one Host." : NULL;
}

const char *head_read(struct request *r, const char *method, const char *version, int *status)
{
	struct head h = {.r = r, .at = version + strlen(version)};
	const char *fault;

	r->x.method = method;
	*status = 400;
	if (head_size(r) > HTTP_HEAD_MAX) {
		*status = 431;
		return "The request's head is too large.";
	}
	if (!is_token(method, strlen(method)))
		return "Malformed method.";
	if (r->uri_end == NULL || version != r->uri_end + 1)
		return "Malformed request line.";
	fault = read_headers(r, &h, method);
	if (fault == NULL)
		fault = read_length(r, &h, strcmp(version, "HTTP/1.1") == 0);
	return fault != NULL ? fault : read_target(r);
}
