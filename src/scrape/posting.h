/*
 * posting: a vacancy as one source shows it, in one form whatever the source. Strings are clean
 * UTF-8 in the arena of the scrape; NULL where the source is silent.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "data/schema.h"

enum {
	POSTING_TITLE_MAX = 300,  /* characters */
	POSTING_TEXT_MAX = 50000, /* bytes of a description, as text */
	POSTING_HTML_MAX = 100000,
	POSTING_URL_MAX = 2000,
	POSTING_SKILLS_MAX = 60,
};

struct pay {
	double min, max;      /* 0: not told */
	const char *currency; /* ISO 4217 */
	const char *period;   /* hour, day, week, month, year */
};

struct posting {
	const char *source;
	const char *mark; /* what the source calls it: its number there, else its address */
	const char *title, *company, *location;
	const char *url; /* without trackers */
	const char *apply_email;
	const char *type; /* full_time, part_time, contract, temporary, internship, volunteer, other */
	bool remote;
	struct pay pay;
	const char *html, *text;       /* the description: safe HTML, and its text */
	int64_t posted_at, expires_at; /* microseconds, 0: not told */
	struct strings skills;         /* canonical names */
};

/* What it pays in a year at most (a day is 8 hours, a year 2080); 0: not told. */
double pay_year(const struct pay *p);
