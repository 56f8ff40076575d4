/* attachment: documents that go out with a mail. */
#pragma once
#include "core/ctx.h"

/* The actor's stored résumé as a spooled, synced file of its own, so that what is sent is what it
 * was at this moment; *type is its media type. E_NOT_FOUND; E_GONE: its file is missing. */
int attachment_resume(struct ctx *c, int64_t resume_id, struct upload *out, const char **type);
/* The media type of a spooled document, by its content. E_RULE if it is no PDF, DOC or DOCX. */
int attachment_type(struct ctx *c, const struct upload *u, const char **type);
