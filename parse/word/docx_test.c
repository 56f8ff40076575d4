#include <zip.h>

#include "parse/word/test_doc.h"

struct member {
	const char *name, *text;
	size_t n; /* 0: up to the NUL */
};

enum { MEMBERS_MAX = 12 };

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define W "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define NAMESPACES                                                                        \
	"xmlns:w=\"" W                                                                        \
	"\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" " \
	"xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" "           \
	"xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\" "    \
	"xmlns:v=\"urn:schemas-microsoft-com:vml\" "                                          \
	"xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\""
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define TABLE(rows) "<w:tbl>" rows "</w:tbl>"
#define ROW(cells) "<w:tr>" cells "</w:tr>"
#define CELL(text) "<w:tc>" text "</w:tc>"
#define P(text) "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"

/* Packs the members into an archive; read and freed by the caller. */
static unsigned char *pack(const struct member *m, size_t *n)
{
	zip_error_t error;
	zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *zip = zip_open_from_source(out, ZIP_CREATE | ZIP_TRUNCATE, &error);
	zip_stat_t st;
	unsigned char *bytes;

	zip_source_keep(out);
	for (int i = 0; i < MEMBERS_MAX && m[i].name != NULL; i++) {
		size_t length = m[i].n > 0 ? m[i].n : strlen(m[i].text);

		zip_file_add(zip, m[i].name, zip_source_buffer(zip, m[i].text, length, 0), 0);
	}
	if (zip_close(zip) != 0)
		abort();
	zip_source_stat(out, &st);
	bytes = malloc((size_t)st.size);
	zip_source_open(out);
	zip_source_read(out, bytes, st.size);
	zip_source_close(out);
	zip_source_free(out);
	*n = (size_t)st.size;
	return bytes;
}

static struct test_doc *read_members(const struct member *m)
{
	size_t n;
	unsigned char *bytes = pack(m, &n);
	struct test_doc *t = test_read(docx_read, bytes, n);

	free(bytes);
	return t;
}

/* A document with this body, and up to four more members. */
static struct test_doc *read_body(const char *body, const char *rels, const struct member *more)
{
	static char text[65536], rels_text[8192];
	struct member m[MEMBERS_MAX + 1] = {{"word/document.xml", text, 0},
										{"word/_rels/document.xml.rels", rels_text, 0}};

	snprintf(text, sizeof text, XML "<w:document " NAMESPACES "><w:body>%s</w:body></w:document>",
			 body);
	snprintf(
		rels_text, sizeof rels_text,
		"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
		"%s</Relationships>",
		rels);
	for (int i = 0; more != NULL && i < 4 && more[i].name != NULL; i++)
		m[2 + i] = more[i];
	return read_members(m);
}

static void check_text(const char *body, const char *want)
{
	struct test_doc *t = read_body(body, "", NULL);

	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), want);
	test_free(t);
}

TEST(runs_tabs_and_breaks)
{
	check_text("<w:p><w:r><w:t>Ada</w:t></w:r><w:r><w:t xml:space=\"preserve\"> Lovelace</w:t>"
			   "<w:tab/><w:t>1843</w:t><w:br/><w:t>e</w:t><w:noBreakHyphen/><w:t>mail</w:t>"
			   "<w:softHyphen/></w:r></w:p>" P("next"),
			   "Ada Lovelace\t1843/e-mail/next");
	check_text("<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>"
			   "<w:r><w:t>a</w:t></w:r></w:p>",
			   "a");
	check_text("<w:p><w:r><w:sym w:font=\"Wingdings\" w:char=\"F02A\"/><w:t> x</w:t></w:r></w:p>",
			   "✉ x");
}

TEST(tracked_changes)
{
	check_text("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText>"
			   "</w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:moveTo><w:r>"
			   "<w:t> here</w:t></w:r></w:moveTo></w:p>",
			   "new here");
}

TEST(content_controls_and_smart_tags)
{
	check_text("<w:sdt><w:sdtPr><w:rPr><w:b/></w:rPr></w:sdtPr><w:sdtContent>" P(
				   "in") "</w:sdtContent></w:sdt><w:p><w:smartTag><w:r><w:t>tag</w:t></w:r></"
						 "w:smartTag></w:p>",
			   "in/tag");
}

