/*
 * facts: what the words of a posting mean: times, pay, kind of employment, remote or not, skills.
 * Written by many hands in many countries; what is not understood is left out, never guessed wild.
 */
#pragma once
#include "scrape/posting.h"

/* A time as job boards write it: ISO 8601 in all its forms, RFC 5322, seconds or milliseconds since
 * 1970, "Jan 2, 2025", "2. Januar 2025", "02.01.2025", "01/02/2025" (month first unless day_first
 * or impossible), "3 days ago", "vor 3 Tagen", "yesterday", "heute". Without a zone it is UTC.
 * Returns microseconds; 0 if it is none, or not between 1990 and ten years from now. */
int64_t fact_time(const char *s, int64_t now, bool day_first);

/* Pay from a field that is about nothing else: "$120k - $150k a year", "60.000–80.000 €",
 * "£25.50/hr", "CHF 100'000". Zeros if there is none. Without a currency sign *out keeps the one it
 * came with, likewise the period. Currency in the arena. */
void fact_pay(struct arena *a, const char *s, struct pay *out);
/* The same from running text: only what is plainly pay (a range or a period behind a currency). */
void fact_pay_in_text(struct arena *a, const char *text, struct pay *out);
/* "per-year-salary", "1 YEAR", "hourly", "Monat": the period; NULL if it is none. */
const char *fact_period(const char *s);

/* "Full-time", "FULL_TIME", "Vollzeit", "CDI": the kind of employment; NULL if unknown. */
const char *fact_type(const char *s);
/* Whether a place, a title or a field about the work place says that it is anywhere. */
bool fact_remote(const char *s);
/* Whether a description says so in so many words. */
bool fact_remote_in_text(const char *text);

/* Canonical names of the skills that the taxonomy finds in title and text, first come first. */
struct strings fact_skills(struct arena *a, const char *title, const char *text);
