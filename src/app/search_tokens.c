/*
 * See search_tokens.h. A term of a search may be several words in a row ("node.js"): it matches
 * where they follow each other.
 */
#include "app/search_tokens.h"

#include <string.h>

#include "data/words.h"

enum { TERM_TOKENS_MAX = 16, MARKED_MAX = 1024 * 1024, BEFORE = 8 };
enum { POSITION_GAP = 2, POSITION_MAX = 16383 }; /* between fields: no phrase goes over */

struct tokens tokens_of(const char *text)
{
	text = text != NULL ? text : "";
	return (struct tokens){text, text, text + strlen(text)};
}

static bool is_token_char(uint32_t cp)
{
	enum char_class class = char_class(cp);

	return class == CHAR_LETTER || class == CHAR_DIGIT || cp == '+' || cp == '#';
}

static void add_char(struct token *out, uint32_t cp)
{
	if (char_class(cp) != CHAR_MARK && out->n < TOKEN_MAX)
		out->n += char_fold(cp, out->text + out->n);
}

bool tokens_next(struct tokens *t, struct token *out)
{
	uint32_t cp;
	size_t n;

	while (t->at < t->end && (n = char_at(t->at, t->end, &cp), !is_token_char(cp)))
		t->at += n;
	if (t->at >= t->end)
		return false;
	*out = (struct token){.start = (size_t)(t->at - t->text)};
	while (t->at < t->end) {
		n = char_at(t->at, t->end, &cp);
		if (!is_token_char(cp) && char_class(cp) != CHAR_MARK)
			break;
		add_char(out, cp);
		t->at += n;
	}
	out->end = (size_t)(t->at - t->text);
	out->text[out->n] = '\0';
	return true;
}

/* ---- for PostgreSQL ---- */

void tsvector_add(struct buf *b, const char *text, char weight, int *position)
{
	struct tokens t = tokens_of(text);
	struct token token;

	while (tokens_next(&t, &token) && b->n + TOKEN_SIZE * 2 < b->max)
		buf_addf(b, "'%s':%d%c ", token.text, *position < POSITION_MAX ? ++*position : POSITION_MAX,
				 weight);
	*position += POSITION_GAP;
}

/* One term: its words in a row. False if there are none. */
static bool add_term(struct buf *b, const struct search_term *term)
{
	struct tokens t = tokens_of(term->text);
	struct token token;
	size_t n = 0;

	while (n < TERM_TOKENS_MAX && tokens_next(&t, &token))
		buf_addf(b, "%s'%s'", n++ == 0 ? "(" : " <-> ", token.text);
	if (n == 0)
		return false;
	buf_adds(b, term->prefix ? ":*)" : ")");
	return true;
}

const char *tsquery_of(struct arena *a, const char *scope, const struct search_terms *terms)
{
	struct buf b;
	size_t n = 0;

	buf_init(&b, a, SEARCH_EXPRESSION_MAX);
	if (scope != NULL)
		buf_adds(&b, scope);
	for (size_t i = 0; i < terms->n; i++) {
		size_t before = b.n;

		buf_adds(&b, b.n > 0 ? " & " : "");
		buf_adds(&b, terms->items[i].negated ? "!" : "");
		if (add_term(&b, &terms->items[i]))
			n++;
		else
			b.n = before;
	}
	buf_addc(&b, ' ');
	return n > 0 ? buf_str(&b) : NULL;
}

const char *tsquery_any(struct arena *a, const struct search_terms *terms)
{
	struct buf b;
	struct token token;

	buf_init(&b, a, SEARCH_EXPRESSION_MAX);
	for (size_t i = 0; i < terms->n; i++) {
		struct tokens t = tokens_of(terms->items[i].text);

		while (!terms->items[i].negated && tokens_next(&t, &token))
			buf_addf(&b, "%s'%s'%s", b.n > 0 ? " | " : "", token.text,
					 terms->items[i].prefix && t.at == t.end ? ":*" : "");
	}
	return buf_str(&b);
}

/* ---- marks ---- */

/* Whether the words of the term stand at t; *end is where they end in the text. */
static bool stands_at(struct tokens t, const struct search_term *term, size_t *end)
{
	struct tokens wanted = tokens_of(term->text);
	struct token w, token = {0};
	bool more = tokens_next(&wanted, &w);

	while (more) {
		bool last;

		if (!tokens_next(&t, &token))
			return false;
		struct token next;
		last = !tokens_next(&wanted, &next);
		if (last && term->prefix ? strncmp(token.text, w.text, w.n) != 0
								 : strcmp(token.text, w.text) != 0)
			return false;
		w = next;
		more = !last;
	}
	*end = token.end;
	return token.n > 0;
}

/* The longest of the wanted terms that stand at t. */
static bool any_at(struct tokens t, const struct search_terms *terms, size_t *end)
{
	bool found = false;
	size_t at;

	*end = 0;
	for (size_t i = 0; i < terms->n; i++)
		if (!terms->items[i].negated && stands_at(t, &terms->items[i], &at)) {
			found = true;
			*end = at > *end ? at : *end;
		}
	return found;
}

/* The place of the first match, with BEFORE words before it: where a piece begins. */
static bool find_first(const char *text, const struct search_terms *terms, size_t *start)
{
	struct tokens t = tokens_of(text), here;
	size_t starts[BEFORE + 1], n = 0, end;
	struct token token;

	for (here = t; tokens_next(&t, &token); here = t) {
		starts[n % (BEFORE + 1)] = token.start;
		if (any_at(here, terms, &end)) {
			*start = n <= BEFORE ? 0 : starts[(n + 1) % (BEFORE + 1)];
			return true;
		}
		n++;
	}
	return false;
}

static void add_clean(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != SEARCH_MARK_ON[0] && s[i] != SEARCH_MARK_OFF[0])
			buf_addc(b, s[i]);
}

const char *tokens_marked(struct arena *a, const char *text, const struct search_terms *terms,
						  size_t words)
{
	struct tokens t = tokens_of(text), here;
	struct token token;
	size_t start, done, end, n = 0;
	struct buf b;

	if (!find_first(t.text, terms, &start))
		return NULL;
	if (words == 0)
		start = 0;
	buf_init(&b, a, MARKED_MAX);
	buf_adds(&b, start > 0 ? "…" : "");
	done = start;
	t.at = t.text + start;
	for (here = t; (words == 0 || n < words) && tokens_next(&t, &token); here = t, n++) {
		if (!any_at(here, terms, &end))
			continue;
		add_clean(&b, text + done, token.start - done);
		buf_adds(&b, SEARCH_MARK_ON);
		add_clean(&b, text + token.start, end - token.start);
		buf_adds(&b, SEARCH_MARK_OFF);
		done = end;
		t.at = t.text + end;
	}
	end = words == 0 || t.at == t.end ? strlen(text) : (size_t)(t.at - t.text);
	if (end > done)
		add_clean(&b, text + done, end - done);
	buf_adds(&b, words > 0 && text[end] != '\0' ? "…" : "");
	return buf_str(&b);
}
