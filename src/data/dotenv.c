/* Reading `.env`: lines of KEY=VALUE, strict, since a line that is skipped in silence is a setting
 * lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/config_inner.h"

enum { DOTENV_MAX = 256 * 1024, DOTENV_LINES_MAX = 2000 };

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The whole file, or NULL if there is none. A directory of that name is somebody else's. */
static int read_file(struct loader *l, const char *path, char **out)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t n = 0;
	char *text;

	*out = NULL;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return OK;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(l, E_RULE, "%s cannot be read: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return OK;
	if (st.st_size > DOTENV_MAX)
		return fail(l, E_RULE, "%s is too large", path);
	text = arena_alloc(l->arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (memchr(text, '\0', n) != NULL || !utf8_valid(text, n))
		return fail(l, E_RULE, "%s is not a text file in UTF-8", path);
	*out = text;
	return OK;
}

static bool name_valid(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && s[n] == '\0' && !(s[0] >= '0' && s[0] <= '9');
}

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

/* Cuts a quoted value out of s, in place; NULL if the quote stays open or something follows it. */
static char *quoted(char *s)
{
	char quote = *s++, *out = s, *at = s;

	while (*s != '\0' && *s != quote) {
		if (*s == '\\' && quote == '"' && s[1] != '\0')
			*out++ = unescape(*++s);
		else
			*out++ = *s;
		s++;
	}
	if (*s != quote)
		return NULL;
	s = text_trim(s + 1);
	*out = '\0';
	return *s == '\0' || *s == '#' ? at : NULL;
}

/* A comment needs a blank before it: "a#b" is a value. */
static char *bare(char *s)
{
	for (char *at = s; *at != '\0'; at++) {
		if (*at == '#' && (at == s || at[-1] == ' ' || at[-1] == '\t')) {
			*at = '\0';
			break;
		}
	}
	return text_trim(s);
}

static int read_line(struct loader *l, const char *path, size_t number, char *line,
					 struct pairs *out)
{
	char *equals, *name, *value;

	line = text_trim(line);
	if (*line == '\0' || *line == '#')
		return OK;
	if (text_starts(line, "export ") || text_starts(line, "export\t"))
		line = text_trim(line + 7);
	equals = strchr(line, '=');
	if (equals == NULL)
		return fail(l, E_RULE, "%s, line %zu: expected NAME=VALUE", path, number);
	*equals = '\0';
	name = text_trim(line);
	if (!name_valid(name))
		return fail(l, E_RULE, "%s, line %zu: what stands before \"=\" is not a variable's name",
					path, number);
	value = text_trim(equals + 1);
	value = *value == '"' || *value == '\'' ? quoted(value) : bare(value);
	if (value == NULL)
		return fail(l, E_RULE, "%s, line %zu: the quotes of %s do not fit", path, number, name);
	out->items[out->n++] = (struct pair){name, value};
	return OK;
}

int dotenv_read(struct loader *l, const char *path, struct pairs *out)
{
	struct pairs pairs = {.items = ARENA_ARRAY(l->arena, DOTENV_LINES_MAX, struct pair)};
	char *text = NULL;

	if (path != NULL)
		TRY(read_file(l, path, &text));
	if (text != NULL && text_starts(text, "\xEF\xBB\xBF"))
		text += 3;
	for (size_t number = 1; text != NULL; number++) {
		char *end = strchr(text, '\n');

		if (number > DOTENV_LINES_MAX)
			return fail(l, E_RULE, "%s has more than %d lines", path, DOTENV_LINES_MAX);
		if (end != NULL)
			*end++ = '\0';
		TRY(read_line(l, path, number, text, &pairs));
		text = end;
	}
	*out = pairs;
	return OK;
}
