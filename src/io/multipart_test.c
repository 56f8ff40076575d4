#include "io/multipart.h"

#include "base/error.h"
#include "base/test.h"
#include "base/text.h"

enum { OUT_MAX = 1 << 16 };

static struct {
	struct arena *arena;
	struct buf out;
	int fail_at; /* the call that fails, 0: none */
	int calls;
} sink;

/* Writes "name[=filename](type):content;" */
static int take(void *arg, const struct multipart_part *part, const char *p, size_t n, bool last)
{
	(void)arg;
	if (++sink.calls == sink.fail_at)
		return E_LIMIT;
	if (!last)
		return buf_add(&sink.out, p, n);
	return buf_addf(&sink.out, "<%s%s%s%s%s>", part->name, part->filename ? "=" : "",
					part->filename ? part->filename : "", part->content_type ? ":" : "",
					part->content_type ? part->content_type : "");
}

static int split(const char *boundary, const char *p, size_t n, size_t step)
{
	struct multipart *m;
	int rc;

	arena_free(sink.arena);
	sink.arena = arena_new(1 << 20);
	sink.calls = 0;
	buf_init(&sink.out, sink.arena, OUT_MAX);
	m = multipart_new(sink.arena, boundary, take, NULL);
	for (size_t i = 0; i < n; i += step)
		multipart_feed(m, p + i, n - i < step ? n - i : step);
	rc = multipart_end(m);
	CHECK_INT(multipart_end(m), rc);
	return rc;
}

static void check_bytes(const char *body, size_t n, const char *want, size_t want_n)
{
	for (size_t step = 1; step <= n; step++) {
		CHECK_INT(split("B", body, n, step), OK);
		if (sink.out.n != want_n || memcmp(buf_str(&sink.out), want, want_n) != 0)
			printf("    step %zu: %s\n", step, buf_str(&sink.out));
		CHECK_INT(sink.out.n, want_n);
		CHECK(memcmp(buf_str(&sink.out), want, want_n) == 0);
	}
}

static void check(const char *body, const char *want)
{
	check_bytes(body, strlen(body), want, strlen(want));
}

static void check_fault(const char *body, int rc)
{
	for (size_t step = 1; step <= strlen(body); step++)
		CHECK_INT(split("B", body, strlen(body), step), rc);
}

#define PART(params) "--B\r\nContent-Disposition: form-data; " params "\r\n\r\n"
#define END "\r\n--B--\r\n"

TEST(fields_and_files_in_pieces_of_any_size)
{
	check(PART("name=\"a\"") "one\r\n" PART("name=\"b\"; filename=\"x.pdf\"") "two" END,
		  "one<a>two<b=x.pdf>");
	check("--B\r\ncontent-type:application/"
		  "pdf\r\nCONTENT-DISPOSITION:form-data;name=f;filename=x\r\n\r\nz" END,
		  "z<f=x:application/pdf>");
	check("preamble\r\n" PART("name=a") "\r\n--B--\r\nepilogue\r\n--B\r\n", "<a>");
	check("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--", "x<a>");
	check("--B--\r\n", "");
}

TEST(an_empty_file_ends_once)
{
	check(PART("name=\"f\"; filename=\"\"") END, "<f=>");
	check(PART("name=\"f\"; filename=\"\"") "\r\n" PART("name=\"f\"; filename=\"\"") END,
		  "<f=><f=>");
}

TEST(content_that_looks_like_a_boundary)
{
	static const char binary[] = PART("name=f; filename=x") "\0\r\0\n\r\r\n--\0" END;
	static const char want[] = "\0\r\0\n\r\r\n--\0<f=x>";

	check_bytes(binary, sizeof binary - 1, want, sizeof want - 1);
	check(PART("name=a") "\r\n--A\r\n-\r\n--Bx\r\n--B-x\r\n--\r\n--B--",
		  "\r\n--A\r\n-\r\n--Bx\r\n--B-x\r\n--<a>");
	check(PART("name=a") "--B" END, "--B<a>"); /* not at a line's start */
	check(PART("name=a") "\r\r\r\n" END, "\r\r\r\n<a>");
	check(PART("name=a") "x\r\n-\r\n--B--", "x\r\n-<a>");
}

