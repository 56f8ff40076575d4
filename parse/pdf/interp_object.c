/*
 * See interp.h. Resources and what is drawn or switched by their names: colours, graphics states,
 * forms, images, marked content.
 */
#include <math.h>
#include <string.h>

#include "parse/pdf/encoding.h"
#include "parse/pdf/images.h"

enum { MARK_PLAIN, MARK_HIDDEN = 1, MARK_ACTUAL = 2 };

/* Looks a name up in the scope's memory or in the resources; NULL if it is too long or there is
 * nothing. */
static qpdf_oh look_up(struct interp *in, const char *category, const struct token *name, int *slot)
{
	struct scope *s = in->scope;
	char key[NAME_BYTES + 1] = "/";
	qpdf_oh o;

	*slot = -1;
	if (name->kind != TOKEN_NAME || name->n >= NAME_BYTES - 1)
		return qpdf_oh_new_null(in->pdf->q);
	memcpy(key + 1, name->s, name->n);
	for (int i = 0; i < s->n; i++) {
		if (s->names[i].category == category[1] && strcmp(s->names[i].name, key + 1) == 0) {
			*slot = i;
			return s->names[i].object;
		}
	}
	o = obj_key(in->pdf, obj_key(in->pdf, s->resources, category), key);
	if (s->n == NAMES_MAX)
		s->n = 0;
	*slot = s->n++;
	s->names[*slot].category = category[1];
	memcpy(s->names[*slot].name, key + 1, NAME_BYTES);
	s->names[*slot].object = o;
	s->names[*slot].font = NULL;
	return o;
}

qpdf_oh interp_resource(struct interp *in, const char *category, const struct token *name)
{
	int slot;

	return look_up(in, category, name, &slot);
}

struct font *interp_font(struct interp *in, const struct token *name)
{
	int slot;
	qpdf_oh o = look_up(in, "/Font", name, &slot);

	if (slot < 0)
		return NULL;
	if (in->scope->names[slot].font == NULL)
		in->scope->names[slot].font = font_get(in->pdf, o);
	return in->scope->names[slot].font;
}

static enum space space_of_count(int n)
{
	return n == 1 ? SPACE_GRAY : n == 3 ? SPACE_RGB : n == 4 ? SPACE_CMYK : SPACE_OTHER;
}

static enum space space_of_name(const char *s)
{
	if (s == NULL)
		return SPACE_OTHER;
	if (strcmp(s, "DeviceGray") == 0 || strcmp(s, "CalGray") == 0 || strcmp(s, "G") == 0)
		return SPACE_GRAY;
	if (strcmp(s, "DeviceRGB") == 0 || strcmp(s, "CalRGB") == 0 || strcmp(s, "RGB") == 0)
		return SPACE_RGB;
	if (strcmp(s, "DeviceCMYK") == 0 || strcmp(s, "CMYK") == 0)
		return SPACE_CMYK;
	return SPACE_OTHER;
}

static enum space space_of(struct interp *in, const struct token *name)
{
	struct pdf *p = in->pdf;
	qpdf_oh o = interp_resource(in, "/ColorSpace", name);
	const char *kind;

	if (obj_is_null(p, o)) {
		kind = arena_strndup(p->arena, (const char *)name->s, name->n);
		return space_of_name(kind);
	}
	if (!obj_is_array(p, o))
		return space_of_name(obj_name(p, o));
	kind = obj_name(p, obj_item(p, o, 0));
	if (kind != NULL && strcmp(kind, "ICCBased") == 0)
		return space_of_count(obj_int(p, obj_key(p, obj_item(p, o, 1), "/N"), 0));
	if (kind != NULL && strcmp(kind, "Separation") == 0)
		return SPACE_TINT;
	return space_of_name(kind);
}

static void set_fill(struct interp *in)
{
	struct state *s = &in->state;
	double v[4];

	for (int i = 0; i < 4; i++)
		v[i] = interp_number(in, i);
	switch (s->space) {
	case SPACE_GRAY: s->fill = colour_rgb(v[0], v[0], v[0]); break;
	case SPACE_RGB: s->fill = colour_rgb(v[0], v[1], v[2]); break;
	case SPACE_CMYK: s->fill = colour_cmyk(v[0], v[1], v[2], v[3]); break;
	case SPACE_TINT:
		/* No ink at all is white whatever the ink is. */
		s->fill = v[0] < 0.02 ? COLOUR_WHITE : COLOUR_UNKNOWN;
		break;
	case SPACE_OTHER: s->fill = COLOUR_UNKNOWN; break;
	}
}

