#include <math.h>

#include "base/test.h"
#include "parse/doc.h"

/* A document of one page (or more), filled with runs of Helvetica-like width. */
struct paper {
	struct arena *arena;
	struct error error;
	struct doc d;
	float size;
	unsigned flags;
};

static struct paper *paper_new(int pages)
{
	struct arena *a = arena_new((size_t)512 << 20);
	struct paper *p = ARENA_NEW(a, struct paper);

	p->arena = a;
	p->size = 10;
	p->d = (struct doc){.arena = a, .error = &p->error, .npages = pages};
	p->d.pages = ARENA_ARRAY(a, (size_t)pages, struct page);
	for (int i = 0; i < pages; i++)
		p->d.pages[i] = (struct page){.width = 600, .height = 800};
	return p;
}

/* Draws text on the last page begun (page), half an em a character. */
static void draw_on(struct paper *p, int page, float x, float y, const char *text)
{
	float width = 0;
	struct run r = {
		.text = text, .baseline = y, .size = p->size, .space = p->size * 0.28f, .page = page};

	for (const char *s = text; *s != '\0'; s++)
		width += (*s & 0xC0) != 0x80 ? p->size / 2 : 0;
	r.box = (struct box){x, y - p->size * 0.8f, x + width, y + p->size * 0.2f};
	r.flags = p->flags;
	r.order = p->d.nruns;
	if (p->d.pages[page].nruns++ == 0)
		p->d.pages[page].first_run = p->d.nruns;
	doc_add_run(&p->d, &r);
}

static void draw(struct paper *p, float x, float y, const char *text)
{
	draw_on(p, 0, x, y, text);
}

/* All lines, joined by "/". */
static const char *read_lines(struct paper *p)
{
	static char out[8192];
	size_t n = 0;

	if (layout_lines(&p->d) != OK)
		return "failed";
	out[0] = '\0';
	for (int i = 0; i < p->d.nlines && n < sizeof out - 1; i++)
		n +=
			(size_t)snprintf(out + n, sizeof out - n, "%s%s", i > 0 ? "/" : "", p->d.lines[i].text);
	return out;
}

TEST(layout_joins_words_and_tabs)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "Acme");
	draw(p, 73, 100, "Ltd");
	draw(p, 88, 100, ",");
	draw(p, 400, 100, "2019");
	draw(p, 50, 114, "Engineer");
	CHECK_STR(read_lines(p), "Acme Ltd,\t2019/Engineer");
	CHECK_INT(p->d.lines[0].table, -1);
	CHECK_INT(p->d.lines[0].nspans, 1);
	CHECK_INT(p->d.lines[0].column, 0);
	arena_free(p->arena);
}

TEST(layout_spans_keep_style_and_link)
{
	struct paper *p = paper_new(1);

	p->flags = TEXT_BOLD;
	draw(p, 50, 100, "Skills:");
	p->flags = 0;
	draw(p, 88, 100, "Python, Go and the rest");
	p->d.runs[1].link = "https://example.com/";
	CHECK_STR(read_lines(p), "Skills: Python, Go and the rest");
	CHECK_INT(p->d.lines[0].nspans, 2);
	CHECK_INT(p->d.lines[0].spans[0].length, 7);
	CHECK_INT(p->d.lines[0].spans[0].flags, TEXT_BOLD);
	CHECK_INT(p->d.lines[0].spans[1].start, 8);
	CHECK_STR(p->d.lines[0].spans[1].link, "https://example.com/");
	CHECK_INT(p->d.lines[0].flags & TEXT_BOLD, 0);
	arena_free(p->arena);
}

/* A side bar and a main column under a title, their lines on different baselines. */
static struct paper *two_columns(bool main_first)
{
	static const char *const side[] = {"CONTACT", "a@example.com", "555 0142",
									   "SKILLS",  "Python",        "Go"};
	static const char *const main_column[] = {"EXPERIENCE",
											  "Acme builds things for people who need them",
											  "and I built some of them with friends", "EDUCATION",
											  "University of Somewhere, in the city of it"};
	struct paper *p = paper_new(1);

	draw(p, 50, 40,
		 "Jane Doe whose name runs over the whole of the page, or nearly so, and further");
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 6 && (pass == 1) == main_first; i++)
			draw(p, 50, (float)(80 + 16 * i), side[i]);
		for (int i = 0; i < 5 && (pass == 0) == main_first; i++)
			draw(p, 200, (float)(83 + 14 * i), main_column[i]);
	}
	return p;
}

