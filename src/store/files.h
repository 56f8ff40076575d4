/*
 * files: uploaded files, in a folder or in an object store.
 *
 * A file is spooled under DATA_DIR/spool while it arrives (files_open/write/close), then a handler
 * gives it its place (files_place, part of the transaction: synced and renamed before the commit; a
 * rollback removes it with files_remove), or it is removed with the request's arena. Names on disk
 * are a random prefix, "_" and a safe base name; paths in the database are relative to DATA_DIR. A
 * crash leaves at worst a file in spool/ or an orphan that files_sweep removes; never a row without
 * its file.
 *
 * With an object store (files_use_remote) the paths are the same, and name objects. What takes time
 * there must not happen under the write lock: files_place then fails, once, with E_UNAVAILABLE, and
 * has noted what it wants; who ends the transaction (tx(), the dispatcher) puts it there
 * (files_put_all) and runs the transaction again. Spooled files are always in the folder; what
 * grows over several requests is a file there (files_make_partial) without an object store, and
 * comes in parts (files_parts_begin) with one.
 *
 * Relative paths begin with uploads/ or media/ and go down only: anything else (an absolute path,
 * "..", a symbolic link, the database or the key beside them) is refused with E_RULE. A struct
 * files may be used by all threads.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/schema.h"

struct files; /* one for the process */

/* Makes DATA_DIR with spool/, uploads/, media/ (0700) where missing. E_RULE with the path if it
 * cannot. */
int files_new(const char *data_dir, struct error *error, struct files **out);
void files_free(struct files *f);
const char *files_dir(const struct files *f);

/* A file in an object store. */
struct files_object {
	const char *path;
	int64_t size, modified; /* bytes; microseconds by the store's clock */
};

/* A piece of an open file. */
struct files_piece {
	int fd;
	int64_t at, size;
};

/* An object that is put in parts, by several requests: where it will be, and by what the store
 * knows it. */
struct files_parts {
	const char *path, *id;
};
enum { FILES_PARTS_ID_MAX = 1024 };
struct files_part {
	int64_t number;  /* from 1 on, in the order of the bytes */
	const char *tag; /* the store's own */
};

/* An object store. Functions block, may be called by any number of threads, and fail with
 * E_UNAVAILABLE (a sentence for everybody) when the store does. */
struct files_remote {
	void *arg;
	int64_t part; /* bytes of each part of an object but the last */
	/* Stores it whole, or not at all. */
	int (*put)(void *arg, struct error *error, const char *path, const struct files_piece *piece);
	/* See files_parts_begin and what follows it. */
	int (*begin)(void *arg, struct arena *a, struct error *error, const char *path,
				 const char **id);
	int (*put_part)(void *arg, struct arena *a, struct error *error, const struct files_parts *p,
					int64_t number, const struct files_piece *piece, const char **tag);
	int (*end)(void *arg, struct error *error, const struct files_parts *p,
			   const struct files_part *parts, size_t n, int64_t size);
	int (*abort)(void *arg, struct error *error, const struct files_parts *p);
	/* Hands length bytes from offset on (length -1: all) to the sink, in order; a negative return
	 * of the sink ends it and is returned. E_NOT_FOUND. */
	int (*get)(void *arg, struct error *error, const char *path, int64_t offset, int64_t length,
			   int (*sink)(void *arg, const void *p, size_t n), void *sink_arg);
	/* E_NOT_FOUND. */
	int (*size)(void *arg, struct error *error, const char *path, int64_t *out);
	/* A missing one is no error. */
	int (*remove)(void *arg, struct error *error, const char *path);
	/* Calls each for all whose path begins with prefix, until that fails. */
	int (*list)(void *arg, struct error *error, const char *prefix,
				int (*each)(void *arg, const struct files_object *o), void *each_arg);
};

/* From now on stored files are there. *remote must outlive f. Before any other thread uses f. */
void files_use_remote(struct files *f, const struct files_remote *remote);
bool files_is_remote(const struct files *f);
/* Whether the path is that of an object. Partial files are none: only the server that made one has
 * it. */
