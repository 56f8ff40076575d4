/* See answer_stream.h. */
#include "app/answer_stream.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { OBJECT = 1, ARRAY = 2 }; /* depths at which strings are told */

void answer_begin(struct answer_stream *s,
				  int (*text)(void *arg, const char *key, int index, const char *p, size_t n),
				  void *arg)
{
	*s = (struct answer_stream){.text = text, .arg = arg};
}

static int emit(struct answer_stream *s, const char *p, size_t n)
{
	if (s->is_key) {
		if (s->key_size + n <= ANSWER_KEY_MAX) {
			memcpy(s->key + s->key_size, p, n);
			s->key_size += n;
			s->key[s->key_size] = '\0';
		}
		return OK;
	}
	if (n == 0 || (s->depth != OBJECT && !(s->depth == ARRAY && s->in_array)))
		return OK;
	return s->text(s->arg, s->key, s->index, p, n);
}

static int emit_code(struct answer_stream *s, uint32_t cp)
{
	char utf8[4];

	if (cp >= 0xD800 && cp < 0xDC00) {
		s->high = cp;
		return OK;
	}
	if (cp >= 0xDC00 && cp < 0xE000 && s->high != 0)
		cp = 0x10000 + ((s->high - 0xD800) << 10) + (cp - 0xDC00);
	s->high = 0;
	return emit(s, utf8, utf8_encode(cp, utf8));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

static int in_escape(struct answer_stream *s, char c)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	const char *at;

	if (s->escape > 1) {
		s->code = s->code << 4 | (uint32_t)hex_digit(c);
		s->escape = s->escape == 5 ? 0 : s->escape + 1;
		return s->escape == 0 ? emit_code(s, s->code) : OK;
	}
	s->code = 0;
	s->escape = c == 'u' ? 2 : 0;
	if (c == 'u')
		return OK;
	at = c != '\0' ? strchr(from, c) : NULL;
	return emit(s, at != NULL ? &to[at - from] : &c, 1);
}

/* A sign outside of strings. */
static void outside(struct answer_stream *s, char c)
{
	switch (c) {
	case '{':
	case '[':
		if (++s->depth == ARRAY)
			s->in_array = c == '[';
		s->value_next = false;
		s->index = 0;
		break;
	case '}':
	case ']': s->depth--; break;
	case ':': s->value_next = true; break;
	case ',':
		s->value_next = false;
		s->index += s->depth == ARRAY;
		break;
	case '"':
		s->in_string = true;
		s->is_key = s->depth == OBJECT && !s->value_next;
		if (s->is_key)
			s->key_size = 0;
		if (s->depth == OBJECT)
			s->index = 0;
		break;
	}
}

int answer_feed(struct answer_stream *s, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t run = i;

		if (!s->in_string) {
			outside(s, p[i]);
			continue;
		}
		if (s->escape > 0) {
			TRY(in_escape(s, p[i]));
			continue;
		}
		while (i < n && p[i] != '"' && p[i] != '\\')
			i++;
		TRY(emit(s, p + run, i - run));
		if (i == n)
			break;
		s->escape = p[i] == '\\';
		s->in_string = p[i] != '"';
	}
	return OK;
}
