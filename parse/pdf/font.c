/*
 * See font.h. This file holds what all fonts share: the cache, the name and what can be told from
 * it, the descriptor, and the way from a code to a glyph. A font program is read at the first code
 * that nothing else explains, because inflating and reading it costs more than all the rest of the
 * font.
 */
#include "parse/pdf/font.h"

#include <string.h>

#include "parse/pdf/encoding.h"

static const char *without_tag(const char *name)
{
	for (int i = 0; i < 6; i++)
		if (name[i] < 'A' || name[i] > 'Z')
			return name;
	return name[6] == '+' ? name + 7 : name;
}

/* True if one of the words, separated by blanks, occurs in the name; '^' ties it to the start, '$'
 * to the end. The case of ASCII letters counts. */
static bool name_has(const char *name, const char *words)
{
	size_t len = strlen(name);

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (words[0] == '^') {
			if (strncmp(name, words + 1, n - 1) == 0)
				return true;
		} else if (words[n - 1] == '$') {
			if (len >= n - 1 && memcmp(name + len - (n - 1), words, n - 1) == 0)
				return true;
		} else if (memmem(name, len, words, n) != NULL) {
			return true;
		}
		words += n + (words[n] == ' ');
	}
	return false;
}

static void style_by_name(struct font *f)
{
	if (name_has(f->name,
				 "Bold bold BOLD Black Heavy SemiBold Semibold Demi -Bd ExtraBd ^CMBX ^cmbx "
				 "^SFBX ^SFSX ^SFTB ^CMSSBX ^CMB1 ^LMBX -Medi$ -MediItal -W6 -W7 -W8"))
		f->flags |= TEXT_BOLD;
	if (name_has(f->name, "Italic italic Oblique oblique Slanted -It$ -Ital -ReguItal BoldIt$ Obl$ "
						  "^CMTI ^CMSL ^SFTI ^SFSL ^SFSI ^CMSSI ^CMBXTI ^CMITT"))
		f->flags |= TEXT_ITALIC;
	if (name_has(f->name,
				 "Symbol Wingdings Webdings Dingbats FontAwesome Awesome Icons icons Icon$ "
				 "icomoon IcoMoon Entypo fontello Glyphicons Academicons MarVoSym ^MarVo "
				 "Material-Design Ionicons Octicons simple-icons"))
		f->flags |= TEXT_SYMBOL;
	if (name_has(f->name, "SegoeUISymbol SymbolSet NotoSansSymbols DejaVu"))
		f->flags &= ~(unsigned)TEXT_SYMBOL;
}

static float clamp(double v, double low, double high)
{
	return (float)(v < low ? low : v > high ? high : v);
}

static void read_descriptor(struct pdf *p, struct font *f)
{
	enum { ITALIC = 1 << 6, FORCE_BOLD = 1 << 18 };
	double ascent, descent;
	int flags;

	f->ascent = 0.8f;
	f->descent = -0.2f;
	if (!obj_is_dict(p, f->descriptor))
		return;
	flags = obj_int(p, obj_key(p, f->descriptor, "/Flags"), 0);
	if ((flags & ITALIC) != 0 || obj_number(p, obj_key(p, f->descriptor, "/ItalicAngle"), 0) != 0)
		f->flags |= TEXT_ITALIC;
	if ((flags & FORCE_BOLD) != 0 ||
		obj_number(p, obj_key(p, f->descriptor, "/FontWeight"), 400) >= 600)
		f->flags |= TEXT_BOLD;
	ascent = obj_number(p, obj_key(p, f->descriptor, "/Ascent"), 0) / 1000;
	descent = obj_number(p, obj_key(p, f->descriptor, "/Descent"), 0) / 1000;
	if (ascent > 0.1)
		f->ascent = clamp(ascent, 0.6, 1.0);
	if (descent < 0)
		f->descent = clamp(descent, -0.35, -0.1);
}

/* Fonts of one name have one number, however many subsets there are. */
static int number_of(const struct pdf *p, const struct font *f)
{
	int next = 0;

	for (int i = 0; i < p->nfonts; i++) {
		const struct font *o = p->fonts[i];

		if (f->name[0] != '\0' && strcmp(o->name, f->name) == 0)
			return o->number;
		if (o->number >= next)
			next = o->number + 1;
	}
	return next;
}

