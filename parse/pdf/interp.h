/*
 * interp: the interpreter of content streams (ISO 32000-1, annex A), as far as it matters for text.
 *
 * It follows the graphics and text state, hands glyphs to the writer, areas to paint, and counts
 * images. All coordinates are as displayed from the first matrix on.
 */
#pragma once
#include "parse/pdf/inline.h"
#include "parse/pdf/lexer.h"
#include "parse/pdf/writer.h"

enum { OPERANDS_MAX = 64, ITEMS_MAX = 1 << 16, MARKS_MAX = 256, NAMES_MAX = 48, NAME_BYTES = 48 };

/* [a b c d e f] as PDF has it. */
struct matrix {
	float a, b, c, d, e, f;
};

enum space { SPACE_GRAY, SPACE_RGB, SPACE_CMYK, SPACE_TINT, SPACE_OTHER };

struct state {
	struct matrix ctm;
	struct box clip;
	bool clip_exact; /* the clip is that box, not only inside it */
	enum space space;
	uint32_t fill;
	float alpha;
	struct font *font;
	float size, char_space, word_space, scale, leading, rise;
	int mode;
};

/* What names mean in a stream: its resources, and the answers so far. */
struct scope {
	qpdf_oh resources;
	struct {
		char category, name[NAME_BYTES];
		qpdf_oh object;
		struct font *font;
	} names[NAMES_MAX];
	int n;
};

struct path {
	struct box box;
	int points, rects;
	float x0, y0;  /* the first point */
	bool straight; /* only lines parallel to the edges of the page so far */
	float x, y;
	int clip; /* W or W* was seen */
};

struct interp {
	struct pdf *pdf;
	struct writer writer;
	struct paint paint;
	struct state state;
	struct state *stack; /* PDF_STATE_DEPTH_MAX of them */
	int depth, lost;     /* lost: q beyond the stack */
	int floor;           /* Q goes no deeper: the state at the form's start */
	struct matrix text, line;
	struct scope *scope;
	struct lexer *lexer;
	struct token operands[OPERANDS_MAX];
	int noperands;
	struct token *items; /* of the last array */
	int nitems, items_cap;
	struct token actual; /* /ActualText of the last inline dictionary */
	bool has_actual;
	struct path path;
	uint8_t marks[MARKS_MAX];
	int nmarks, marks_off; /* marks_off: open ones that hide what they enclose */
	int form_depth;
	unsigned flags; /* for all runs: TEXT_FIELD in annotations */
	double image_area;
	struct inline_source inlined; /* the inline image under way */
};

struct matrix matrix_times(struct matrix m, struct matrix n);
/* The box of a rectangle under a matrix. */
struct box matrix_box(const struct matrix *m, double x0, double y0, double x1, double y1);

/* Starts a page whose content is drawn through matrix m. */
void interp_page(struct interp *in, struct pdf *p, struct page *page, int number, struct matrix m);
/* Runs content with the given resources; data is spoilt. */
void interp_run(struct interp *in, struct bytes data, qpdf_oh resources);
/* Draws a form XObject. */
void interp_form(struct interp *in, qpdf_oh form);

/* An object of the resources by category ("/Font") and name; a null object if there is none. */
qpdf_oh interp_resource(struct interp *in, const char *category, const struct token *name);
struct font *interp_font(struct interp *in, const struct token *name);
/* Leaves the last n operands: what stands before those of an operator is passed over, as viewers
 * do.
 */
void interp_expect(struct interp *in, int n);
/* The last six operands as a matrix. */
struct matrix interp_matrix(struct interp *in);
/* Operand i from the left as a number, 0 if it is none. */
double interp_number(const struct interp *in, int i);

/* The operators, in groups; each returns false if op is not one of its group. op is its letters,
 * the first one highest. */
#define OP1(a) ((uint32_t)(a))
#define OP2(a, b) ((uint32_t)(a) << 8 | (uint32_t)(b))
#define OP3(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))
bool interp_text_op(struct interp *in, uint32_t op);
bool interp_path_op(struct interp *in, uint32_t op);
bool interp_colour_op(struct interp *in, uint32_t op);
bool interp_object_op(struct interp *in, uint32_t op);
