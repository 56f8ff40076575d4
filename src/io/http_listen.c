/*
 * http_listen: listening sockets. Every loop has its own on the same port (SO_REUSEPORT), so that
 * the kernel spreads the connections. That option would also let a second server on the port share
 * it silently; a first bind without it finds that out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/http_private.h"

enum { BACKLOG = 1024 };

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value);
}

/* A bound socket, or -1 with errno. shared: with others of ours on the port. */
static int bind_one(const struct addrinfo *a, int port, bool shared)
{
	struct sockaddr_storage addr = {0};
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

	if (fd < 0)
		return -1;
	memcpy(&addr, a->ai_addr, a->ai_addrlen);
	if (a->ai_family == AF_INET6)
		((struct sockaddr_in6 *)&addr)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)&addr)->sin_port = htons((uint16_t)port);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->ai_family == AF_INET6) /* "::" serves IPv4 as well */
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (shared)
		set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* the accepted ones inherit it */
	if (bind(fd, (struct sockaddr *)&addr, a->ai_addrlen) == 0 &&
		(!shared || listen(fd, BACKLOG) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int bound_port(int fd)
{
	struct sockaddr_storage addr = {0};
	socklen_t size = sizeof addr;

	if (getsockname(fd, (struct sockaddr *)&addr, &size) != 0)
		return -1;
	return ntohs(addr.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
											: ((struct sockaddr_in *)&addr)->sin_port);
}

/* Opens all n on one address. Returns the port, or -1 with errno and nothing left open. */
static int open_all(const struct addrinfo *a, int port, int n, int *fds)
{
	int probe, saved;

	if (port != 0) {
		probe = bind_one(a, port, false);
		if (probe < 0)
			return -1;
		close(probe);
	}
	for (int i = 0; i < n; i++) {
		fds[i] = bind_one(a, port, true);
		if (fds[i] >= 0 && port == 0)
			port = bound_port(fds[i]);
		if (fds[i] >= 0)
			continue;
		saved = errno;
		while (i-- > 0)
			close(fds[i]);
		errno = saved;
		return -1;
	}
	return port;
}

/* IPv4 first: a name such as "localhost" has both, and more clients expect the former. */
static int open_family(const struct addrinfo *list, int family, int port, int n, int *fds)
{
	int got = -1;

	for (const struct addrinfo *a = list; a != NULL && got < 0; a = a->ai_next)
		if (a->ai_family == family)
			got = open_all(a, port, n, fds);
	return got;
}

int listen_open(const char *host, int port, int n, struct error *error, int *fds, int *port_out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	struct {
		struct error *error;
	} f = {error};
	int rc, got;

	if (port < 0 || port > 65535)
		return fail(&f, E_RULE, "%d is not a port.", port);
	rc = getaddrinfo(host == NULL || *host == '\0' ? NULL : host, "0", &hints, &list);
	if (rc != 0)
		return fail(&f, E_RULE, "The address \"%s\" cannot be used: %s.", host, gai_strerror(rc));
	errno = EADDRNOTAVAIL;
	got = open_family(list, host == NULL || *host == '\0' ? AF_INET6 : AF_INET, port, n, fds);
	if (got < 0 && errno != EADDRINUSE)
		got = open_family(list, host == NULL || *host == '\0' ? AF_INET : AF_INET6, port, n, fds);
	freeaddrinfo(list);
	if (got < 0)
		return fail(&f, E_RULE, "Cannot listen on %s port %d: %s.",
					host == NULL || *host == '\0' ? "any address," : host, port, strerror(errno));
	*port_out = got;
	return OK;
}
