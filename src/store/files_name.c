/* See files.h: names that clients send. */
#include <string.h>

#include "base/text.h"
#include "store/files_inner.h"

enum { EXTENSION_MAX = 20 };

/* Control characters (C0, DEL, C1), line and paragraph separators, and what turns the direction of
 * text, by which "cod.fdp" can be shown as "pdf.doc". */
static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
		   (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == '/' || c == '\\';
}

static const char *after_separators(const char *s)
{
	const char *base = s;

	for (; *s != '\0'; s++) {
		if (*s == '/' || *s == '\\')
			base = s + 1;
	}
	return base;
}

/* The longest beginning of s of at most max bytes that ends with a whole character. */
static size_t cut_at(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static char *shortened(struct arena *a, const char *s, size_t n)
{
	const char *dot = strrchr(s, '.');
	size_t extension = dot != NULL && dot != s ? n - (size_t)(dot - s) : 0;

	if (n <= FILES_NAME_MAX)
		return arena_strndup(a, s, n);
	if (extension > EXTENSION_MAX)
		extension = 0;
	n = cut_at(s, n - extension, FILES_NAME_MAX - extension);
	return arena_printf(a, "%.*s%s", (int)n, s, extension > 0 ? dot : "");
}

char *files_base_name(struct arena *a, const char *sent)
{
	const char *base = sent != NULL ? after_separators(sent) : "";
	size_t bytes = strnlen(base, 4096), n;
	char *clean = utf8_clean(a, base, bytes);
	struct buf out;

	buf_init(&out, a, bytes * 3 + 1);
	n = strlen(clean);
	for (size_t i = 0, len; i < n; i += len) {
		uint32_t c = 0;

		len = utf8_decode(clean + i, n - i, &c);
		if (len == 0)
			break;
		if (is_unfit(c))
			buf_addc(&out, '_');
		else
			buf_add(&out, clean + i, len);
	}
	if (text_is_blank(buf_str(&out)) || text_eq(buf_str(&out), ".") || text_eq(buf_str(&out), ".."))
		return arena_strdup(a, "file");
	return shortened(a, buf_str(&out), out.n);
}
