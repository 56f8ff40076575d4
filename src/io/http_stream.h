/*
 * http_stream: the body of a reply that comes bit by bit, from a thread that is not the loop. What
 * waits for its reader is bounded; a reader that does not keep up is waited for, or cut.
 *
 * The writer makes a stream, gives it to http_reply (http_response.stream) and owns it until
 * http_stream_end or http_stream_cut, its last call. Until then the exchange stays, even if its
 * reader has left, and http_stop waits; hooks->done may run on the writer's thread. Nothing of the
 * request's head may be asked for once the reply was given.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_stream;

/* A stream in which at most max bytes wait. Never NULL. Must be given to http_reply. */
struct http_stream *http_stream_new(size_t max);
/* One of exactly size bytes, which its reader is told beforehand, for a writer that shall not wait
 * for its reader: what waits lies in the file fd, empty and the stream's from now on, and is sent
 * as soon as it is there. Once all is written, a reader that is too slow is cut as with any other
 * reply. Never NULL. Must be given to http_reply. */
struct http_stream *http_stream_new_file(int fd, int64_t size);
/* Adds n bytes at p. wait_ms: how long the reader may take to make room for them; 0: does not block
 * and adds all of them or, E_LIMIT, none. Any number of threads may write. OK; E_GONE: the reader
 * left, or reads so slowly (below a kilobyte a second, waits taken together) that it was cut;
 * E_TIMEOUT: no room came in time, part of it may have been added; E_UNAVAILABLE: the file takes no
 * more. */
int http_stream_write(struct http_stream *s, const void *p, size_t n, int64_t wait_ms);
/* What was written is still sent, then the reply ends. One of a known size must have all of it,
 * unless the reply is to a HEAD or has no body. */
void http_stream_end(struct http_stream *s);
/* Closes the connection at once; the reader sees that the reply is not whole. */
void http_stream_cut(struct http_stream *s);
