/*
 * serve: the life of a program that reads documents for the server, one at a time, inside a jail.
 *
 *	PROGRAM MEMORY-BYTES SECONDS [SKILLS-FILE [LANGUAGES]]    (descriptor 3: the server's socket)
 *
 * What must be opened is opened first (the skills file, and what warm_up opens). Then the process
 *gives up everything but memory, time and its socket, and only then takes the first document, as an
 *open descriptor. A document that takes too much memory is answered with a sentence; one that takes
 * too long ends the process.
 */
#pragma once
#include "data/profile.h"
#include "parse/doc.h"

struct service {
	const char *name; /* of the program */
	/* Opens what reading needs, outside of the jail. languages: the fourth argument, or NULL. */
	void (*warm_up)(const char *languages);
	/* Reads n bytes into *reply; seconds: what the document may take. OK, or an error with a
	 * sentence in d->error. */
	int (*read)(struct doc *d, const unsigned char *data, size_t n, int seconds,
				struct parse_reply *reply);
};

/* Serves until the server is gone. Returns the exit status. */
int serve(const struct service *s, int argc, char **argv);
