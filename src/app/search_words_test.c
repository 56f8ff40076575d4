#include "app/search_tokens.h"

#include "base/test.h"
#include "base/text.h"

static struct arena *arena;

#define NAMES "{name email phone skills domain_knowledge text}"
#define COLUMNS NAMES " : "

static const char *fts5(const char *typed, long long team)
{
	struct search_terms terms;

	search_parse(arena, typed, &terms);
	return search_fts5(arena, NAMES, &terms, team);
}

static const char *tsquery(const char *typed)
{
	struct search_terms terms;

	search_parse(arena, typed, &terms);
	return tsquery_of(arena, NULL, &terms);
}

TEST(words_are_all_wanted)
{
	arena = arena_new(1 << 20);
	CHECK_STR(fts5("python", 0), "(" COLUMNS "(\"python\"))");
	CHECK_STR(fts5("  python\t docker ", 0), "(" COLUMNS "(\"python\" AND \"docker\"))");
	CHECK_STR(fts5("python", 7), "(scope : \"t7\" AND " COLUMNS "(\"python\"))");
	CHECK_STR(tsquery("python docker"), "('python') & ('docker') ");
	arena_free(arena);
}

TEST(phrases_prefixes_and_exclusions)
{
	arena = arena_new(1 << 20);
	CHECK_STR(fts5("\"site manager\"", 0), "(" COLUMNS "(\"site manager\"))");
	CHECK_STR(fts5("kub*", 0), "(" COLUMNS "(\"kub\" *))");
	CHECK_STR(fts5("k* ku*", 0), "(" COLUMNS "(\"k\" AND \"ku\" *))");
	CHECK_STR(fts5("\"site man\"*", 0), "(" COLUMNS "(\"site man\" *))");
	CHECK_STR(fts5("python -java -\"site manager\"", 0),
			  "(" COLUMNS "(\"python\")) NOT " COLUMNS "(\"java\" OR \"site manager\")");
	CHECK_STR(fts5("-java", 0), "(scope : \"all\") NOT " COLUMNS "(\"java\")");
	CHECK_STR(fts5("-java", 3), "(scope : \"t3\") NOT " COLUMNS "(\"java\")");
	CHECK_STR(tsquery("\"site man\"* -java"), "('site' <-> 'man':*) & !('java') ");
	arena_free(arena);
}

TEST(typographic_quotes_and_plus)
{
	arena = arena_new(1 << 20);
	CHECK_STR(fts5("\xe2\x80\x9csite manager\xe2\x80\x9d", 0), "(" COLUMNS "(\"site manager\"))");
	CHECK_STR(fts5("+44 +python", 0), "(" COLUMNS "(\"44\" AND \"python\"))");
	CHECK_STR(fts5("c++ c# node.js", 0), "(" COLUMNS "(\"c++\" AND \"c#\" AND \"node.js\"))");
	arena_free(arena);
}

TEST(nothing_is_an_operator)
{
	static const char *const typed[] = {"AND", "a OR b", "NEAR(a b, 2)", "name : x", "x ^ y",
										"(",   "a)",     "{a} : b",      "a'b",      "\\",
										"\"",  "\"open", "a\"b",         "*",        "-",
										"--",  "-\"\"",  "a**",          ":*",       "'; DROP"};

	arena = arena_new(1 << 20);
	CHECK_STR(fts5("a OR b", 0), "(" COLUMNS "(\"a\" AND \"OR\" AND \"b\"))");
	CHECK_STR(fts5("\"open end", 0), "(" COLUMNS "(\"open end\"))");
	CHECK_STR(fts5("a\"b", 0), "(" COLUMNS "(\"a\" AND \"b\"))");
	CHECK_STR(tsquery("o'brien back\\slash"), "('o' <-> 'brien') & ('back' <-> 'slash') ");
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		const char *s = fts5(typed[i], 0);
		size_t quotes = 0;

		for (; s != NULL && *s != '\0'; s++)
			quotes += *s == '"';
		CHECK(quotes % 2 == 0);
	}
	arena_free(arena);
}

TEST(nothing_to_look_for)
{
	static const char *const typed[] = {"",        "   ",          "&", "- + *", "\"\"",
										"\"...\"", "\xe2\x80\x93", "*"};

	arena = arena_new(1 << 20);
	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
		CHECK(fts5(typed[i], 1) == NULL && tsquery(typed[i]) == NULL);
	arena_free(arena);
}

TEST(terms_are_bounded)
{
	struct search_terms terms;
	struct buf b;

	arena = arena_new(1 << 20);
	buf_init(&b, arena, 1000);
	for (int i = 0; i < SEARCH_TERMS_MAX; i++)
		buf_addf(&b, "w%d ", i);
	search_parse(arena, buf_str(&b), &terms);
	CHECK(terms.n == SEARCH_TERMS_MAX && !terms.over);
	buf_adds(&b, "one more");
	search_parse(arena, buf_str(&b), &terms);
	CHECK(terms.n == SEARCH_TERMS_MAX && terms.over);
	arena_free(arena);
}

TEST(found_text_is_safe_html)
{
	arena = arena_new(1 << 20);
	CHECK_STR(search_html(arena, "a \002b\003 c"), "a <mark>b</mark> c");
	CHECK_STR(search_html(arena, "<b>\002R&D\003</b> \"'"),
			  "&lt;b&gt;<mark>R&amp;D</mark>&lt;/b&gt; &quot;&#39;");
	CHECK_STR(search_html(arena, "\n a \n\t\002b\003\001"), "a <mark>b</mark> ");
	/* marks that stood in the document itself */
	CHECK_STR(search_html(arena, "\003a\002b\002c"), "a<mark>bc</mark>");
	CHECK(search_html(arena, "nothing") == NULL && search_html(arena, NULL) == NULL);
	arena_free(arena);
}

TEST_MAIN()
