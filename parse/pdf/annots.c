/*
 * See annots.h. A field or note is drawn by its appearance stream, as a viewer would; where it has
 * none that shows text, its value is taken.
 */
#include "parse/pdf/annots.h"

#include <string.h>

#include "base/text.h"

enum { FLAG_INVISIBLE = 1 << 0, FLAG_HIDDEN = 1 << 1, PARENTS_MAX = 8 };

static bool annot_box(struct pdf *p, qpdf_oh annot, const struct matrix *m, struct box *box)
{
	double r[4];

	if (!obj_numbers(p, obj_key(p, annot, "/Rect"), r, 4))
		return false;
	*box = matrix_box(m, r[0], r[1], r[2], r[3]);
	return true;
}

static const char *uri_of(struct pdf *p, qpdf_oh annot)
{
	qpdf_oh action = obj_key(p, annot, "/A");
	const char *uri;

	if (!obj_is_dict(p, action))
		return NULL;
	uri = obj_text(p, obj_key(p, action, "/URI"));
	return text_is_blank(uri) ? NULL : uri;
}

void annots_links(struct interp *in, qpdf_oh page, const struct matrix *m)
{
	struct pdf *p = in->pdf;
	struct writer *w = &in->writer;
	qpdf_oh annots = obj_key(p, page, "/Annots");
	int n = obj_count(p, annots);

	for (int i = 0; i < n && i < ANNOTS_MAX && w->nlinks < LINKS_MAX; i++) {
		qpdf_oh annot = obj_item(p, annots, i);
		struct link link = {0};

		if (!obj_name_is(p, obj_key(p, annot, "/Subtype"), "/Link"))
			continue;
		link.uri = uri_of(p, annot);
		if (link.uri != NULL && annot_box(p, annot, m, &link.box))
			w->links[w->nlinks++] = link;
	}
}

/* The value of a field, its own or inherited, of type text or choice. */
static const char *field_value(struct pdf *p, qpdf_oh field)
{
	for (int i = 0; i < PARENTS_MAX && obj_is_dict(p, field); i++) {
		qpdf_oh v = obj_key(p, field, "/V");

		if (obj_type(p, v) == ot_string)
			return obj_text(p, v);
		field = obj_key(p, field, "/Parent");
	}
	return NULL;
}

/* The appearance to draw: /AP /N, or that of the state /AS. */
static qpdf_oh appearance(struct pdf *p, qpdf_oh annot)
{
	qpdf_oh normal = obj_key(p, obj_key(p, annot, "/AP"), "/N");
	const char *state = obj_name(p, obj_key(p, annot, "/AS"));

	if (state != NULL && obj_is_dict(p, normal))
		return obj_key(p, normal, arena_printf(p->arena, "/%s", state));
	return normal;
}

/* The matrix that puts the appearance's box into the annotation's rectangle (12.5.5). */
static struct matrix placing(struct pdf *p, qpdf_oh form, const double rect[4])
{
	double v[6] = {1, 0, 0, 1, 0, 0}, b[4] = {0, 0, 1, 1};
	struct matrix m, to = {1, 0, 0, 1, 0, 0};
	struct box box;
	double x0 = rect[0] < rect[2] ? rect[0] : rect[2], x1 = rect[0] + rect[2] - x0;
	double y0 = rect[1] < rect[3] ? rect[1] : rect[3], y1 = rect[1] + rect[3] - y0;

	obj_numbers(p, obj_key(p, form, "/Matrix"), v, 6);
	obj_numbers(p, obj_key(p, form, "/BBox"), b, 4);
	m = (struct matrix){(float)v[0], (float)v[1], (float)v[2],
						(float)v[3], (float)v[4], (float)v[5]};
	box = matrix_box(&m, b[0], b[1], b[2], b[3]);
	if (!box_empty(box)) {
		to.a = (float)(x1 - x0) / (box.x1 - box.x0);
		to.d = (float)(y1 - y0) / (box.y1 - box.y0);
	}
	to.e = (float)x0 - box.x0 * to.a;
	to.f = (float)y0 - box.y0 * to.d;
	return to;
}

static void draw_one(struct interp *in, qpdf_oh annot, const struct matrix *m)
{
	struct pdf *p = in->pdf;
	bool widget = obj_name_is(p, obj_key(p, annot, "/Subtype"), "/Widget");
	qpdf_oh form = appearance(p, annot);
	int before = p->doc->nruns;
	const char *value;
	double rect[4];
	struct box box;

	if (!annot_box(p, annot, m, &box) || !obj_numbers(p, obj_key(p, annot, "/Rect"), rect, 4))
		return;
	if (obj_is_stream(p, form)) {
		struct state state = in->state;

		in->state.ctm = matrix_times(placing(p, form, rect), *m);
		interp_form(in, form);
		writer_flush(&in->writer);
		in->state = state;
	}
	if (p->doc->nruns > before)
		return;
	value = widget ? field_value(p, annot) : obj_text(p, obj_key(p, annot, "/Contents"));
	if (value != NULL)
		writer_extra(&in->writer, value, box, TEXT_FIELD, NULL);
}

/* A target needs words of its own only if no text leads to it, on this or another box. */
static bool speaks(const struct writer *w, int i)
{
	const char *uri = w->links[i].uri;

	if (w->links[i].covers || strncmp(uri, "file:", 5) == 0)
		return false;
	for (int k = 0; k < w->nlinks; k++)
		if (k != i && (w->links[k].covers || k < i) && strcmp(w->links[k].uri, uri) == 0)
			return false;
	return true;
}

/* Links over pictures: the target itself is the text. */
static void bare_links(struct interp *in)
{
	struct writer *w = &in->writer;

	for (int i = 0; i < w->nlinks; i++) {
		const struct link *l = &w->links[i];
		const char *text = strncmp(l->uri, "mailto:", 7) == 0 ? l->uri + 7 : l->uri;

		if (speaks(w, i))
			writer_extra(w, text, l->box, TEXT_HIDDEN | TEXT_FIELD, l->uri);
	}
}

void annots_draw(struct interp *in, qpdf_oh page, const struct matrix *m)
{
	struct pdf *p = in->pdf;
	qpdf_oh annots = obj_key(p, page, "/Annots");
	int n = obj_count(p, annots);

	bare_links(in);
	in->flags = TEXT_FIELD;
	for (int i = 0; i < n && i < ANNOTS_MAX && !p->cut; i++) {
		qpdf_oh annot = obj_item(p, annots, i), kind = obj_key(p, annot, "/Subtype");

		if (!obj_name_is(p, kind, "/Widget") && !obj_name_is(p, kind, "/FreeText"))
			continue;
		if ((obj_int(p, obj_key(p, annot, "/F"), 0) & (FLAG_INVISIBLE | FLAG_HIDDEN)) == 0)
			draw_one(in, annot, m);
	}
	in->flags = 0;
}
