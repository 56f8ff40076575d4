/*
 * See pictures.h. DOCX: the parts that the body's drawings name. DOC: the records of pictures
 * (MS-ODRAW, 2.2.23) in the streams that hold them, found by their type and by the picture behind
 * it. RTF: the hexadecimal or binary data of \pict.
 */
#include "parse/word/pictures.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/word/ole.h"
#include "parse/word/package.h"

struct finding {
	struct word_pictures *out;
	int max;
};

static bool looks_like_picture(const unsigned char *p, size_t n)
{
	static const struct {
		const char *mark;
		size_t n;
	} marks[] = {{"\x89PNG\r\n\x1A\n", 8},
				 {"\xFF\xD8\xFF", 3},
				 {"II*\0", 4},
				 {"MM\0*", 4},
				 {"BM", 2},
				 {"GIF8", 4}};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (n >= WORD_PICTURE_MIN && memcmp(p, marks[i].mark, marks[i].n) == 0)
			return true;
	return false;
}

/* False when there are enough. */
static bool add(struct finding *f, const unsigned char *p, size_t n)
{
	if (f->out->n < f->max && looks_like_picture(p, n))
		f->out->items[f->out->n++] = (struct word_picture){p, n};
	return f->out->n < f->max;
}

/* ---- DOCX ---- */

struct drawings {
	struct package *package;
	struct rels rels;
	struct finding *find;
	const char *seen[WORD_PICTURES_MAX * 4]; /* each part once: drawings have fallbacks */
	int nseen;
};

enum tag { TAG_BLIP, TAG_IMAGEDATA };
static const char *const tags[] = {"blip", "imagedata"};

static bool is_new(struct drawings *d, const char *part)
{
	for (int i = 0; i < d->nseen; i++)
		if (strcmp(d->seen[i], part) == 0)
			return false;
	if (d->nseen == WORD_PICTURES_MAX * 4)
		return false;
	d->seen[d->nseen++] = part;
	return true;
}

static void drawings_start(void *self, enum xml_ns ns, int tag, const struct xml_attrs *a)
{
	struct drawings *d = self;
	const struct rel *rel;
	struct slice id, bytes;

	(void)ns;
	if (tag < 0 || !xml_attr(a, NS_R, tag == TAG_BLIP ? "embed" : "id", &id))
		return;
	rel = rels_by_id(&d->rels, id);
	if (rel == NULL || rel->external || !is_new(d, rel->target) ||
		package_load(d->package, rel->target, WORD_PICTURE_MAX, &bytes) != OK)
		return;
	if (!add(d->find, (const unsigned char *)bytes.p, bytes.n))
		xml_stop(a->parse);
}

static void drawings_end(void *self, enum xml_ns ns, int tag)
{
	(void)self, (void)ns, (void)tag;
}

static void drawings_text(void *self, const char *p, size_t n)
{
	(void)self, (void)p, (void)n;
}

static void close_package(struct package *p)
{
	package_close(p);
}

static void in_docx(struct doc *d, const unsigned char *data, size_t n, struct finding *f)
{
	static const struct xml_handler handler = {tags, 2, drawings_start, drawings_end,
											   drawings_text};
	CLEANUP(close_package) struct package package = {0};
	struct drawings *drawings = ARENA_NEW(d->arena, struct drawings);
	const struct rel *document;
	struct rels top;

	if (package_open(d, data, n, &package) != OK)
		return;
	top = package_rels(&package, "");
	document = rels_by_type(&top, REL_DOCUMENT);
	if (document == NULL || document->external)
		return;
	*drawings = (struct drawings){.package = &package, .find = f};
	drawings->rels = package_rels(&package, document->target);
	package_read(&package, document->target, &handler, drawings);
}

/* ---- DOC ---- */

static bool is_blip(unsigned type)
{
	return type == 0xF01D || type == 0xF01E || type == 0xF029 || type == 0xF02A;
}

