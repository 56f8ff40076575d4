/*
 * video_parts: where the bytes of a resumable upload are when files are in an object store, so that
 * any server goes on with it. Full parts go to the store as they fill; what is left when a request
 * ends, or its connection breaks, is an object of its own until the next one. Of several requests
 * at once one holds the lease, which ends soon after its server does. Owns the tables
 * video_upload_objects and video_upload_parts.
 */
#pragma once
#include "core/route.h"

/* Names the object that the upload will be, a video of this name and so many bytes. In the current
 * transaction. E_TOO_LARGE: no store takes that. */
int video_parts_begin(struct ctx *c, int64_t upload_id, const char *filename, int64_t length);
/* Bytes that are in the store. E_GONE: this upload has none there. */
int video_parts_offset(struct ctx *c, int64_t upload_id, int64_t *offset);
/* Fails with E_GONE for an upload that was begun when files were at another place. */
int video_parts_moved(struct ctx *c);
/* Takes the lease for this request, whose body comes next (ctx_sink), of at most length less
 * *offset bytes. E_CONFLICT: another one has it. Not inside a transaction. */
int video_parts_open(struct ctx *c, int64_t upload_id, int64_t length, int64_t *offset);
/* After the body of such a request: brings all that came into the store. *offset: how much there is
 * now; if it is length, the lease goes on until video_parts_close. E_CONFLICT: the lease was lost;
 * E_GONE: the store has lost what came before; E_UNAVAILABLE. */
int video_parts_store(struct ctx *c, int64_t *offset);
/* Makes the object of what has come, which is all, and tells its path. E_GONE, E_UNAVAILABLE. */
int video_parts_end(struct ctx *c, const char **path);
/* The object belongs to a video now: forgets the rest. In the current transaction. E_CONFLICT: the
 * lease was lost. */
int video_parts_placed(struct ctx *c);
/* Lets the lease of this request go, if it has it still. Not inside a transaction. */
void video_parts_close(struct ctx *c);
/* Removes what there is of an upload. In the current transaction. */
int video_parts_remove(struct ctx *c, int64_t upload_id);
/* True if an upload goes on with these parts (or the database cannot tell). */
bool video_parts_known(struct ctx *c, const struct files_parts *p);

extern const struct feature video_parts_feature;
