/*
 * See multipart.h. libmicrohttpd's own post processor was measured against what clients send and
 * fell short: no filename*, no unquoted or escaped parameters, no sign of a part's end (an empty
 * first piece looks like a second file of the same name), a boundary followed by another parameter
 * not understood.
 *
 * A delimiter is CR LF "--" boundary. CR can stand nowhere else in it, so a failed match never
 * hides the start of another one and matching needs no backtracking: what had matched is content.
 * Content is handed on in place; only a match begun in an earlier piece has to be written from the
 * delimiter itself.
 */
#include "io/multipart.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"

enum state {
	SCAN,     /* content, or what precedes the first delimiter */
	TAIL,     /* after a delimiter: "--", or blanks and a line end */
	PADDING,  /* blanks after a delimiter */
	HEAD,     /* header lines of a part */
	EPILOGUE, /* after the closing delimiter: ignored */
};

struct multipart {
	struct arena *arena;
	multipart_fn *fn;
	void *arg;
	enum state state;
	int error;
	const char *delimiter;
	size_t delimiter_len, matched;
	char tail; /* first byte after a delimiter, 0 if none yet */
	bool open; /* a part's content is running */
	struct multipart_part part;
	size_t parts, lines, line_len;
	char line[MULTIPART_LINE];
};

static bool is_token(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Copies a quoted string from behind its opening quote. Browsers escape nothing with a backslash
 * (and old ones send whole Windows paths), others escape quote and backslash: only these two are
 * undone. */
static const char *read_quoted(struct arena *a, const char *s, char **out)
{
	const char *end = s;
	char *to;

	while (*end != '\0' && *end != '"')
		end += *end == '\\' && (end[1] == '"' || end[1] == '\\') ? 2 : 1;
	if (*end == '\0')
		return NULL;
	*out = to = arena_alloc(a, (size_t)(end - s) + 1);
	while (s < end) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		*to++ = *s++;
	}
	return end + 1;
}

/* Reads "; name=value" at *at. Returns 1, 0 at the end, E_INVALID. */
static int next_param(struct arena *a, const char **at, char **name, char **value)
{
	const char *s = skip_blanks(*at), *start;

	if (*s == '\0')
		return 0;
	if (*s++ != ';')
		return E_INVALID;
	s = skip_blanks(s);
	if (*s == '\0')
		return 0;
	for (start = s; is_token(*s);)
		s++;
	if (s == start)
		return E_INVALID;
	*name = arena_strndup(a, start, (size_t)(s - start));
	s = skip_blanks(s);
	if (*s++ != '=')
		return E_INVALID;
	s = skip_blanks(s);
	if (*s == '"') {
		s = read_quoted(a, s + 1, value);
		if (s == NULL)
			return E_INVALID;
	} else {
		start = s;
		s += strcspn(s, "; \t");
		*value = arena_strndup(a, start, (size_t)(s - start));
	}
	*at = s;
	return 1;
}

/* Whether s begins with the word, in any case, and nothing but blanks or ';' follow it at once. */
static const char *after_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(s, word, n) != 0)
		return NULL;
	s += n;
	return *s == '\0' || *s == ';' || *s == ' ' || *s == '\t' ? s : NULL;
}

int multipart_boundary(struct arena *a, const char *content_type, const char **out)
{
	const char *at = content_type == NULL ? NULL : after_word(content_type, "multipart/form-data");
	char *name, *value;
	size_t n;
	int rc;

	if (at == NULL)
		return E_INVALID;
	while ((rc = next_param(a, &at, &name, &value)) > 0)
		if (strcasecmp(name, "boundary") == 0)
			break;
	if (rc <= 0)
		return E_INVALID;
	n = strlen(value);
	if (n == 0 || n > MULTIPART_BOUNDARY || strpbrk(value, "\r\n") != NULL || value[n - 1] == ' ')
		return E_INVALID;
	*out = value;
	return OK;
}

struct multipart *multipart_new(struct arena *a, const char *boundary, multipart_fn *fn, void *arg)
{
	struct multipart *m = ARENA_NEW(a, struct multipart);

	m->arena = a;
	m->fn = fn;
	m->arg = arg;
	m->delimiter = arena_printf(a, "\r\n--%s", boundary);
	m->delimiter_len = strlen(m->delimiter);
	m->matched = 2; /* the first delimiter needs no line end before it */
	return m;
}

static int emit(struct multipart *m, const char *p, size_t n)
{
	return m->open && n > 0 ? m->fn(m->arg, &m->part, p, n, false) : OK;
}

static int close_part(struct multipart *m)
{
	if (!m->open)
		return OK;
	m->open = false;
	return m->fn(m->arg, &m->part, "", 0, true);
}

/* Takes content up to and with the next delimiter. */
static int scan(struct multipart *m, const char *p, size_t n, size_t *used)
{
	size_t i = 0, held = m->matched, here; /* held: matched bytes that came before p */
	const char *cr;

	while (i < n && m->matched < m->delimiter_len) {
		if (m->matched == 0) {
			cr = memchr(p + i, '\r', n - i);
			i = cr == NULL ? n : (size_t)(cr - p) + 1;
			m->matched = cr != NULL;
		} else if (p[i] == m->delimiter[m->matched]) {
			i++;
			m->matched++;
		} else {
			TRY(emit(m, m->delimiter, held));
			held = 0;
			m->matched = 0;
		}
	}
	here = m->matched - held;
	TRY(emit(m, p, i - here));
	if (m->matched == m->delimiter_len) {
		m->matched = 0;
		m->tail = '\0';
		m->state = TAIL;
	}
	*used = i;
	return OK;
}

/* The delimiter was none, a longer line merely began like it: it is content. */
static int unread_delimiter(struct multipart *m)
{
	m->state = SCAN;
	TRY(emit(m, m->delimiter, m->delimiter_len));
	return emit(m, "-", m->tail == '-');
}

