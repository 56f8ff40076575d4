/* See reading.h. */
#include "app/reading.h"

#include <unistd.h>

#include "core/metrics.h"
#include "proc/worker.h"

const char reading_scan_sentence[] =
	"The document is a picture, for example a scan, and its text could not be recognised; "
	"upload a version with selectable text";

static void close_fd(void *arg)
{
	close(*(int *)arg);
}

/* A parser that was not the one before was started for this document. */
static int parse_counted(struct ctx *c, int fd, const char *filename, struct parse_reply *reply)
{
	const int64_t begun = clock_monotonic();
	const int before = worker_pid(c->worker);
	int rc = worker_parse(c->worker, c->arena, c->error, fd, filename, reply), after;

	after = worker_pid(c->worker);
	metrics_observe(HISTOGRAM_PARSE, clock_monotonic() - begun);
	metrics_count(COUNTER_PARSER_STARTED, before == 0 || (after != 0 && after != before));
	metrics_count(COUNTER_PARSER_DIED, rc == E_UPSTREAM);
	metrics_count(COUNTER_PARSER_LATE, rc == E_TIMEOUT);
	if (rc == OK)
		metrics_count(reply->error == NULL ? COUNTER_DOCUMENTS_READ : COUNTER_DOCUMENTS_UNREADABLE,
					  1);
	return rc;
}

int reading_file(struct ctx *c, const char *file_path, const char *filename,
				 struct parse_reply *reply)
{
	int *fd = ARENA_NEW(c->arena, int);
	int64_t size;
	int rc = files_read(c->files, c->error, file_path, fd, &size);

	if (rc == E_NOT_FOUND) {
		*reply = (struct parse_reply){
			.error = "The uploaded file is no longer on the server; upload it again"};
		return OK;
	}
	TRY(rc);
	arena_defer(c->arena, close_fd, fd);
	return parse_counted(c, *fd, filename, reply);
}

const char *reading_sentence(enum err code)
{
	if (code == E_TIMEOUT)
		return "The document takes too long to read; save it anew as PDF or DOCX and upload that";
	if (code == E_UPSTREAM)
		return "The document could not be read: its content stopped the reader twice; save it anew "
			   "as PDF or DOCX and upload that";
	return "The document was read, but the result could not be stored; the server's log tells why";
}