bool files_elsewhere(const struct files *f, const char *relative);

/* Whether files_place waits for files of this arena to be put. Always false with a folder. */
bool files_put_wanted(struct files *f, const struct arena *a);
/* Puts them. Not inside a transaction. E_UNAVAILABLE. */
int files_put_all(struct files *f, const struct arena *a, struct error *error);
/* The last transaction has ended: what was put for this arena and found no place is removed. */
void files_put_end(struct files *f, const struct arena *a);

/* Bytes of a stored file. E_NOT_FOUND, E_RULE for a path outside, E_UNAVAILABLE. */
int files_size(struct files *f, struct error *error, const char *relative, int64_t *out);
/* Stores size bytes of fd, from its beginning, under a path that is known already (of another
 * place); what lies there is replaced. Not inside a transaction. E_RULE, E_UNAVAILABLE. */
int files_put(struct files *f, struct error *error, const char *relative, int fd, int64_t size);
/* The same for a piece of a file, in an object store. */
int files_put_piece(struct files *f, struct error *error, const char *relative,
					const struct files_piece *piece);

/* An object that comes in parts over several requests, in an object store (E_RULE without one). All
 * parts but the last have files_part_size bytes; one that is put again replaces the first. Until
 * the end there is no object. Not inside a transaction; E_UNAVAILABLE. *id and *tag are in the
 * arena. */
int64_t files_part_size(const struct files *f);
int files_parts_begin(struct files *f, struct arena *a, struct error *error, const char *relative,
					  const char **id);
/* E_NOT_FOUND: the store does not know it any more. */
int files_parts_put(struct files *f, struct arena *a, struct error *error,
					const struct files_parts *p, int64_t number, const struct files_piece *piece,
					const char **tag);
/* Makes the object of all its n parts, which have size bytes. One that is there already is no
 * error. E_NOT_FOUND: neither it nor its parts are there. */
int files_parts_end(struct files *f, struct error *error, const struct files_parts *p,
					const struct files_part *parts, size_t n, int64_t size);
/* Gives the parts up. What the store does not know is no error. */
int files_parts_abort(struct files *f, struct error *error, const struct files_parts *p);
/* A new path in folder for a file of that name, as files_place makes them. In the arena. */
const char *files_new_path(struct arena *a, const char *folder, const char *filename);

/* Hands bytes of a stored file on, as the get of struct files_remote. */
int files_get(struct files *f, struct error *error, const char *relative, int64_t offset,
			  int64_t length, int (*sink)(void *arg, const void *p, size_t n), void *arg);

/* The beginning of a stored file of size bytes: up to most of them into out. *n: how many. Errors
 * as files_get. */
int files_get_head(struct files *f, struct error *error, const char *relative, int64_t size,
				   void *out, size_t most, size_t *n);

struct spool; /* one arriving file */

/* Starts a spooled file (0600); it is removed when the arena ends unless placed. f must outlive the
 * arena. Thread: any, one at a time. */
int files_open(struct files *f, struct arena *a, struct error *error, struct spool **out);
/* Appends n bytes: hashes and counts. E_TOO_LARGE beyond max_bytes; E_UNAVAILABLE on a full disk.
 * After a failure the file takes no more (E_INTERNAL). */
int files_write(struct spool *s, const void *p, size_t n, int64_t max_bytes);
/* Ends it: *out tells path, size, sha256. The names in *out are left to the caller. */
int files_close(struct spool *s, struct upload *out);
/* Brings what was spooled to the disk. Takes its time with a large file: files_place does it too,
 * but then the write lock is held. */
int files_sync(struct files *f, struct error *error, const struct upload *u);

/* Reads up to n bytes of the beginning of a spooled or stored file (its whole path). Returns the
 * number read, or E_NOT_FOUND, E_INTERNAL. */
int64_t files_head(const char *path, void *out, size_t n);

