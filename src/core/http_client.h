/*
 * http_client: the smallest HTTP client, for tests that want to see every byte of a reply. One
 * request for each connection. Include after base/test.h.
 */
#pragma once
#include <arpa/inet.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct answer {
	int status;
	char text[256 * 1024]; /* head, a NUL, body */
	const char *body;
};

static inline int client_dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
							 .sin_port = htons((uint16_t)port),
							 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(s >= 0);
	CHECK_INT(connect(s, (struct sockaddr *)&to, sizeof to), 0);
	return s;
}

/* A request that is refused early may not be taken whole; the answer says why. */
static inline void client_put(int s, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(s, p, n, MSG_NOSIGNAL);

		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

/* Reads to the end of the connection and closes it. */
static inline void client_hear(struct answer *a, int s)
{
	size_t n = 0;
	ssize_t got;
	char *end;

	while (n < sizeof a->text - 1 && (got = recv(s, a->text + n, sizeof a->text - 1 - n, 0)) > 0)
		n += (size_t)got;
	close(s);
	a->text[n] = '\0';
	CHECK(strncmp(a->text, "HTTP/1.1 ", 9) == 0);
	a->status = (int)strtol(a->text + 9, NULL, 10);
	end = strstr(a->text, "\r\n\r\n");
	CHECK(end != NULL);
	*end = '\0';
	a->body = end + 4;
}

/* Sends "METHOD path", further header lines, and a token and a body if there are. */
static inline void client_send(int s, const char *token, const char *request, const char *headers,
							   const char *body)
{
	static char head[8192];
	int n = snprintf(head, sizeof head, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s%s%s",
					 request, token ? "Authorization: Bearer " : "", token ? token : "",
					 token ? "\r\n" : "", headers);

	client_put(s, head, (size_t)n);
	if (body != NULL) {
		n = snprintf(head, sizeof head, "Content-Length: %zu\r\n", strlen(body));
		client_put(s, head, (size_t)n);
	}
	client_put(s, "\r\n", 2);
	if (body != NULL)
		client_put(s, body, strlen(body));
}

/* The same on a connection of its own, and the answer to it. */
static inline void client_call(struct answer *a, int port, const char *token, const char *request,
							   const char *headers, const char *body)
{
	int s = client_dial(port);

	client_send(s, token, request, headers, body);
	client_hear(a, s);
}

/* A header's value, "" if absent. */
static inline const char *client_header(const struct answer *a, const char *name)
{
	static char value[4096];
	const char *at = a->text;
	size_t n = strlen(name);

	while ((at = strstr(at, "\r\n")) != NULL) {
		at += 2;
		if (strncasecmp(at, name, n) != 0 || at[n] != ':')
			continue;
		snprintf(value, sizeof value, "%.*s", (int)strcspn(at + n + 2, "\r"), at + n + 2);
		return value;
	}
	return "";
}
