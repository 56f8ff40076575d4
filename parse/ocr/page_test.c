#include "parse/ocr/page.h"

#include "base/test.h"
#include "parse/pdf/pdf.h"
#include "parse/pdf/test_pdf.h"

static struct error error;
static struct doc doc;
static struct arena *arena;
static struct pdf_images *images;

/* Reads a page of 60 x 60 points that draws picture 6, whose dictionary and samples (hexadecimal)
 * are given, over all of it; 7 is one more object. */
static void read_page(const char *content, const char *entries, const char *hex, const char *more)
{
	struct test_pdf t;

	arena = arena_free(arena);
	arena = arena_new(64 << 20);
	test_pdf_start(&t, arena);
	test_pdf_object(&t, "<< /Type /Catalog /Pages 2 0 R >>");
	test_pdf_object(&t, "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 60 60] >>");
	test_pdf_object(&t,
					"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 6 "
					"0 R >> >> >>");
	test_pdf_stream(&t, "", content);
	test_pdf_object(&t, "null");
	test_pdf_stream(&t,
					arena_printf(arena,
								 "/Subtype /Image /Width 2 /Height 2 /Filter /ASCIIHexDecode %s",
								 entries),
					hex);
	test_pdf_stream(&t,
					"/Subtype /Image /Width 2 /Height 2 /Filter /ASCIIHexDecode "
					"/BitsPerComponent 8 /ColorSpace /DeviceGray",
					more);
	test_pdf_end(&t);
	doc = (struct doc){.arena = arena, .error = &error};
	CHECK_INT(pdf_read_images(&doc, (const unsigned char *)t.b.p, t.b.n, &images), OK);
}

static const char whole[] = "60 0 0 60 0 0 cm /X Do";

/* Draws the page and compares the middles of its four quarters, row by row, with these greys. */
static void expect(int upper_left, int upper_right, int lower_left, int lower_right)
{
	struct page_picture p;
	const int want[] = {upper_left, upper_right, lower_left, lower_right};

	CHECK_INT(page_draw(&doc, images, 0, &p), OK);
	CHECK_INT(p.picture.width, 250);
	for (int i = 0; i < 4; i++) {
		int x = i % 2 * 124 + 62, y = i / 2 * 124 + 62, got = p.picture.p[y * 250 + x];

		if (got < want[i] - 8 || got > want[i] + 8)
			CHECK_INT(got, want[i]);
	}
	page_picture_done(&p);
}

TEST(greys_of_all_depths)
{
	read_page(whole, "/BitsPerComponent 8 /ColorSpace /DeviceGray", "00 40 80 FF>", "00>");
	CHECK(doc.pages[0].picture && doc_scanned(&doc));
	expect(0, 64, 128, 255);
	read_page(whole, "/BitsPerComponent 16 /ColorSpace /DeviceGray", "0000 4000 8000 FFFF>", "00>");
	expect(0, 64, 128, 255);
	read_page(whole, "/BitsPerComponent 4 /ColorSpace /DeviceGray", "0F F0>", "00>");
	expect(0, 255, 255, 0);
	read_page(whole, "/BitsPerComponent 1 /ColorSpace /DeviceGray /Decode [1 0]", "40 80>", "00>");
	expect(255, 0, 0, 255);
}

TEST(colours_become_grey)
{
	read_page(whole, "/BitsPerComponent 8 /ColorSpace /DeviceRGB", "FF0000 00FF00 0000FF FFFFFF>",
			  "00>");
	expect(76, 149, 28, 255);
	read_page(whole, "/BitsPerComponent 8 /ColorSpace /DeviceCMYK",
			  "00000000 000000FF 00000080 FFFFFFFF>", "00>");
	expect(255, 0, 127, 0);
	read_page(whole, "/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceRGB 1 <000000 C0C0C0>]",
			  "40 80>", "00>");
	expect(0, 192, 192, 0);
	read_page(whole, "/BitsPerComponent 8 /ColorSpace [/Separation /Black /DeviceGray 7 0 R]",
			  "00 FF 80 00>", "00>");
	expect(255, 0, 127, 255);
}

TEST(a_palette_may_be_turned_round)
{
	read_page(whole,
			  "/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceRGB 1 <000000 C0C0C0>] "
			  "/Decode [1 0]",
			  "40 80>", "00>");
	expect(192, 0, 0, 192);
	read_page(whole, "/BitsPerComponent 8 /ColorSpace [/Lab << /WhitePoint [1 1 1] >>]",
			  "00FFFF 408080 800000 FF8080>", "00>");
	expect(0, 64, 128, 255);
}

