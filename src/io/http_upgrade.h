/*
 * http_upgrade: a connection that leaves HTTP (RFC 9110, 7.8). The reply 101 with
 * http_response.upgrade hands it over once its head is sent.
 */
#pragma once
#include <stddef.h>

struct http_socket {
	int fd;      /* non-blocking, closed on exec; under TLS the plain side of it */
	void *extra; /* what the client sent behind the head, on the heap; NULL: nothing */
	size_t extra_size;
	void *tls; /* the library's handle under TLS; NULL: the socket is all there is */
};

/* Takes the socket over, on the loop: must be quick. */
typedef void (*http_upgrade)(void *arg, struct http_socket *s);

/* Ends the connection; under TLS what was written is still sent. Frees extra. */
void http_socket_close(struct http_socket *s);
