#include "data/sniff.h"

#include "base/test.h"

static enum kind of(const char *s)
{
	return sniff((const unsigned char *)s, strlen(s));
}

/* A zip of local headers only, with the given member names. */
static enum kind zip_of(const char *a, const char *b)
{
	unsigned char head[512] = {0};
	size_t at = 0;

	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? a : b;

		memcpy(head + at, "PK\3\4", 4);
		head[at + 26] = (unsigned char)strlen(name);
		memcpy(head + at + 30, name, strlen(name));
		at += 30 + strlen(name) + 20;
	}
	return sniff(head, at);
}

TEST(sniff_pdf)
{
	char late[1100];

	CHECK_INT(of("%PDF-1.4\n"), KIND_PDF);
	CHECK_INT(of("\r\n\r\n%PDF-1.4\n"), KIND_PDF);
	CHECK_INT(of("<html><!--\n%PDF-1.7"), KIND_PDF);
	memset(late, ' ', sizeof late);
	memcpy(late + 1000, "%PDF-", 5);
	CHECK_INT(sniff((unsigned char *)late, sizeof late), KIND_PDF);
	memset(late, ' ', sizeof late);
	memcpy(late + 1021, "%PDF-", 5);
	CHECK_INT(sniff((unsigned char *)late, sizeof late), KIND_UNKNOWN);
}

TEST(sniff_zip)
{
	CHECK_INT(zip_of("[Content_Types].xml", "_rels/.rels"), KIND_DOCX);
	CHECK_INT(zip_of("word/document.xml", "x"), KIND_DOCX);
	CHECK_INT(zip_of("_rels/.rels", "word\\document.xml"), KIND_DOCX);
	CHECK_INT(zip_of("[Content_Types].xml", "xl/workbook.xml"), KIND_UNKNOWN);
	CHECK_INT(zip_of("_rels/.rels", "ppt/presentation.xml"), KIND_UNKNOWN);
	CHECK_INT(zip_of("readme.txt", "word/document.xml"), KIND_UNKNOWN);
	CHECK_INT(zip_of("mimetype", "content.xml"), KIND_UNKNOWN);
	CHECK_INT(of("PK\5\6"), KIND_UNKNOWN);
	CHECK_INT(of("PK\3\4"), KIND_UNKNOWN);
}

TEST(sniff_zip_is_not_the_pdf_in_it)
{
	CHECK_INT(zip_of("resume.pdf", "%PDF-1.4"), KIND_UNKNOWN);
}

TEST(sniff_doc_and_rtf)
{
	CHECK_INT(of("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x01"), KIND_DOC);
	CHECK_INT(of("\xD0\xCF\x11\xE0"), KIND_UNKNOWN);
	CHECK_INT(of("{\\rtf1\\ansi"), KIND_RTF);
	CHECK_INT(of("\xEF\xBB\xBF \r\n{\\rtf1"), KIND_RTF);
	CHECK_INT(of("{\\rt"), KIND_UNKNOWN);
}

TEST(sniff_html)
{
	static const unsigned char wide[] = "\xFF\xFE<\0h\0t\0m\0l\0>\0";
	static const unsigned char wide_be[] = "\xFE\xFF\0<\0h\0t\0m\0l\0>";

	CHECK_INT(of("<html xmlns:w=\"urn:x\">"), KIND_HTML);
	CHECK_INT(of("\xEF\xBB\xBF\n<!DOCTYPE HTML>"), KIND_HTML);
	CHECK_INT(of("<!-- saved from -->\n<!-- again --><HEAD>"), KIND_HTML);
	CHECK_INT(of("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC"), KIND_HTML);
	CHECK_INT(of("<meta charset=utf-8>"), KIND_HTML);
	CHECK_INT(sniff(wide, sizeof wide - 1), KIND_HTML);
	CHECK_INT(sniff(wide_be, sizeof wide_be - 1), KIND_HTML);
	CHECK_INT(of("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x"), KIND_HTML);
	CHECK_INT(of("MIME-Version: 1.0\r\nContent-Type: image/png"), KIND_UNKNOWN);
	CHECK_INT(of("<htmlish>"), KIND_UNKNOWN);
	CHECK_INT(of("<!-- never closed <html>"), KIND_UNKNOWN);
	CHECK_INT(of("<svg>"), KIND_UNKNOWN);
}

TEST(sniff_rejects)
{
	unsigned char noise[SNIFF_HEAD + 100];
	unsigned x = 1;

	CHECK_INT(sniff((const unsigned char *)"", 0), KIND_UNKNOWN);
	CHECK_INT(of("%"), KIND_UNKNOWN);
	CHECK_INT(of("Jordan Testcase\nSoftware Engineer\n"), KIND_UNKNOWN);
	CHECK_INT(of("\xFF\xD8\xFF\xE0JFIF"), KIND_UNKNOWN);
	CHECK_INT(of("\x89PNG\r\n"), KIND_UNKNOWN);
	CHECK_INT(of("MZ\x90"), KIND_UNKNOWN);
	for (size_t i = 0; i < sizeof noise; i++) {
		x = x * 1103515245u + 12345u;
		noise[i] = (unsigned char)(x >> 16);
	}
	CHECK_INT(sniff(noise, sizeof noise), KIND_UNKNOWN);
}

TEST(sniff_names)
{
	CHECK_STR(kind_name(KIND_PDF), "pdf");
	CHECK_STR(kind_name(KIND_HTML), "html");
	CHECK_STR(kind_name(KIND_UNKNOWN), "unknown");
}

TEST_MAIN()
