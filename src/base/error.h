/*
 * error: what can go wrong, in one enumeration, and the sentence that says it.
 *
 * Every function that can fail returns OK or a negative enum err. The sentence is written once,
 * where the fault is known, by fail(); callers forward with TRY(). Out parameters are written on
 * success only. Only core/dispatch.c maps codes to HTTP statuses and logs failures.
 */
#pragma once

enum err {
	OK = 0,
	E_INVALID = -1,       /* breaks a schema: 422 */
	E_RULE = -2,          /* well-formed, but breaks a rule of the domain: 400 */
	E_AUTH = -3,          /* who are you: 401 */
	E_DENIED = -4,        /* you may not: 403 */
	E_NOT_FOUND = -5,     /* 404 */
	E_CONFLICT = -6,      /* 409 */
	E_GONE = -7,          /* 410 */
	E_PRECONDITION = -15, /* what the request supposes does not hold: 412 */
	E_TOO_LARGE = -8,     /* 413 */
	E_LIMIT = -9,         /* too many, too often: 429 */
	E_UNAVAILABLE = -10,  /* not configured, overloaded or down: 503 */
	E_UPSTREAM = -11,     /* a provider failed: 502 */
	E_TIMEOUT = -12,      /* a provider was late: 504 */
	E_INTERNAL = -13,     /* our own fault: 500; its sentence stays in the log */
	E_UPGRADE = -14,      /* another protocol is spoken there: 426 */
};

struct error {
	enum err code;
	char text[512];          /* for the caller, unless code is E_INTERNAL */
	const char *file, *func; /* where fail() stood */
	int line;
};

/* Sets *e and returns code. Use through fail(). The sentence is cut at 511 bytes, at a character.
 */
int error_set(struct error *e, enum err code, const char *file, int line, const char *func,
			  const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* The enumerator's name, "E_RULE". */
const char *error_name(enum err code);

/* The code, said where the compiler sees it: it then knows that fail() is negative, and does not
 * take what follows TRY() for uninitialized. */
static inline int error_returned(int set, int code)
{
	(void)set;
	return code;
}

/* return fail(c, E_RULE, "…"): c is anything with a member `struct error *error`. */
#define fail(c, code, ...) \
	error_returned(error_set((c)->error, (code), __FILE__, __LINE__, __func__, __VA_ARGS__), (code))

/* Returns from the calling function what expr returned, if that is an error. */
#define TRY(expr)             \
	do {                      \
		int try_rc_ = (expr); \
		if (try_rc_ < 0)      \
			return try_rc_;   \
	} while (0)

/* Calls fn(&variable) when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))