TEST(layout_reads_columns_one_after_the_other)
{
	for (int i = 0; i < 2; i++) {
		struct paper *p = two_columns(i == 1);

		CHECK_STR(read_lines(p), "Jane Doe whose name runs over the whole of the page, or nearly "
								 "so, and further/CONTACT/"
								 "a@example.com/555 0142/SKILLS/Python/Go/EXPERIENCE/Acme builds "
								 "things for people who need "
								 "them/and I built some of them with friends/EDUCATION/University "
								 "of Somewhere, in the city of it");
		CHECK_INT(p->d.lines[1].column, 0);
		CHECK_INT(p->d.lines[7].column, 1);
		arena_free(p->arena);
	}
}

TEST(layout_reads_columns_on_one_grid_as_drawn)
{
	struct paper *p = paper_new(1);

	for (int i = 0; i < 6; i++)
		draw(p, 50, (float)(100 + 14 * i), i % 2 ? "left odd line" : "left even line");
	for (int i = 0; i < 6; i++)
		draw(p, 250, (float)(100 + 14 * i), "right side with a longer text");
	read_lines(p);
	CHECK_INT(p->d.nlines, 12);
	CHECK_STR(p->d.lines[5].text, "left odd line");
	CHECK_INT(p->d.lines[5].column, 0);
	CHECK_INT(p->d.lines[6].column, 1);
	arena_free(p->arena);
}

/* Draws text for place x, y; what begins with "#" is a heading. */
static void draw_styled(struct paper *p, float x, float y, const char *text)
{
	bool heading = text[0] == '#';

	p->flags = heading ? TEXT_BOLD : 0;
	p->size = heading ? 13 : 10;
	if (text[0] != '\0')
		draw(p, x, y, text + heading);
}

/* Two lists of lines, drawn in turn; the left one at 50, the right one at 270, their leadings. */
static struct paper *in_turn(const char *const *left, float a, const char *const *right, float b)
{
	struct paper *p = paper_new(1);
	bool l = true, r = true;

	draw_styled(p, 270, 60, "Jane Doe");
	for (int i = 0; l || r; i++) {
		l = l && left[i] != NULL;
		r = r && right[i] != NULL;
		if (l)
			draw_styled(p, 50, 100 + a * (float)i, left[i]);
		if (r)
			draw_styled(p, 270, 100 + b * (float)i, right[i]);
	}
	return p;
}

static const char *const sidebar[] = {"#Contact", "a@example.com", "555 0142", "",  "#Skills",
									  "Python",   "Redis",         "AWS",      NULL};
static const char *const main_column[] = {"#Summary",
										  "Likes dull and dependable systems",
										  "",
										  "#Experience",
										  "Engineer, Acme, 2019 - 2024",
										  "Built the booking service of the depots",
										  "Cut the nightly close to one hour",
										  "#Education",
										  "BSc, University of Hull, 2015",
										  NULL};

TEST(layout_reads_headed_columns_drawn_in_turn)
{
	for (int i = 0; i < 3; i++) {
		struct paper *p = in_turn(sidebar, 18, main_column, (float)(14 + 2 * i));

		CHECK_STR(
			read_lines(p),
			"Jane Doe/Contact/a@example.com/555 0142/Skills/Python/Redis/AWS/"
			"Summary/Likes dull and dependable systems/Experience/Engineer, Acme, 2019 - 2024/"
			"Built the booking service of the depots/Cut the nightly close to one hour/"
			"Education/BSc, University of Hull, 2015");
		CHECK_INT(p->d.lines[7].column, 0);
		CHECK_INT(p->d.lines[8].column, 1);
		arena_free(p->arena);
	}
}

TEST(layout_reads_headed_columns_with_the_wide_one_first)
{
	struct paper *p = in_turn(main_column, 18, sidebar, 18);

	CHECK_STR(read_lines(p),
			  "Jane Doe/Summary/Likes dull and dependable systems/Experience/"
			  "Engineer, Acme, 2019 - 2024/Built the booking service of the depots/"
			  "Cut the nightly close to one hour/Education/BSc, University of Hull, 2015/"
			  "Contact/a@example.com/555 0142/Skills/Python/Redis/AWS");
	arena_free(p->arena);
}

