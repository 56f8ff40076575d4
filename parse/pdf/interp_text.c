/*
 * See interp.h. Text state, text positioning, text showing (ISO 32000-1, 9.3 and 9.4).
 */
#include <math.h>
#include <string.h>

#include "parse/pdf/interp.h"

enum { MODE_FILL_STROKE = 2, MODE_INVISIBLE = 3, MODE_CLIP = 7 };

static void move_line(struct interp *in, double x, double y)
{
	struct matrix m = {1, 0, 0, 1, (float)x, (float)y};

	in->line = matrix_times(m, in->line);
	in->text = in->line;
}

/* The style of what is shown through m (text space to the page). */
static struct style style_of(const struct interp *in, const struct matrix *m)
{
	const struct state *s = &in->state;
	float across = hypotf(m->a, m->b), up = hypotf(m->c, m->d);
	float sign = s->size < 0 ? -1.0f : 1.0f;
	struct style y = {.font = s->font, .colour = s->fill, .clip = s->clip, .flags = in->flags};

	y.size = fabsf(s->size) * up * s->font->em;
	if (s->font->vertical && up > 0) {
		y.ux = -m->c / up * sign;
		y.uy = -m->d / up * sign;
		y.wx = across > 0 ? m->a / across : 0;
		y.wy = across > 0 ? m->b / across : 0;
	} else {
		sign *= s->scale < 0 ? -1.0f : 1.0f;
		y.ux = across > 0 ? m->a / across * sign : 1;
		y.uy = across > 0 ? m->b / across * sign : 0;
		sign = s->size < 0 ? -1.0f : 1.0f;
		y.wx = up > 0 ? m->c / up * sign : 0;
		y.wy = up > 0 ? m->d / up * sign : -1;
	}
	if (s->mode == MODE_FILL_STROKE)
		y.flags |= TEXT_BOLD;
	if (s->mode == MODE_INVISIBLE || s->mode == MODE_CLIP || s->alpha < 0.02f)
		y.flags |= TEXT_HIDDEN;
	/* Stroked outlines and pattern fills have other colours than the fill's. */
	if (s->mode == 1 || s->mode == MODE_FILL_STROKE || s->mode == 5 || s->mode == 6)
		y.colour = COLOUR_UNKNOWN;
	return y;
}

/* Shows n bytes and moves the text matrix on. */
static void show(struct interp *in, const unsigned char *s, size_t n)
{
	struct state *st = &in->state;
	struct matrix m = matrix_times(in->text, st->ctm);
	struct style style;
	double at = 0;
	float unit;

	if (st->font == NULL)
		in->pdf->unmapped++;
	if (st->font == NULL || n == 0 || !isfinite(m.e) || !isfinite(m.f))
		return;
	style = style_of(in, &m);
	unit = st->font->vertical ? hypotf(m.c, m.d) : hypotf(m.a, m.b);
	if (in->marks_off == 0)
		writer_style(&in->writer, &style);
	while (n > 0 && !in->pdf->cut) {
		struct glyph g = {0};
		size_t used = font_next(in->pdf, st->font, s, n, &g);
		float width = g.width * st->size, x, y, scale = st->font->vertical ? 1 : st->scale;

		x = m.e + m.c * st->rise + (st->font->vertical ? m.c : m.a) * (float)at;
		y = m.f + m.d * st->rise + (st->font->vertical ? m.d : m.b) * (float)at;
		if (in->marks_off == 0)
			writer_glyph(&in->writer, g.text, x, y, fabsf(width * scale) * unit);
		at += ((st->font->vertical ? -width : width) + st->char_space +
			   (g.blank ? st->word_space : 0)) *
			  scale;
		s += used;
		n -= used;
	}
	in->text.e += (float)at * (st->font->vertical ? in->text.c : in->text.a);
	in->text.f += (float)at * (st->font->vertical ? in->text.d : in->text.b);
}

static void show_operand(struct interp *in, int i)
{
	if (i < in->noperands && in->operands[i].kind == TOKEN_STRING)
		show(in, in->operands[i].s, in->operands[i].n);
}

static void show_array(struct interp *in)
{
	const struct state *st = &in->state;

	for (int i = 0; i < in->nitems; i++) {
		const struct token *t = &in->items[i];
		float back;

		if (t->kind == TOKEN_STRING) {
			show(in, t->s, t->n);
			continue;
		}
		back = (float)(-t->number / 1000) * st->size;
		if (st->font != NULL && st->font->vertical) {
			in->text.e += back * in->text.c;
			in->text.f += back * in->text.d;
		} else {
			in->text.e += back * st->scale * in->text.a;
			in->text.f += back * st->scale * in->text.b;
		}
	}
	in->nitems = 0;
}

static void set_font(struct interp *in)
{
	interp_expect(in, 2);
	if (in->noperands < 2 || in->operands[0].kind != TOKEN_NAME)
		return;
	in->state.font = interp_font(in, &in->operands[0]);
	in->state.size = (float)interp_number(in, 1);
}

/* The line's own "x y Td". */
static void move_by_operands(struct interp *in)
{
	interp_expect(in, 2);
	move_line(in, interp_number(in, 0), interp_number(in, 1));
}

static bool state_op(struct interp *in, uint32_t op)
{
	struct state *s = &in->state;
	float v = (float)interp_number(in, 0);

	switch (op) {
	case OP2('T', 'f'): set_font(in); return true;
	case OP2('T', 'c'): s->char_space = v; return true;
	case OP2('T', 'w'): s->word_space = v; return true;
	case OP2('T', 'z'): s->scale = v / 100; return true;
	case OP2('T', 'L'): s->leading = v; return true;
	case OP2('T', 's'): s->rise = v; return true;
	case OP2('T', 'r'): s->mode = v >= 0 && v <= 7 ? (int)v : 0; return true;
	}
	return false;
}

bool interp_text_op(struct interp *in, uint32_t op)
{
	struct state *s = &in->state;

	switch (op) {
	case OP2('T', 'j'): show_operand(in, 0); return true;
	case OP2('T', 'J'): show_array(in); return true;
	case OP2('T', 'd'): move_by_operands(in); return true;
	case OP2('T', 'D'):
		move_by_operands(in);
		s->leading = (float)-interp_number(in, 1);
		return true;
	case OP2('T', 'm'): in->text = in->line = interp_matrix(in); return true;
	case OP2('T', '*'): move_line(in, 0, -s->leading); return true;
	case OP1('\''):
		move_line(in, 0, -s->leading);
		show_operand(in, 0);
		return true;
	case OP1('"'):
		s->word_space = (float)interp_number(in, 0);
		s->char_space = (float)interp_number(in, 1);
		move_line(in, 0, -s->leading);
		show_operand(in, 2);
		return true;
	case OP2('B', 'T'): in->text = in->line = (struct matrix){1, 0, 0, 1, 0, 0}; return true;
	case OP2('E', 'T'): return true;
	}
	return op >> 8 == 'T' && state_op(in, op);
}
