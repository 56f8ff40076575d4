/*
 * See sniff.h. Bytes decide, never the file's name. What has its mark at offset 0 (OLE, zip, RTF)
 * is looked at first, so that a PDF inside an archive does not make the archive a PDF; then "%PDF-"
 * within the first kilobyte, where readers look for it (mail gateways and scanners put lines in
 * front of it); then text that begins like a web page or a saved one (MHTML), which Word writes
 * under the name .doc.
 */
#include "data/sniff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { PDF_WITHIN = 1024, ZIP_HEADER = 30 };

/* The beginning as single bytes: without byte order mark, UTF-16 narrowed. */
struct text {
	char p[SNIFF_HEAD + 1];
	size_t n;
};

static void narrow(struct text *t, const unsigned char *head, size_t n)
{
	bool le = n >= 2 && head[0] == 0xFF && head[1] == 0xFE;
	bool be = n >= 2 && head[0] == 0xFE && head[1] == 0xFF;
	size_t i = 0;

	t->n = 0;
	if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
		i = 3;
	if (le || be) {
		for (i = 2; i + 1 < n; i += 2) {
			unsigned char low = head[be ? i + 1 : i], high = head[be ? i : i + 1];

			t->p[t->n++] = high == 0 ? (char)low : '?';
		}
	} else {
		for (; i < n; i++)
			t->p[t->n++] = (char)head[i];
	}
	t->p[t->n] = '\0';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_space(const struct text *t, size_t at)
{
	while (at < t->n && is_space(t->p[at]))
		at++;
	return at;
}

static bool has_at(const struct text *t, size_t at, const char *word)
{
	size_t n = strlen(word);

	return t->n - at >= n && strncasecmp(t->p + at, word, n) == 0;
}

/* Offset behind the next occurrence of mark, or the end. */
static size_t behind(const struct text *t, size_t at, const char *mark)
{
	size_t n = strlen(mark);
	const char *p = memmem(t->p + at, t->n - at, mark, n);

	return p != NULL ? (size_t)(p - t->p) + n : t->n;
}

static bool is_html(const struct text *t)
{
	static const char *const starts[] = {"<html", "<!doctype html", "<head", "<meta", "<body"};
	size_t at = skip_space(t, 0);

	while (has_at(t, at, "<!--") || has_at(t, at, "<?xml"))
		at = skip_space(t, behind(t, at, t->p[at + 1] == '?' ? "?>" : "-->"));
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		char next;

		if (!has_at(t, at, starts[i]))
			continue;
		next = t->p[at + strlen(starts[i])];
		if (next == '>' || next == '\0' || is_space(next))
			return true;
	}
	return false;
}

/* A web page saved as one file: a mail head, without a blank line before the content's type. */
static bool is_mhtml(const struct text *t)
{
	if (!has_at(t, 0, "MIME-Version:") && !has_at(t, 0, "From: <Saved by"))
		return false;
	return strcasestr(t->p, "multipart/related") != NULL || strcasestr(t->p, "text/html") != NULL;
}

static unsigned u16(const unsigned char *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static bool member_in(const unsigned char *name, size_t n, const char *folder)
{
	size_t len = strlen(folder);

	return n > len && strncasecmp((const char *)name, folder, len) == 0 &&
		   (name[len] == '/' || name[len] == '\\');
}

static bool is_package_part(const unsigned char *name, size_t n)
{
	static const char types[] = "[Content_Types].xml";

	return (n >= sizeof types - 1 &&
			strncasecmp((const char *)name, types, sizeof types - 1) == 0) ||
		   member_in(name, n, "_rels") || member_in(name, n, "docProps") ||
		   member_in(name, n, "customXml");
}

/* Goes by the names in the local headers that lie in the head. */
static enum kind zip_kind(const unsigned char *head, size_t n)
{
	bool package = false;

	for (size_t at = 0; at + ZIP_HEADER < n; at++) {
		const unsigned char *name = head + at + ZIP_HEADER;
		size_t length;

		if (memcmp(head + at, "PK\3\4", 4) != 0)
			continue;
		length = u16(head + at + 26);
		if (length > n - at - ZIP_HEADER)
			length = n - at - ZIP_HEADER;
		if (member_in(name, length, "word"))
			return KIND_DOCX;
		if (member_in(name, length, "xl") || member_in(name, length, "ppt"))
			return KIND_UNKNOWN;
		package = package || is_package_part(name, length);
		if (at == 0 && !package)
			return KIND_UNKNOWN;
	}
	return package ? KIND_DOCX : KIND_UNKNOWN;
}

enum kind sniff(const unsigned char *head, size_t n)
{
	static const unsigned char ole[] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
	struct text t;

	if (n > SNIFF_HEAD)
		n = SNIFF_HEAD;
	if (n == 0)
		return KIND_UNKNOWN;
	if (n >= sizeof ole && memcmp(head, ole, sizeof ole) == 0)
		return KIND_DOC;
	if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		return zip_kind(head, n);
	narrow(&t, head, n);
	if (has_at(&t, skip_space(&t, 0), "{\\rtf"))
		return KIND_RTF;
	if (memmem(head, n < PDF_WITHIN ? n : PDF_WITHIN, "%PDF-", 5) != NULL)
		return KIND_PDF;
	return is_html(&t) || is_mhtml(&t) ? KIND_HTML : KIND_UNKNOWN;
}

const char *kind_name(enum kind k)
{
	switch (k) {
	case KIND_PDF: return "pdf";
	case KIND_DOCX: return "docx";
	case KIND_DOC: return "doc";
	case KIND_RTF: return "rtf";
	case KIND_HTML: return "html";
	case KIND_UNKNOWN: break;
	}
	return "unknown";
}
