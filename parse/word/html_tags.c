/* See html_tags.h. */
#include "parse/word/html_tags.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME(name) #name,
static const char *const names[] = {HTML_TAGS(NAME)};

enum html_tag html_tag_find(const char *name)
{
	int low = 0, high = HTML_COUNT - 1;

	while (low <= high) {
		int mid = (low + high) / 2, order = strcasecmp(name, names[mid]);

		if (order == 0)
			return (enum html_tag)mid;
		if (order < 0)
			high = mid - 1;
		else
			low = mid + 1;
	}
	return HTML_UNKNOWN;
}

bool html_tag_block(enum html_tag tag)
{
	switch ((int)tag) {
	case HTML_address:
	case HTML_article:
	case HTML_aside:
	case HTML_blockquote:
	case HTML_body:
	case HTML_caption:
	case HTML_center:
	case HTML_dd:
	case HTML_details:
	case HTML_dir:
	case HTML_div:
	case HTML_dl:
	case HTML_dt:
	case HTML_fieldset:
	case HTML_figcaption:
	case HTML_figure:
	case HTML_footer:
	case HTML_form:
	case HTML_h1:
	case HTML_h2:
	case HTML_h3:
	case HTML_h4:
	case HTML_h5:
	case HTML_h6:
	case HTML_header:
	case HTML_hr:
	case HTML_html:
	case HTML_legend:
	case HTML_li:
	case HTML_main:
	case HTML_menu:
	case HTML_nav:
	case HTML_ol:
	case HTML_p:
	case HTML_pre:
	case HTML_section:
	case HTML_summary:
	case HTML_table:
	case HTML_tbody:
	case HTML_td:
	case HTML_tfoot:
	case HTML_th:
	case HTML_thead:
	case HTML_tr:
	case HTML_ul: return true;
	}
	return false;
}

bool html_tag_hidden(enum html_tag tag)
{
	switch ((int)tag) {
	case HTML_head:
	case HTML_title:
	case HTML_script:
	case HTML_style:
	case HTML_template:
	case HTML_object:
	case HTML_svg:
	case HTML_iframe:
	case HTML_xml:
	case HTML_del:
	case HTML_canvas:
	case HTML_audio:
	case HTML_video:
	case HTML_noframes: return true;
	}
	return false;
}

void html_tag_format(enum html_tag tag, struct chp *c, struct pap *p)
{
	switch ((int)tag) {
	case HTML_b:
	case HTML_strong:
	case HTML_th: chp_flag(c, TEXT_BOLD, true); break;
	case HTML_i:
	case HTML_em: chp_flag(c, TEXT_ITALIC, true); break;
	case HTML_u: chp_flag(c, TEXT_UNDERLINE, true); break;
	case HTML_h1:
	case HTML_h2:
	case HTML_h3:
	case HTML_h4:
	case HTML_h5:
	case HTML_h6:
		p->heading = (int)tag - HTML_h1 + 1;
		chp_flag(c, TEXT_BOLD, true);
		break;
	}
}

void html_color(const char *value, size_t n, struct chp *c)
{
	char digits[8];
	char *end;
	unsigned long rgb;

	if (n == 5 && strncasecmp(value, "white", 5) == 0) {
		chp_color(c, 0xFFFFFF);
		return;
	}
	chp_flag(c, STYLE_WHITE, false);
	if (n != 7 && n != 4)
		return;
	if (value[0] != '#')
		return;
	memcpy(digits, value + 1, n - 1);
	digits[n - 1] = '\0';
	rgb = strtoul(digits, &end, 16);
	if (*end != '\0')
		return;
	if (n == 4)
		rgb = (rgb >> 8 & 0xF) * 0x110000 | (rgb >> 4 & 0xF) * 0x1100 | (rgb & 0xF) * 0x11;
	chp_color(c, (unsigned)rgb);
}

static void font_size(const char *v, size_t n, struct chp *c)
{
	char text[16];
	char *unit;
	float size;

	if (n == 0 || n >= sizeof text)
		return;
	memcpy(text, v, n);
	text[n] = '\0';
	size = strtof(text, &unit);
	if (unit == text || !(size >= 0) || size > 1000)
		return;
	if (strcasecmp(unit, "px") == 0)
		size *= 0.75f;
	else if (strcasecmp(unit, "em") == 0 || strcasecmp(unit, "rem") == 0)
		size *= c->size;
	else if (strcasecmp(unit, "%") == 0)
		size *= c->size / 100;
	else if (strcasecmp(unit, "pt") != 0 && size > 0)
		return;
	c->size = size > 0 ? size : 0.1f;
}

static bool is(const char *p, size_t n, const char *text)
{
	return n == strlen(text) && strncasecmp(p, text, n) == 0;
}

static bool has(const char *p, size_t n, const char *text)
{
	size_t k = strlen(text);

	for (size_t i = 0; i + k <= n; i++)
		if (strncasecmp(p + i, text, k) == 0)
			return true;
	return false;
}

static void property(const char *name, size_t k, const char *v, size_t n, struct chp *c,
					 struct pap *p)
{
	if (is(name, k, "display"))
		chp_flag(c, TEXT_HIDDEN, (c->on & TEXT_HIDDEN) || has(v, n, "none"));
	else if (is(name, k, "visibility"))
		chp_flag(c, TEXT_HIDDEN, has(v, n, "hidden"));
	else if (is(name, k, "mso-hide"))
		chp_flag(c, TEXT_HIDDEN, is(v, n, "all"));
	else if (is(name, k, "font-size"))
		font_size(v, n, c);
	else if (is(name, k, "color"))
		html_color(v, n, c);
	else if (is(name, k, "font-weight"))
		chp_flag(c, TEXT_BOLD, has(v, n, "bold") || (n == 3 && v[0] >= '6'));
	else if (is(name, k, "font-style"))
		chp_flag(c, TEXT_ITALIC, has(v, n, "italic"));
	else if (is(name, k, "mso-list") && has(v, n, "level"))
		p->list = 1;
	else if (is(name, k, "mso-outline-level") && n == 1 && *v >= '1' && *v <= '9')
		p->heading = *v - '0';
	else if (k >= 10 && strncasecmp(name, "background", 10) == 0 && !has(v, n, "white") &&
			 !has(v, n, "transparent") && !has(v, n, "none") && !has(v, n, "#fff"))
		c->shaded = 1;
}

static void trim(const char **p, size_t *n)
{
	while (*n > 0 && (unsigned char)**p <= ' ')
		(*p)++, (*n)--;
	while (*n > 0 && (unsigned char)(*p)[*n - 1] <= ' ')
		(*n)--;
}

void html_style(const char *style, struct chp *c, struct pap *p)
{
	while (*style != '\0') {
		size_t length = strcspn(style, ";"), k = strcspn(style, ":;");

		if (k < length) {
			const char *name = style, *value = style + k + 1;
			size_t n = length - k - 1;

			trim(&name, &k);
			trim(&value, &n);
			property(name, k, value, n, c, p);
		}
		style += length;
		style += *style == ';';
	}
}

bool html_style_ignored(const char *style)
{
	return has(style, strlen(style), "mso-list:Ignore") ||
		   has(style, strlen(style), "mso-list: Ignore");
}

bool html_style_tab(const char *style)
{
	return has(style, strlen(style), "mso-tab-count");
}