TEST(links_and_fields)
{
	struct test_doc *t = read_body(
		"<w:p><w:hyperlink r:id=\"r1\"><w:r><w:t>mail me</w:t></w:r></w:hyperlink></w:p>"
		"<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> HYPERLINK "
		"\"https://x.org\" </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>"
		"<w:r><w:t>page</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
		"<w:p><w:fldSimple w:instr=\"PAGE\"><w:r><w:t>7</w:t></w:r></w:fldSimple></w:p>"
		"<w:p><w:hyperlink r:id=\"r2\"><w:r><w:drawing/></w:r></w:hyperlink></w:p>",
		"<Relationship Id=\"r1\" Type=\"" REL
		"hyperlink\" Target=\"mailto:a@b.c\" TargetMode=\"External\"/>"
		"<Relationship Id=\"r2\" Type=\"" REL "hyperlink\" Target=\"tel:+1?a=1&amp;b=2\" "
		"TargetMode=\"External\"/>",
		NULL);

	CHECK_STR(test_text(t), "mail me/page/7/+1?a=1&b=2");
	CHECK_STR(t->doc.lines[0].spans[0].link, "mailto:a@b.c");
	CHECK_STR(t->doc.lines[1].spans[0].link, "https://x.org");
	CHECK(t->doc.lines[2].spans[0].link == NULL);
	test_free(t);
}

TEST(tables_nest)
{
	struct test_doc *t = read_body(
		TABLE(ROW(CELL(P("a")) CELL("<w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr>" P("b") TABLE(
			ROW(CELL(P("in")))) P("b2")) CELL(P("d"))) ROW(CELL(P("c")))) P("end"),
		"", NULL);

	CHECK_STR(test_text(t), "a/b/in/b2/d/c/end");
	CHECK_INT(test_line(t, "a")->table, 0);
	CHECK_INT(test_line(t, "b")->cell, 1);
	CHECK_INT(test_line(t, "in")->table, 1);
	CHECK_INT(test_line(t, "b2")->table, 0);
	CHECK_INT(test_line(t, "d")->cell, 3);
	CHECK_INT(test_line(t, "c")->row, 1);
	CHECK_INT(test_line(t, "c")->cell, 0);
	CHECK_INT(test_line(t, "end")->table, -1);
	test_free(t);
}

TEST(text_boxes_once)
{
	struct test_doc *t = read_body(
		"<w:p><w:r><mc:AlternateContent><mc:Choice "
		"Requires=\"wps\"><wps:wsp><wps:txbx><w:txbxContent>" P(
			"box") "</w:txbxContent></wps:txbx></wps:wsp></"
				   "mc:Choice><mc:Fallback><w:pict><v:textbox>"
				   "<w:txbxContent>" P(
					   "box") "</w:txbxContent></v:textbox></w:pict></mc:Fallback>"
							  "</mc:AlternateContent></w:r><w:r><w:t>anchor</w:t></w:r></w:p>"
							  "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>" P(
								  "old") "</w:txbxContent></v:textbox>"
										 "</v:shape></w:pict></w:r></w:p>",
		"", NULL);

	CHECK_STR(test_text(t), "anchor/box/old");
	CHECK_INT(test_line(t, "box")->region, REGION_TEXTBOX);
	CHECK_INT(test_line(t, "anchor")->region, REGION_BODY);
	test_free(t);
}

static const char styles[] = XML
	"<w:styles " NAMESPACES "><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val=\"22\"/></w:rPr>"
	"</w:rPrDefault></w:docDefaults><w:latentStyles w:count=\"1\"><w:lsdException w:name=\"x\"/>"
	"</w:latentStyles><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"N\"><w:name "
	"w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name "
	"w:val=\"heading 1\"/><w:basedOn w:val=\"N\"/><w:rPr><w:b/></w:rPr></w:style>"
	"<w:style w:type=\"paragraph\" w:styleId=\"Mine\"><w:name w:val=\"Mine\"/><w:basedOn "
	"w:val=\"berschrift1\"/><w:rPr><w:i/></w:rPr></w:style><w:style w:type=\"table\" "
	"w:styleId=\"T\"><w:name w:val=\"T\"/><w:rPr><w:b/></w:rPr></w:style><w:style "
	"w:type=\"paragraph\" w:styleId=\"Li\"><w:name w:val=\"Li\"/><w:pPr><w:numPr><w:ilvl "
	"w:val=\"1\"/><w:numId w:val=\"3\"/></w:numPr></w:pPr></w:style><w:style w:type=\"character\" "
	"w:styleId=\"Em\"><w:name w:val=\"Em\"/><w:rPr><w:i/></w:rPr></w:style><w:style "
	"w:type=\"paragraph\" w:styleId=\"Loop\"><w:name w:val=\"Loop\"/><w:basedOn w:val=\"Loop\"/>"
	"</w:style></w:styles>";