/* Moves the upload to DATA_DIR/<folder>/<prefix>_<name>: synced, renamed, its directory synced.
 * *relative (in the arena) is the path for the database; files_remove undoes it (for rollback).
 * folder is made, below uploads/ or media/. E_UNAVAILABLE if the disk does not take it. */
int files_place(struct files *f, struct arena *a, struct error *error, const struct upload *u,
				const char *folder, const char **relative);
/* Removes a stored file by its relative path; a missing one is no error. Refuses paths that leave
 * DATA_DIR. */
int files_remove(struct files *f, struct error *error, const char *relative);
/* Opens a stored file for reading; *fd is the caller's. From an object store it is fetched first,
 * into a file of no name: never inside a write transaction. E_NOT_FOUND, or E_RULE for a path
 * outside. */
int files_read(struct files *f, struct error *error, const char *relative, int *fd, int64_t *size);

/* Opens a file of no name in spool/ for writing and reading, for an answer too large for memory:
 * *fd is the caller's; its space is free again once it is closed. E_UNAVAILABLE if the disk takes
 * none. */
int files_temporary(struct files *f, struct error *error, int *fd);

/* Removes spooled files older than age_us, and stored files below folder (NULL: none) older than
 * that which keep(arg, relative) denies. Symbolic links and devices stay. Returns the number
 * removed, or negative. */
int64_t files_sweep(struct files *f, int64_t age_us, const char *folder,
					bool (*keep)(void *arg, const char *relative), void *arg);

/* The base name of what a client sent: what follows its last '/' or '\\', control and text
 * direction characters replaced by '_', bytes that are not UTF-8 by U+FFFD; at most 200 bytes, cut
 * at a character before the extension. Never blank, "." or "..": those, and NULL, become "file". In
 * the arena. */
char *files_base_name(struct arena *a, const char *sent);

/* A walk over stored files. */
struct files_walk {
	/* Only files that came into their place at or before this time (files_fence); 0: all. */
	int64_t until;
	bool remove;
	/* Whether the file is meant; NULL: every one. */
	bool (*wanted)(void *arg, const char *relative);
	/* Told of each file that was meant (and removed, if asked for), why 0; or why (an errno) that
	 * failed. folder: it is a folder that could not be read. */
	void (*seen)(void *arg, const char *relative, bool folder, int why);
	void *arg;
};

/* Walks the regular files of folder and below it, never through a symbolic link; those stay, as
 * devices and folders do. What fails is told to seen and the walk goes on. E_NOT_FOUND: there is no
 * such folder; E_RULE for a path outside, or one that is a link. */
int files_walk(struct files *f, struct error *error, const char *folder,
			   const struct files_walk *w);

/* A moment that divides files by their place: those that have theirs when it is called lie before
 * it, those placed after it returns lie behind. Takes a tick of the file system's clock (some
 * milliseconds). Microseconds since the epoch. */
int64_t files_fence(void);

/* True if a regular file lies at this relative path. Asks an object store. */
bool files_exists(struct files *f, const char *relative);

/* Makes a folder (which an object store needs not) below uploads/ or media/, with what is missing
 * above it. */
int files_make_folder(struct files *f, struct error *error, const char *folder);

/* A file that grows over several requests, without an object store: made empty in folder (0600, a
 * random name). *relative is in the arena. */
int files_make_partial(struct files *f, struct arena *a, struct error *error, const char *folder,
					   const char **relative);
/* Opens it for appending and locks it until *fd, the caller's, is closed. *size: bytes so far.
 * E_NOT_FOUND; E_CONFLICT while somebody else has it. */
int files_append(struct files *f, struct error *error, const char *relative, int *fd,
				 int64_t *size);
/* Gives a whole one a second name, as files_place names files (synced, folder too); the first one
 * is left to the caller. *placed is in the arena. */
int files_place_partial(struct files *f, struct arena *a, struct error *error, const char *relative,
						const char *folder, const char *filename, const char **placed);
