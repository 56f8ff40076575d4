/*
 * See sniff_video.h. A name that lies about its family is refused: a player that trusts the name
 * would not play it, and a filter that trusts it would be deceived. Cameras and phones mix names
 * within a family, so those are taken.
 */
#include "data/sniff_video.h"

#include <string.h>

#include "base/text.h"

enum family { NONE, ISO, MATROSKA, AVI, FLV };

struct ending {
	const char *text, *type;
	enum family family;
};

static const struct ending endings[] = {
	{".mp4", "video/mp4", ISO},
	{".m4v", "video/x-m4v", ISO},
	{".mov", "video/quicktime", ISO},
	{".3gp", "video/3gpp", ISO},
	{".mkv", "video/x-matroska", MATROSKA},
	{".webm", "video/webm", MATROSKA},
	{".avi", "video/x-msvideo", AVI},
	{".flv", "video/x-flv", FLV},
};

static const struct ending *ending_of(const char *name)
{
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (text_iends(name, endings[i].text))
			return &endings[i];
	return NULL;
}

bool video_name(const char *name)
{
	return ending_of(name) != NULL;
}

static bool has(const unsigned char *head, size_t n, size_t at, const char *bytes, size_t length)
{
	return n >= at + length && memcmp(head + at, bytes, length) == 0;
}

/* A file of this family begins with a box; old QuickTime files have no ftyp. */
static bool is_iso(const unsigned char *head, size_t n)
{
	static const char boxes[][5] = {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"};

	for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++)
		if (has(head, n, 4, boxes[i], 4))
			return true;
	return false;
}

static enum family family_of(const unsigned char *head, size_t n)
{
	if (is_iso(head, n))
		return ISO;
	if (has(head, n, 0, "\x1A\x45\xDF\xA3", 4))
		return MATROSKA;
	if (has(head, n, 0, "RIFF", 4) && has(head, n, 8, "AVI ", 4))
		return AVI;
	return has(head, n, 0, "FLV\x01", 4) ? FLV : NONE;
}

/* By the major brand; the usual ones (isom, mp42, …) are MPEG-4. */
static const char *iso_type(const unsigned char *head, size_t n, const char *by_name)
{
	if (!has(head, n, 4, "ftyp", 4))
		return by_name;
	if (has(head, n, 8, "qt  ", 4))
		return "video/quicktime";
	if (has(head, n, 8, "3g", 2))
		return "video/3gpp";
	return has(head, n, 8, "M4V", 3) ? "video/x-m4v" : "video/mp4";
}

/* By the DocType, which stands in the first element. */
static const char *matroska_type(const unsigned char *head, size_t n, const char *by_name)
{
	static const char doctype[] = "\x42\x82";

	for (size_t i = 4; i + 3 < n && i < 64; i++) {
		if (!has(head, n, i, doctype, 2))
			continue;
		if (has(head, n, i + 3, "webm", 4))
			return "video/webm";
		if (has(head, n, i + 3, "matroska", 8))
			return "video/x-matroska";
	}
	return by_name;
}

const char *video_type(const char *name, const unsigned char *head, size_t n)
{
	const struct ending *e = ending_of(name);

	if (e == NULL || family_of(head, n) != e->family)
		return NULL;
	switch (e->family) {
	case ISO: return iso_type(head, n, e->type);
	case MATROSKA: return matroska_type(head, n, e->type);
	case AVI:
	case FLV:
	case NONE: break;
	}
	return e->type;
}
