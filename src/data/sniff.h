/* sniff: which kind of document bytes are, by their content. Shared by the upload check and the
 * parser. */
#pragma once
#include <stddef.h>

enum kind { KIND_UNKNOWN, KIND_PDF, KIND_DOCX, KIND_DOC, KIND_RTF, KIND_HTML };

enum { SNIFF_HEAD = 4096 }; /* bytes of the beginning that decide */

/* head: the first bytes of the file (SNIFF_HEAD, or the whole file if shorter). A zip whose first
 * members do not show is KIND_DOCX if it begins as OOXML packages do. */
enum kind sniff(const unsigned char *head, size_t n);
const char *kind_name(enum kind k); /* "pdf", "docx", "doc", "rtf", "html", "unknown" */
