#include "parse/pdf/pdf.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/test.h"
#include "parse/pdf/test_pdf.h"

#define FONTS                                                                         \
	"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica " \
	"/Encoding /WinAnsiEncoding >> /F2 << /Type /Font /Subtype /Type1 /BaseFont "     \
	"/ABCDEF+Times-BoldItalic >> >> >>"

static struct error error;
static struct doc doc;
static struct arena *arena;

static int read_bytes(const void *p, size_t n)
{
	arena = arena_free(arena);
	arena = arena_new(64 << 20);
	doc = (struct doc){.arena = arena, .error = &error};
	pdf_warm_up();
	return pdf_read(&doc, p, n);
}

static int read_page(const char *page, const char *content, const char *const *objects)
{
	struct arena *a = arena_new(64 << 20);
	struct test_pdf t;
	int rc;

	test_pdf_page(&t, a, page, content, objects);
	rc = read_bytes(t.b.p, t.b.n);
	arena_free(a);
	return rc;
}

/* All runs' texts, joined by bars. */
static const char *texts(void)
{
	struct buf b;

	buf_init(&b, arena, 1 << 16);
	for (int i = 0; i < doc.nruns; i++)
		buf_addf(&b, "%s%s", i > 0 ? "|" : "", doc.runs[i].text);
	return buf_str(&b);
}

static bool near(float a, double b)
{
	return (double)a > b - 0.05 && (double)a < b + 0.05;
}

TEST(a_line_of_text_and_its_box)
{
	CHECK_INT(read_page(FONTS, "BT /F1 10 Tf 100 700 Td (Hello World) Tj ET", NULL), OK);
	CHECK_INT(doc.npages, 1);
	CHECK_STR(texts(), "Hello World");
	CHECK(near(doc.runs[0].box.x0, 100) && near(doc.runs[0].baseline, 100));
	CHECK(near(doc.runs[0].box.x1, 151.66) && near(doc.runs[0].size, 10));
	CHECK(near(doc.runs[0].space, 2.78));
	CHECK(doc.runs[0].box.y0 < 94 && doc.runs[0].box.y1 > 101);
	CHECK_INT(doc.runs[0].flags, 0);
}

TEST(style_by_font_name)
{
	CHECK_INT(read_page(FONTS, "BT /F2 9 Tf 9 9 Td (x) Tj ET", NULL), OK);
	CHECK_INT(doc.runs[0].flags, TEXT_BOLD | TEXT_ITALIC);
}

TEST(gaps_become_blanks_or_runs)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 50 700 Td [(A) 70 (V) -30 (E) -300 (on) -2500 (far)] TJ "
						"0 -20 Td (sp  aced) Tj ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "AVE on|far|sp aced");
}

TEST(glyph_by_glyph_is_one_run)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 1 0 0 1 50 700 Tm (H) Tj 1 0 0 1 57.22 700 Tm (i) Tj ET "
						"BT /F1 10 Tf 1 0 0 1 62.22 700 Tm (y) Tj 1 0 0 1 67.22 700 Tm (ou) Tj ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "Hi you");
}

TEST(letter_spacing_is_one_word)
{
	CHECK_INT(read_page(FONTS, "BT /F1 10 Tf 4 Tc 50 700 Td (JOHN) Tj ( ) Tj (DOE) Tj ET", NULL),
			  OK);
	CHECK_STR(texts(), "JOHN DOE");
}

/* Between badges stands a blank that their edges make wide. */
TEST(badges_are_apart)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 50 700 Td (Horse Care ) Tj 62 0 Td (Heraldry) Tj ET", NULL),
			  OK);
	CHECK_STR(texts(), "Horse Care|Heraldry");
}

TEST(separate_accents_are_composed)
{
	/* The accent first, then back over the letter, as TeX does; and the letter first. */
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 50 700 Td [(R\\264) 333 (esum) 10 (e) 500 (\\264)] TJ ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "Résumé");
}

TEST(doubled_text_counts_once)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 50 700 Td (Bold) Tj 0.2 0 Td (Bold) Tj 100 0 Td (Bold) Tj ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "Bold|Bold");
}

