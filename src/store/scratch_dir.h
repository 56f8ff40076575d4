/* scratch_dir: a folder for a unit test's files, removed when the test program ends. */
#pragma once
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

static char scratch_dir_[256];

static int scratch_remove_(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void scratch_done_(void)
{
	nftw(scratch_dir_, scratch_remove_, 16, FTW_DEPTH | FTW_PHYS);
}

/* The folder's path; made at the first call. */
static inline const char *scratch_dir(void)
{
	const char *base = getenv("TMPDIR");

	if (scratch_dir_[0] != '\0')
		return scratch_dir_;
	snprintf(scratch_dir_, sizeof scratch_dir_, "%s/vitae-test-XXXXXX",
			 base != NULL ? base : "/tmp");
	if (mkdtemp(scratch_dir_) == NULL)
		abort();
	atexit(scratch_done_);
	return scratch_dir_;
}

/* A path within it, in a buffer that the next call but seven uses again. */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][512];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", scratch_dir(), name);
	return path;
}