TEST(layout_takes_sides_that_share_no_height)
{
	static const char *const a[] = {"#Skills", "Python", "Redis", NULL};
	static const char *const b[] = {"", "",           "",         "",       "",  "",
									"", "#Education", "BSc Hull", "School", NULL};
	struct paper *p = in_turn(a, 14, b, 14);

	read_lines(p);
	CHECK_INT(p->d.nlines, 7);
	CHECK_STR(p->d.lines[6].text, "School");
	arena_free(p->arena);
}

TEST(layout_keeps_bold_labels_with_their_rows)
{
	static const char *const a[] = {"#Work", "", "", "#Study", "", "#Other", "", NULL};
	static const char *const b[] = {"#Acme Ltd",     "Engineer of things",
									"and of others", "#Hull",
									"Diploma",       "#Chess",
									"at the club",   NULL};
	struct paper *p = in_turn(a, 14, b, 14);

	CHECK_STR(read_lines(p), "Jane Doe/Work\tAcme Ltd/Engineer of things/and of others/Study\tHull/"
							 "Diploma/Other\tChess/at the club");
	arena_free(p->arena);
}

TEST(layout_keeps_rows_with_level_headings)
{
	static const char *const a[] = {"#Back end", "Python", "Django", "#Front end",
									"Vue",       "CSS",    NULL};
	static const char *const b[] = {"#Store", "Redis", "SQLite", "#Cloud", "AWS", "Azure", NULL};
	struct paper *p = in_turn(a, 14, b, 14);

	CHECK_STR(read_lines(p), "Jane Doe/Back end\tStore/Python\tRedis/Django\tSQLite/"
							 "Front end\tCloud/Vue\tAWS/CSS\tAzure");
	arena_free(p->arena);
}

TEST(layout_keeps_dates_under_headings_with_their_rows)
{
	static const char *const a[] = {"#Experience", "2019 - 2024", "", "2015 - 2019", "",
									"#Education",  "2012 - 2015", "", NULL};
	static const char *const b[] = {"#Acme Ltd",   "Engineer of things",  "#Bolt Inc",
									"Bent things", "and mended the bent", "and sold them",
									"#University", "Diploma in things",   NULL};
	struct paper *p = in_turn(a, 14, b, 14);

	CHECK_STR(read_lines(p),
			  "Jane Doe/Experience\tAcme Ltd/2019 - 2024\tEngineer of things/Bolt Inc/"
			  "2015 - 2019\tBent things/and mended the bent/Education\tand sold them/"
			  "2012 - 2015\tUniversity/Diploma in things");
	arena_free(p->arena);
}

TEST(layout_pairs_dates_with_their_rows)
{
	static const char *const left[] = {"Acme Ltd",
									   "Built the things that Acme sells to",
									   "its customers",
									   "Bolt Inc",
									   "Bent the things that Bolt sells to",
									   "other customers",
									   "Cog GmbH",
									   "Turned the things"};
	struct paper *p = paper_new(1);

	/* drawn as floating boxes are: the dates first */
	draw(p, 450, 100, "2019 - 2021");
	draw(p, 450, 142, "2015 - 2019");
	draw(p, 450, 184, "2011 - 2015");
	for (int i = 0; i < 8; i++)
		draw(p, 50, (float)(100 + 14 * i), left[i]);
	CHECK_STR(read_lines(p),
			  "Acme Ltd\t2019 - 2021/Built the things that Acme sells to/its customers/"
			  "Bolt Inc\t2015 - 2019/Bent the things that Bolt sells to/other customers/"
			  "Cog GmbH\t2011 - 2015/Turned the things");
	arena_free(p->arena);
}

TEST(layout_reads_label_rails_by_rows)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "Experience");
	draw(p, 150, 100, "Acme Ltd");
	draw(p, 150, 114, "Engineer of many things");
	draw(p, 150, 128, "and of others");
	draw(p, 50, 160, "Education");
	draw(p, 150, 160, "University");
	draw(p, 150, 174, "Diploma");
	draw(p, 50, 206, "Skills");
	draw(p, 150, 206, "Python");
	CHECK_STR(read_lines(p),
			  "Experience\tAcme Ltd/Engineer of many things/and of others/Education\tUniversity/"
			  "Diploma/Skills\tPython");
	arena_free(p->arena);
}

