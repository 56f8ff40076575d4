/*
 * web: addresses and bytes as the Web has them. Relative references are resolved after RFC 3986;
 * texts become UTF-8 whatever they say of themselves.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { WEB_URL_MAX = 2000 };

/* The reference as an absolute http or https address, in the light of base (may be NULL). In the
 * arena; NULL if it is none, or longer than WEB_URL_MAX. */
const char *web_url(struct arena *a, const char *base, const char *reference);
/* The same without what only tells where a reader came from (utm_…, gclid, …), without fragment
 * and the scheme's own port, host in small letters. */
const char *web_clean_url(struct arena *a, const char *base, const char *reference);
/* "https://host:port" of an address; NULL if it is none. */
const char *web_origin(struct arena *a, const char *url);
/* Path and query of an absolute address, "/" at least. */
const char *web_path(const char *url);
/* The text percent-encoded for a query or a path's segment (RFC 3986, unreserved left). */
const char *web_escape(struct arena *a, const char *text);

/* The bytes as UTF-8: by their mark (BOM), the charset of content_type, what the document declares
 * in its head (HTML, XML); where none holds, UTF-8 if it is valid, else windows-1252. *out is
 * NUL-terminated, without BOM; *size without the NUL. */
void web_to_utf8(struct arena *a, const char *p, size_t n, const char *content_type,
				 const char **out, size_t *size);
