/* See web.h. */
#include "scrape/web.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <libxml/uri.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"

enum { HEAD_MAX = 4096, CHARSET_MAX = 40 };

/* ---- addresses ---- */

static void free_xml(char **p)
{
	if (*p != NULL)
		xmlFree(*p);
}

static void free_uri(xmlURI **u)
{
	xmlFreeURI(*u);
}

/* Blanks and controls at the ends go, as browsers do; those within, and what no URL may hold, are
 * percent-encoded. */
static char *tidy(struct arena *a, const char *s)
{
	char *copy = text_trim(arena_strdup(a, s));
	struct buf b;

	buf_init(&b, a, 3 * WEB_URL_MAX);
	for (; *copy != '\0'; copy++) {
		unsigned char c = (unsigned char)*copy;

		if (c == '\n' || c == '\r' || c == '\t')
			continue;
		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c) != NULL)
			buf_addf(&b, "%%%02X", c);
		else
			buf_addc(&b, (char)c);
	}
	return buf_ok(&b) ? arena_strdup(a, buf_str(&b)) : NULL;
}

static bool is_web(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

const char *web_url(struct arena *a, const char *base, const char *reference)
{
	const char *tidied = reference == NULL ? NULL : tidy(a, reference);
	CLEANUP(free_xml) char *built = NULL;

	if (tidied == NULL || *tidied == '\0')
		return NULL;
	built = (char *)xmlBuildURI((const xmlChar *)tidied, (const xmlChar *)base);
	if (built == NULL || !is_web(built) || strlen(built) > WEB_URL_MAX)
		return NULL;
	return arena_strdup(a, built);
}

static bool is_tracker(const char *name, size_t n)
{
	static const char *const names[] = {
		"gclid",       "fbclid",    "msclkid",      "dclid",        "yclid",     "mc_cid",
		"mc_eid",      "igshid",    "trk",          "trackingid",   "refid",     "_hsenc",
		"_hsmi",       "gh_src",    "lever-source", "lever-origin", "lever-via", "rx_source",
		"rx_campaign", "rx_medium", "source",       "src",          "ref",       "referrer",
		"referer",     "sid",       "sessionid",    "jsessionid",   "phpsessid", "_ga",
		"campaign",    NULL};

	if (n > 4 && strncasecmp(name, "utm_", 4) == 0)
		return true;
	for (size_t i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], name, n) == 0)
			return true;
	return false;
}

static void add_query(struct buf *b, const char *query)
{
	const char *mark = "?";

	for (const char *s = query; *s != '\0';) {
		size_t n = strcspn(s, "&;"), name = strcspn(s, "=&;");

		if (n > 0 && !is_tracker(s, name)) {
			buf_adds(b, mark);
			buf_add(b, s, n);
			mark = "&";
		}
		s += s[n] == '\0' ? n : n + 1;
	}
}

/* "host", "host:8080"; the scheme's own port is left out. */
static void add_host(struct buf *b, const xmlURI *u)
{
	int own = strcasecmp(u->scheme, "https") == 0 ? 443 : 80;

	for (const char *s = u->server; *s != '\0'; s++)
		buf_addc(b, (char)tolower((unsigned char)*s));
	if (u->port > 0 && u->port != own)
		buf_addf(b, ":%d", u->port);
}

/* NULL for what has no host. */
static xmlURI *take_apart(const char *url)
{
	xmlURI *u = url == NULL ? NULL : xmlParseURIRaw(url, 1);

	if (u != NULL && u->scheme != NULL && u->server != NULL && *u->server != '\0')
		return u;
	xmlFreeURI(u);
	return NULL;
}

const char *web_clean_url(struct arena *a, const char *base, const char *reference)
{
	const char *url = web_url(a, base, reference);
	CLEANUP(free_uri) xmlURI *u = take_apart(url);
	struct buf b;

	if (u == NULL)
		return NULL;
	buf_init(&b, a, WEB_URL_MAX);
	buf_adds(&b, strcasecmp(u->scheme, "https") == 0 ? "https://" : "http://");
	add_host(&b, u);
	buf_adds(&b, u->path == NULL || *u->path == '\0' ? "/" : u->path);
	if (u->query_raw != NULL)
		add_query(&b, u->query_raw);
	/* A page that routes by its fragment has another job behind each. */
	if (u->fragment != NULL && (u->fragment[0] == '/' || u->fragment[0] == '!'))
		buf_addf(&b, "#%s", u->fragment);
	return buf_ok(&b) ? buf_str(&b) : NULL;
}

const char *web_origin(struct arena *a, const char *url)
{
	CLEANUP(free_uri) xmlURI *u = take_apart(url);
	struct buf b;

	if (u == NULL)
		return NULL;
	buf_init(&b, a, WEB_URL_MAX);
	buf_adds(&b, strcasecmp(u->scheme, "https") == 0 ? "https://" : "http://");
	add_host(&b, u);
	return buf_ok(&b) ? buf_str(&b) : NULL;
}

