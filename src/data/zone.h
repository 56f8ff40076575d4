/*
 * zone: time zones of the IANA database, by GLib. Seconds are those since 1970-01-01T00:00:00, of
 * UTC or of the zone's own clock ("local"). Handles may be used by several threads.
 */
#pragma once
#include <stdint.h>

#include "base/error.h"

struct zone;

/* The zone of that name ("Europe/Berlin", "UTC"). E_RULE with a sentence if the system knows none.
 * *out is owned by the caller (zone_free). */
int zone_new(const char *name, struct error *error, struct zone **out);
void zone_free(struct zone *z); /* NULL allowed */
/* CLEANUP function. */
void zone_done(struct zone **z);

/* Seconds that the zone's clock is ahead of UTC at that moment. */
int64_t zone_offset(const struct zone *z, int64_t utc);
/* The moment at which the zone's clock shows local. Of a time that it shows twice, the first; for
 * one that it leaps over, the moment of the leap. */
int64_t zone_to_utc(const struct zone *z, int64_t local);