static int begin_head(struct multipart *m)
{
	TRY(close_part(m));
	m->state = HEAD;
	m->lines = 0;
	m->line_len = 0;
	m->part = (struct multipart_part){0};
	return OK;
}

/* One byte after a delimiter. *used tells whether it was taken. */
static int take_tail(struct multipart *m, char c, bool *used)
{
	*used = true;
	if (m->tail == '\r')
		return c == '\n' ? begin_head(m) : E_INVALID;
	if (m->tail == '-' && c == '-') {
		m->state = EPILOGUE;
		return close_part(m);
	}
	if (m->tail == '\0' && (c == '-' || c == '\r')) {
		m->tail = c;
		return OK;
	}
	if (m->tail == '\0' && (c == ' ' || c == '\t')) {
		m->state = PADDING;
		return OK;
	}
	*used = false;
	return unread_delimiter(m);
}

static int take_padding(struct multipart *m, char c)
{
	if (c == ' ' || c == '\t')
		return OK;
	if (c != '\r')
		return E_INVALID;
	m->state = TAIL;
	m->tail = c;
	return OK;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes UTF-8'lang'a%20b or ISO-8859-1'… (RFC 8187). NULL if it is neither, or malformed. */
static char *read_extended(struct arena *a, const char *s)
{
	bool utf8 = strncasecmp(s, "UTF-8'", 6) == 0;
	const char *p = strchr(s, '\'');
	struct buf b;

	if ((!utf8 && strncasecmp(s, "ISO-8859-1'", 11) != 0) || p == NULL)
		return NULL;
	p = strchr(p + 1, '\'');
	if (p == NULL)
		return NULL;
	buf_init(&b, a, MULTIPART_LINE * 2);
	for (p++; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '%') {
			if (hex_value(p[1]) < 0 || hex_value(p[2]) < 0)
				return NULL;
			c = (unsigned char)(hex_value(p[1]) * 16 + hex_value(p[2]));
			p += 2;
		}
		if (c == '\0')
			return NULL;
		if (utf8)
			buf_addc(&b, (char)c);
		else
			buf_add_utf8(&b, c);
	}
	return utf8_clean(a, buf_str(&b), b.n);
}

static int take_disposition(struct multipart *m, const char *value)
{
	const char *at = after_word(value, "form-data");
	char *extended = NULL, *name, *v;
	int rc;

	if (at == NULL)
		return E_INVALID;
	while ((rc = next_param(m->arena, &at, &name, &v)) > 0) {
		if (strcasecmp(name, "name") == 0)
			m->part.name = utf8_clean(m->arena, v, strlen(v));
		else if (strcasecmp(name, "filename") == 0)
			m->part.filename = utf8_clean(m->arena, v, strlen(v));
		else if (strcasecmp(name, "filename*") == 0)
			extended = read_extended(m->arena, v);
	}
	if (extended != NULL)
		m->part.filename = extended;
	return rc;
}

/* Encodings other than the plain ones are abolished (RFC 7578, 4.7); passing them on undecoded
 * would spoil a file silently. */
static int take_encoding(const char *value)
{
	return after_word(value, "binary") || after_word(value, "8bit") || after_word(value, "7bit")
			   ? OK
			   : E_INVALID;
}

static int take_line(struct multipart *m, char *line)
{
	char *colon = strchr(line, ':');
	char *value;

	if (colon == NULL || colon == line || !is_token(line[0]))
		return E_INVALID;
	*colon = '\0';
	value = text_trim(colon + 1);
	if (text_ieq(line, "content-disposition"))
		return m->part.name == NULL ? take_disposition(m, value) : E_INVALID;
	if (text_ieq(line, "content-type"))
		m->part.content_type = utf8_clean(m->arena, value, strlen(value));
	else if (text_ieq(line, "content-transfer-encoding"))
		return take_encoding(value);
	return OK;
}

static int end_head(struct multipart *m)
{
	if (m->part.name == NULL)
		return E_INVALID;
	if (++m->parts > MULTIPART_PARTS || arena_over(m->arena))
		return E_TOO_LARGE;
	m->open = true;
	m->state = SCAN;
	return OK;
}

/* One byte of a part's header lines. */
static int take_head(struct multipart *m, char c)
{
	if (c == '\0')
		return E_INVALID;
	if (c != '\n') {
		if (m->line_len == sizeof m->line - 1)
			return E_TOO_LARGE;
		m->line[m->line_len++] = c;
		return OK;
	}
	if (m->line_len > 0 && m->line[m->line_len - 1] == '\r')
		m->line_len--;
	m->line[m->line_len] = '\0';
	if (m->line_len == 0)
		return end_head(m);
	m->line_len = 0;
	return ++m->lines > MULTIPART_LINES ? E_TOO_LARGE : take_line(m, m->line);
}

static int feed(struct multipart *m, const char *p, size_t n)
{
	size_t used;
	bool taken;

	for (; n > 0; p += used, n -= used) {
		used = 1;
		switch (m->state) {
		case SCAN: TRY(scan(m, p, n, &used)); break;
		case TAIL:
			TRY(take_tail(m, *p, &taken));
			used = taken;
			break;
		case PADDING: TRY(take_padding(m, *p)); break;
		case HEAD: TRY(take_head(m, *p)); break;
		case EPILOGUE: used = n; break;
		}
	}
	return OK;
}

int multipart_feed(struct multipart *m, const char *p, size_t n)
{
	if (m->error == OK)
		m->error = feed(m, p, n);
	return m->error;
}

int multipart_end(struct multipart *m)
{
	if (m->error == OK && m->state != EPILOGUE)
		m->error = E_INVALID;
	return m->error;
}