TEST(all_text_operators)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 12 TL 50 700 Td (a) Tj T* (b) Tj (c) ' 1 2 (d) \" "
						"3 -30 TD (e) Tj T* (f) Tj 50 Tz 4 Ts 0 Tw 0 Tc 1 0 0 1 9 9 Tm (g) Tj ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "a|b|c|d|e|f|g");
	CHECK(near(doc.runs[1].baseline, 112) && near(doc.runs[3].baseline, 136));
	CHECK(near(doc.runs[5].baseline, 196) && near(doc.runs[6].baseline, 787));
	CHECK(near(doc.runs[6].box.x1 - doc.runs[6].box.x0, 2.78));
}

TEST(operands_too_many_are_passed_over)
{
	CHECK_INT(read_page(FONTS,
						"nonsense << /A 1 >> 1 0 0 1 40 0 cm BT 7 /F1 10 Tf 3 10 700 Td (a) Tj "
						"<< >> 1 0 0 1 60 600 Tm (b) Tj ET",
						NULL),
			  OK);
	CHECK_STR(texts(), "a|b");
	CHECK(near(doc.runs[0].box.x0, 50) && near(doc.runs[0].baseline, 100));
	CHECK(near(doc.runs[1].box.x0, 100) && near(doc.runs[1].size, 10));
}

TEST(leaning_letters_take_no_room)
{
	/* As Chromium draws an oblique face that a font lacks. */
	CHECK_INT(read_page(FONTS, "BT /F1 10 Tf 1 0 0.35 1 50 700 Tm (H) Tj ET", NULL), OK);
	CHECK(near(doc.runs[0].box.x0, 50) && near(doc.runs[0].box.x1, 57.22));
}

TEST(hidden_text)
{
	CHECK_INT(read_page(FONTS,
						"BT /F1 10 Tf 1 g 50 700 Td (white) Tj 0 g 3 Tr 0 -20 Td (mode) Tj 0 Tr "
						"/F1 1 Tf 0 -20 Td (tiny) Tj /F1 10 Tf 5000 0 Td (off) Tj ET "
						"0 0 0.2 rg 0 0 600 100 re f BT 1 1 1 rg /F1 10 Tf 50 50 Td (banner) Tj ET "
						"BT 0 0 0.2 rg /F1 10 Tf 50 20 Td (dark) Tj ET "
						"q 300 300 10 10 re W n BT 0 g 100 100 Td (clipped) Tj ET Q",
						NULL),
			  OK);
	CHECK_STR(texts(), "white|mode|tiny|off|banner|dark|clipped");
	for (int i = 0; i < doc.nruns; i++)
		CHECK_INT((doc.runs[i].flags & TEXT_HIDDEN) != 0, i != 4);
}

TEST(encodings_and_differences)
{
	static const char *const objects[] = {
		"<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences [65 /eacute /f_i "
		"/uni20AC /u1F600 /Lslash.sc 97 /fi /nbspace /hyphen] >> >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>",
		NULL,
	};

	CHECK_INT(read_page("/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>",
						"BT /F1 10 Tf 50 700 Td (ABCDEaxbcx) Tj 0 -20 Td /F2 10 Tf (n) Tj ET",
						objects),
			  OK);
	CHECK_STR(texts(), "éfi€😀Łfix -x|■");
	CHECK((doc.runs[1].flags & TEXT_SYMBOL) != 0);
}

static const char to_unicode[] =
	"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> "
	"endcodespacerange "
	"2 beginbfchar <0001> <0041> <0002> <00660066> endbfchar "
	"4 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <D83DDE00>] <0030> <0030> <FB01> "
	"<0031> <0031> <00650301> endbfrange "
	"endcmap";

