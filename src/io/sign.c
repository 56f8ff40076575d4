/*
 * See sign.h. Only host, date and the body's hash are signed, which is what the service demands;
 * libcurl's own signing (7.88) also signs headers that it then does not send.
 */
#include "io/sign.h"

#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

enum { CANONICAL_MAX = 32 * 1024, QUERY_PARTS_MAX = 100 };

static int compare_parts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The query's parts in order, each with its "=". */
static void add_query(struct arena *a, struct buf *out, const char *query)
{
	char *parts[QUERY_PARTS_MAX], *at = arena_strdup(a, query != NULL ? query : "");
	size_t n = 0;

	while (at != NULL && *at != '\0' && n < QUERY_PARTS_MAX) {
		char *part = strsep(&at, "&");

		if (*part != '\0')
			parts[n++] = strchr(part, '=') != NULL ? part : arena_printf(a, "%s=", part);
	}
	qsort(parts, n, sizeof parts[0], compare_parts);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s", i > 0 ? "&" : "", parts[i]);
}

static void hmac(uint8_t key[SHA256_DIGEST_SIZE], size_t n, const char *text)
{
	struct hmac_sha256_ctx c;

	hmac_sha256_set_key(&c, n, key);
	hmac_sha256_update(&c, strlen(text), (const uint8_t *)text);
	hmac_sha256_digest(&c, SHA256_DIGEST_SIZE, key);
}

/* The signing key of this day, region and service, then the signature of text in hexadecimal. */
static const char *signature(struct arena *a, const struct fetch_sign *s, const char *day,
							 const char *text)
{
	char *first = arena_printf(a, "AWS4%s", s->secret);
	size_t n = strlen(first);
	struct hmac_sha256_ctx c;
	uint8_t key[SHA256_DIGEST_SIZE];
	struct buf hex;

	hmac_sha256_set_key(&c, n, (const uint8_t *)first);
	hmac_sha256_update(&c, strlen(day), (const uint8_t *)day);
	hmac_sha256_digest(&c, sizeof key, key);
	hmac(key, sizeof key, s->region);
	hmac(key, sizeof key, s->service);
	hmac(key, sizeof key, "aws4_request");
	hmac(key, sizeof key, text);
	explicit_bzero(first, n);
	buf_init(&hex, a, 2 * sizeof key);
	for (size_t i = 0; i < sizeof key; i++)
		buf_addf(&hex, "%02x", key[i]);
	return buf_str(&hex);
}

void sign_aws(struct arena *a, const struct fetch_sign *s, const struct sign_request *r,
			  struct pair out[SIGN_HEADERS])
{
	static const char names[] = "host;x-amz-content-sha256;x-amz-date";
	char iso[CLOCK_ISO_SIZE], sum[DIGEST_HEX];
	struct digest digest;
	const char *date, *day, *scope, *text;
	struct buf canonical;

	clock_iso(r->now - r->now % CLOCK_SECOND, iso);
	day = arena_printf(a, "%.4s%.2s%.2s", iso, iso + 5, iso + 8);
	date = arena_printf(a, "%sT%.2s%.2s%.2sZ", day, iso + 11, iso + 14, iso + 17);
	scope = arena_printf(a, "%s/%s/%s/aws4_request", day, s->region, s->service);
	buf_init(&canonical, a, CANONICAL_MAX);
	buf_addf(&canonical, "%s\n%s\n", r->method, r->path);
	add_query(a, &canonical, r->query);
	buf_addf(&canonical, "\nhost:%s\nx-amz-content-sha256:%s\nx-amz-date:%s\n\n%s\n%s", r->host,
			 r->payload, date, names, r->payload);
	digest_init(&digest);
	digest_add(&digest, buf_str(&canonical), canonical.n);
	digest_hex(&digest, sum);
	text = arena_printf(a, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, sum);
	out[0] = (struct pair){"x-amz-date", date};
	out[1] = (struct pair){"x-amz-content-sha256", r->payload};
	out[2] = (struct pair){
		"Authorization",
		arena_printf(a, "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%s",
					 s->key_id, scope, names, signature(a, s, day, text))};
}