static void remember(struct pdf *p, struct font *f)
{
	if (p->nfonts == p->fonts_cap) {
		int cap = p->fonts_cap == 0 ? 16 : p->fonts_cap * 2;
		struct font **grown = ARENA_ARRAY(p->arena, (size_t)cap, struct font *);

		if (p->nfonts > 0)
			memcpy(grown, p->fonts, (size_t)p->nfonts * sizeof(*grown));
		p->fonts = grown;
		p->fonts_cap = cap;
	}
	p->fonts[p->nfonts++] = f;
}

static void read_to_unicode(struct pdf *p, struct font *f)
{
	qpdf_oh o = obj_key(p, f->dict, "/ToUnicode");

	if (obj_is_stream(p, o))
		f->to_unicode = cmap_to_unicode(p, o);
	else if (obj_name_is(p, o, "/Identity-H") || obj_name_is(p, o, "/Identity-V"))
		f->unicode_codes = true;
}

struct font *font_get(struct pdf *p, qpdf_oh dict)
{
	int id = obj_id(p, dict);
	const char *name;
	struct font *f;

	for (int i = p->nfonts - 1; id != 0 && i >= 0; i--)
		if (p->fonts[i]->id == id)
			return p->fonts[i];
	if (!obj_is_dict(p, dict) || p->nfonts >= FONTS_MAX)
		return NULL;
	f = ARENA_NEW(p->arena, struct font);
	f->id = id;
	f->dict = dict;
	f->em = 1;
	f->composite = obj_name_is(p, obj_key(p, dict, "/Subtype"), "/Type0");
	f->type3 = obj_name_is(p, obj_key(p, dict, "/Subtype"), "/Type3");
	f->descendant = f->composite ? obj_item(p, obj_key(p, dict, "/DescendantFonts"), 0) : dict;
	f->descriptor = obj_key(p, f->descendant, "/FontDescriptor");
	name = obj_name(p, obj_key(p, dict, "/BaseFont"));
	if (name == NULL)
		name = obj_name(p, obj_key(p, f->descriptor, "/FontName"));
	f->name = name == NULL ? "" : without_tag(name);
	f->number = number_of(p, f);
	style_by_name(f);
	read_descriptor(p, f);
	read_to_unicode(p, f);
	if (f->composite)
		font_read_composite(p, f);
	else
		font_read_simple(p, f);
	remember(p, f);
	return f;
}

static uint32_t composite_text(struct pdf *p, struct font *f, uint32_t code, size_t bytes)
{
	uint32_t text = f->unicode_codes ? code : 0, cid;

	if (text == 0 && f->to_unicode != NULL)
		text = table_get(&f->to_unicode->map, code);
	if (text != 0)
		return text;
	text = cmap_char(f->encoding, code, bytes);
	if (text != 0)
		return text_make(p, &text, 1);
	if (!f->program_read) {
		f->program_read = true;
		font_composite_program(p, f);
	}
	cid = cmap_cid(f->encoding, code);
	return table_get(&f->cid_text, cid);
}

static size_t next_composite(struct pdf *p, struct font *f, const unsigned char *s, size_t n,
							 struct glyph *g)
{
	uint32_t code = 0, width;
	size_t bytes = cmap_code(f->encoding, s, n, &code);

	g->text = composite_text(p, f, code, bytes);
	width = table_get(&f->cid_width, cmap_cid(f->encoding, code));
	g->width = width > 0 ? (float)(width - 1) / 1000 : f->default_width;
	if (f->vertical)
		g->width = 1;
	g->blank = bytes == 1 && code == 32;
	return bytes;
}

size_t font_next(struct pdf *p, struct font *f, const unsigned char *s, size_t n, struct glyph *g)
{
	if (f->composite)
		return next_composite(p, f, s, n, g);
	if (f->text[*s] == 0 && !f->program_read) {
		f->program_read = true;
		font_simple_program(p, f);
	}
	g->text = f->text[*s];
	g->width = f->width[*s];
	g->blank = *s == 32;
	return 1;
}
