#include "parse/word/writer.h"

#include "parse/word/test_doc.h"

struct fixture {
	struct arena *arena;
	struct error error;
	struct doc doc;
	struct writer w;
	struct style plain;
	struct place body;
};

static struct fixture *new_fixture(void)
{
	struct arena *a = arena_new(64 * 1024 * 1024);
	struct fixture *f = ARENA_NEW(a, struct fixture);

	f->arena = a;
	f->doc = (struct doc){.arena = a, .error = &f->error};
	f->plain.size = 11;
	f->body = (struct place){.table = -1, .row = -1, .cell = -1};
	writer_init(&f->w, &f->doc);
	return f;
}

static void add(struct fixture *f, const char *text)
{
	writer_text(&f->w, text, strlen(text), &f->plain);
}

static void end(struct fixture *f)
{
	writer_end(&f->w, &f->body);
}

TEST(white_space_collapses)
{
	struct fixture *f = new_fixture();

	add(f, "  Ada \n Lovelace\xC2\xA0");
	end(f);
	add(f, "Acme\t 2019     2021 ");
	end(f);
	add(f, " \t ");
	end(f);
	CHECK_INT(f->doc.nlines, 2);
	CHECK_STR(f->doc.lines[0].text, "Ada Lovelace");
	CHECK_STR(f->doc.lines[1].text, "Acme\t2019\t2021");
	arena_free(f->arena);
}

TEST(what_is_no_text_is_dropped)
{
	struct fixture *f = new_fixture();

	add(f, "so\xC2\xADlu\xE2\x80\x8Btion\x01 \xEF\x82\x99x \xFF\xFEok");
	end(f);
	CHECK_STR(f->doc.lines[0].text, "solution x ok");
	arena_free(f->arena);
}

TEST(bullets_are_marked_and_cut)
{
	struct fixture *f = new_fixture();
	struct style bold = {.flags = TEXT_BOLD, .size = 11};

	add(f, "\xE2\x80\xA2\t");
	writer_text(&f->w, "Python", 6, &bold);
	end(f);
	add(f, "- SQL");
	end(f);
	add(f, "-5 degrees");
	end(f);
	CHECK_STR(f->doc.lines[0].text, "Python");
	CHECK(f->doc.lines[0].bullet);
	CHECK_INT(f->doc.lines[0].nspans, 1);
	CHECK_INT(f->doc.lines[0].spans[0].start, 0);
	CHECK_INT(f->doc.lines[0].spans[0].length, 6);
	CHECK_STR(f->doc.lines[1].text, "SQL");
	CHECK(f->doc.lines[1].bullet);
	CHECK(!f->doc.lines[2].bullet);
	arena_free(f->arena);
}

TEST(spans_cover_the_line)
{
	struct fixture *f = new_fixture();
	struct style link = {.flags = TEXT_UNDERLINE, .size = 11, .link = "mailto:a@b.c"};

	add(f, "Mail: ");
	writer_text(&f->w, "a@b.c", 5, &link);
	end(f);
	CHECK_STR(f->doc.lines[0].text, "Mail: a@b.c");
	CHECK_INT(f->doc.lines[0].nspans, 2);
	CHECK_INT(f->doc.lines[0].spans[0].length, 6);
	CHECK_INT(f->doc.lines[0].spans[1].start, 6);
	CHECK_STR(f->doc.lines[0].spans[1].link, "mailto:a@b.c");
	arena_free(f->arena);
}

TEST(lines_of_a_paragraph_share_a_block)
{
	struct fixture *f = new_fixture();

	add(f, "one");
	writer_break(&f->w, &f->body);
	add(f, "two");
	end(f);
	add(f, "three");
	end(f);
	CHECK_INT(f->doc.nlines, 3);
	CHECK_INT(f->doc.lines[0].block, f->doc.lines[1].block);
	CHECK(f->doc.lines[1].block != f->doc.lines[2].block);
	arena_free(f->arena);
}

