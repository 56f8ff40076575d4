#include "parse/word/pictures.h"

#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-outfile.h>
#include <gsf/gsf-output-memory.h>

#include "base/test.h"
#include "base/text.h"
#include "parse/word/word.h"

enum { SIZE = 10000 };

/* Bytes that begin like a picture of that kind; of it there is nothing else. */
static void fill(unsigned char *p, const char *mark, size_t n)
{
	memset(p, 'x', SIZE);
	memcpy(p, mark, n);
}

/* A record of MS-ODRAW around a picture; returns its size. */
static size_t put_record(unsigned char *p, unsigned type, unsigned digests, const char *mark)
{
	size_t head = 16 * (size_t)digests + 1, n = head + SIZE;

	memset(p, 0, 8 + head);
	p[2] = (unsigned char)type;
	p[3] = (unsigned char)(type >> 8);
	p[4] = (unsigned char)n;
	p[5] = (unsigned char)(n >> 8);
	p[6] = (unsigned char)(n >> 16);
	fill(p + 8 + head, mark, strlen(mark));
	return 8 + n;
}

static void add_stream(GsfOutfile *out, const char *name, const unsigned char *p, size_t n)
{
	GsfOutput *stream = gsf_outfile_new_child(out, name, FALSE);

	gsf_output_write(stream, n, p);
	gsf_output_close(stream);
	g_object_unref(stream);
}

static void find(struct arena *a, enum kind kind, const void *data, size_t n, int max,
				 struct word_pictures *out)
{
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error};

	word_pictures(&d, kind, data, n, max, out);
}

TEST(records_in_the_streams_of_a_doc)
{
	static unsigned char data[3 * SIZE], main_stream[2 * SIZE];
	struct arena *a = arena_new(8 << 20);
	struct word_pictures found;
	GsfOutput *memory;
	GsfOutfile *out;
	size_t n;

	word_warm_up();
	memory = gsf_output_memory_new();
	out = gsf_outfile_msole_new(memory);
	memset(data, 7, 100);
	n = 100 + put_record(data + 100, 0xF01D, 1, "\xFF\xD8\xFF\xE0");
	n += put_record(data + n, 0xF01E, 2, "\x89PNG\r\n\x1A\n");
	add_stream(out, "Data", data, n);
	n = put_record(main_stream, 0xF01E, 1, "no picture");
	add_stream(out, "WordDocument", main_stream, n);
	gsf_output_close(GSF_OUTPUT(out));
	g_object_unref(out);
	n = (size_t)gsf_output_size(memory);
	find(a, KIND_DOC, gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), n, 9, &found);
	CHECK_INT(found.n, 2);
	CHECK_INT(found.items[0].p[0], 0xFF);
	CHECK_INT((int)found.items[0].n, SIZE);
	CHECK_INT(found.items[1].p[1], 'P');
	find(a, KIND_DOC, gsf_output_memory_get_bytes(GSF_OUTPUT_MEMORY(memory)), n, 1, &found);
	CHECK_INT(found.n, 1);
	g_object_unref(memory);
	arena_free(a);
}

/* RTF with pictures in hexadecimal digits, one of them too small. */
TEST(pictures_of_an_rtf)
{
	static unsigned char picture[SIZE];
	struct arena *a = arena_new(8 << 20);
	struct word_pictures found;
	struct buf b;

	fill(picture, "\x89PNG\r\n\x1A\n", 8);
	buf_init(&b, a, 1 << 20);
	buf_adds(&b, "{\\rtf1 a{\\pict\\pngblip 89504e470d0a1a0a00}{\\*\\shppict{\\pict{\\*\\picprop "
				 "{\\sn a}}\\picw100\\pngblip\\bliptag-5{\\*\\blipuid 00ff}\n");
	for (size_t i = 0; i < SIZE; i++)
		buf_addf(&b, "%02x%s", picture[i], i % 40 == 39 ? "\r\n" : "");
	buf_adds(&b, "}}{\\pict\\jpegblip\\bin10000 \xFF\xD8\xFF");
	buf_add(&b, (const char *)picture + 8, SIZE - 8);
	buf_adds(&b, "}b\\par}");
	find(a, KIND_RTF, buf_str(&b), b.n, 9, &found);
	CHECK_INT(found.n, 2);
	CHECK(found.items[0].n == SIZE && memcmp(found.items[0].p, picture, SIZE) == 0);
	CHECK_INT(found.items[1].p[0], 0xFF);
	find(a, KIND_RTF, "{\\rtf1\\pict\\pngblip", 19, 9, &found);
	CHECK_INT(found.n, 0);
	find(a, KIND_HTML, "<html>", 6, 9, &found);
	CHECK_INT(found.n, 0);
	arena_free(a);
}

TEST_MAIN()
