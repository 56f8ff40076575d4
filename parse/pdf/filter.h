/*
 * filter: the decoders of PDF streams (ISO 32000-1, 7.4), bounded.
 *
 * Each takes whole input and makes heap memory of its own, because a decoded stream dies long
 * before its document. Damage is met with what could be read before it: a résumé cut off in the
 * last stream is still a résumé.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Bytes on the heap; release with bytes_done. */
struct bytes {
	unsigned char *p;
	size_t n;
};

void bytes_done(struct bytes *b);

enum filter { FILTER_FLATE, FILTER_LZW, FILTER_ASCII85, FILTER_ASCIIHEX, FILTER_RUNLENGTH };

/* The filter of that name or abbreviation, without the slash; false if it is none of them. */
bool filter_named(const char *name, enum filter *f);

/* /DecodeParms of Flate and LZW. Zero values stand for the format's defaults. */
struct filter_params {
	int predictor, colors, bits, columns;
	bool late_change; /* LZW: EarlyChange 0 */
};

/* Decodes n bytes into at most max. OK, also for damaged input (*out is what was before the damage,
 * possibly nothing), or E_TOO_LARGE when max was reached (*out is the first max bytes). */
int filter_decode(enum filter f, const struct filter_params *params, const unsigned char *in,
				  size_t n, size_t max, struct bytes *out);

/* Inflates a picture that is too large to stand in memory, row by row: each of stride bytes goes to
 * take, until that says false. What is damaged ends it. OK, or E_INVALID where the parameters are
 * for rows of another size or of a kind that only whole pictures have. */
int filter_inflate_rows(const struct filter_params *params, const unsigned char *in, size_t n,
						size_t stride, bool (*take)(void *arg, const unsigned char *row),
						void *arg);

/* How many bytes a Flate stream of n bytes gives, counted up to max. */
size_t filter_inflated_size(const unsigned char *in, size_t n, size_t max);