TEST(layout_reads_centred_labels_first)
{
	struct paper *p = paper_new(1);

	for (int i = 0; i < 2; i++) {
		float y = (float)(100 + 80 * i);

		draw(p, 50, y + 14, i == 0 ? "Profile" : "Summary");
		draw(p, 150, y, "first line of the text");
		draw(p, 150, y + 14, "second line of the text");
		draw(p, 150, y + 28, "third line");
	}
	CHECK_STR(read_lines(p), "Profile/first line of the text/second line of the text/third line/"
							 "Summary/first line of the text/second line of the text/third line");
	arena_free(p->arena);
}

TEST(layout_reads_labels_that_hang_lower_first)
{
	struct paper *p = paper_new(1);

	draw(p, 150, 100, "a line of text that goes across the page, long enough for two of them");
	draw(p, 150, 140, "Python, Rust");
	draw_styled(p, 50, 146, "#Skills");
	draw_styled(p, 50, 190, "below, from edge to edge, stands what has no label at all");
	CHECK_STR(read_lines(p),
			  "a line of text that goes across the page, long enough for two of them/"
			  "Skills/Python, Rust/"
			  "below, from edge to edge, stands what has no label at all");
	arena_free(p->arena);
}

TEST(layout_reads_table_cells_one_by_one)
{
	struct paper *p = paper_new(1);

	for (int i = 0; i < 3; i++) {
		float y = (float)(100 + 40 * i);

		draw(p, 50, y, "Vulnerability");
		draw(p, 50, y + 12, "Management");
		draw(p, 180, y, "Incident");
		draw(p, 180, y + 12, "Response");
	}
	CHECK_STR(
		read_lines(p),
		"Vulnerability/Management/Incident/Response/Vulnerability/Management/Incident/Response/"
		"Vulnerability/Management/Incident/Response");
	arena_free(p->arena);
}

TEST(layout_cuts_bullets)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "\xE2\x80\xA2");
	draw(p, 70, 100, "Built a thing");
	draw(p, 50, 114, "- Broke a thing");
	draw(p, 50, 128, "\xE2\x80\x93 2021 and later");
	draw(p, 50, 142, "o");
	draw(p, 70, 142, "Mended a thing");
	CHECK_STR(read_lines(p),
			  "Built a thing/Broke a thing/\xE2\x80\x93 2021 and later/Mended a thing");
	CHECK(p->d.lines[0].bullet && p->d.lines[1].bullet && !p->d.lines[2].bullet &&
		  p->d.lines[3].bullet);
	CHECK_INT(p->d.lines[0].spans[0].start, 0);
	CHECK_INT(p->d.lines[0].spans[0].length, 13);
	arena_free(p->arena);
}

TEST(layout_blocks_by_distance_and_style)
{
	struct paper *p = paper_new(1);

	p->flags = TEXT_BOLD;
	draw(p, 50, 100, "Heading");
	p->flags = 0;
	draw(p, 50, 113, "First line of a paragraph");
	draw(p, 50, 126, "second line");
	draw(p, 50, 139, "third line");
	draw(p, 50, 159, "Another paragraph");
	read_lines(p);
	CHECK_INT(p->d.nlines, 5);
	CHECK(p->d.lines[0].block != p->d.lines[1].block);
	CHECK_INT(p->d.lines[1].block, p->d.lines[2].block);
	CHECK_INT(p->d.lines[2].block, p->d.lines[3].block);
	CHECK(p->d.lines[3].block != p->d.lines[4].block);
	arena_free(p->arena);
}

TEST(layout_closes_spaced_letters)
{
	struct paper *p = paper_new(1);
	static const char *const letters[] = {"S", "K", "I", "L", "L", "S",
										  "O", "F", "M", "I", "N", "E"};
	float x = 50;

	for (int i = 0; i < 12; i++) {
		x += i == 6 || i == 8 ? 22 : 12;
		draw(p, x, 100, letters[i]);
	}
	draw(p, 50, 130, "E X P E R I E N C E");
	draw(p, 50, 160, "A B testing");
	CHECK_STR(read_lines(p), "SKILLS OF MINE/EXPERIENCE/A B testing");
	arena_free(p->arena);
}

TEST(layout_mends_broken_words)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "Responsible for the develop-");
	draw(p, 50, 112, "ment of a full-");
	draw(p, 50, 124, "stack program and its FEM-");
	draw(p, 50, 136, "Analyse, write to jane-");
	draw(p, 50, 148, "doe@example.com");
	CHECK_STR(read_lines(p), "Responsible for the development/of a full-stack/program and its FEM-/"
							 "Analyse, write to jane-/doe@example.com");
	arena_free(p->arena);
}

