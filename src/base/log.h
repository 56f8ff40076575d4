/*
 * log: one line for each event, to a file and, if wanted, to standard error and standard output;
 * and to a sink, which may keep events elsewhere.
 *
 * The line is "{time} - vitae - {LEVEL} - {function}:{line} - {message}"; control characters in the
 * message are replaced, so that one event is one line. Standard output may have JSON instead, with
 * what is known of the request. Thread-safe. No secret may be passed in.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Opens path for appending (NULL: standard error only). also_stderr copies lines there.
 * Returns OK, or E_RULE if the file cannot be opened (errno is kept). */
int log_open(const char *path, enum log_level level, int also_stderr);
/* Copies events to standard output too. json: as one JSON object a line. */
enum log_stdout { LOG_STDOUT_OFF, LOG_STDOUT_TEXT, LOG_STDOUT_JSON };
void log_to_stdout(enum log_stdout form);
/* Beyond max bytes the file is renamed to "PATH.1" (the one there before is lost) and begun anew;
 * 0: it grows. */
void log_limit(int64_t max);
/* Reopens the file under its name (after rotation, on SIGHUP). */
void log_reopen(void);
void log_close(void);
void log_write(enum log_level level, const char *func, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether a line of this level is written at all: for what would cost something to say. */
bool log_wants(enum log_level level);

/* Whose work this thread does; the texts are borrowed for that time. */
struct log_context {
	const char *request_id, *address; /* NULL: none */
	int64_t user_id, team_id;         /* 0: nobody */
	const char *trace_id;             /* of a trace over several services; NULL: none */
};
/* Says it for what this thread logs from now on; NULL: nobody's. The struct is copied. */
void log_context_set(const struct log_context *context);
/* Says it of the user alone, who was nobody until now (a login). */
void log_context_user(int64_t user_id, int64_t team_id);

struct log_event {
	int64_t time; /* microseconds */
	enum log_level level;
	const char *func;
	int line;
	const char *message; /* one line, UTF-8, n bytes without a NUL behind them */
	size_t n;
	struct log_context context;
};
/* Hands each event to fn too, in the thread that logs; fn must be quick and must not log. NULL ends
 * it; it is not called any more once this returns. */
void log_sink(void (*fn)(void *arg, const struct log_event *event), void *arg);
/* "DEBUG", "INFO", "WARNING", "ERROR". */
const char *log_level_name(enum log_level level);

#define log_debug(...) log_write(LOG_DEBUG, __func__, __LINE__, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __func__, __LINE__, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __func__, __LINE__, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __func__, __LINE__, __VA_ARGS__)