TEST(file_names)
{
	check(PART("name=\"f\"; filename=\"a \\\"b\\\" \\\\c.pdf\"") END, "<f=a \"b\" \\c.pdf>");
	check(PART("name=\"f\"; filename=\"C:\\dir\\cv.doc\"") END, "<f=C:\\dir\\cv.doc>");
	check(PART("name=\"f\"; filename=\"../../etc/passwd\"") END, "<f=../../etc/passwd>");
	check(PART("name=\"f\"; filename=\"r\xc3\xa9sum\xc3\xa9;.pdf\"") END,
		  "<f=r\xc3\xa9sum\xc3\xa9;.pdf>");
	check(PART("name=\"f\"; filename=\"r\xe9sum\xe9.pdf\"") END,
		  "<f=r\xef\xbf\xbdsum\xef\xbf\xbd.pdf>");
	check(PART("name=\"f\"; filename*=UTF-8''r%C3%A9sum%c3%a9.pdf; filename=\"x\"") END,
		  "<f=r\xc3\xa9sum\xc3\xa9.pdf>");
	check(PART("filename=\"x\"; filename*=iso-8859-1'de'%fc.pdf; name=\"f\"") END,
		  "<f=\xc3\xbc.pdf>");
	check(PART("name=f; filename=x; filename*=utf-8''%zz") END, "<f=x>");
	check(PART("name=f; filename=x; filename*=utf-8''a%00b") END, "<f=x>");
	check(PART("name=f; filename=x; filename*=koi8-r''a") END, "<f=x>");
	check(PART("name=f; filename=x; filename*=utf-8") END, "<f=x>");
	check(PART("name=f; filename=%41.pdf") END, "<f=%41.pdf>");
}

TEST(malformed_bodies)
{
	CHECK_INT(split("B", "", 0, 1), E_INVALID);
	check_fault("--C\r\n", E_INVALID);
	check_fault(PART("name=a") "x", E_INVALID);
	check_fault(PART("name=a") "x\r\n--B", E_INVALID);
	check_fault(PART("name=a") "x\r\n--B\rx", E_INVALID);
	check_fault(PART("name=a") "x\r\n--B x", E_INVALID);
	check_fault(PART("filename=a") END, E_INVALID);
	check_fault("--B\r\n\r\nx" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: attachment; name=a\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: form-data; =\"a\"\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: form-data; name\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: form-data; name=a b\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nno colon\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nA: b\r\n folded\r\n\r\n" END, E_INVALID);
	check_fault("--B\r\nContent-Disposition: form-data; name=a\r\n"
				"Content-Transfer-Encoding: base64\r\n\r\n" END,
				E_INVALID);
	CHECK_INT(split("B", "--B\r\nA\0: b\r\n", 12, 12), E_INVALID);
}

TEST(bounds)
{
	static char body[MULTIPART_PARTS * 64 + 100000];
	size_t n = 0;

	for (int i = 0; i <= MULTIPART_PARTS; i++)
		n += (size_t)snprintf(body + n, sizeof body - n, PART("name=a") "\r\n");
	CHECK_INT(split("B", body, n, n), E_TOO_LARGE);
	snprintf(body, sizeof body, "--B\r\nX: %0*d", MULTIPART_LINE, 0);
	CHECK_INT(split("B", body, strlen(body), strlen(body)), E_TOO_LARGE);
	n = (size_t)snprintf(body, sizeof body, "--B\r\n");
	for (int i = 0; i <= MULTIPART_LINES; i++)
		n += (size_t)snprintf(body + n, sizeof body - n, "X: y\r\n");
	CHECK_INT(split("B", body, n, n), E_TOO_LARGE);
}

TEST(the_sink_may_stop_it)
{
	const char *body = PART("name=a") "one\r\n" PART("name=b") "two" END;

	sink.fail_at = 2;
	CHECK_INT(split("B", body, strlen(body), 7), E_LIMIT);
	CHECK_INT(sink.calls, 2);
	sink.fail_at = 0;
}

static const char *boundary_of(const char *content_type)
{
	const char *b = "none";

	multipart_boundary(sink.arena, content_type, &b);
	return b;
}

TEST(boundaries)
{
	sink.arena = arena_free(sink.arena);
	sink.arena = arena_new(1 << 20);
	CHECK_STR(boundary_of("multipart/form-data; boundary=abc"), "abc");
	CHECK_STR(boundary_of("Multipart/Form-Data;Charset=utf-8;BOUNDARY=\"a b:c\"; x=y"), "a b:c");
	CHECK_STR(boundary_of("multipart/form-data; boundary=abc; charset=utf-8"), "abc");
	CHECK_STR(boundary_of("multipart/form-data"), "none");
	CHECK_STR(boundary_of("multipart/form-data; boundary="), "none");
	CHECK_STR(boundary_of("multipart/form-data; boundary=\"a"), "none");
	CHECK_STR(boundary_of("multipart/form-data; xboundary=a"), "none");
	CHECK_STR(boundary_of("multipart/form-database; boundary=a"), "none");
	CHECK_STR(boundary_of("multipart/mixed; boundary=a"), "none");
	CHECK_STR(boundary_of(NULL), "none");
	CHECK_STR(boundary_of(""), "none");
}

TEST_MAIN()