TEST(layout_raised_text_stays_in_its_line)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "the 1");
	p->size = 6;
	draw(p, 75.2f, 95.5f, "st");
	p->size = 10;
	draw(p, 84, 100, "prize");
	draw(p, 50, 113, "next line");
	CHECK_STR(read_lines(p), "the 1st prize/next line");
	arena_free(p->arena);
}

/* The end of a small line below a large name is no index of it. */
TEST(layout_small_text_stays_in_its_own_row)
{
	struct paper *p = paper_new(1);
	float end;

	p->size = 25;
	draw(p, 50, 60, "Ada Byron");
	end = p->d.runs[0].box.x1;
	p->size = 10;
	draw(p, end - 62, 73, "555 014 27 |");
	draw(p, end + 1, 73, "example.org");
	CHECK(strstr(read_lines(p), "Byronexample") == NULL);
	arena_free(p->arena);
}

TEST(layout_reads_logos_whose_letters_dance)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "LA"); /* "LATEX" as TeX draws it */
	draw(p, 60, 100, "T");
	draw(p, 64, 102.2f, "E");
	draw(p, 68, 100, "X and more of it");
	draw(p, 50, 114, "the next line of the text");
	CHECK_STR(read_lines(p), "LATEX and more of it/the next line of the text");
	arena_free(p->arena);
}

TEST(layout_joins_what_goes_on_sideways)
{
	struct paper *p = paper_new(1);
	static const char *const texts[] = {"Ph", "\xE1\xBB\xA5", "trach", "x"};
	static const float ends[] = {300, 288, 279, 100}, begins[] = {288, 282, 250, 95};

	for (int i = 0; i < 4; i++) {
		p->flags = TEXT_VERTICAL;
		draw(p, 500, 300, texts[i]);
		p->d.runs[i].box = (struct box){492, begins[i], 502, ends[i]};
	}
	CHECK_STR(read_lines(p), "Ph\xE1\xBB\xA5 trach/x");
	arena_free(p->arena);
}

TEST(layout_marks_running_heads)
{
	struct paper *p = paper_new(3);
	static const char *const numbers[] = {"Page 1 of 3", "Page 2 of 3", "Page 3 of 3"};

	for (int i = 0; i < 3; i++) {
		draw_on(p, i, 50, 30, "Jane Doe, jane@example.com");
		draw_on(p, i, 50, 200, "Body text of a page");
		draw_on(p, i, 50, 790, numbers[i]);
	}
	CHECK_STR(read_lines(p),
			  "Jane Doe, jane@example.com/Body text of a page/Page 1 of 3/Body text of a page/"
			  "Page 2 of 3/Body text of a page/Page 3 of 3");
	CHECK_INT(p->d.lines[0].region, REGION_HEADER);
	CHECK_INT(p->d.lines[1].region, REGION_BODY);
	CHECK_INT(p->d.lines[2].region, REGION_FOOTER);
	CHECK_INT(p->d.lines[4].region, REGION_FOOTER);
	arena_free(p->arena);
}

TEST(layout_leaves_hidden_text_out_and_says_so)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "Visible words stand here");
	p->flags = TEXT_HIDDEN;
	draw(p, 50, 120,
		 "kubernetes terraform ansible docker python golang rust haskell erlang elixir scala "
		 "kotlin");
	CHECK_STR(read_lines(p), "Visible words stand here");
	CHECK_INT(p->d.nfindings, 1);
	CHECK_STR(p->d.findings[0].kind, "hidden_text");
	arena_free(p->arena);
}

TEST(layout_hidden_copies_are_no_finding)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "one two three four five six seven eight nine ten eleven twelve");
	p->flags = TEXT_HIDDEN;
	draw(p, 50, 120, "one two three four five six seven eight nine ten eleven twelve");
	read_lines(p);
	CHECK_INT(p->d.nfindings, 0);
	arena_free(p->arena);
}

TEST(layout_reads_the_text_under_a_scan)
{
	struct paper *p = paper_new(1);

	p->d.pages[0].image_area = 0.95f;
	p->flags = TEXT_HIDDEN;
	draw(p, 50, 100, "Recognised text of a scanned page");
	CHECK_STR(read_lines(p), "Recognised text of a scanned page");
	CHECK_INT(p->d.lines[0].flags, TEXT_OCR);
	CHECK_INT(p->d.nfindings, 0);
	arena_free(p->arena);
}

