/* See field.h. */
#include "parse/word/field.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { ADDRESS_MAX = 2048 };

const char *link_clean(struct arena *a, const char *p, size_t n)
{
	char *out;
	size_t k = 0;

	while (n > 0 && (unsigned char)p[0] <= ' ')
		p++, n--;
	while (n > 0 && (unsigned char)p[n - 1] <= ' ')
		n--;
	if (n == 0 || n > ADDRESS_MAX || p[0] == '#')
		return NULL;
	out = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] > ' ' && p[i] != 0x7F)
			out[k++] = p[i];
	out[k] = '\0';
	return utf8_valid(out, k) ? out : utf8_clean(a, out, k);
}

/* Takes the next word of the code, "quoted" or bare. False at the end. */
static bool next_word(const char **p, size_t *n, const char **word, size_t *length)
{
	const char *s = *p, *end = *p + *n;
	bool quoted;

	while (s < end && (unsigned char)*s <= ' ')
		s++;
	if (s == end)
		return false;
	quoted = *s == '"';
	s += quoted;
	*word = s;
	while (s < end && (quoted ? *s != '"' : (unsigned char)*s > ' '))
		s++;
	*length = (size_t)(s - *word);
	s += quoted && s < end;
	*p = s;
	*n = (size_t)(end - s);
	return true;
}

const char *field_link(struct arena *a, const char *code, size_t n)
{
	const char *word;
	size_t length;

	if (!next_word(&code, &n, &word, &length) || length != 9 ||
		strncasecmp(word, "HYPERLINK", 9) != 0)
		return NULL;
	while (next_word(&code, &n, &word, &length)) {
		if (length > 0 && word[0] != '\\')
			return link_clean(a, word, length);
		/* \l, \o and \t have an argument of their own, which is no address. */
		if (length == 2 && strchr("lotLOT", word[1]) != NULL)
			next_word(&code, &n, &word, &length);
	}
	return NULL;
}

const char *link_text(const char *link)
{
	if (strncasecmp(link, "mailto:", 7) == 0)
		return link + 7;
	if (strncasecmp(link, "tel:", 4) == 0)
		return link + 4;
	if (strncasecmp(link, "http://", 7) == 0 || strncasecmp(link, "https://", 8) == 0)
		return link;
	return NULL;
}

void fields_begin(struct fields *f)
{
	if (f->n == FIELDS_MAX) {
		f->ignored++;
		return;
	}
	f->open[f->n].in_code = true;
	f->open[f->n].link = NULL;
	f->n++;
	f->ncode = 0;
}

void fields_result(struct fields *f, const struct writer *w)
{
	int top = f->n - 1;

	if (top < 0 || f->ignored > 0 || !f->open[top].in_code)
		return;
	f->open[top].link = field_link(f->arena, f->code, f->ncode);
	f->open[top].in_code = false;
	f->open[top].from = writer_written(w);
	f->ncode = 0;
}

void fields_end(struct fields *f, struct writer *w, const struct style *s)
{
	f->ncode = 0;
	if (f->ignored > 0) {
		f->ignored--;
		return;
	}
	if (f->n == 0)
		return;
	f->n--;
	if (!f->open[f->n].in_code && !fields_in_code(f))
		link_show(w, f->open[f->n].link, f->open[f->n].from, s);
}

bool fields_in_code(const struct fields *f)
{
	for (int i = 0; i < f->n; i++)
		if (f->open[i].in_code)
			return true;
	return false;
}

void fields_add_code(struct fields *f, const char *p, size_t n)
{
	if (n > FIELD_CODE_MAX - f->ncode)
		return;
	memcpy(f->code + f->ncode, p, n);
	f->ncode += n;
}

const char *fields_link(const struct fields *f)
{
	for (int i = f->n; i-- > 0;)
		if (f->open[i].link != NULL)
			return f->open[i].link;
	return NULL;
}

void link_show(struct writer *w, const char *link, unsigned long from, const struct style *s)
{
	struct style style = *s;
	const char *text = link == NULL ? NULL : link_text(link);

	if (text == NULL || writer_written(w) != from)
		return;
	style.link = link;
	style.flags &= ~(unsigned)TEXT_SYMBOL;
	writer_char(w, ' ', &style);
	writer_text(w, text, strlen(text), &style);
	writer_char(w, ' ', &style);
}