bool interp_colour_op(struct interp *in, uint32_t op)
{
	struct state *s = &in->state;

	switch (op) {
	case OP1('g'): s->space = SPACE_GRAY; break;
	case OP2('r', 'g'): s->space = SPACE_RGB; break;
	case OP1('k'): s->space = SPACE_CMYK; break;
	case OP2('s', 'c'):
	case OP3('s', 'c', 'n'): break;
	case OP2('c', 's'):
		if (in->noperands > 0 && in->operands[0].kind == TOKEN_NAME)
			s->space = space_of(in, &in->operands[0]);
		s->fill = s->space == SPACE_OTHER || s->space == SPACE_TINT ? COLOUR_UNKNOWN : 0;
		return true;
	default: return false;
	}
	set_fill(in);
	return true;
}

static void graphics_state(struct interp *in)
{
	struct pdf *p = in->pdf;
	qpdf_oh gs = interp_resource(in, "/ExtGState", &in->operands[0]), font;

	if (!obj_is_dict(p, gs))
		return;
	in->state.alpha = (float)obj_number(p, obj_key(p, gs, "/ca"), in->state.alpha);
	font = obj_key(p, gs, "/Font");
	if (obj_is_array(p, font)) {
		in->state.font = font_get(p, obj_item(p, font, 0));
		in->state.size = (float)obj_number(p, obj_item(p, font, 1), 0);
	}
}

/* True if a /OC entry names a layer, or only layers, that are off. */
static bool layer_off(struct interp *in, qpdf_oh oc)
{
	struct pdf *p = in->pdf;
	qpdf_oh groups;
	int id = obj_id(p, oc), n;

	if (p->nhidden_layers == 0 || !obj_is_dict(p, oc))
		return false;
	for (int i = 0; i < p->nhidden_layers; i++)
		if (id != 0 && (int)p->hidden_layers[i] == id)
			return true;
	groups = obj_key(p, oc, "/OCGs");
	if (obj_is_dict(p, groups))
		return layer_off(in, groups);
	n = obj_count(p, groups);
	for (int i = 0; i < n && i < MARKS_MAX; i++) {
		qpdf_oh group = obj_item(p, groups, i);
		bool off = false;

		for (int k = 0; k < p->nhidden_layers; k++)
			off |= (int)p->hidden_layers[k] == obj_id(p, group);
		if (!off)
			return false;
	}
	return n > 0;
}

/* How bright a stencil's colour is; what is not known counts as black. */
static uint8_t ink_of(uint32_t fill)
{
	if (fill == COLOUR_UNKNOWN)
		return 0;
	return (uint8_t)(((fill >> 16 & 255) * 77 + (fill >> 8 & 255) * 150 + (fill & 255) * 29) >> 8);
}

static void note_image(struct interp *in, qpdf_oh o)
{
	struct pdf *p = in->pdf;

	images_note(p->images, o, &in->state.ctm,
				qpdf_oh_get_bool_value(p->q, obj_key(p, o, "/ImageMask")), ink_of(in->state.fill));
}

/* An image XObject, or an inline image (has_object false: nobody wants its samples). */
static void image(struct interp *in, qpdf_oh o, bool has_object)
{
	struct box b = box_meet(matrix_box(&in->state.ctm, 0, 0, 1, 1), in->state.clip);

	if (box_empty(b) || in->state.alpha < 0.02f)
		return;
	if (has_object && in->pdf->images != NULL)
		note_image(in, o);
	in->image_area += (double)(b.x1 - b.x0) * (b.y1 - b.y0);
	paint_area(&in->paint, b, COLOUR_UNKNOWN);
}

/* The lexer stands behind ID. */
static void inline_image(struct interp *in)
{
	unsigned char *data = in->lexer->p;
	qpdf_oh o = 0, space;
	struct token name;
	bool made = false;

	lexer_skip_image(in->lexer);
	if (in->marks_off != 0)
		return;
	if (in->pdf->images != NULL && in->pdf->images->n < IMAGES_MAX) {
		made = inline_end(&in->inlined, in->pdf, data, in->lexer->p, &o);
		if (made && inline_space(in->pdf, o, &name)) {
			space = interp_resource(in, "/ColorSpace", &name);
			if (!obj_is_null(in->pdf, space))
				qpdf_oh_replace_key(in->pdf->q, qpdf_oh_get_dict(in->pdf->q, o), "/ColorSpace",
									space);
		}
	}
	image(in, o, made);
}

