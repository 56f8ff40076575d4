#include "parse/pdf/filter.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "base/test.h"

enum { MAX = 1 << 20 };

static struct bytes decoded(enum filter f, const struct filter_params *p, const void *in, size_t n)
{
	struct bytes out = {0};

	CHECK_INT(filter_decode(f, p, in, n, MAX, &out), OK);
	return out;
}

#define CHECK_BYTES(b, s)                              \
	do {                                               \
		CHECK_INT((b).n, sizeof(s) - 1);               \
		CHECK(memcmp((b).p, (s), sizeof(s) - 1) == 0); \
		bytes_done(&(b));                              \
	} while (0)

TEST(names_and_abbreviations)
{
	enum filter f;

	CHECK(filter_named("FlateDecode", &f) && f == FILTER_FLATE);
	CHECK(filter_named("A85", &f) && f == FILTER_ASCII85);
	CHECK(!filter_named("DCTDecode", &f));
}

TEST(ascii_hex)
{
	static const struct filter_params none;
	struct bytes b = decoded(FILTER_ASCIIHEX, &none, "48 65\n6C6c6F2>junk", 18);

	CHECK_BYTES(b, "Hello ");
}

TEST(ascii_85)
{
	static const struct filter_params none;
	struct bytes b = decoded(FILTER_ASCII85, &none, "87cURD]j7BEbo80~>", 17);

	CHECK_BYTES(b, "Hello world!");
	b = decoded(FILTER_ASCII85, &none, "z87cUR~>", 8);
	CHECK_BYTES(b, "\0\0\0\0Hell");
	b = decoded(FILTER_ASCII85, &none, "87cURDZ~>", 9);
	CHECK_BYTES(b, "Hello");
}

TEST(run_length)
{
	static const struct filter_params none;
	struct bytes b = decoded(FILTER_RUNLENGTH, &none, "\002abc\376x\200zz", 8);

	CHECK_BYTES(b, "abcxxx");
	b = decoded(FILTER_RUNLENGTH, &none, "\012ab", 3);
	CHECK_BYTES(b, "ab");
}

TEST(lzw)
{
	/* The example of ISO 32000-1, 7.4.4.2. */
	static const struct filter_params none;
	struct bytes b = decoded(FILTER_LZW, &none, "\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01", 9);

	CHECK_BYTES(b, "-----A---B");
}

TEST(lzw_damage_ends_quietly)
{
	static const struct filter_params none;
	struct bytes b = decoded(FILTER_LZW, &none, "\xFF\xFF\xFF\xFF", 4);

	bytes_done(&b);
}

static size_t deflated(const void *in, size_t n, unsigned char *out, size_t cap)
{
	uLongf len = cap;

	CHECK_INT(compress(out, &len, in, n), Z_OK);
	return len;
}

TEST(flate_and_its_damage)
{
	static const struct filter_params none;
	unsigned char z[256];
	size_t n = deflated("Hello Hello Hello", 17, z, sizeof z);
	struct bytes b = decoded(FILTER_FLATE, &none, z, n);

	CHECK_BYTES(b, "Hello Hello Hello");
	b = decoded(FILTER_FLATE, &none, z, n - 5); /* no checksum */
	CHECK_BYTES(b, "Hello Hello Hello");
	z[0] = z[1] = 0; /* no header */
	b = decoded(FILTER_FLATE, &none, z, n);
	CHECK_BYTES(b, "Hello Hello Hello");
	bytes_done(&b);
}

TEST(a_bomb_costs_its_cap)
{
	static const struct filter_params none;
	size_t n = 4 << 20;
	unsigned char *zeros = calloc(1, n), *z = malloc(n);
	struct bytes b = {0};

	n = deflated(zeros, n, z, n);
	CHECK_INT(filter_decode(FILTER_FLATE, &none, z, n, MAX, &b), E_TOO_LARGE);
	CHECK_INT(b.n, MAX);
	bytes_done(&b);
	free(zeros);
	free(z);
}

TEST(the_size_of_a_bomb_is_counted_up_to_a_limit)
{
	unsigned char z[256];
	size_t n = deflated("Hello Hello Hello", 17, z, sizeof z);

	CHECK_INT(filter_inflated_size(z, n, 100), 17);
	CHECK_INT(filter_inflated_size(z, n, 10), 10);
	CHECK_INT(filter_inflated_size((const unsigned char *)"junk", 4, 10), 0);
}

TEST(png_predictors)
{
	struct filter_params p = {.predictor = 15, .columns = 3};
	unsigned char z[256];
	size_t n = deflated("\001\001\001\001\002\001\001\001\003\001\001\001\004\001\001\001", 16, z,
						sizeof z);
	struct bytes b = decoded(FILTER_FLATE, &p, z, n);

	/* Sub, Up, Average, Paeth. */
	CHECK_BYTES(b, "\001\002\003\002\003\004\002\003\004\003\004\005");
}

TEST(tiff_predictor)
{
	struct filter_params p = {.predictor = 2, .columns = 4};
	unsigned char z[256];
	size_t n = deflated("\001\001\001\001\005\001\001\001", 8, z, sizeof z);
	struct bytes b = decoded(FILTER_FLATE, &p, z, n);

	CHECK_BYTES(b, "\001\002\003\004\005\006\007\010");
}

struct rows {
	unsigned char p[64];
	size_t n, stride, most;
};

static bool keep_row(void *arg, const unsigned char *row)
{
	struct rows *r = arg;

	memcpy(r->p + r->n, row, r->stride);
	r->n += r->stride;
	return r->n < r->most;
}

TEST(rows_of_a_large_picture)
{
	static const char png[] = "\001\001\001\001\002\001\001\001\003\001\001\001\004\001\001\001";
	struct filter_params p = {.predictor = 15, .columns = 3}, plain = {0},
						 tiff = {.predictor = 2, .columns = 3};
	struct rows r = {.stride = 3, .most = 64};
	unsigned char z[256];
	size_t n = deflated(png, 16, z, sizeof z);

	CHECK_INT(filter_inflate_rows(&p, z, n, 3, keep_row, &r), OK);
	CHECK_INT(r.n, 12);
	CHECK(memcmp(r.p, "\001\002\003\002\003\004\002\003\004\003\004\005", 12) == 0);
	r = (struct rows){.stride = 5, .most = 10};
	CHECK_INT(filter_inflate_rows(&plain, z, n, 5, keep_row, &r), OK);
	CHECK_INT(r.n, 10);
	CHECK(memcmp(r.p, png, 10) == 0);
	r = (struct rows){.stride = 3, .most = 64};
	CHECK_INT(filter_inflate_rows(&p, z, n / 2, 3, keep_row, &r), OK);
	CHECK(r.n <= 12);
	CHECK_INT(filter_inflate_rows(&p, z, n, 4, keep_row, &r), E_INVALID);
	CHECK_INT(filter_inflate_rows(&tiff, z, n, 3, keep_row, &r), E_INVALID);
}

TEST_MAIN()
