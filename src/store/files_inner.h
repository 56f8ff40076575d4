/* files_inner: what the parts of files.h share. Descriptors of folders are opened one component at
 * a time, never through a symbolic link, so that no path leaves DATA_DIR even if someone else
 * changes folders meanwhile. */
#pragma once
#include "store/files.h"

struct files {
	struct error *error; /* while files_new runs */
	char *dir;
	int dir_fd, spool_fd;
};

enum { FILES_NAME_MAX = 200, FILES_PREFIX = 8, FILES_SPOOL_ID = 16 };

void files_fd_done(int *fd); /* for CLEANUP; -1 is nothing */

/* Sets E_UNAVAILABLE for the errno of a failed call, whose reason goes to the log. */
int files_trouble(struct error *error, const char *what);

/* Opens the folder path[0..n), relative to DATA_DIR; make: makes what is missing (0700, synced).
 * E_RULE for a path that may not be, E_NOT_FOUND, E_UNAVAILABLE. *fd is the caller's. */
int files_folder(struct files *f, struct error *error, const char *path, size_t n, bool make,
				 int *fd);