TEST(styles_are_followed)
{
	static const struct member more[] = {{"word/styles.xml", styles, 0}, {0}};
	struct test_doc *t = read_body(
		"<w:p><w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr><w:r><w:t>one</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:pStyle w:val=\"Mine\"/></w:pPr><w:r><w:rPr><w:b w:val=\"0\"/></w:rPr>"
		"<w:t>two</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:numPr><w:ilvl w:val=\"2\"/><w:numId w:val=\"1\"/></w:numPr>"
		"<w:pStyle w:val=\"Li\"/></w:pPr><w:r><w:t>three</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:pStyle w:val=\"Li\"/><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr>"
		"<w:r><w:rPr><w:sz w:val=\"40\"/><w:rStyle "
		"w:val=\"Em\"/></w:rPr><w:t>four</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:pStyle w:val=\"Loop\"/></w:pPr><w:r><w:t>five</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:pStyle w:val=\"Title\"/></w:pPr><w:r><w:t>six</w:t></w:r></w:p>",
		"<Relationship Id=\"s\" Type=\"" REL "styles\" Target=\"styles.xml\"/>", more);

	CHECK_STR(test_text(t), "one/two/three/four/five/six");
	CHECK_INT(test_line(t, "one")->heading, 1);
	CHECK_INT(test_line(t, "one")->flags, TEXT_BOLD);
	CHECK(test_line(t, "one")->size > 10.9f && test_line(t, "one")->size < 11.1f);
	CHECK_INT(test_line(t, "two")->heading, 1);
	CHECK_INT(test_line(t, "two")->flags, TEXT_ITALIC);
	CHECK(test_line(t, "three")->bullet);
	CHECK_INT(test_line(t, "three")->indent, 2);
	CHECK(!test_line(t, "four")->bullet);
	CHECK_INT(test_line(t, "four")->flags, TEXT_ITALIC);
	CHECK(test_line(t, "four")->size > 19.9f);
	CHECK_INT(test_line(t, "six")->heading, 1);
	test_free(t);
}

TEST(hidden_text)
{
	static const char body[] =
		"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>a1</w:t></w:r></w:p>"
		"<w:p><w:r><w:rPr><w:sz w:val=\"2\"/></w:rPr><w:t>a2</w:t></w:r></w:p>"
		"<w:p><w:r><w:rPr><w:color w:val=\"FFFFFF\"/></w:rPr><w:t>white</w:t></w:r></w:p>"
		"<w:p><w:pPr><w:shd w:val=\"clear\" w:fill=\"1F3864\"/></w:pPr><w:r><w:rPr>"
		"<w:color w:val=\"FFFFFF\"/></w:rPr><w:t>b1</w:t></w:r></w:p>"
		"<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:val=\"clear\" "
		"w:fill=\"000000\"/></w:tcPr><w:p><w:r><w:rPr>"
		"<w:color w:val=\"FFFFFF\"/></w:rPr><w:t>b2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
	char with_shape[sizeof body + 200];
	struct test_doc *t = read_body(body, "", NULL);

	for (int i = 0; i < 5; i++)
		CHECK_INT(t->doc.lines[i].flags, i < 3 ? TEXT_HIDDEN : 0);
	test_free(t);
	snprintf(with_shape, sizeof with_shape,
			 "%s<w:p><w:r><w:drawing><wp:anchor behindDoc=\"1\"/></w:drawing></w:r></w:p>", body);
	t = read_body(with_shape, "", NULL);
	CHECK_INT(test_line(t, "white")->flags, 0);
	test_free(t);
}

TEST(parts_in_reading_order)
{
	static const struct member more[] = {
		{"word/h1.xml", XML "<w:hdr " NAMESPACES ">" P("head") "</w:hdr>", 0},
		{"word/h2.xml", XML "<w:hdr " NAMESPACES ">" P("head") "</w:hdr>", 0},
		{"word/f1.xml", XML "<w:ftr " NAMESPACES ">" P("foot") "</w:ftr>", 0},
		{"word/n.xml",
		 XML "<w:footnotes " NAMESPACES "><w:footnote>" P("note") "</w:footnote></w:footnotes>",
		 0}};
	struct test_doc *t =
		read_body(P("body"),
				  "<Relationship Id=\"1\" Type=\"" REL "footer\" Target=\"f1.xml\"/>"
				  "<Relationship Id=\"2\" Type=\"" REL "footnotes\" Target=\"/word/n.xml\"/>"
				  "<Relationship Id=\"3\" Type=\"" REL "header\" Target=\"./h1.xml\"/>"
				  "<Relationship Id=\"4\" Type=\"" REL "header\" Target=\"../word/h2.xml\"/>"
				  "<Relationship Id=\"5\" Type=\"" REL "header\" Target=\"missing.xml\"/>",
				  more);

	CHECK_STR(test_text(t), "head/body/note/foot");
	CHECK_INT(t->doc.lines[0].region, REGION_HEADER);
	CHECK_INT(t->doc.lines[2].region, REGION_NOTE);
	CHECK_INT(t->doc.lines[3].region, REGION_FOOTER);
	test_free(t);
}

