/*
 * frame: messages between the server and its parser processes, over a SOCK_STREAM socketpair: 4
 * bytes length (little endian), 1 byte type, payload (JSON text or bytes); a descriptor may ride
 * along (SCM_RIGHTS). Lengths are capped at FRAME_MAX; deadlines are monotonic microseconds (0:
 * none).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { FRAME_MAX = 8 * 1024 * 1024 };
enum frame_type { FRAME_PARSE = 1, FRAME_REPLY = 2, FRAME_HELLO = 3 };

/* Sends one message; fd -1: none. OK, E_TIMEOUT, E_UNAVAILABLE (the peer is gone). */
int frame_send(int sock, enum frame_type type, const void *p, size_t n, int fd, int64_t deadline);
/* Receives one; the payload (NUL-terminated) goes to the arena; *fd (may be NULL) gets a passed
 * descriptor or -1, the caller's. OK, E_TIMEOUT, E_UNAVAILABLE (closed), E_INVALID (breaks the
 * form). */
int frame_receive(int sock, struct arena *a, enum frame_type *type, char **p, size_t *n, int *fd,
				  int64_t deadline);