/* Behind the record's head stand one or two digests and a tag, then the picture. */
static void in_records(struct bytes b, struct finding *f)
{
	enum { HEAD = 8, DIGEST = 16 };

	for (size_t at = 0; at + HEAD + DIGEST < b.n; at++) {
		struct bytes record;

		if (b.p[at + 3] != 0xF0 || !is_blip(bytes_u16(b, at + 2)))
			continue;
		record = bytes_part(b, at + HEAD, bytes_u32(b, at + 4));
		for (size_t skip = DIGEST + 1; skip <= 2 * DIGEST + 1 && skip < record.n; skip += DIGEST) {
			if (!looks_like_picture(record.p + skip, record.n - skip))
				continue;
			if (!add(f, record.p + skip, record.n - skip))
				return;
			at += HEAD + record.n - 1;
			break;
		}
	}
}

static void in_msdoc(struct doc *d, const unsigned char *data, size_t n, struct finding *f)
{
	CLEANUP(ole_close) struct ole o = {0};

	if (ole_open(d, data, n, &o) != OK)
		return;
	in_records(ole_stream(&o, "Data"), f);
	if (f->out->n < f->max)
		in_records(ole_stream(&o, "WordDocument"), f);
}

/* ---- RTF ---- */

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Passes over a control word; true if it is \bin: then *n bytes follow. */
static bool control(const unsigned char **p, const unsigned char *end, size_t *n)
{
	const unsigned char *word = ++*p;
	bool bin;

	while (*p < end && ((**p | 0x20) >= 'a' && (**p | 0x20) <= 'z'))
		++*p;
	bin = *p - word == 3 && memcmp(word, "bin", 3) == 0;
	if (*p == word && *p < end)
		++*p;
	*n = 0;
	for (*p += *p < end && **p == '-'; *p < end && **p >= '0' && **p <= '9'; ++*p)
		*n = *n > WORD_PICTURE_MAX ? *n : *n * 10 + (size_t)(**p - '0');
	*p += *p < end && **p == ' ';
	return bin;
}

/* The data of a picture whose kind was told before *p, which is behind them then. Hexadecimal ones
 * go to out, or are only counted (NULL). */
static struct word_picture picture_data(const unsigned char **p, const unsigned char *end,
										unsigned char *out)
{
	size_t n = 0, binary;
	int high = -1, depth = 0;

	while (*p < end && depth >= 0) {
		if (**p == '\\') {
			if (control(p, end, &binary))
				return (struct word_picture){*p, binary < (size_t)(end - *p) ? binary : 0};
			continue;
		}
		depth += (**p == '{') - (**p == '}');
		if (depth == 0 && hex_digit(**p) >= 0) {
			if (high >= 0 && out != NULL)
				out[n] = (unsigned char)(high << 4 | hex_digit(**p));
			n += high >= 0;
			high = high >= 0 ? -1 : hex_digit(**p);
		}
		++*p;
	}
	return (struct word_picture){out, n};
}

static void in_rtf(struct doc *d, const unsigned char *data, size_t n, struct finding *f)
{
	const unsigned char *p = data, *end = data + n, *from;

	while (f->out->n < f->max && (p = memmem(p, (size_t)(end - p), "blip", 4)) != NULL) {
		struct word_picture w;

		p += 4;
		if (!((p - data > 8 && memcmp(p - 8, "\\pngblip", 8) == 0) ||
			  (p - data > 9 && memcmp(p - 9, "\\jpegblip", 9) == 0)))
			continue;
		from = p;
		w = picture_data(&p, end, NULL);
		if (w.p == NULL && w.n >= WORD_PICTURE_MIN)
			w = picture_data(&from, end, arena_alloc_raw(d->arena, w.n));
		if (w.p != NULL)
			add(f, w.p, w.n);
	}
}

void word_pictures(struct doc *d, enum kind kind, const unsigned char *data, size_t n, int max,
				   struct word_pictures *out)
{
	struct finding f = {out, max < WORD_PICTURES_MAX ? max : WORD_PICTURES_MAX};
	struct error ignored = {0};
	struct doc quiet = {.arena = d->arena, .error = &ignored};

	out->n = 0;
	if (kind == KIND_DOCX)
		in_docx(&quiet, data, n, &f);
	else if (kind == KIND_DOC)
		in_msdoc(&quiet, data, n, &f);
	else if (kind == KIND_RTF)
		in_rtf(&quiet, data, n, &f);
}
