/* Frames: whatever a parser writes to its socket, up to its end. The first byte: a descriptor too.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/frame.h"
#include "tests/fuzz/fuzz.h"

enum { FRAMES_MEMORY = 64 * 1024 * 1024, SOCKET_BYTES = 64 * 1024 };

static void write_all(int sock, const uint8_t *data, size_t n)
{
	char space[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)(data + 1), .iov_len = n - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	must_hold(fd >= 0);
	if ((data[0] & 1) != 0) {
		struct cmsghdr *c = (struct cmsghdr *)(void *)space;

		msg.msg_control = space;
		msg.msg_controllen = sizeof space;
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	must_hold(sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)(n - 1));
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(FRAMES_MEMORY);
	int socks[2], fd = -1, rc = OK;
	enum frame_type type;
	size_t size;
	char *p;

	if (n > 1 && n <= SOCKET_BYTES) {
		must_hold(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) == 0);
		write_all(socks[0], data, n);
		close(socks[0]);
		while (rc == OK) {
			rc = frame_receive(socks[1], a, &type, &p, &size, &fd, 0);
			must_hold(rc != OK || (size < n && p[size] == '\0'));
			if (rc == OK && fd >= 0)
				close(fd);
		}
		close(socks[1]);
	}
	arena_free(a);
	return 0;
}
