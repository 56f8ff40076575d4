/*
 * import: where vitae import sends its files: an instance opened here (import_local.c), or a server
 * asked through its API (import_http.c). One file at a time, one thread.
 */
#pragma once
#include <stdint.h>

#include "cli/cli.h"

struct import_options {
	const char *command, *folder;
	const char *url, *username, *token, *cacert; /* a server's */
	const char *as;                              /* uploader, NULL: the first administrator */
	int64_t team;                                /* 0: the uploader's */
};

enum import_outcome {
	IMPORT_ADDED,
	IMPORT_KNOWN,   /* the team has a file with these bytes */
	IMPORT_REFUSED, /* this file is not taken: error tells why */
	IMPORT_STOP,    /* nor will any other be: error tells why */
};

struct import_sink {
	struct error *error;
	enum import_outcome (*send)(struct import_sink *s, const char *path);
	/* Prints what becomes of the files added. */
	void (*tell)(struct import_sink *s);
	void (*close)(struct import_sink *s);
};

/* Each complains itself and returns CLI_OK, CLI_FAILED or CLI_USAGE; *out, on CLI_OK only, is ended
 * by its close. */
int import_local(const struct import_options *o, struct import_sink **out);
int import_http(const struct import_options *o, struct import_sink **out);
