/* See props.h. */
#include "parse/word/props.h"

#include <string.h>

#include "base/text.h"

enum { TWIPS_A_LEVEL = 720, LEVEL_MAX = 9 };

void chp_apply(struct chp *a, const struct chp *b)
{
	a->on = (a->on & ~b->off) | b->on;
	a->off = (a->off & ~b->on) | b->off;
	if (b->size > 0)
		a->size = b->size;
	if (b->shaded != 0)
		a->shaded = b->shaded;
}

void pap_apply(struct pap *a, const struct pap *b)
{
	if (b->heading != 0)
		a->heading = b->heading;
	if (b->list != 0)
		a->list = b->list;
	if (b->level != 0)
		a->level = b->level;
	if (b->indent != 0)
		a->indent = b->indent;
	if (b->shaded != 0)
		a->shaded = b->shaded;
}

void chp_flag(struct chp *c, unsigned flag, bool on)
{
	c->on = on ? c->on | flag : c->on & ~flag;
	c->off = on ? c->off & ~flag : c->off | flag;
}

void chp_color(struct chp *c, unsigned rgb)
{
	bool white = (rgb >> 16 & 0xFF) >= 0xF8 && (rgb >> 8 & 0xFF) >= 0xF8 && (rgb & 0xFF) >= 0xF8;

	chp_flag(c, STYLE_WHITE, white);
}

void chp_half_points(struct chp *c, int half_points)
{
	if (half_points <= 0 || half_points > 2 * 1638)
		return;
	c->size = (float)half_points / 2;
}

struct style chp_style(const struct chp *c, bool shaded, const char *link)
{
	struct style s = {.flags = c->on, .size = c->size, .link = link};

	if (c->size > 0 && c->size < 1.5f)
		s.flags |= TEXT_HIDDEN;
	if (shaded || c->shaded > 0)
		s.flags &= ~(unsigned)STYLE_WHITE;
	return s;
}

void pap_place(const struct pap *p, struct place *out)
{
	int level = p->list > 0 ? p->level - 1 : (p->indent - 1) / TWIPS_A_LEVEL;

	out->heading = p->heading > 0 ? p->heading : 0;
	out->bullet = p->list > 0 && out->heading == 0;
	out->indent = level < 0 ? 0 : level > LEVEL_MAX ? LEVEL_MAX : level;
}

/* Names as Word and LibreOffice show them, folded, without blanks. */
static const char *const heading_names[] = {
	"heading",     "überschrift", "titre",      "título",  "encabezado", "titolo",
	"kop",         "rubrik",      "overskrift", "otsikko", "nagłówek",   "nadpis",
	"naslov",      "címsor",      "titlu",      "başlık",  "заголовок",  "заглавие",
	"επικεφαλίδα", "标题",        "標題",       "見出し",  "제목",       "cabeçalho",
};
static const char *const title_names[] = {
	"title", "titel", "titre", "título", "puesto", "titolo",  "tytuł",  "название",
	"cím",   "titlu", "标题",  "表題",   "제목",   "otsikko", "tittel", "konubaşlığı",
};

static size_t fold_name(const char *name, size_t n, char *out, size_t max)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k + 5 < max;) {
		uint32_t c;
		size_t length = utf8_decode(name + i, n - i, &c);

		if (length == 0)
			break;
		i += length;
		if (c != ' ' && c != '_' && c != '-' && c != 0xA0)
			k += utf8_encode(utf8_fold(c), out + k);
	}
	out[k] = '\0';
	return k;
}

int heading_by_name(const char *name, size_t n)
{
	char folded[96];
	size_t k = n > 64 ? 0 : fold_name(name, n, folded, sizeof folded);
	int level = k > 1 && folded[k - 1] >= '1' && folded[k - 1] <= '9' ? folded[k - 1] - '0' : 0;
	const char *const *names = level > 0 ? heading_names : title_names;
	size_t count = level > 0 ? sizeof heading_names : sizeof title_names;

	if (k == 0)
		return 0;
	if (level > 0)
		folded[k - 1] = '\0';
	for (size_t i = 0; i < count / sizeof *names; i++)
		if (folded[0] == names[i][0] && strcmp(folded, names[i]) == 0)
			return level > 0 ? level : 1;
	return 0;
}
