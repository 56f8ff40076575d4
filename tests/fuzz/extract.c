/*
 * Extraction: lines of any text and look. Each line of the input begins with four bytes that say
 * how it looks and where it stands. What comes out must print, and bind again by the server's own
 * rules.
 */
#include "parse/extract/extract.h"
#include "data/json.h"
#include "data/profile.h"
#include "tests/fuzz/read.h"

enum { REPLY_MAX = 8 * 1024 * 1024, LINES_MAX = 3000 };

static void add_line(struct doc *d, struct feed f, int i)
{
	unsigned look = feed_byte(&f), place = feed_byte(&f), size = feed_byte(&f), gap = feed_byte(&f);
	const char *text = text_trim(utf8_clean(d->arena, (const char *)f.p, f.n));
	struct line l = {.text = text, .page = i / 60, .size = (float)(6 + size % 24)};

	if (text[0] == '\0')
		return;
	l.box = (struct box){(float)(place & 7) * 60, (float)(i % 60) * 14 + (float)(gap & 7), 500, 0};
	l.box.y1 = l.box.y0 + l.size;
	l.flags = look & (TEXT_BOLD | TEXT_ITALIC | TEXT_HIDDEN | TEXT_UNDERLINE);
	l.region = (enum region)((place >> 3) % 5);
	l.block = i / (1 + (int)(gap >> 5));
	l.column = (look & 0x40) != 0;
	l.heading = (look & 0x30) == 0x30 ? 1 + (int)(size % 3) : 0;
	l.bullet = (look & 0x80) != 0;
	l.table = l.row = l.cell = -1;
	if ((gap & 0x18) == 0x18)
		l.table = 0, l.row = i / 2, l.cell = i % 2;
	l.spans = ARENA_NEW(d->arena, struct span);
	l.nspans = 1;
	*l.spans =
		(struct span){.length = strlen(text), .size = l.size, .flags = l.flags, .box = l.box};
	must_hold(doc_add_line(d, &l) == OK);
}

static void print_and_bind(struct arena *a, const struct parse_reply *reply)
{
	struct parse_reply *again = ARENA_NEW(a, struct parse_reply);
	struct faults faults = {.n = 0};
	const struct json_value *v;
	struct buf b;

	buf_init(&b, a, REPLY_MAX);
	must_hold(schema_print(&parse_reply_schema, reply, &b) == OK);
	must_hold(json_parse(a, b.p, b.n, &v, NULL) == OK);
	must_hold(schema_bind_json(&parse_reply_schema, v, a, again, &faults) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error, .file_name = "jane-doe-cv.pdf", .format = "pdf"};
	struct parse_reply *reply = ARENA_NEW(a, struct parse_reply);
	int i = 0;

	while (n > 0 && i < LINES_MAX) {
		const uint8_t *end = memchr(data, '\n', n);
		size_t length = end == NULL ? n : (size_t)(end - data);

		add_line(&d, (struct feed){data, length}, i++);
		data += length + (end != NULL);
		n -= length + (end != NULL);
	}
	d.npages = 1 + i / 60;
	d.pages = ARENA_ARRAY(a, (size_t)d.npages, struct page);
	for (int k = 0; k < d.npages; k++)
		d.pages[k] = (struct page){.width = 595, .height = 842};
	if (extract_profile(&d, &reply->profile) == OK)
		print_and_bind(a, reply);
	else
		must_hold(error.text[0] != '\0');
	arena_free(a);
	return 0;
}
