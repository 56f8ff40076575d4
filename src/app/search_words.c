/*
 * See search_words.h. Every term is quoted for the engine, whatever it holds, so no character of it
 * can be an operator there. A term without letter or digit is dropped: the engines make nothing of
 * it, and nothing would match.
 */
#include "app/search_words.h"

#include <string.h>

#include "base/text.h"
#include "data/words.h"

enum { PREFIX_MIN = 2, HTML_MAX = 1024 * 1024 };

/* ---- what was typed ---- */

struct typed {
	const char *at, *end;
};

/* The length of a quote at the reading position, straight or typographic; 0 if there is none. */
static size_t quote_at(const struct typed *t)
{
	uint32_t cp;
	size_t n;

	if (t->at == t->end)
		return 0;
	n = char_at(t->at, t->end, &cp);
	return cp == '"' || (cp >= 0x201c && cp <= 0x201f) ? n : 0;
}

static bool space_at(const struct typed *t, size_t *n)
{
	uint32_t cp;

	*n = char_at(t->at, t->end, &cp);
	return char_class(cp) == CHAR_SPACE || cp <= ' ';
}

static bool has_word(const char *s, const char *end)
{
	while (s < end) {
		uint32_t cp;
		enum char_class class;

		s += char_at(s, end, &cp);
		class = char_class(cp);
		if (class == CHAR_LETTER || class == CHAR_DIGIT)
			return true;
	}
	return false;
}

/* Moves behind a quoted text; the text is what it returns and *n bytes. */
static const char *take_phrase(struct typed *t, size_t *n)
{
	const char *begin;

	t->at += quote_at(t);
	begin = t->at;
	while (t->at < t->end && quote_at(t) == 0)
		t->at++;
	*n = (size_t)(t->at - begin);
	t->at += quote_at(t);
	return begin;
}

static const char *take_word(struct typed *t, size_t *n)
{
	const char *begin = t->at;
	size_t step;

	while (t->at < t->end && quote_at(t) == 0 && !space_at(t, &step))
		t->at += step;
	*n = (size_t)(t->at - begin);
	return begin;
}

static void take_term(struct arena *a, struct typed *t, struct search_terms *out)
{
	struct search_term term = {0};
	const char *s;
	size_t n;

	while (t->at < t->end && (*t->at == '-' || *t->at == '+'))
		term.negated = *t->at++ == '-';
	if (quote_at(t) > 0) {
		s = take_phrase(t, &n);
		if (t->at < t->end && *t->at == '*') {
			term.prefix = true;
			t->at++;
		}
	} else {
		s = take_word(t, &n);
		while (n > 0 && s[n - 1] == '*') {
			term.prefix = true;
			n--;
		}
	}
	if (!has_word(s, s + n))
		return;
	if (out->n == SEARCH_TERMS_MAX) {
		out->over = true;
		return;
	}
	term.text = arena_strndup(a, s, n);
	term.prefix = term.prefix && utf8_length(s, n) >= PREFIX_MIN;
	out->items[out->n++] = term;
}

void search_parse(struct arena *a, const char *typed, struct search_terms *out)
{
	struct typed t = {typed, typed + strlen(typed)};
	size_t n;

	*out = (struct search_terms){0};
	while (t.at < t.end) {
		if (space_at(&t, &n))
			t.at += n;
		else
			take_term(a, &t, out);
	}
}

/* ---- for the engines ---- */

static void add_quoted(struct buf *b, const char *text, char quote, const char *doubled)
{
	buf_addc(b, quote);
	for (; *text != '\0'; text++) {
		if (strchr(doubled, *text) != NULL)
			buf_addc(b, *text);
		buf_addc(b, *text);
	}
	buf_addc(b, quote);
}

/* The wanted (or the unwanted) terms as an expression in brackets. Returns their number. */
static size_t add_group(struct buf *b, const struct search_terms *terms, bool negated)
{
	size_t n = 0;

	for (size_t i = 0; i < terms->n; i++) {
		const struct search_term *t = &terms->items[i];

		if (t->negated != negated)
			continue;
		buf_adds(b, n++ == 0 ? "(" : negated ? " OR " : " AND ");
		add_quoted(b, t->text, '"', "\"");
		if (t->prefix)
			buf_adds(b, " *");
	}
	if (n > 0)
		buf_addc(b, ')');
	return n;
}

const char *search_fts5(struct arena *a, const char *columns, const struct search_terms *terms,
						long long team)
{
	struct buf wanted, unwanted;
	const char *scope = team == 0 ? "all" : arena_printf(a, "t%lld", team);
	size_t nwanted, nunwanted;

	if (terms->n == 0)
		return NULL;
	buf_init(&wanted, a, SEARCH_EXPRESSION_MAX);
	buf_init(&unwanted, a, SEARCH_EXPRESSION_MAX);
	nwanted = add_group(&wanted, terms, false);
	nunwanted = add_group(&unwanted, terms, true);
	return arena_printf(a, "(%s%s%s%s%s)%s%s%s%s",
						team == 0 && nwanted > 0 ? "" : arena_printf(a, "scope : \"%s\"", scope),
						team != 0 && nwanted > 0 ? " AND " : "", nwanted > 0 ? columns : "",
						nwanted > 0 ? " : " : "", buf_str(&wanted), nunwanted > 0 ? " NOT " : "",
						nunwanted > 0 ? columns : "", nunwanted > 0 ? " : " : "",
						buf_str(&unwanted));
}

/* ---- what was found ---- */

static void add_escaped(struct buf *b, char c)
{
	switch (c) {
	case '&': buf_adds(b, "&amp;"); break;
	case '<': buf_adds(b, "&lt;"); break;
	case '>': buf_adds(b, "&gt;"); break;
	case '"': buf_adds(b, "&quot;"); break;
	case '\'': buf_adds(b, "&#39;"); break;
	default:
		if ((unsigned char)c > ' ' && c != 0x7f)
			buf_addc(b, c);
		else if (b->n > 0 && b->p[b->n - 1] != ' ')
			buf_addc(b, ' ');
	}
}

const char *search_html(struct arena *a, const char *marked)
{
	struct buf b;
	bool within = false, any = false;

	if (marked == NULL)
		return NULL;
	buf_init(&b, a, HTML_MAX);
	for (const char *s = marked; *s != '\0'; s++) {
		if (*s != SEARCH_MARK_ON[0] && *s != SEARCH_MARK_OFF[0]) {
			add_escaped(&b, *s);
		} else if (within != (*s == SEARCH_MARK_ON[0])) {
			within = !within;
			any = true;
			buf_adds(&b, within ? "<mark>" : "</mark>");
		}
	}
	if (within)
		buf_adds(&b, "</mark>");
	return any ? buf_str(&b) : NULL;
}
