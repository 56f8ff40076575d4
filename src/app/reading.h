/*
 * reading: a stored document given to the thread's parser, for the tasks that do so (parsing.c,
 * resume_reading.c), and what a person is told when that fails.
 */
#pragma once
#include "core/ctx.h"
#include "data/profile.h"

/* Has the file read by c->worker. reply->error, too, if the file is gone. The errors of
 * worker_parse. */
int reading_file(struct ctx *c, const char *file_path, const char *filename,
				 struct parse_reply *reply);
/* The sentence for a document whose reading was given up with this error. */
const char *reading_sentence(enum err code);
/* The same for one whose pages are pictures. */
extern const char reading_scan_sentence[];