TEST(layout_keeps_link_targets_as_notes)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "Jane");
	p->flags = TEXT_HIDDEN | TEXT_FIELD;
	draw(p, 80, 100, "jane@example.com");
	p->d.runs[1].link = "mailto:jane@example.com";
	CHECK_STR(read_lines(p), "Jane/jane@example.com");
	CHECK_INT(p->d.lines[1].region, REGION_NOTE);
	CHECK_INT(p->d.lines[1].flags & TEXT_HIDDEN, 0);
	arena_free(p->arena);
}

TEST(layout_drops_icons_keeps_vertical_text_last)
{
	struct paper *p = paper_new(1);

	p->flags = TEXT_SYMBOL;
	draw(p, 50, 100, "\xEF\x82\x95");
	p->flags = TEXT_VERTICAL;
	draw(p, 20, 60, "Curriculum");
	p->flags = 0;
	draw(p, 64, 100, "555 0142");
	CHECK_STR(read_lines(p), "555 0142/Curriculum");
	CHECK_INT(p->d.lines[1].flags & TEXT_VERTICAL, TEXT_VERTICAL);
	arena_free(p->arena);
}

TEST(layout_reads_from_the_right)
{
	struct paper *p = paper_new(1);

	p->flags = TEXT_RTL;
	draw(p, 100, 100, "\xD7\xA2\xD7\x95\xD7\x9C\xD7\x9D"); /* "world" stands on the left */
	draw(p, 124, 100, "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D");
	CHECK_STR(read_lines(p), "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD7\xA2\xD7\x95\xD7\x9C\xD7\x9D");
	CHECK_INT(p->d.lines[0].flags & TEXT_RTL, TEXT_RTL);
	arena_free(p->arena);
}

TEST(layout_no_blanks_between_chinese)
{
	struct paper *p = paper_new(1);

	draw(p, 50, 100, "\xE5\xBC\xA0");
	draw(p, 57, 100, "\xE4\xBC\x9F");
	CHECK_STR(read_lines(p), "\xE5\xBC\xA0\xE4\xBC\x9F");
	arena_free(p->arena);
}

TEST(layout_empty)
{
	struct paper *p = paper_new(2);

	CHECK_STR(read_lines(p), "");
	CHECK_INT(p->d.nlines, 0);
	arena_free(p->arena);
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

TEST(layout_survives_wild_coordinates)
{
	static const float wild[] = {NAN, INFINITY, -INFINITY, 1e30f,  -1e30f,
								 0,   -1,       3e4f,      1e-30f, 99999};
	static const char *const texts[] = {"a", "-", "\xE2\x80\xA2", "word", "o", "2019", "x-",
										" ", "",  "\xC2\xAD",     "abc-"};
	uint32_t x = 12345;

	for (int round = 0; round < 200; round++) {
		struct paper *p = paper_new(1 + round % 3);

		for (int i = 0; i < 120; i++) {
			float v[7];
			struct run r;

			for (int k = 0; k < 7; k++)
				v[k] = next_random(&x) % 12 == 0 ? wild[next_random(&x) % 10]
												 : (float)(next_random(&x) % 60000) / 100;
			draw_on(p, (int)(next_random(&x) % 3) % p->d.npages, v[0], v[1],
					texts[next_random(&x) % 11]);
			r = p->d.runs[p->d.nruns - 1];
			if (next_random(&x) % 3 == 0)
				r.box = (struct box){v[2], v[3], v[4], v[5]};
			if (next_random(&x) % 3 == 0)
				r.size = v[6];
			r.flags = next_random(&x) % 4 == 0 ? next_random(&x) & 0x1FF : 0;
			p->d.runs[p->d.nruns - 1] = r;
		}
		CHECK_INT(layout_lines(&p->d), OK);
		for (int i = 0; i < p->d.nlines; i++)
			CHECK(p->d.lines[i].text[0] != '\0' && p->d.lines[i].nspans > 0);
		arena_free(p->arena);
	}
}

TEST(layout_takes_glyphs_strewn_at_random)
{
	struct paper *p = paper_new(1);
	uint32_t x = 99;

	for (int i = 0; i < 100000; i++)
		draw(p, (float)(next_random(&x) % 6000) / 10, (float)(next_random(&x) % 8000) / 10, "x");
	CHECK_INT(layout_lines(&p->d), OK);
	CHECK(p->d.nlines > 0);
	arena_free(p->arena);
}

TEST_MAIN()
