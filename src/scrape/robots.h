/*
 * robots: the Robots Exclusion Protocol (RFC 9309): which pages of a site an agent may ask for.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { ROBOTS_MAX = 500 * 1024, ROBOTS_RULES_MAX = 2000, ROBOTS_DELAY_MAX = 30 };

struct robots;

/* Reads a robots.txt for an agent whose product token is agent ("vitae"); the group "*" if it has
 * none of its own. Everything belongs to the arena. Never NULL. */
struct robots *robots_parse(struct arena *a, const char *text, size_t n, const char *agent);
/* Whether path (with its query) may be asked for: the longest matching rule decides, Allow before
 * Disallow. */
bool robots_allows(const struct robots *r, const char *path);
/* Seconds between requests that it asks for, ROBOTS_DELAY_MAX at most; 0: it does not. */
double robots_delay(const struct robots *r);
