/* See zone.h. A zone's clock changes at most once within the four days looked at. */
#include "data/zone.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AROUND = 2 * 24 * 3600 };

struct zone {
	GTimeZone *tz;
};

int zone_new(const char *name, struct error *error, struct zone **out)
{
	struct failable {
		struct error *error;
	} f = {error};
	GTimeZone *tz;
	struct zone *z;

	/* GLib also takes paths and rules; names are enough, and open no file that a caller names. */
	if (*name == '\0' || *name == '/' || *name == ':' || strstr(name, "..") != NULL ||
		(tz = g_time_zone_new_identifier(name)) == NULL)
		return fail(&f, E_RULE,
					"%.64s is no time zone that this system knows, such as Europe/Berlin", name);
	z = malloc(sizeof *z);
	if (z == NULL)
		abort();
	z->tz = tz;
	*out = z;
	return OK;
}

void zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	g_time_zone_unref(z->tz);
	free(z);
}

void zone_done(struct zone **z)
{
	zone_free(*z);
}

int64_t zone_offset(const struct zone *z, int64_t utc)
{
	gint interval = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, utc);

	return g_time_zone_get_offset(z->tz, interval);
}

/* The moment at which the offset changes between two moments. */
static int64_t find_leap(const struct zone *z, int64_t from, int64_t to)
{
	int64_t before = zone_offset(z, from);

	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (zone_offset(z, middle) == before)
			from = middle;
		else
			to = middle;
	}
	return to;
}

int64_t zone_to_utc(const struct zone *z, int64_t local)
{
	int64_t before = zone_offset(z, local - LOOK_AROUND),
			after = zone_offset(z, local + LOOK_AROUND);
	int64_t early = local - before, late = local - after;

	if (zone_offset(z, early) == before)
		return early;
	if (zone_offset(z, late) == after)
		return late;
	return find_leap(z, local - LOOK_AROUND, local + LOOK_AROUND);
}
