/*
 * See interp.h. Operands are tokens that point into the stream; nothing is copied. Unknown
 * operators and missing operands are passed over, as viewers do.
 */
#include "parse/pdf/interp.h"

#include <math.h>
#include <string.h>

struct matrix matrix_times(struct matrix m, struct matrix n)
{
	return (struct matrix){
		m.a * n.a + m.b * n.c, m.a * n.b + m.b * n.d,       m.c * n.a + m.d * n.c,
		m.c * n.b + m.d * n.d, m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f,
	};
}

static void transform(const struct matrix *m, double x, double y, float *ox, float *oy)
{
	*ox = (float)(x * m->a + y * m->c + m->e);
	*oy = (float)(x * m->b + y * m->d + m->f);
}

struct box matrix_box(const struct matrix *m, double x0, double y0, double x1, double y1)
{
	struct box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};

	for (int i = 0; i < 4; i++) {
		float x, y;

		transform(m, (i & 1) != 0 ? x1 : x0, (i & 2) != 0 ? y1 : y0, &x, &y);
		b = box_join(b, (struct box){x, y, x, y});
	}
	return b;
}

void interp_expect(struct interp *in, int n)
{
	if (in->noperands <= n)
		return;
	memmove(in->operands, in->operands + in->noperands - n, (size_t)n * sizeof *in->operands);
	in->noperands = n;
}

double interp_number(const struct interp *in, int i)
{
	return i < in->noperands && in->operands[i].kind == TOKEN_NUMBER ? in->operands[i].number : 0;
}

static void start_path(struct interp *in)
{
	in->path = (struct path){.box = {INFINITY, INFINITY, -INFINITY, -INFINITY}, .straight = true};
}

void interp_page(struct interp *in, struct pdf *p, struct page *page, int number, struct matrix m)
{
	in->pdf = p;
	in->paint.n = in->paint.at = 0;
	in->state = (struct state){
		.ctm = m,
		.clip = {0, 0, page->width, page->height},
		.clip_exact = true,
		.alpha = 1,
		.scale = 1,
	};
	in->depth = in->lost = in->floor = in->nmarks = in->marks_off = in->form_depth = 0;
	in->flags = 0;
	in->image_area = 0;
	start_path(in);
	writer_page(&in->writer, p, page, number, &in->paint);
}

/* Lines may go on in any direction; only rectangles matter exactly. */
static void add_point(struct interp *in, double px, double py, bool line)
{
	struct path *path = &in->path;
	float x, y;

	transform(&in->state.ctm, px, py, &x, &y);
	if (path->points == 0) {
		path->x0 = x;
		path->y0 = y;
	} else if (!line || (fabsf(x - path->x) > 0.01f && fabsf(y - path->y) > 0.01f)) {
		path->straight = false;
	}
	path->points++;
	path->x = x;
	path->y = y;
	path->box = box_join(path->box, (struct box){x, y, x, y});
}

static void add_rect(struct interp *in)
{
	const struct matrix *m = &in->state.ctm;
	bool upright = (m->b == 0 && m->c == 0) || (m->a == 0 && m->d == 0);
	struct box b;
	double x, y;

	interp_expect(in, 4);
	x = interp_number(in, 0);
	y = interp_number(in, 1);
	b = matrix_box(m, x, y, x + interp_number(in, 2), y + interp_number(in, 3));
	in->path.box = box_join(in->path.box, b);
	in->path.rects++;
	if (!upright)
		in->path.straight = false;
}

static bool path_is_rect(const struct path *p)
{
	if (!p->straight)
		return false;
	return p->rects == 1 ? p->points == 0 : p->rects == 0 && (p->points == 4 || p->points == 5);
}

static void end_path(struct interp *in, bool filled)
{
	struct state *s = &in->state;
	bool rect = path_is_rect(&in->path);
	uint32_t colour = rect && s->clip_exact && s->alpha > 0.95f ? s->fill : COLOUR_UNKNOWN;

	if (filled && s->alpha > 0.02f && in->marks_off == 0)
		paint_area(&in->paint, box_meet(in->path.box, s->clip), colour);
	if (in->path.clip != 0) {
		s->clip = box_meet(s->clip, in->path.box);
		s->clip_exact = s->clip_exact && rect;
	}
	start_path(in);
}

