/*
 * program: runs another program to its end, such as vitae-tools or ffmpeg, without a shell.
 */
#pragma once
#include <stddef.h>

#include "base/error.h"

enum { PROGRAM_SAID_MAX = 1024 };

/* Starts argv[0] (a path; argv ends with NULL) with no input and this process's environment, and
 * waits for its end. said (PROGRAM_SAID_MAX bytes, may be NULL) gets the beginning of what it wrote
 * on standard error; standard output is thrown away. OK if it ended with 0; E_UPSTREAM: it did not,
 * or could not be started; E_TIMEOUT: it was killed after so many seconds. Blocks: for threads that
 * may wait. */
int program_run(const char *const *argv, int seconds, char *said, struct error *error);