#ifdef WITH_JBIG2
TEST(jbig2)
{
	/* A generic region of 8 x 8 samples, compressed like a fax; then the same picture as a halftone
	 * whose patterns stand in the segments that pictures share. */
	read_page(whole,
			  "/Width 8 /Height 8 /BitsPerComponent 1 /Filter [/ASCIIHexDecode /JBIG2Decode]",
			  "0000000130000100000013000000080000000800000000000000000000000000000226000100"
			  "00001a00000008000000080000000000000000000126afff36ff001001>",
			  "00>");
	expect(0, 255, 255, 0);
	read_page(whole,
			  "/Width 8 /Height 8 /BitsPerComponent 1 /Filter [/ASCIIHexDecode /JBIG2Decode] "
			  "/DecodeParms [null << /JBIG2Globals 7 0 R >>]",
			  "000000013000010000001300000008000000080000000000000000000000000000021620000100"
			  "00002b0000000800000008000000000000000000010000000200000002000000000000000004000000"
			  "095c004004>",
			  "000000001000000000000c0104040000000136ff001001>");
	expect(0, 255, 255, 0);
}
#endif

TEST(inline_images)
{
	static const char none[] = "/BitsPerComponent 8 /ColorSpace /DeviceGray";

	read_page("q 60 0 0 60 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G /F /AHx ID 00 40 80 FF> EI Q", none,
			  "00>", "00>");
	CHECK(doc.pages[0].picture && doc_scanned(&doc));
	expect(0, 64, 128, 255);
	read_page("60 0 0 60 0 0 cm BI /W 2 /H 2 /BPC 1 /CS [/I /RGB 1 <000000C0C0C0>] "
			  "/F [/AHx] ID 40 80> EI",
			  none, "00>", "00>");
	expect(0, 192, 192, 0);
	read_page("0.5 g 60 0 0 60 0 0 cm BI /W 2 /H 2 /IM true /D [1 0] /F /AHx ID 40 80> EI", none,
			  "00>", "00>");
	expect(255, 128, 128, 255);
	read_page("60 0 0 60 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /RGB ID abcdefghijkl EI /X Do", none, "00>",
			  "00>");
	CHECK_INT(doc.npages, 1);
}

TEST(a_page_of_strips)
{
	read_page("q 60 0 0 30 0 30 cm /X Do Q q 60 0 0 30 0 0 cm /X Do Q",
			  "/BitsPerComponent 8 /ColorSpace /DeviceGray", "00 40 00 40>", "00>");
	CHECK(doc.pages[0].picture);
	expect(0, 64, 0, 64);
}

TEST(what_is_missing_is_white)
{
	read_page(whole, "/BitsPerComponent 8 /ColorSpace /DeviceGray", "00 00>", "00>");
	expect(0, 0, 255, 255);
}

TEST(masks_and_stencils)
{
	read_page(whole, "/BitsPerComponent 8 /ColorSpace /DeviceGray /SMask 7 0 R", "00 00 00 00>",
			  "FF 00 80 FF>");
	expect(0, 255, 127, 0);
	read_page("0.5 g 60 0 0 60 0 0 cm /X Do", "/ImageMask true", "40 80>", "00>");
	expect(128, 255, 255, 128);
}

TEST(turned_and_mirrored)
{
	read_page("-60 0 0 60 60 0 cm /X Do", "/BitsPerComponent 8 /ColorSpace /DeviceGray",
			  "00 40 80 FF>", "00>");
	expect(64, 0, 255, 128);
	read_page("0 60 -60 0 60 0 cm /X Do", "/BitsPerComponent 8 /ColorSpace /DeviceGray",
			  "00 40 80 FF>", "00>");
	expect(64, 255, 0, 128);
}

TEST(impossible_pictures_are_none)
{
	static const char *const entries[] = {
		"/BitsPerComponent 3 /ColorSpace /DeviceGray",
		"/BitsPerComponent 8 /Filter /JBIG2Decode",
		"/Filter /DCTDecode",
		"/Filter /JPXDecode",
		"/Filter /CCITTFaxDecode /DecodeParms << /K -1 >>",
		"/Width 30000 /Height 30000 /BitsPerComponent 8",
		"/Width 0 /BitsPerComponent 8",
	};
	struct page_picture p;

	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		read_page(whole, entries[i], "00 40 80 FF>", "00>");
		if (page_draw(&doc, images, 0, &p) == OK) {
			/* A fax of nonsense has samples, too. */
			page_picture_done(&p);
			CHECK(strstr(entries[i], "CCITT") != NULL || strstr(entries[i], "/Width") != NULL);
		}
	}
}

TEST_MAIN()