const char *web_path(const char *url)
{
	const char *s = strstr(url, "://");

	s = s == NULL ? url : s + 3;
	s += strcspn(s, "/?#");
	return *s == '/' || *s == '?' ? s : "/";
}

const char *web_escape(struct arena *a, const char *text)
{
	struct buf b;

	buf_init(&b, a, 3 * strlen(text) + 1);
	for (const unsigned char *s = (const unsigned char *)text; *s != '\0'; s++) {
		if (*s < 0x80 && (isalnum(*s) || strchr("-._~", *s) != NULL))
			buf_addc(&b, (char)*s);
		else
			buf_addf(&b, "%%%02X", *s);
	}
	return buf_str(&b);
}

/* ---- bytes ---- */

/* The word behind name and "=" in the first n bytes; "" if there is none. */
static void find_value(const char *p, size_t n, const char *name, char out[CHARSET_MAX])
{
	size_t k = strlen(name), len = 0;

	out[0] = '\0';
	for (size_t i = 0; i + k < n; i++) {
		if (strncasecmp(p + i, name, k) != 0)
			continue;
		i += k;
		while (i < n && (p[i] == ' ' || p[i] == '='))
			i++;
		if (i < n && (p[i] == '"' || p[i] == '\''))
			i++;
		while (i < n && len < CHARSET_MAX - 1 &&
			   (isalnum((unsigned char)p[i]) || strchr("-_.:", p[i]) != NULL) && p[i] != '\0')
			out[len++] = p[i++];
		out[len] = '\0';
		return;
	}
}

static const char *by_mark(const char *p, size_t n, size_t *mark)
{
	*mark = 0;
	if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		*mark = 3;
		return "utf-8";
	}
	if (n >= 2 && (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0)) {
		*mark = 2;
		return p[0] == '\xFF' ? "utf-16le" : "utf-16be";
	}
	return NULL;
}

/* As the Encoding standard: what calls itself Latin 1 is windows-1252. */
static const char *real_name(const char *charset)
{
	if (strcasecmp(charset, "iso-8859-1") == 0 || strcasecmp(charset, "latin1") == 0 ||
		strcasecmp(charset, "us-ascii") == 0 || strcasecmp(charset, "ascii") == 0)
		return "windows-1252";
	return charset;
}

/* False if the charset is unknown, or the text is not in it. What it lacks becomes U+FFFD. */
static bool convert(struct arena *a, const char *charset, const char *p, size_t n, const char **out,
					size_t *size)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char *in = (char *)(uintptr_t)p, *start, *to;
	size_t room = 3 * n + 4, left = n, bad = 0;

	if (cd == (iconv_t)-1)
		return false;
	start = to = arena_alloc(a, room + 1);
	while (left > 0 && room > 3) {
		if (iconv(cd, &in, &left, &to, &room) != (size_t)-1)
			break;
		if (errno != EILSEQ && errno != EINVAL)
			break;
		memcpy(to, "\xEF\xBF\xBD", 3);
		to += 3;
		room -= 3;
		in++;
		left--;
		bad++;
	}
	iconv_close(cd);
	*to = '\0';
	*out = start;
	*size = (size_t)(to - start);
	return bad == 0 || bad * 50 < n;
}

static void take_utf8(struct arena *a, const char *p, size_t n, const char **out, size_t *size)
{
	/* A NUL would end the text for whoever reads it as a string. */
	char *clean = utf8_clean(a, p, n);

	*out = clean;
	*size = strlen(clean);
}

void web_to_utf8(struct arena *a, const char *p, size_t n, const char *content_type,
				 const char **out, size_t *size)
{
	char declared[CHARSET_MAX] = "";
	size_t mark, head = n < HEAD_MAX ? n : HEAD_MAX;
	const char *charset = by_mark(p, n, &mark);

	p += mark;
	n -= mark;
	head -= mark < head ? mark : head;
	if (charset == NULL && content_type != NULL)
		find_value(content_type, strlen(content_type), "charset", declared);
	if (charset == NULL && declared[0] == '\0' && head > 0 && *p == '<')
		find_value(p, head, memcmp(p, "<?", head < 2 ? head : 2) == 0 ? "encoding" : "charset",
				   declared);
	charset = charset != NULL ? charset : real_name(declared);
	if (strcasecmp(charset, "utf-8") != 0 && *charset != '\0' &&
		convert(a, charset, p, n, out, size) && strlen(*out) == *size)
		return;
	if (utf8_valid(p, n) || !convert(a, "windows-1252", p, n, out, size) || strlen(*out) != *size)
		take_utf8(a, p, n, out, size);
}
