/* See inline.h. Filters and colour spaces keep their short names, which their readers know. */
#include "parse/pdf/inline.h"

#include <string.h>

#include "base/text.h"

static const char *long_name(const struct token *t)
{
	static const struct {
		const char *brief, *full;
	} names[] = {
		{"BPC", "BitsPerComponent"}, {"CS", "ColorSpace"}, {"D", "Decode"},
		{"DP", "DecodeParms"},       {"F", "Filter"},      {"H", "Height"},
		{"IM", "ImageMask"},         {"W", "Width"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].brief) == t->n && memcmp(names[i].brief, t->s, t->n) == 0)
			return names[i].full;
	return NULL;
}

void inline_begin(struct inline_source *s, const struct lexer *l)
{
	size_t n = (size_t)(l->end - l->p);

	s->n = n < sizeof s->text ? n : sizeof s->text;
	memcpy(s->text, l->p, s->n);
}

/* Copies the source up to the word ID, its keys in full. False without that word. */
static bool copy_dict(const struct inline_source *s, struct buf *out)
{
	unsigned char lexed[INLINE_DICT_MAX];
	struct lexer l = {lexed, lexed + s->n};
	struct token t;
	bool key = true;
	int depth = 0;

	memcpy(lexed, s->text, s->n);
	for (;;) {
		const unsigned char *from = l.p;
		enum token_kind kind = lexer_next(&l, &t);
		const char *name = key && kind == TOKEN_NAME ? long_name(&t) : NULL;

		if (kind == TOKEN_END)
			return false;
		if (kind == TOKEN_WORD && depth == 0 && t.n == 2 && memcmp(t.s, "ID", 2) == 0)
			return true;
		if (name != NULL)
			buf_addf(out, "/%s ", name);
		else
			buf_add(out, s->text + (from - lexed), (size_t)(l.p - from));
		buf_addc(out, ' ');
		depth += (kind == TOKEN_ARRAY || kind == TOKEN_DICT) -
				 (kind == TOKEN_ARRAY_END || kind == TOKEN_DICT_END);
		if (depth == 0)
			key = !key;
	}
}

bool inline_end(struct inline_source *s, struct pdf *p, const unsigned char *data,
				const unsigned char *end, qpdf_oh *out)
{
	size_t n = end - data < 3 ? 0 : (size_t)(end - data) - 3;
	qpdf_oh dict, stream;
	struct buf b;
	bool sound;

	buf_init(&b, p->arena, 2 * INLINE_DICT_MAX);
	buf_adds(&b, "<< ");
	sound = copy_dict(s, &b);
	s->n = 0;
	buf_adds(&b, " >>");
	if (!sound || !buf_ok(&b))
		return false;
	dict = qpdf_oh_parse(p->q, buf_str(&b));
	if (!obj_is_dict(p, dict))
		return false;
	stream = qpdf_oh_new_stream(p->q);
	/* One blank stands behind ID, and one most often before EI; decoders do not mind it. */
	qpdf_oh_replace_stream_data(p->q, stream, data + 1, n, obj_key(p, dict, "/Filter"),
								obj_key(p, dict, "/DecodeParms"));
	qpdf_oh_begin_dict_key_iter(p->q, dict);
	while (qpdf_oh_dict_more_keys(p->q)) {
		const char *key = qpdf_oh_dict_next_key(p->q);

		if (strcmp(key, "/Filter") != 0 && strcmp(key, "/DecodeParms") != 0)
			qpdf_oh_replace_key(p->q, qpdf_oh_get_dict(p->q, stream), key, obj_key(p, dict, key));
	}
	*out = stream;
	return obj_is_stream(p, stream);
}

bool inline_space(struct pdf *p, qpdf_oh image, struct token *name)
{
	const char *s = obj_name(p, obj_key(p, image, "/ColorSpace"));

	if (s == NULL)
		return false;
	*name = (struct token){.kind = TOKEN_NAME, .s = (const unsigned char *)s, .n = strlen(s)};
	return true;
}