bool interp_path_op(struct interp *in, uint32_t op)
{
	switch (op) {
	case OP1('m'):
		if (in->path.points > 0)
			in->path.straight = false;
		add_point(in, interp_number(in, 0), interp_number(in, 1), true);
		return true;
	case OP1('l'): add_point(in, interp_number(in, 0), interp_number(in, 1), true); return true;
	case OP1('c'):
		add_point(in, interp_number(in, 0), interp_number(in, 1), false);
		add_point(in, interp_number(in, 2), interp_number(in, 3), false);
		add_point(in, interp_number(in, 4), interp_number(in, 5), false);
		return true;
	case OP1('v'):
	case OP1('y'):
		add_point(in, interp_number(in, 0), interp_number(in, 1), false);
		add_point(in, interp_number(in, 2), interp_number(in, 3), false);
		return true;
	case OP2('r', 'e'): add_rect(in); return true;
	case OP1('h'): return true;
	case OP1('W'):
	case OP2('W', '*'): in->path.clip = 1; return true;
	case OP1('f'):
	case OP1('F'):
	case OP2('f', '*'):
	case OP1('B'):
	case OP2('B', '*'):
	case OP1('b'):
	case OP2('b', '*'): end_path(in, true); return true;
	case OP1('n'):
	case OP1('S'):
	case OP1('s'): end_path(in, false); return true;
	}
	return false;
}

static void save(struct interp *in)
{
	if (in->depth == PDF_STATE_DEPTH_MAX)
		in->lost++;
	else
		in->stack[in->depth++] = in->state;
}

static void restore(struct interp *in)
{
	if (in->lost > 0)
		in->lost--;
	else if (in->depth > in->floor)
		in->state = in->stack[--in->depth];
}

struct matrix interp_matrix(struct interp *in)
{
	interp_expect(in, 6);
	return (struct matrix){(float)interp_number(in, 0), (float)interp_number(in, 1),
						   (float)interp_number(in, 2), (float)interp_number(in, 3),
						   (float)interp_number(in, 4), (float)interp_number(in, 5)};
}

static void concat(struct interp *in)
{
	struct matrix m = interp_matrix(in);

	in->state.ctm = matrix_times(m, in->state.ctm);
}

/* Runs the operator; what is none of ours is ignored. */
static void run_op(struct interp *in, const struct token *t)
{
	uint32_t op = 0;

	if (t->n > 3)
		return;
	for (size_t i = 0; i < t->n; i++)
		op = op << 8 | t->s[i];
	if (op == OP1('q'))
		save(in);
	else if (op == OP1('Q'))
		restore(in);
	else if (op == OP2('c', 'm'))
		concat(in);
	else if (!interp_text_op(in, op) && !interp_path_op(in, op) && !interp_colour_op(in, op))
		interp_object_op(in, op);
}

static void add_item(struct interp *in, const struct token *t)
{
	if (in->nitems >= ITEMS_MAX)
		return;
	if (in->nitems == in->items_cap) {
		int cap = in->items_cap == 0 ? 256 : in->items_cap * 2;
		struct token *grown = ARENA_ARRAY(in->pdf->arena, (size_t)cap, struct token);

		if (in->nitems > 0)
			memcpy(grown, in->items, (size_t)in->nitems * sizeof *grown);
		in->items = grown;
		in->items_cap = cap;
	}
	in->items[in->nitems++] = *t;
}

static void read_array(struct interp *in, struct lexer *l)
{
	struct token t;

	in->nitems = 0;
	while (lexer_next(l, &t) != TOKEN_END && t.kind != TOKEN_ARRAY_END)
		if (t.kind == TOKEN_NUMBER || t.kind == TOKEN_STRING)
			add_item(in, &t);
}

/* Passes over a dictionary, keeping its /ActualText. */
static void read_dict(struct interp *in, struct lexer *l)
{
	struct token t;
	bool next = false;
	int depth = 1;

	in->has_actual = false;
	while (depth > 0 && lexer_next(l, &t) != TOKEN_END) {
		depth += (t.kind == TOKEN_DICT) - (t.kind == TOKEN_DICT_END);
		if (next && t.kind == TOKEN_STRING) {
			in->actual = t;
			in->has_actual = true;
		}
		next =
			depth == 1 && t.kind == TOKEN_NAME && t.n == 10 && memcmp(t.s, "ActualText", 10) == 0;
	}
}

static void run_tokens(struct interp *in, struct lexer *l)
{
	struct token t;

	in->noperands = 0;
	while (!in->pdf->cut && lexer_next(l, &t) != TOKEN_END) {
		if (t.kind == TOKEN_WORD) {
			if (++in->pdf->operators > PDF_OPERATORS_MAX) {
				pdf_cut(in->pdf);
				return;
			}
			run_op(in, &t);
			in->noperands = 0;
			continue;
		}
		if (t.kind == TOKEN_ARRAY)
			read_array(in, l);
		else if (t.kind == TOKEN_DICT)
			read_dict(in, l);
		if (in->noperands < OPERANDS_MAX)
			in->operands[in->noperands++] = t;
	}
}

void interp_run(struct interp *in, struct bytes data, qpdf_oh resources)
{
	struct lexer lexer = {data.p, data.p + data.n}, *outer = in->lexer;
	struct scope scope, *around = in->scope;
	int depth = in->depth;

	scope.resources = resources;
	scope.n = 0;
	in->scope = &scope;
	in->lexer = &lexer;
	run_tokens(in, &lexer);
	in->scope = around;
	in->lexer = outer;
	while (in->depth > depth)
		restore(in);
	in->noperands = 0;
}
