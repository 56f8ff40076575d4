/*
 * origins: whose turn it is at each server, and what its robots.txt says. Of the process.
 */
#pragma once
#include <stdint.h>

#include "base/error.h"
#include "scrape/robots.h"

struct origin;

/* Waits until no other request is under way at the origin and its pause is over, and takes the
 * turn. E_TIMEOUT: not before deadline (clock_monotonic); E_UPSTREAM: the server asked to be left
 * alone until after it; E_UNAVAILABLE: this server is stopping, or too many origins are in use. */
int origin_enter(struct error *error, const char *name, int64_t deadline, struct origin **out);
/* Gives the turn back; the next one has to wait pause_ms, or as long as robots.txt asks. */
void origin_leave(struct origin *o, int64_t pause_ms);

/* By who has the turn: */
/* Nobody shall ask before so many seconds are over. */
void origin_rest(struct origin *o, int64_t seconds);
/* The rules, NULL if they are unknown or old. */
const struct robots *origin_robots(const struct origin *o);
/* Keeps rules for so many seconds; they belong to arena, which belongs to the origin from now on.
 */
void origin_set_robots(struct origin *o, struct arena *arena, const struct robots *rules,
					   int64_t seconds);
