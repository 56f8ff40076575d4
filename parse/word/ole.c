/*
 * See ole.h. libgsf follows the sector chains; a stream is read in one go, its size believed only
 * as far as the file is large.
 */
#include "parse/word/ole.h"

#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-infile.h>
#include <gsf/gsf-input-memory.h>
#include <string.h>

#include "base/text.h"
#include "parse/word/codepage.h"
#include "parse/word/word.h"

enum { PROPERTIES_MAX = 200, TEXT_MAX = 1000 };
enum { PROPERTY_CODEPAGE = 1, PROPERTY_TITLE = 2, PROPERTY_AUTHOR = 4 };
enum { VT_LPSTR = 30, VT_LPWSTR = 31 };

int ole_open(struct doc *d, const unsigned char *data, size_t n, struct ole *out)
{
	GsfInput *input;
	GsfInfile *file;

	word_warm_up();
	input = gsf_input_memory_new(data, (gsf_off_t)n, FALSE);
	file = input == NULL ? NULL : gsf_infile_msole_new(input, NULL);
	if (input != NULL)
		g_object_unref(input);
	if (file == NULL)
		return fail(d, E_RULE, "The file is damaged or is not a Word document.");
	*out = (struct ole){.doc = d, .file = file, .size = n};
	return OK;
}

void ole_close(struct ole *o)
{
	if (o->file != NULL)
		g_object_unref(o->file);
	o->file = NULL;
}

static GsfInput *child(struct ole *o, const char *name)
{
	return gsf_infile_child_by_name(o->file, name);
}

bool ole_has(struct ole *o, const char *name)
{
	GsfInput *stream = child(o, name);

	if (stream == NULL)
		return false;
	g_object_unref(stream);
	return true;
}

struct bytes ole_stream(struct ole *o, const char *name)
{
	struct bytes b = {(const unsigned char *)"", 0};
	GsfInput *stream = child(o, name);
	gsf_off_t size;
	unsigned char *p;

	if (stream == NULL)
		return b;
	size = gsf_input_size(stream);
	if (size > 0 && size <= (gsf_off_t)o->size) {
		p = arena_alloc_raw(o->doc->arena, (size_t)size);
		if (gsf_input_read(stream, (size_t)size, p) != NULL)
			b = (struct bytes){p, (size_t)size};
	}
	g_object_unref(stream);
	return b;
}

/* A string property, in the arena; NULL if it is of another type or empty. */
static const char *property_text(struct doc *d, struct bytes section, size_t at, int codepage)
{
	uint32_t type = bytes_u32(section, at), count = bytes_u32(section, at + 4);
	struct bytes text = bytes_part(section, at + 8, type == VT_LPWSTR ? (size_t)count * 2 : count);
	struct buf b;

	if (type != VT_LPSTR && type != VT_LPWSTR)
		return NULL;
	buf_init(&b, d->arena, TEXT_MAX);
	for (size_t i = 0; i < text.n && b.n + 8 < TEXT_MAX;) {
		uint32_t c = bytes_u16(text, i);
		size_t step = 2;

		if (type == VT_LPSTR)
			step = codepage_decode(codepage, text.p + i, text.n - i, &c);
		if (c == 0)
			break;
		buf_add_utf8(&b, c < ' ' ? ' ' : c);
		i += step;
	}
	return b.n == 0 || text_is_blank(buf_str(&b)) ? NULL : text_trim(b.p);
}

void ole_summary(struct doc *d, struct bytes stream)
{
	struct bytes section = bytes_part(stream, bytes_u32(stream, 44), stream.n);
	uint32_t n = bytes_u32(section, 4);
	int codepage = CODEPAGE_LATIN;

	if (n > PROPERTIES_MAX)
		return;
	for (uint32_t i = 0; i < n; i++)
		if (bytes_u32(section, 8 + 8 * (size_t)i) == PROPERTY_CODEPAGE)
			codepage =
				codepage_known((int)bytes_u16(section, bytes_u32(section, 12 + 8 * (size_t)i) + 4));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = bytes_u32(section, 8 + 8 * (size_t)i);
		size_t at = bytes_u32(section, 12 + 8 * (size_t)i);

		if (id == PROPERTY_TITLE)
			d->title = property_text(d, section, at, codepage);
		else if (id == PROPERTY_AUTHOR)
			d->author = property_text(d, section, at, codepage);
	}
}