TEST(to_unicode_of_a_composite_font)
{
	struct arena *a = arena_new(1 << 20);
	struct test_pdf t;

	test_pdf_start(&t, a);
	test_pdf_object(&t, "<< /Type /Catalog /Pages 2 0 R >>");
	test_pdf_object(&t, "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 600 800] /Resources "
						"<< /Font << /F1 5 0 R >> >> >>");
	test_pdf_object(&t, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>");
	test_pdf_stream(&t, "", "BT /F1 10 Tf 9 9 Td <000100020010001100120020002100300031> Tj ET");
	test_pdf_object(
		&t, "<< /Type /Font /Subtype /Type0 /BaseFont /Y /Encoding /Identity-H /ToUnicode 6 0 R "
			"/DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /DW 500 "
			"/W [1 [250 300] 16 18 600] >>] >>");
	test_pdf_stream(&t, "", to_unicode);
	test_pdf_end(&t);
	CHECK_INT(read_bytes(t.b.p, t.b.n), OK);
	CHECK_STR(texts(), "Affabcx😀fié");
	CHECK(near(doc.runs[0].box.x1 - doc.runs[0].box.x0, 2.5 + 3 + 18 + 20));
	arena_free(a);
}

TEST(predefined_cmaps)
{
	static const char *const objects[] = {
		"<< /Type /Font /Subtype /Type0 /BaseFont /Y /Encoding /UniJIS-UTF16-H /DescendantFonts "
		"[<< >>] >>",
		"<< /Type /Font /Subtype /Type0 /BaseFont /Z /Encoding /90ms-RKSJ-H /DescendantFonts [<< "
		">>] >>",
		NULL,
	};

	CHECK_INT(
		read_page("/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>",
				  "BT /F1 10 Tf 9 99 Td <5C656B74> Tj /F2 10 Tf 0 -20 Td <97 9A 97 F0 41> Tj ET",
				  objects),
		OK);
	CHECK_STR(texts(), "履歴|履歴A");
}

TEST(actual_text_and_layers)
{
	CHECK_INT(
		read_page(
			"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> "
			"/Properties << /P0 << /ActualText (ffi) >> >> >>",
			"BT /F1 10 Tf 50 700 Td (o) Tj /Span /P0 BDC (?) Tj EMC (ce ) Tj "
			"/Span << /ActualText <FEFF0061> >> BDC (xy) Tj EMC ET",
			NULL),
		OK);
	CHECK_STR(texts(), "office a");
}

TEST(layers_that_are_off)
{
	struct arena *a = arena_new(1 << 20);
	struct test_pdf t;
	const char *content = "BT /F1 10 Tf 9 9 Td /OC /L BDC (off) Tj EMC /OC /M BDC (on) Tj EMC ET";

	test_pdf_start(&t, a);
	test_pdf_object(&t,
					"<< /Type /Catalog /Pages 2 0 R /OCProperties << /D << /OFF [5 0 R] >> >> >>");
	test_pdf_object(&t, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	test_pdf_object(
		&t, "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype "
			"/Type1 /BaseFont /Helvetica >> >> /Properties << /L 5 0 R /M 6 0 R >> >> >>");
	test_pdf_stream(&t, "", content);
	test_pdf_object(&t, "<< /Type /OCG /Name (a) >>");
	test_pdf_object(&t, "<< /Type /OCG /Name (b) >>");
	test_pdf_end(&t);
	CHECK_INT(read_bytes(t.b.p, t.b.n), OK);
	CHECK_STR(texts(), "on");
	arena_free(a);
}

TEST(links_split_runs_and_bare_links_speak)
{
	CHECK_INT(
		read_page(FONTS
				  " /Annots [<< /Type /Annot /Subtype /Link /Rect [70 695 86 712] /A << /S /URI "
				  "/URI (https://a.example/) >> >> << /Subtype /Link /Rect [300 300 320 320] "
				  "/A << /S /URI /URI (mailto:x@y.example) >> >>]",
				  "BT /F1 10 Tf 50 700 Td (Mail me now) Tj ET", NULL),
		OK);
	CHECK_STR(texts(), "Mail|me|now|x@y.example");
	CHECK_STR(doc.runs[0].link, NULL);
	CHECK_STR(doc.runs[1].link, "https://a.example/");
	CHECK_STR(doc.runs[3].link, "mailto:x@y.example");
	CHECK_INT(doc.runs[3].flags, TEXT_HIDDEN | TEXT_FIELD);
}

TEST(fields_by_value_and_by_appearance)
{
	struct arena *a = arena_new(1 << 20);
	struct test_pdf t;

	test_pdf_start(&t, a);
	test_pdf_object(&t, "<< /Type /Catalog /Pages 2 0 R >>");
	test_pdf_object(&t, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	test_pdf_object(
		&t, "<< /Type /Page /Annots [<< /Subtype /Widget /FT /Tx /V (Ada) /Rect [10 10 60 20] >> "
			"<< /Subtype /Widget /Rect [100 100 200 120] /AP << /N 4 0 R >> >>] >>");
	test_pdf_stream(
		&t,
		"/Type /XObject /Subtype /Form /BBox [0 0 50 10] /Resources << /Font << /F1 << /Type "
		"/Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
		"BT /F1 8 Tf 1 1 Td (Bob) Tj ET");
	test_pdf_end(&t);
	CHECK_INT(read_bytes(t.b.p, t.b.n), OK);
	CHECK_STR(texts(), "Ada|Bob");
	CHECK_INT(doc.runs[0].flags, TEXT_FIELD);
	CHECK_INT(doc.runs[1].flags, TEXT_FIELD);
	CHECK(near(doc.runs[1].box.x0, 102) && near(doc.runs[1].baseline, 690));
	arena_free(a);
}

TEST(rotated_pages_and_vertical_text)
{
	CHECK_INT(read_page(FONTS " /Rotate 90 /CropBox [0 0 600 400]",
						"BT /F1 10 Tf 0 1 -1 0 100 50 Tm (up) Tj 1 0 0 1 100 50 Tm (down) Tj ET",
						NULL),
			  OK);
	CHECK(near(doc.pages[0].width, 400) && near(doc.pages[0].height, 600));
	CHECK((doc.runs[0].flags & TEXT_VERTICAL) == 0);
	CHECK(near(doc.runs[0].box.x0, 50) && near(doc.runs[0].baseline, 100));
	CHECK((doc.runs[1].flags & TEXT_VERTICAL) != 0);
}

TEST(forms_and_their_loops)
{
	struct arena *a = arena_new(1 << 20);
	struct test_pdf t;
	const char *form = "BT /F1 10 Tf 0 0 Td (in) Tj ET /X Do";

	test_pdf_start(&t, a);
	test_pdf_object(&t, "<< /Type /Catalog /Pages 2 0 R >>");
	test_pdf_object(&t, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	test_pdf_object(
		&t, "<< /Type /Page /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> /Font << /F1 "
			"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>");
	test_pdf_stream(&t, "", "q 1 0 0 1 10 10 cm /X Do Q BT /F1 10 Tf (out) Tj ET");
	test_pdf_stream(&t, "/Subtype /Form /BBox [0 0 600 800] /Matrix [1 0 0 1 5 30]", form);
	test_pdf_end(&t);
	CHECK_INT(read_bytes(t.b.p, t.b.n), OK);
	CHECK_INT(doc.nruns, PDF_FORM_DEPTH_MAX + 1);
	CHECK(near(doc.runs[0].box.x0, 15) && near(doc.runs[1].box.x0, 20));
	CHECK_STR(doc.runs[doc.nruns - 1].text, "out");
	arena_free(a);
}

TEST(pictures_without_text_are_scans)
{
	CHECK_INT(read_page("", "600 0 0 800 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI", NULL), OK);
	CHECK(near(doc.pages[0].image_area, 1));
	CHECK_INT(doc.nfindings, 1);
	CHECK_STR(doc.findings[0].kind, "scanned");
}

TEST(recognised_text_over_a_scan_counts)
{
	CHECK_INT(
		read_page(
			FONTS,
			"q 600 0 0 800 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q BT /F1 10 Tf 20 TL 3 Tr "
			"50 700 Td (a) Tj T* (b) Tj T* (c) Tj T* (d) Tj T* (e) Tj ET",
			NULL),
		OK);
	CHECK_INT(doc.nruns, 5);
	CHECK_INT(doc.runs[0].flags, TEXT_OCR);
	CHECK_INT(doc.nfindings, 0);
}

TEST(refusals_have_sentences)
{
	CHECK_INT(read_bytes("nothing", 7), E_RULE);
	CHECK(strstr(error.text, "damaged") != NULL);
	CHECK_INT(read_page("", "", NULL), E_RULE);
	CHECK(strstr(error.text, "empty") != NULL);
}

TEST(a_file_cut_off_is_mended)
{
	struct arena *a = arena_new(1 << 20);
	struct test_pdf t;
	size_t n;

	test_pdf_page(&t, a, FONTS, "BT /F1 10 Tf 50 700 Td (still here) Tj ET", NULL);
	n = (size_t)((char *)memmem(t.b.p, t.b.n, "xref", 4) - t.b.p);
	CHECK_INT(read_bytes(t.b.p, n), OK);
	CHECK_STR(texts(), "still here");
	CHECK_INT(doc.nfindings, 1);
	CHECK_STR(doc.findings[0].kind, "damaged");
	arena_free(a);
}

TEST(object_streams_are_measured_first)
{
	struct arena *a = arena_new(64 << 20);
	size_t n = PDF_STREAM_MAX + 1024;
	unsigned char *zeros = calloc(1, n), *z = malloc(n);
	uLongf len = n;
	struct buf b;

	CHECK_INT(compress(z, &len, zeros, n), Z_OK);
	buf_init(&b, a, 1 << 20);
	buf_addf(&b, "%%PDF-1.7\n1 0 obj\n<< /Type /ObjStm /Length %lu >>\nstream\n", len);
	buf_add(&b, z, len);
	buf_adds(&b, "\nendstream\nendobj\n");
	CHECK_INT(read_bytes(b.p, b.n), E_TOO_LARGE);
	free(zeros);
	free(z);
	arena_free(a);
}

TEST(type3_fonts_by_glyph_names)
{
	static const char *const objects[] = {
		"<< /Type /Font /Subtype /Type3 /FontMatrix [0.01 0 0 0.01 0 0] /FontBBox [0 -20 80 80] "
		"/FirstChar 1 "
		"/LastChar 2 /Widths [60 30] /Encoding << /Differences [1 /H /i] >> /CharProcs << >> >>",
		NULL,
	};

	CHECK_INT(read_page("/Resources << /Font << /F1 5 0 R >> >>",
						"BT /F1 10 Tf 50 700 Td <0102> Tj ET", objects),
			  OK);
	CHECK_STR(texts(), "Hi");
	CHECK(near(doc.runs[0].box.x1 - doc.runs[0].box.x0, 9));
}

/* Bitmap fonts of TeX: letters and ligatures by their codes in T1; the bullet in a font without
 * letters. */
TEST(type3_fonts_of_tex)
{
	static const char *const objects[] = {
		"<< /Type /Font /Subtype /Type3 /FontMatrix [0.01 0 0 0.01 0 0] /FontBBox [0 -20 80 80] "
		"/FirstChar 27 /LastChar 170 /Widths [60] /Encoding << /Differences [27 /a27 28 /.notdef "
		"83 /a83 97 /a97 116 /a116 170 /a170] >> /CharProcs << >> >>",
		"<< /Type /Font /Subtype /Type3 /FontMatrix [0.01 0 0 0.01 0 0] /FontBBox [0 -20 80 80] "
		"/FirstChar 136 /LastChar 136 /Widths [60] /Encoding << /Differences [136 /a136] >> "
		"/CharProcs << >> >>",
		NULL,
	};

	CHECK_INT(read_page("/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>",
						"BT /F2 10 Tf 50 700 Td <88> Tj /F1 10 Tf 30 0 Td <537461 1B AA> Tj ET",
						objects),
			  OK);
	CHECK_STR(texts(), "\xE2\x80\xA2|Staff\xC5\x82");
}

TEST_MAIN()
