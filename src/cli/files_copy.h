/* files_copy: what moving files from one place to another shares: `vitae files copy`, restore. */
#pragma once
#include "cli/progress.h"
#include "store/files.h"

struct files_copy {
	struct error *error;
	struct files *from, *to;
	bool remove;           /* each from where it was, once it is there */
	int64_t copied, bytes; /* this time */
	int64_t known;         /* were there already, as large */
	int64_t unfinished;    /* uploads under way, which an object store does not take */
	struct progress progress;
	int rc; /* of the walk */
};

/* Copies all stored files under their paths; what is copied is read again there and compared by its
 * SHA-256. Stops at the first failure; called again, it goes on. E_UNAVAILABLE, E_RULE. */
int files_copy_all(struct files_copy *c);
