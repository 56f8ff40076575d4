/* See attachment.h. */
#include "app/attachment.h"

#include <unistd.h>

#include "app/resumes.h"
#include "data/sniff.h"

enum { COPY_BYTES = 64 * 1024 };

int attachment_type(struct ctx *c, const struct upload *u, const char **type)
{
	unsigned char head[SNIFF_HEAD];
	int64_t n = files_head(u->path, head, sizeof head);

	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read the spooled file %s", u->path);
	switch (sniff(head, (size_t)n)) {
	case KIND_PDF: *type = "application/pdf"; return OK;
	case KIND_DOCX:
		*type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
		return OK;
	case KIND_DOC:
	case KIND_RTF: *type = "application/msword"; return OK;
	case KIND_HTML:
	case KIND_UNKNOWN: break;
	}
	return fail(c, E_RULE, "The resume must be a PDF, DOC or DOCX document");
}

static void close_fd(int *fd)
{
	close(*fd);
}

int attachment_resume(struct ctx *c, int64_t resume_id, struct upload *out, const char **type)
{
	char *block = arena_alloc(c->arena, COPY_BYTES);
	struct resume r;
	struct spool *spool;
	int64_t size;
	ssize_t n;
	int fd, rc;

	TRY(resumes_get(c, resume_id, &r));
	rc = files_read(c->files, c->error, r.file_path, &fd, &size);
	if (rc == E_NOT_FOUND)
		return fail(c, E_GONE, "The file of the resume is no longer on the server");
	TRY(rc);
	CLEANUP(close_fd) int open_fd = fd;
	TRY(files_open(c->files, c->arena, c->error, &spool));
	while ((n = read(open_fd, block, COPY_BYTES)) > 0)
		TRY(files_write(spool, block, (size_t)n, size));
	if (n < 0)
		return fail(c, E_INTERNAL, "cannot read %s", r.file_path);
	TRY(files_close(spool, out));
	out->filename = r.filename;
	TRY(attachment_type(c, out, type));
	return files_sync(c->files, c->error, out);
}
