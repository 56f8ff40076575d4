#include "core/access.h"

#include <jwt.h>
#include <stdlib.h>

#include "base/test.h"

static const char secret[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
enum { NOW = 1700000000 };
static const int64_t now = NOW * CLOCK_SECOND;

static int loads;
static int load(struct db *db, struct arena *a, const struct claims *claims, struct actor *out)
{
	(void)a;
	loads++;
	if (claims->user_id == 13)
		return fail(db, E_AUTH, "Could not validate credentials");
	*out = (struct actor){
		.user_id = claims->user_id, .session_id = claims->session_id, .role = ROLE_VIEWER};
	return OK;
}

struct env {
	struct access *x;
	struct arena *a;
	struct error error;
	struct db db;
};

static struct env *begin(void)
{
	static struct env e;

	access_free(e.x);
	arena_free(e.a);
	memset(&e, 0, sizeof e);
	e.x = access_new(secret, load);
	e.a = arena_new(1 << 20);
	e.db.error = &e.error;
	loads = 0;
	return &e;
}

static const struct claims good = {.user_id = 7,
								   .session_id = 3,
								   .jti = "ab12",
								   .type = TOKEN_ACCESS,
								   .issued = NOW,
								   .expires = NOW + 60};

static const char *signed_by(struct env *e, const struct claims *c)
{
	const char *token = NULL;

	CHECK_INT(access_sign(e->x, e->a, c, &token), OK);
	return token;
}

/* A token as the library makes it: any algorithm, any key. */
static const char *forged(struct env *e, jwt_alg_t alg, const char *key)
{
	jwt_t *jwt;
	char *text;
	const char *copy;

	CHECK_INT(jwt_new(&jwt), 0);
	jwt_add_grant(jwt, "sub", "7");
	jwt_add_grant(jwt, "jti", "ab12");
	jwt_add_grant(jwt, "type", "access");
	jwt_add_grant_int(jwt, "sid", 3);
	jwt_add_grant_int(jwt, "exp", NOW + 60);
	CHECK_INT(jwt_set_alg(jwt, alg, (const unsigned char *)key, key == NULL ? 0 : (int)strlen(key)),
			  0);
	text = jwt_encode_str(jwt);
	jwt_free(jwt);
	CHECK(text != NULL);
	copy = arena_strdup(e->a, text);
	free(text);
	return copy;
}

static int verify(struct env *e, const char *token)
{
	struct claims c;

	return access_verify(e->x, token, TOKEN_ACCESS, now, &c);
}

TEST(a_signed_token_comes_back)
{
	struct env *e = begin();
	const char *token = signed_by(e, &good);
	struct claims c;

	for (int i = 0; i < 2; i++) { /* the second time from the cache */
		CHECK_INT(access_verify(e->x, token, TOKEN_ACCESS, now, &c), OK);
		CHECK_INT(c.user_id, 7);
		CHECK_INT(c.session_id, 3);
		CHECK_STR(c.jti, "ab12");
		CHECK_INT(c.issued, NOW);
		CHECK_INT(c.expires, NOW + 60);
	}
}

TEST(it_expires_in_the_cache_too)
{
	struct env *e = begin();
	const char *token = signed_by(e, &good);
	struct claims c;

	CHECK_INT(access_verify(e->x, token, TOKEN_ACCESS, now, &c), OK);
	CHECK_INT(access_verify(e->x, token, TOKEN_ACCESS, now + 59 * CLOCK_SECOND, &c), OK);
	CHECK_INT(access_verify(e->x, token, TOKEN_ACCESS, now + 60 * CLOCK_SECOND, &c), E_AUTH);
}

TEST(one_type_is_not_the_other)
{
	struct env *e = begin();
	struct claims refresh = good, c;
	const char *token;

	refresh.type = TOKEN_REFRESH;
	token = signed_by(e, &refresh);
	CHECK_INT(access_verify(e->x, token, TOKEN_ACCESS, now, &c), E_AUTH);
	CHECK_INT(access_verify(e->x, token, TOKEN_REFRESH, now, &c), OK);
	CHECK_INT(access_verify(e->x, signed_by(e, &good), TOKEN_REFRESH, now, &c), E_AUTH);
}

TEST(the_algorithm_is_pinned)
{
	struct env *e = begin();

	CHECK_INT(verify(e, forged(e, JWT_ALG_HS256, secret)), OK);
	CHECK_INT(verify(e, forged(e, JWT_ALG_HS384, secret)), E_AUTH);
	CHECK_INT(verify(e, forged(e, JWT_ALG_HS512, secret)), E_AUTH);
	CHECK_INT(verify(e, forged(e, JWT_ALG_NONE, NULL)), E_AUTH);
	CHECK_INT(verify(e, forged(e, JWT_ALG_HS256, "another key")), E_AUTH);
}

TEST(any_changed_character_breaks_it)
{
	struct env *e = begin();
	const char *token = signed_by(e, &good);
	size_t n = strlen(token);

	CHECK_INT(verify(e, token), OK);
	/* The last character carries two bits that base64 ignores. */
	for (size_t i = 0; i + 1 < n; i++) {
		char *bad = arena_strdup(e->a, token);

		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		CHECK_INT(verify(e, bad), E_AUTH);
	}
	for (size_t i = 0; i < n; i++)
		CHECK_INT(verify(e, arena_strndup(e->a, token, i)), E_AUTH);
}

TEST(nonsense_is_refused)
{
	struct env *e = begin();
	char *longer = arena_alloc(e->a, 5001);

	memset(longer, 'a', 5000);
	CHECK_INT(verify(e, ""), E_AUTH);
	CHECK_INT(verify(e, "."), E_AUTH);
	CHECK_INT(verify(e, ".."), E_AUTH);
	CHECK_INT(verify(e, "..."), E_AUTH);
	CHECK_INT(verify(e, "e30.e30."), E_AUTH);
	CHECK_INT(verify(e, "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0."), E_AUTH);
	CHECK_INT(verify(e, longer), E_AUTH);
}

TEST(many_tokens_do_not_disturb_each_other)
{
	struct env *e = begin();
	enum { MANY = 6000 };
	const char **tokens = ARENA_ARRAY(e->a, MANY, const char *);
	struct claims c = good, got;

	for (int i = 0; i < MANY; i++) {
		c.user_id = i + 1;
		tokens[i] = signed_by(e, &c);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			CHECK_INT(access_verify(e->x, tokens[i], TOKEN_ACCESS, now, &got), OK);
			CHECK_INT(got.user_id, i + 1);
		}
}

TEST(the_header_is_read)
{
	CHECK_STR(access_bearer("Bearer abc"), "abc");
	CHECK_STR(access_bearer("bearer   abc"), "abc");
	CHECK(access_bearer("Basic abc") == NULL);
	CHECK(access_bearer("Bearer") == NULL);
	CHECK(access_bearer("Bearer ") == NULL);
	CHECK(access_bearer("") == NULL);
	CHECK(access_bearer(NULL) == NULL);
}

TEST(the_account_is_asked_each_time)
{
	struct env *e = begin();
	const char *header = arena_printf(e->a, "Bearer %s", signed_by(e, &good));
	struct claims gone = good;
	struct actor actor;

	CHECK_INT(access_identify(e->x, &e->db, e->a, header, now, &actor), OK);
	CHECK_INT(actor.user_id, 7);
	CHECK_INT(access_identify(e->x, &e->db, e->a, header, now, &actor), OK);
	CHECK_INT(loads, 2);
	gone.user_id = 13;
	header = arena_printf(e->a, "Bearer %s", signed_by(e, &gone));
	CHECK_INT(access_identify(e->x, &e->db, e->a, header, now, &actor), E_AUTH);
	CHECK_INT(access_identify(e->x, &e->db, e->a, NULL, now, &actor), E_AUTH);
	CHECK_STR(e->error.text, "Not authenticated");
	CHECK_INT(access_identify(e->x, &e->db, e->a, "Bearer x.y.z", now, &actor), E_AUTH);
	CHECK_STR(e->error.text, "Could not validate credentials");
}

TEST(api_keys)
{
	struct env *e = begin();
	char key[ACCESS_KEY_SIZE], other[ACCESS_KEY_SIZE], hash[65], ignored[65];
	struct access *elsewhere = access_new("another secret of another server", load);
	struct claims got;
	size_t shown, length;

	access_make_key(e->x, 7, 1234567890123456789, key, &shown, hash);
	length = strlen(key);
	CHECK(text_starts(key, "vk_7_1234567890123456789_"));
	CHECK(shown == strlen("vk_7_1234567890123456789_") + ACCESS_KEY_SHOWN);
	CHECK_INT(access_verify(e->x, key, TOKEN_ACCESS, now, &got), OK);
	CHECK(got.type == TOKEN_KEY && got.user_id == 7 && got.key_id == 1234567890123456789);
	CHECK(got.session_id == 0 && got.expires == NOW + ACCESS_SECONDS);
	CHECK_STR(got.key_hash, hash);
	CHECK_INT(access_verify(e->x, key, TOKEN_REFRESH, now, &got), E_AUTH);
	CHECK_INT(access_verify(elsewhere, key, TOKEN_ACCESS, now, &got), E_AUTH);
	/* every digit counts */
	for (size_t i = 0; i < length; i++) {
		snprintf(other, sizeof other, "%s", key);
		other[i] = other[i] == '0' ? '1' : '0';
		CHECK_INT(access_verify(e->x, other, TOKEN_ACCESS, now, &got), E_AUTH);
	}
	/* and the length */
	for (size_t i = 0; i < length; i++) {
		snprintf(other, sizeof other, "%.*s", (int)i, key);
		CHECK_INT(access_verify(e->x, other, TOKEN_ACCESS, now, &got), E_AUTH);
	}
	access_make_key(e->x, 7, 1234567890123456789, other, &shown, ignored);
	CHECK(strcmp(key, other) != 0 && strcmp(hash, ignored) != 0);
	access_free(elsewhere);
}

TEST(api_keys_by_their_header)
{
	CHECK_STR(access_key("vk_1_2_3"), "vk_1_2_3");
	CHECK(access_key(NULL) == NULL && access_key("") == NULL && access_key("eyJ.a.b") == NULL);
}

TEST_MAIN()
