/* See frame.h. With a deadline no call blocks: poll waits, until then. */
#include "proc/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

enum { HEAD = 5, PARTS = 2 };

/* Waits until the socket is ready for events. */
static int wait_for(int sock, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = sock, .events = events};
		int ms = -1, rc;

		if (deadline > 0) {
			int64_t left = (deadline - clock_monotonic()) / 1000;

			if (left <= 0)
				return E_TIMEOUT;
			ms = left > 3600000 ? 3600000 : (int)left;
		}
		rc = poll(&p, 1, ms);
		if (rc > 0)
			return OK;
		if (rc < 0 && errno != EINTR)
			return E_UNAVAILABLE;
	}
}

/* Sends what it can of the parts with one call; a descriptor rides along with the first byte. */
static ssize_t send_some(int sock, struct iovec parts[PARTS], int fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = PARTS};

	if (fd >= 0) {
		struct cmsghdr *c = &control.align;

		msg.msg_control = &control;
		msg.msg_controllen = sizeof control.space;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Takes what was sent off the parts. */
static void drop_sent(struct iovec parts[PARTS], size_t sent)
{
	for (int i = 0; i < PARTS; i++) {
		size_t n = sent < parts[i].iov_len ? sent : parts[i].iov_len;

		parts[i].iov_base = (char *)parts[i].iov_base + n;
		parts[i].iov_len -= n;
		sent -= n;
	}
}

/* Head and payload go together, so that the peer wakes up once. */
static int send_all(int sock, struct iovec parts[PARTS], int fd, int64_t deadline)
{
	while (parts[PARTS - 1].iov_len > 0 || parts[0].iov_len > 0) {
		ssize_t sent = send_some(sock, parts, fd);

		if (sent > 0) {
			drop_sent(parts, (size_t)sent);
			fd = -1;
		} else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			TRY(wait_for(sock, POLLOUT, deadline));
		} else if (sent < 0 && errno != EINTR) {
			return E_UNAVAILABLE;
		}
	}
	return OK;
}

int frame_send(int sock, enum frame_type type, const void *p, size_t n, int fd, int64_t deadline)
{
	unsigned char head[HEAD];
	struct iovec parts[PARTS] = {{head, HEAD}, {(void *)(uintptr_t)p, n}};

	if (n > FRAME_MAX)
		return E_INVALID;
	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(n >> (8 * i));
	head[4] = (unsigned char)type;
	return send_all(sock, parts, fd, deadline);
}

/* Keeps the first descriptor of the control data, closes any other. */
static void take_descriptors(struct msghdr *msg, int *fd)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int one;

			memcpy(&one, CMSG_DATA(c) + i * sizeof one, sizeof one);
			if (*fd < 0)
				*fd = one;
			else
				close(one);
		}
	}
}

/* Without a deadline the call itself waits, on a socket that blocks. */
static ssize_t receive_some(int sock, void *p, size_t n, int *fd, int64_t deadline)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = p, .iov_len = n};
	struct msghdr msg = {.msg_iov = &iov,
						 .msg_iovlen = 1,
						 .msg_control = &control,
						 .msg_controllen = sizeof control.space};
	ssize_t got = recvmsg(sock, &msg, (deadline > 0 ? MSG_DONTWAIT : 0) | MSG_CMSG_CLOEXEC);

	if (got > 0)
		take_descriptors(&msg, fd);
	return got;
}

static int receive_all(int sock, void *p, size_t n, int *fd, int64_t deadline)
{
	char *at = p;

	while (n > 0) {
		ssize_t got = receive_some(sock, at, n, fd, deadline);

		if (got > 0) {
			at += got;
			n -= (size_t)got;
		} else if (got == 0) {
			return E_UNAVAILABLE;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			TRY(wait_for(sock, POLLIN, deadline));
		} else if (errno != EINTR) {
			return E_UNAVAILABLE;
		}
	}
	return OK;
}

static int receive_body(int sock, struct arena *a, const unsigned char *head, char **p, size_t *n,
						int *fd, int64_t deadline)
{
	size_t size = 0;
	char *payload;

	for (int i = 0; i < 4; i++)
		size |= (size_t)head[i] << (8 * i);
	if (size > FRAME_MAX || head[4] < FRAME_PARSE || head[4] > FRAME_HELLO)
		return E_INVALID;
	payload = arena_alloc(a, size + 1);
	TRY(receive_all(sock, payload, size, fd, deadline));
	*p = payload;
	*n = size;
	return OK;
}

int frame_receive(int sock, struct arena *a, enum frame_type *type, char **p, size_t *n, int *fd,
				  int64_t deadline)
{
	unsigned char head[HEAD];
	int passed = -1;
	int rc = receive_all(sock, head, HEAD, &passed, deadline);

	if (rc == OK)
		rc = receive_body(sock, a, head, p, n, &passed, deadline);
	if (passed >= 0 && (rc != OK || fd == NULL)) {
		close(passed);
		passed = -1;
	}
	if (rc != OK)
		return rc;
	*type = (enum frame_type)head[4];
	if (fd != NULL)
		*fd = passed;
	return OK;
}
