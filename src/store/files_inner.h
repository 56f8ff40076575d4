/* files_inner: what the parts of files.h share. Descriptors of folders are opened one component at
 * a time, never through a symbolic link, so that no path leaves DATA_DIR even if someone else
 * changes folders meanwhile. */
#pragma once
#include <pthread.h>

#include "store/files.h"

enum put_state { PUT_WANTED, PUT_DONE, PUT_PLACED };

/* What files_place wants in the object store before the transaction is run again. In its arena. */
struct files_put {
	struct files_put *next;
	struct files *files;
	const struct arena *arena;
	const char *source; /* a name in spool/ */
	const char *folder, *relative;
	enum put_state state; /* under the lock */
};

struct files {
	struct error *error; /* while files_new runs */
	char *dir;
	int dir_fd, spool_fd;
	const struct files_remote *remote; /* NULL: stored files are in dir */
	pthread_mutex_t lock;              /* of puts */
	struct files_put *puts;
};

enum { FILES_NAME_MAX = 200, FILES_PREFIX = 8, FILES_SPOOL_ID = 16 };

void files_fd_done(int *fd); /* for CLEANUP; -1 is nothing */

/* Sets E_UNAVAILABLE for the errno of a failed call, whose reason goes to the log. */
int files_trouble(struct error *error, const char *what);

/* E_RULE if the relative path of a stored file may not be. */
int files_check(struct error *error, const char *relative);
/* Opens one in the folder, whatever is remote. */
int files_open_here(struct files *f, struct error *error, const char *relative, int *fd,
					int64_t *size);
/* "0a1b…_name" for a file's place. In the arena. */
const char *files_place_name(struct arena *a, const char *filename);

/* files_place with an object store; source as in struct files_put. */
int files_want(struct files *f, struct arena *a, struct error *error, const char *source,
			   const char *folder, const char *filename, const char **relative);
int files_fetch(struct files *f, struct error *error, const char *relative, int *fd, int64_t *size);
int files_remove_object(struct files *f, struct error *error, const char *relative);
int64_t files_sweep_objects(struct files *f, int64_t before, const char *folder,
							bool (*keep)(void *arg, const char *relative), void *arg);
int files_walk_objects(struct files *f, struct error *error, const char *folder,
					   const struct files_walk *w);

/* Opens the folder path[0..n), relative to DATA_DIR; make: makes what is missing (0700, synced).
 * E_RULE for a path that may not be, E_NOT_FOUND, E_UNAVAILABLE. *fd is the caller's. */
int files_folder(struct files *f, struct error *error, const char *path, size_t n, bool make,
				 int *fd);
