/*
 * mime: header values of Internet messages (RFC 5322) for text of any language: encoded words (RFC
 * 2047) in subjects and names, extended parameters (RFC 2231) in file names. All results are in the
 * arena, fit on lines that are folded with CRLF, and cannot begin another header: control
 * characters become blanks.
 */
#pragma once
#include <stdint.h>

#include "base/arena.h"

/* An unstructured value (Subject): as it is if it is short and ASCII, else encoded words. */
const char *mime_text(struct arena *a, const char *s);
/* A mailbox: name <address>, the name quoted or encoded; the address alone if name is blank. */
const char *mime_mailbox(struct arena *a, const char *name, const char *address);
/* The value of Content-Disposition: attachment, with its file name. */
const char *mime_attachment(struct arena *a, const char *filename);
/* A date: "Thu, 26 Nov 2026 10:44:36 +0000". */
const char *mime_date(struct arena *a, int64_t us);
/* Text with every line end as CRLF, as mail wants it. */
const char *mime_lines(struct arena *a, const char *s);
