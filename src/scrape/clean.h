/*
 * clean: a stranger's HTML as HTML that can be shown, and as text.
 *
 * An allow-list: elements of running text, lists and tables stay, without attributes but an <a>'s
 * address (http, https, mailto); scripts, styles, forms, frames and pictures go with what is in
 * them; of all else the content stays.
 */
#pragma once
#include <stddef.h>

#include "base/arena.h"

struct clean {
	const char *html;  /* NULL: nothing to show */
	const char *text;  /* paragraphs as lines, list items behind "• " */
	const char *email; /* of the first mailto: link; NULL if there is none */
};

/* The description s: HTML, HTML written as text (&lt;p&gt;), or plain text. At most html_max and
 * text_max bytes, cut at a character. base: what addresses in it are relative to; may be NULL. */
void clean_html(struct arena *a, const char *s, const char *base, size_t html_max, size_t text_max,
				struct clean *out);
/* A single line: tags and entities resolved, white space collapsed, at most max characters. NULL if
 * nothing is left. */
const char *clean_line(struct arena *a, const char *s, size_t max);
