/*
 * log: one line for each event, to a file and, if wanted, to standard error.
 *
 * The line is "{time} - vitae - {LEVEL} - {function}:{line} - {message}"; control characters in the
 * message are replaced, so that one event is one line. Thread-safe. No secret may be passed in.
 */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Opens path for appending (NULL: standard error only). also_stderr copies lines there.
 * Returns OK, or E_RULE if the file cannot be opened (errno is kept). */
int log_open(const char *path, enum log_level level, int also_stderr);
/* Reopens the file under its name (after rotation, on SIGHUP). */
void log_reopen(void);
void log_close(void);
void log_write(enum log_level level, const char *func, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#define log_debug(...)   log_write(LOG_DEBUG, __func__, __LINE__, __VA_ARGS__)
#define log_info(...)    log_write(LOG_INFO, __func__, __LINE__, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __func__, __LINE__, __VA_ARGS__)
#define log_error(...)   log_write(LOG_ERROR, __func__, __LINE__, __VA_ARGS__)
