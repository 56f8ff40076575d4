/*
 * known: the accounts that an event loop has looked up in what it still sees of the database.
 *
 * As long as nothing is committed (db_snapshot), an account and its session are what they were. The
 * clock ends sessions too, so nothing is known longer than a second. One for each loop, used by its
 * thread alone.
 */
#pragma once
#include "core/access.h"

struct known;

/* Never NULL; owned by the caller (known_free). */
struct known *known_new(void);
void known_free(struct known *k); /* NULL allowed */

/* The actor behind the claims, if it was noted under this number of db_snapshot, less than a second
 * before now (microseconds). Its texts go to the arena. False: look it up. */
bool known_find(const struct known *k, uint64_t snapshot, const struct claims *claims, int64_t now,
				struct arena *a, struct actor *out);
/* Notes what was looked up. Nothing for number 0, nor for an API key, whose use is written down. */
void known_note(struct known *k, uint64_t snapshot, const struct claims *claims, int64_t now,
				const struct actor *actor);
