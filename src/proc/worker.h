/*
 * worker: parser processes. Each pool thread that parses owns one; a document at a time goes to it
 * as an open descriptor, the profile comes back as JSON. A parser that dies or is late is killed
 * and replaced.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/profile.h"

struct worker_options {
	const char *program;     /* path of vitae-parser */
	const char *skills_file; /* extra taxonomy rows for the parser, or NULL */
	const char *languages;   /* for vitae-ocr, or NULL */
	int timeout;             /* seconds for one document */
	int64_t memory;          /* bytes */
	int recycle;             /* documents after which a parser is replaced; 0: never */
};

struct worker;

/* Address space of vitae-ocr: Tesseract with its words of all Latin scripts takes 200 MB of it,
 * a page in several pictures 50 to 80. */
enum { WORKER_OCR_MEMORY_MB = 300 };
/* And of vitae-media: FFmpeg's libraries, and some large pictures. */
enum { WORKER_MEDIA_MEMORY_MB = 1024 };

/* Finds a program of ours by its name ("vitae-parser"): beside the running one, else in
 * ../libexec/vitae. In the arena; NULL if absent. */
const char *worker_find_program(struct arena *a, const char *name);

/* Makes a worker; its process starts with the first document (or worker_warm). */
int worker_new(const struct worker_options *o, struct error *error, struct worker **out);
void worker_free(struct worker *w); /* kills its process; NULL allowed */
/* Starts the process now, so that the first document does not wait for it. */
int worker_warm(struct worker *w, struct error *error);

/* Parses the document behind fd (borrowed; read from its beginning). *reply is bound into the
 * arena: reply->error set means the document cannot be read (a sentence for a recruiter). Returns
 * OK; E_UPSTREAM: the parser died; E_TIMEOUT: it was late (both count as an attempt);
 * E_UNAVAILABLE: no parser could be started (does not count). */
int worker_parse(struct worker *w, struct arena *a, struct error *error, int fd,
				 const char *file_name, struct parse_reply *reply);
/* The same for a program of another kind (vitae-media), whose reply is bound by s into *reply. */
int worker_ask(struct worker *w, struct arena *a, struct error *error, int fd,
			   const char *file_name, const struct schema *s, void *reply);
/* Ends the process if it has had nothing to do for so many seconds; the next document starts
 * another. By the thread that parses. */
void worker_rest(struct worker *w, int seconds);
/* Process id of the running parser, 0 if none. May be asked from any thread. */
int worker_pid(const struct worker *w);
