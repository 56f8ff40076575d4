/*
 * See log.h. Each line is built in one bounded buffer and leaves with one write() to a descriptor
 * opened for appending, so that lines of several threads, and of several processes with the same
 * file, never mix. Until log_open, warnings and errors go to standard error.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 4096, JSON_MAX_BYTES = 16384 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int file = -1;
static char *file_path;
static bool to_stderr = true;
static enum log_level least = LOG_WARNING;
static enum log_stdout to_stdout = LOG_STDOUT_OFF;
static int64_t most_bytes;
static void (*sink)(void *arg, const struct log_event *event);
static void *sink_arg;
static _Thread_local struct log_context context;

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

int log_open(const char *path, enum log_level level, int also_stderr)
{
	char *copy = NULL;
	int fd = -1;

	if (path != NULL) {
		fd = open_file(path);
		if (fd < 0)
			return E_RULE;
		copy = strdup(path);
	}
	log_close();
	pthread_mutex_lock(&lock);
	file = fd;
	file_path = copy;
	to_stderr = path == NULL || also_stderr;
	__atomic_store_n(&least, level, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock);
	return OK;
}

void log_reopen(void)
{
	int fd;

	pthread_mutex_lock(&lock);
	if (file_path != NULL) {
		fd = open_file(file_path);
		/* With no new file the old one goes on: better a rotated log than none. */
		if (fd >= 0) {
			close(file);
			file = fd;
		}
	}
	pthread_mutex_unlock(&lock);
}

void log_close(void)
{
	pthread_mutex_lock(&lock);
	if (file >= 0)
		close(file);
	file = -1;
	free(file_path);
	file_path = NULL;
	to_stderr = true;
	__atomic_store_n(&least, LOG_WARNING, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock);
}

const char *log_level_name(enum log_level level)
{
	switch (level) {
	case LOG_DEBUG: return "DEBUG";
	case LOG_INFO: return "INFO";
	case LOG_WARNING: return "WARNING";
	case LOG_ERROR: return "ERROR";
	}
	return "ERROR";
}

/* Blanks controls (C0, DEL, C1, the line separators) and what is not UTF-8. */
static void make_one_line(char *s, size_t n)
{
	uint32_t cp;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_decode(s + i, n - i, &cp);

		if (length == 0) {
			s[i++] = '?';
			continue;
		}
		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029)
			memset(s + i, ' ', length);
		i += length;
	}
}

/* The bytes of s that fit into room without cutting a character. */
static size_t whole_characters(const char *s, size_t room)
{
	while (room > 0 && ((unsigned char)s[room] & 0xC0) == 0x80)
		room--;
	return room;
}

static size_t build_line(char *line, struct log_event *e, const char *fmt, va_list ap)
{
	static const char cut[] = " …";
	char iso[CLOCK_ISO_SIZE];
	size_t head, n, most;
	int wanted;

	head = (size_t)snprintf(line, LINE_MAX_BYTES, "%s - vitae - %s - %.80s:%d - ",
							clock_iso(e->time, iso), log_level_name(e->level), e->func, e->line);
	wanted = vsnprintf(line + head, LINE_MAX_BYTES - head, fmt, ap);
	n = wanted < 0 ? 0 : (size_t)wanted;
	if (n > LINE_MAX_BYTES - head - 1) {
		most = LINE_MAX_BYTES - head - 1 - sizeof cut;
		n = whole_characters(line + head, most);
		memcpy(line + head + n, cut, sizeof cut);
		n += sizeof cut - 1;
	}
	make_one_line(line + head, n);
	line[head + n] = '\n';
	e->message = line + head;
	e->n = n;
	return head + n + 1;
}

static void put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

/* Appends s as a JSON string (RFC 8259); the text is UTF-8 without control characters. */
static void add_json(struct buf *b, const char *name, const char *s, size_t n)
{
	buf_addf(b, ",\"%s\":\"", name);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, s[i]);
	}
	buf_addc(b, '"');
}

static void put_json(const struct log_event *e)
{
	char iso[CLOCK_ISO_SIZE];
	struct buf b;

	buf_init(&b, NULL, JSON_MAX_BYTES);
	buf_addf(&b, "{\"time\":\"%s\"", clock_iso(e->time, iso));
	add_json(&b, "level", log_level_name(e->level), strlen(log_level_name(e->level)));
	add_json(&b, "function", e->func, strlen(e->func));
	buf_addf(&b, ",\"line\":%d", e->line);
	add_json(&b, "message", e->message, e->n);
	if (e->context.request_id != NULL)
		add_json(&b, "request_id", e->context.request_id, strlen(e->context.request_id));
	if (e->context.trace_id != NULL)
		add_json(&b, "trace_id", e->context.trace_id, strlen(e->context.trace_id));
	if (e->context.address != NULL)
		add_json(&b, "address", e->context.address, strlen(e->context.address));
	if (e->context.user_id != 0)
		buf_addf(&b, ",\"user_id\":%lld,\"team_id\":%lld", (long long)e->context.user_id,
				 (long long)e->context.team_id);
	buf_adds(&b, "}\n");
	if (buf_ok(&b))
		put(STDOUT_FILENO, buf_str(&b), b.n);
	buf_done(&b);
}

/* Begins the file anew once it is full. */
static void turn_over(size_t n)
{
	char old[PATH_MAX];
	struct stat st;
	int fd;

	if (most_bytes <= 0 || fstat(file, &st) != 0 || st.st_size + (int64_t)n <= most_bytes)
		return;
	if ((size_t)snprintf(old, sizeof old, "%s.1", file_path) >= sizeof old ||
		rename(file_path, old) != 0)
		return;
	fd = open_file(file_path);
	if (fd < 0)
		return;
	close(file);
	file = fd;
}

void log_to_stdout(enum log_stdout form)
{
	pthread_mutex_lock(&lock);
	to_stdout = form;
	pthread_mutex_unlock(&lock);
}

void log_limit(int64_t max)
{
	pthread_mutex_lock(&lock);
	most_bytes = max;
	pthread_mutex_unlock(&lock);
}

void log_sink(void (*fn)(void *arg, const struct log_event *event), void *arg)
{
	pthread_mutex_lock(&lock);
	sink = fn;
	sink_arg = arg;
	pthread_mutex_unlock(&lock);
}

void log_context_set(const struct log_context *c)
{
	context = c != NULL ? *c : (struct log_context){0};
}

void log_context_user(int64_t user_id, int64_t team_id)
{
	context.user_id = user_id;
	context.team_id = team_id;
}

bool log_wants(enum log_level level)
{
	return level >= __atomic_load_n(&least, __ATOMIC_RELAXED);
}

void log_write(enum log_level level, const char *func, int line, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES + 1];
	struct log_event e;
	int kept = errno;
	va_list ap;
	size_t n;

	if (!log_wants(level))
		return;
	e = (struct log_event){
		.time = clock_now(), .level = level, .func = func, .line = line, .context = context};
	va_start(ap, fmt);
	n = build_line(text, &e, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&lock);
	if (file >= 0) {
		turn_over(n);
		put(file, text, n);
	}
	if (to_stderr)
		put(STDERR_FILENO, text, n);
	if (to_stdout == LOG_STDOUT_TEXT)
		put(STDOUT_FILENO, text, n);
	if (to_stdout == LOG_STDOUT_JSON)
		put_json(&e);
	if (sink != NULL)
		sink(sink_arg, &e);
	pthread_mutex_unlock(&lock);
	errno = kept;
}
