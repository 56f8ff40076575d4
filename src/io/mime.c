/* See mime.h. */
#include "io/mime.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

/* An encoded word has 75 characters at most; "=?UTF-8?B?" and "?=" leave 63, which are 47 bytes;
 * 45 are whole groups of four. */
enum { WORD_BYTES = 45, PLAIN_MAX = 60, VALUE_MAX = 64 * 1024 };

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct buf *out, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16;

		v |= i + 1 < n ? (unsigned)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		buf_addc(out, base64[v >> 18]);
		buf_addc(out, base64[v >> 12 & 63]);
		buf_addc(out, i + 1 < n ? base64[v >> 6 & 63] : '=');
		buf_addc(out, i + 2 < n ? base64[v & 63] : '=');
	}
}

/* Encoded words, each of whole characters, on lines of their own. */
static const char *encoded(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	struct buf b;

	buf_init(&b, a, VALUE_MAX);
	for (size_t at = 0; at < n;) {
		size_t len = n - at < WORD_BYTES ? n - at : WORD_BYTES;

		while (at + len < n && ((unsigned char)s[at + len] & 0xC0) == 0x80)
			len--;
		buf_adds(&b, at > 0 ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
		add_base64(&b, (const unsigned char *)s + at, len);
		buf_adds(&b, "?=");
		at += len;
	}
	return buf_str(&b);
}

static char *clean(struct arena *a, const char *s)
{
	char *out = utf8_clean(a, s, strlen(s));

	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return text_trim(out);
}

static bool plain(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			return false;
	return strlen(s) <= PLAIN_MAX && strstr(s, "=?") == NULL;
}

const char *mime_text(struct arena *a, const char *s)
{
	const char *text = clean(a, s);

	return plain(text) ? text : encoded(a, text);
}

const char *mime_mailbox(struct arena *a, const char *name, const char *address)
{
	const char *text = clean(a, name != NULL ? name : "");
	struct buf b;

	if (*text == '\0')
		return address;
	buf_init(&b, a, VALUE_MAX);
	if (plain(text)) {
		buf_addc(&b, '"');
		for (const char *p = text; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, *p);
		}
		buf_addc(&b, '"');
	} else {
		buf_adds(&b, encoded(a, text));
	}
	buf_addf(&b, "\r\n <%s>", address);
	return buf_str(&b);
}

/* RFC 5987's attr-char. */
static bool attribute_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   (c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL);
}

/* A name that is not plain goes as an extended parameter alone: of two names many readers take the
 * poorer one. */
const char *mime_attachment(struct arena *a, const char *filename)
{
	const char *name = clean(a, filename);
	struct buf b;

	if (plain(name) && strpbrk(name, "\"\\") == NULL)
		return arena_printf(a, "attachment;\r\n filename=\"%s\"", name);
	buf_init(&b, a, VALUE_MAX);
	buf_adds(&b, "attachment;\r\n filename*=UTF-8''");
	for (const char *p = name; *p != '\0'; p++) {
		if (attribute_char(*p))
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*p);
	}
	return buf_str(&b);
}

/* RFC 5322's date, whatever the locale. */
const char *mime_date(struct arena *a, int64_t us)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
									   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = us / CLOCK_SECOND;
	struct tm t;

	gmtime_r(&seconds, &t);
	return arena_printf(a, "%s, %d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
						months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

const char *mime_lines(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a, 2 * strlen(s) + 1);
	for (; *s != '\0'; s++) {
		if (*s == '\n' || *s == '\r')
			buf_adds(&b, "\r\n");
		else
			buf_addc(&b, *s);
		if (*s == '\r' && s[1] == '\n')
			s++;
	}
	return buf_str(&b);
}