TEST(embedded_pages)
{
	static const struct member more[] = {
		{"word/chunk.htm", "<h1>Ada</h1><table><tr><td>x</table>", 0}, {0}};
	struct test_doc *t =
		read_body(TABLE(ROW(CELL(P("before")))) "<w:altChunk r:id=\"c\"/>" P("after"),
				  "<Relationship Id=\"c\" Type=\"" REL "aFChunk\" Target=\"chunk.htm\"/>", more);

	CHECK_STR(test_text(t), "before/Ada/x/after");
	CHECK_INT(test_line(t, "Ada")->heading, 1);
	CHECK_INT(test_line(t, "x")->table, 1);
	test_free(t);
}

TEST(metadata_and_odd_names)
{
	static const struct member m[MEMBERS_MAX] = {
		{"_rels/.rels",
		 "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
		 "<Relationship Id=\"1\" Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/"
		 "officeDocument\" Target=\"cv/main.xml\"/></Relationships>",
		 0},
		{"cv/main.xml",
		 "<w:document xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><w:body>" P(
			 "strict") "</w:body></w:document>",
		 0},
		{"docProps/core.xml",
		 "<cp:coreProperties xmlns:cp=\"x\" "
		 "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title> CV "
		 "</dc:title><dc:creator>Ann &amp; Bob</dc:creator></cp:coreProperties>",
		 0}};
	struct test_doc *t = read_members(m);

	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), "strict");
	CHECK_STR(t->doc.title, "CV");
	CHECK_STR(t->doc.author, "Ann & Bob");
	test_free(t);
}

static void check_error(const struct member *m, int code, const char *part)
{
	struct test_doc *t = read_members(m);

	CHECK_INT(t->rc, code);
	CHECK(strstr(t->error.text, part) != NULL);
	test_free(t);
}

TEST(what_is_no_word_document)
{
	static const struct member sheet[MEMBERS_MAX] = {{"xl/workbook.xml", "<x/>", 0}};
	static const struct member other[MEMBERS_MAX] = {{"a.txt", "hello", 0}};
	struct test_doc *t = test_read(docx_read, "PK no archive", 13);

	CHECK_INT(t->rc, E_RULE);
	test_free(t);
	check_error(sheet, E_RULE, "Excel");
	check_error(other, E_RULE, "archive");
}

TEST(hostile_xml)
{
	static const struct member doctype[MEMBERS_MAX] = {
		{"word/document.xml",
		 XML
		 "<!DOCTYPE w:document [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w:document " NAMESPACES
		 "><w:body>" P("&b;") "</w:body></w:document>",
		 0}};
	static const struct member entity[MEMBERS_MAX] = {
		{"word/document.xml", XML "<w:document " NAMESPACES ">" P("&x;") "</w:document>", 0}};
	static const struct member broken[MEMBERS_MAX] = {
		{"word/document.xml", XML "<w:document " NAMESPACES "><w:body>" P("x"), 0}};

	check_error(doctype, E_RULE, "damaged");
	check_error(entity, E_RULE, "damaged");
	check_error(broken, E_RULE, "damaged");
}

TEST(deep_tables_are_cut)
{
	static const char open[] = "<w:tbl><w:tr><w:tc>", close[] = "</w:tc></w:tr></w:tbl>";
	static char body[60000];
	size_t n = (size_t)snprintf(body, sizeof body, P("top"));
	struct test_doc *t;

	for (int i = 0; i < 500; i++, n += sizeof open - 1)
		memcpy(body + n, open, sizeof open - 1);
	for (int i = 0; i < 500; i++, n += sizeof close - 1)
		memcpy(body + n, close, sizeof close - 1);
	body[n] = '\0';
	t = read_body(body, "", NULL);
	CHECK_INT(t->rc, OK);
	CHECK_STR(test_text(t), "top");
	CHECK_STR(t->doc.findings[0].kind, "cut");
	test_free(t);
}

TEST(a_bomb_is_too_large)
{
	enum { SIZE = ZIP_MEMBER_MAX + 1000 };
	static const char head[] = "<w:document xmlns:w=\"" W "\"><w:body>";
	char *text = malloc(SIZE);
	struct member m[MEMBERS_MAX] = {{"word/document.xml", text, SIZE}};

	memset(text, ' ', SIZE);
	memcpy(text, head, sizeof head - 1);
	check_error(m, E_TOO_LARGE, "too large");
	m[0].n = 8 * 1024 * 1024;
	check_error(m, E_TOO_LARGE, "too large");
	free(text);
}

TEST_MAIN()