TEST(a_box_follows_the_paragraph_around_it)
{
	struct fixture *f = new_fixture();

	add(f, "Name");
	writer_box_begin(&f->w);
	add(f, "inside");
	end(f);
	writer_box_end(&f->w);
	add(f, " of the person");
	end(f);
	CHECK_INT(f->doc.nlines, 2);
	CHECK_STR(f->doc.lines[0].text, "Name of the person");
	CHECK_STR(f->doc.lines[1].text, "inside");
	arena_free(f->arena);
}

TEST(boxes_nest_without_end)
{
	struct fixture *f = new_fixture();

	for (int i = 0; i < 100; i++)
		writer_box_begin(&f->w);
	add(f, "deep");
	end(f);
	for (int i = 0; i < 100; i++)
		writer_box_end(&f->w);
	writer_finish(&f->w, &f->body);
	CHECK_INT(f->doc.nlines, 1);
	arena_free(f->arena);
}

TEST(white_is_hidden_unless_something_lies_behind)
{
	struct style white = {.flags = STYLE_WHITE, .size = 11};

	for (int backdrop = 0; backdrop < 2; backdrop++) {
		struct fixture *f = new_fixture();

		writer_text(&f->w, "ninja", 5, &white);
		end(f);
		if (backdrop)
			writer_backdrop(&f->w);
		writer_finish(&f->w, &f->body);
		CHECK_INT(f->doc.lines[0].flags, backdrop ? 0 : TEXT_HIDDEN);
		CHECK_INT(f->doc.lines[0].spans[0].flags, backdrop ? 0 : TEXT_HIDDEN);
		arena_free(f->arena);
	}
}

TEST(repeated_headers_go)
{
	struct fixture *f = new_fixture();

	for (int i = 0; i < 3; i++) {
		int first = f->doc.nlines;

		add(f, i < 2 ? "same" : "other");
		end(f);
		writer_unrepeat(&f->w, 0, first);
	}
	CHECK_INT(f->doc.nlines, 2);
	CHECK_STR(f->doc.lines[1].text, "other");
	arena_free(f->arena);
}

TEST(headers_come_first_and_footers_last)
{
	struct fixture *f = new_fixture();
	static const enum region regions[] = {REGION_FOOTER, REGION_BODY, REGION_HEADER, REGION_BODY};
	static const char *const texts[] = {"f", "b1", "h", "b2"}, *const want[] = {"h", "b1", "b2",
																				"f"};

	for (int i = 0; i < 4; i++) {
		struct place p = {.region = regions[i], .table = -1, .row = -1, .cell = -1};

		add(f, texts[i]);
		writer_end(&f->w, &p);
	}
	writer_order(&f->w);
	for (int i = 0; i < 4; i++)
		CHECK_STR(f->doc.lines[i].text, want[i]);
	arena_free(f->arena);
}

TEST(text_is_capped)
{
	struct fixture *f = new_fixture();

	while (!f->w.full) {
		for (int i = 0; i < 1000; i++)
			add(f, "0123456789");
		end(f);
	}
	CHECK_INT(f->doc.nfindings, 1);
	CHECK_STR(f->doc.findings[0].kind, "cut");
	arena_free(f->arena);
}

TEST(letters_set_apart_by_blanks)
{
	struct fixture *f = new_fixture();

	add(f, "J A N E   O ' D O E ,   M B A");
	end(f);
	add(f, "S K I L L S\tA N D\tT O O L S");
	end(f);
	add(f, "1 2 3   4 5 6");
	end(f);
	add(f, "Plan A   or B");
	end(f);
	CHECK_STR(f->doc.lines[0].text, "JANE O'DOE, MBA");
	CHECK_STR(f->doc.lines[1].text, "SKILLS AND TOOLS");
	CHECK_STR(f->doc.lines[2].text, "1 2 3 4 5 6");
	CHECK_STR(f->doc.lines[3].text, "Plan A or B");
	arena_free(f->arena);
}

TEST_MAIN()
