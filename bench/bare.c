/*
 * The limit of bench/peers.py: libmicrohttpd, set up as the server sets it up (two epoll loops),
 * answering every request from memory with a body given as a file. No parsing of the request, no
 * token, no database.
 *
 * bare PORT FILE
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOPS = 2, BODY_MAX = 1 << 20 };

static char body[BODY_MAX];
static size_t body_size;

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
							  const char *method, const char *version, const char *data,
							  size_t *size, void **seen)
{
	struct MHD_Response *response;
	enum MHD_Result sent;

	(void)arg, (void)url, (void)method, (void)version, (void)data;
	if (*seen == NULL) { /* the first call of a request: its head alone is there */
		*seen = body;
		return MHD_YES;
	}
	*size = 0;
	response = MHD_create_response_from_buffer(body_size, body, MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/json");
	sent = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return sent;
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *daemon;
	sigset_t ends;
	FILE *f;
	int sig;

	if (argc != 3 || (f = fopen(argv[2], "rb")) == NULL) {
		fprintf(stderr, "usage: bare PORT FILE\n");
		return 2;
	}
	body_size = fread(body, 1, sizeof body, f);
	fclose(f);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	daemon =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)atoi(argv[1]), NULL, NULL, answer,
						 NULL, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)LOOPS, MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "bare: cannot listen on port %s\n", argv[1]);
		return 1;
	}
	sigwait(&ends, &sig);
	MHD_stop_daemon(daemon);
	return 0;
}
