/*
 * sandbox: gives up everything a parser does not need, in one call: rlimits (memory, CPU, no files,
 * no core), no_new_privs, Landlock with no paths, and a seccomp allow-list (no open, socket,
 * connect, exec, fork, clone, ptrace…). After it a process can compute, use its memory, and read
 * and write descriptors it has. It also ends with the thread that started it, so a killed server
 * leaves no parser behind.
 */
#pragma once
#include <stdint.h>

#include "base/error.h"

struct sandbox_limits {
	int64_t memory;      /* bytes of address space (0: leave) */
	int64_t cpu_seconds; /* total for the process (0: leave) */
};

/* Enters the jail for good. E_RULE if seccomp is not to be had (the caller must not go on); a
 * kernel without Landlock only sets *landlock to 0. */
int sandbox_enter(const struct sandbox_limits *l, struct error *error, int *landlock);
