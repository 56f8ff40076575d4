/*
 * html_tags: what the tags and style properties of HTML mean to a reader of text. For html.c.
 */
#pragma once
#include "parse/word/props.h"

/* clang-format off */
#define HTML_TAGS(X)                                                                            \
	X(a) X(address) X(article) X(aside) X(audio) X(b) X(blockquote) X(body) X(br) X(canvas)     \
	X(caption) X(center) X(code) X(dd) X(del) X(details) X(dir) X(div) X(dl) X(dt) X(em)        \
	X(fieldset) X(figcaption) X(figure) X(font) X(footer) X(form) X(h1) X(h2) X(h3) X(h4)       \
	X(h5) X(h6) X(head) X(header) X(hr) X(html) X(i) X(iframe) X(legend) X(li) X(main)          \
	X(menu) X(meta) X(nav) X(noframes) X(noscript) X(object) X(ol) X(p) X(pre) X(s)             \
	X(script) X(section) X(span) X(strike) X(strong) X(style) X(summary) X(svg) X(table)        \
	X(tbody) X(td) X(template) X(tfoot) X(th) X(thead) X(title) X(tr) X(u) X(ul) X(video)       \
	X(xml)
/* clang-format on */
#define HTML_ENUM(name) HTML_##name,
enum html_tag { HTML_TAGS(HTML_ENUM) HTML_COUNT, HTML_UNKNOWN = HTML_COUNT };

enum html_tag html_tag_find(const char *name);
bool html_tag_block(enum html_tag tag);  /* begins and ends a paragraph */
bool html_tag_hidden(enum html_tag tag); /* holds no text of the document */
void html_tag_format(enum html_tag tag, struct chp *c, struct pap *p);

/* Applies the properties of a style attribute. */
void html_style(const char *style, struct chp *c, struct pap *p);
/* True for the bullets and numbers that Word writes out in front of list items. */
bool html_style_ignored(const char *style);
/* True for a span that stands for a tab in Word. */
bool html_style_tab(const char *style);
/* Sets the colour from its name or #digits, n bytes. */
void html_color(const char *value, size_t n, struct chp *c);
