/* See error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drops a UTF-8 character that the end of the buffer cut in two. */
static void trim_partial_character(char *s)
{
	size_t n = strlen(s), i = n;

	while (i > 0 && n - i < 4 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 0 && (unsigned char)s[i - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)s[i - 1];
		size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (n - (i - 1) < want)
			s[i - 1] = '\0';
	}
}

int error_set(struct error *e, enum err code, const char *file, int line, const char *func,
			  const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	e->file = file;
	e->line = line;
	e->func = func;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt == NULL ? "?" : fmt, ap);
	va_end(ap);
	trim_partial_character(e->text);
	return code;
}

const char *error_name(enum err code)
{
	switch (code) {
	case OK: return "OK";
	case E_INVALID: return "E_INVALID";
	case E_RULE: return "E_RULE";
	case E_AUTH: return "E_AUTH";
	case E_DENIED: return "E_DENIED";
	case E_NOT_FOUND: return "E_NOT_FOUND";
	case E_CONFLICT: return "E_CONFLICT";
	case E_GONE: return "E_GONE";
	case E_PRECONDITION: return "E_PRECONDITION";
	case E_TOO_LARGE: return "E_TOO_LARGE";
	case E_LIMIT: return "E_LIMIT";
	case E_UNAVAILABLE: return "E_UNAVAILABLE";
	case E_UPSTREAM: return "E_UPSTREAM";
	case E_TIMEOUT: return "E_TIMEOUT";
	case E_INTERNAL: return "E_INTERNAL";
	case E_UPGRADE: return "E_UPGRADE";
	}
	return "E_UNKNOWN";
}