void interp_form(struct interp *in, qpdf_oh form)
{
	CLEANUP(bytes_done) struct bytes data = {0};
	struct pdf *p = in->pdf;
	double m[6] = {1, 0, 0, 1, 0, 0}, b[4];
	struct state outer = in->state;
	struct matrix text = in->text, line = in->line;
	int rc, depth = in->depth, lost = in->lost, floor = in->floor;
	qpdf_oh resources;

	if (in->form_depth >= PDF_FORM_DEPTH_MAX)
		return;
	if (++p->forms > PDF_FORMS_MAX) {
		pdf_cut(p);
		return;
	}
	rc = obj_stream(p, form, &data);
	if (rc != OK && rc != E_TOO_LARGE)
		return;
	if (obj_numbers(p, obj_key(p, form, "/Matrix"), m, 6))
		in->state.ctm = matrix_times((struct matrix){(float)m[0], (float)m[1], (float)m[2],
													 (float)m[3], (float)m[4], (float)m[5]},
									 in->state.ctm);
	if (obj_numbers(p, obj_key(p, form, "/BBox"), b, 4))
		in->state.clip =
			box_meet(in->state.clip, matrix_box(&in->state.ctm, b[0], b[1], b[2], b[3]));
	resources = obj_key(p, form, "/Resources");
	if (!obj_is_dict(p, resources) && in->scope != NULL)
		resources = in->scope->resources;
	in->form_depth++;
	in->lost = 0;
	in->floor = depth;
	interp_run(in, data, resources);
	in->form_depth--;
	in->state = outer;
	in->depth = depth;
	in->lost = lost;
	in->floor = floor;
	in->text = text;
	in->line = line;
}

static void draw(struct interp *in)
{
	struct pdf *p = in->pdf;
	qpdf_oh o = interp_resource(in, "/XObject", &in->operands[0]);

	if (in->marks_off > 0 || !obj_is_stream(p, o))
		return;
	if (p->nhidden_layers > 0 && layer_off(in, obj_key(p, o, "/OC")))
		return;
	if (obj_name_is(p, obj_key(p, o, "/Subtype"), "/Image"))
		image(in, o, true);
	else if (obj_name_is(p, obj_key(p, o, "/Subtype"), "/Form"))
		interp_form(in, o);
}

static void begin_mark(struct interp *in, bool has_properties)
{
	struct pdf *p = in->pdf;
	const struct token *tag = &in->operands[0], *list = &in->operands[1];
	uint8_t mark = MARK_PLAIN;
	qpdf_oh o;

	if (has_properties && in->noperands >= 2 && list->kind == TOKEN_NAME) {
		o = interp_resource(in, "/Properties", list);
		if (tag->n == 2 && memcmp(tag->s, "OC", 2) == 0 && layer_off(in, o))
			mark = MARK_HIDDEN;
		in->actual.s =
			(const unsigned char *)obj_bytes(p, obj_key(p, o, "/ActualText"), &in->actual.n);
		in->has_actual = in->actual.s != NULL;
	}
	if (has_properties && in->noperands >= 2 && in->has_actual && mark == MARK_PLAIN &&
		!in->writer.in_actual) {
		mark = MARK_ACTUAL;
		writer_actual(&in->writer, text_from_string(p, in->actual.s, in->actual.n));
	}
	in->has_actual = false;
	if (in->nmarks < MARKS_MAX) {
		in->marks[in->nmarks] = mark;
		in->marks_off += mark == MARK_HIDDEN;
	}
	in->nmarks++;
}

static void end_mark(struct interp *in)
{
	if (in->nmarks == 0)
		return;
	if (--in->nmarks >= MARKS_MAX)
		return;
	in->marks_off -= in->marks[in->nmarks] == MARK_HIDDEN;
	if (in->marks[in->nmarks] == MARK_ACTUAL)
		writer_actual_end(&in->writer);
}

bool interp_object_op(struct interp *in, uint32_t op)
{
	if (op == OP3('E', 'M', 'C')) {
		end_mark(in);
		return true;
	}
	if (op == OP2('B', 'I')) {
		if (in->pdf->images != NULL)
			inline_begin(&in->inlined, in->lexer);
		return true;
	}
	if (op == OP2('I', 'D')) {
		inline_image(in);
		return true;
	}
	if (op == OP2('s', 'h')) {
		paint_area(&in->paint, in->state.clip, COLOUR_UNKNOWN);
		return true;
	}
	if (in->noperands == 0)
		return false;
	switch (op) {
	case OP2('D', 'o'): draw(in); return true;
	case OP2('g', 's'): graphics_state(in); return true;
	case OP3('B', 'D', 'C'): begin_mark(in, true); return true;
	case OP3('B', 'M', 'C'): begin_mark(in, false); return true;
	}
	return false;
}
