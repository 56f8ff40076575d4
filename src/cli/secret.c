/*
 * See secret.h. While the terminal does not echo, a signal may not end the process: handlers that
 * do nothing wake the wait for input, the terminal is set right, and then the signal gets its way.
 * They are let in during that wait only (ppoll), so that none is lost between the prompt and the
 * wait.
 */
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

enum { SIGNALS = 4 };
static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

/* *open gets the mask as it was: the one to wait with. */
static void trap(struct sigaction old[SIGNALS], sigset_t *open)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t ours;

	caught = 0;
	sigemptyset(&ours);
	for (int i = 0; i < SIGNALS; i++)
		sigaddset(&ours, numbers[i]);
	sigprocmask(SIG_BLOCK, &ours, open);
	for (int i = 0; i < SIGNALS; i++)
		sigaction(numbers[i], &action, &old[i]);
}

static void untrap(const struct sigaction old[SIGNALS], const sigset_t *open)
{
	for (int i = 0; i < SIGNALS; i++)
		sigaction(numbers[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, open, NULL);
	if (caught != 0)
		raise(caught);
}

/* Waits for input with the signals of open let in. False if one came. */
static bool wait_input(int fd, const sigset_t *open)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (ppoll(&p, 1, NULL, open) < 0 && errno == EINTR)
		if (caught != 0)
			return false;
	return true;
}

/* A line without its end; open NULL: no signal is held back. False at the end of input, after a
 * signal, or when it is too long to be true. */
static bool read_line(int fd, const sigset_t *open, char out[SECRET_SIZE])
{
	size_t n = 0;
	char c = '\0';

	while (n < SECRET_SIZE - 1) {
		ssize_t got;

		if (open != NULL && !wait_input(fd, open))
			return false;
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || (got == 0 && n == 0))
			return false;
		if (got == 0 || c == '\n')
			break;
		out[n++] = c;
	}
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return n < SECRET_SIZE - 1;
}

static bool ask(int tty, const char *prompt, char out[SECRET_SIZE])
{
	struct sigaction old[SIGNALS];
	struct termios kept, silent;
	sigset_t open;
	bool ok;

	if (tcgetattr(tty, &kept) != 0)
		return false;
	silent = kept;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	trap(old, &open);
	tcsetattr(tty, TCSAFLUSH, &silent);
	dprintf(tty, "%s: ", prompt);
	ok = read_line(tty, &open, out);
	tcsetattr(tty, TCSAFLUSH, &kept);
	dprintf(tty, "\n");
	untrap(old, &open);
	return ok;
}

static int ask_terminal(const char *command, bool is_new, char out[SECRET_SIZE])
{
	CLEANUP(cli_fd_done) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char again[SECRET_SIZE] = "";
	bool same;

	if (tty < 0)
		return cli_usage(
			command, "no terminal to ask for the password: use --password-stdin or VITAE_PASSWORD");
	if (!ask(tty, is_new ? "New password" : "Password", out))
		return cli_fail(command, "no password given");
	if (!is_new)
		return CLI_OK;
	same = ask(tty, "The same again", again) && text_eq(out, again);
	explicit_bzero(again, sizeof again);
	return same ? CLI_OK : cli_fail(command, "the passwords differ");
}

int secret_read(const char *command, bool from_stdin, bool is_new, char out[SECRET_SIZE])
{
	const char *value = getenv("VITAE_PASSWORD");

	if (from_stdin)
		return read_line(STDIN_FILENO, NULL, out)
				   ? CLI_OK
				   : cli_fail(command, "no password on standard input");
	if (value == NULL || *value == '\0')
		return ask_terminal(command, is_new, out);
	if (strlen(value) >= SECRET_SIZE)
		return cli_fail(command, "VITAE_PASSWORD is too long");
	snprintf(out, SECRET_SIZE, "%s", value);
	return CLI_OK;
}
