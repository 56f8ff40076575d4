/*
 * See access.h. The library checks signatures; the algorithm is ours: whatever a token's header
 * says, only HS256 is taken. A token that was found good is remembered in a small set-associative
 * cache (its text and claims), because a client sends the same one with every request; expiry and
 * the account behind it are looked at each time. Only signed tokens enter the cache, so strangers
 * cannot fill it.
 */
#include "core/access.h"

#include <jwt.h>
#include <nettle/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/digest.h"
#include "base/rand.h"

enum { SETS = 1024, WAYS = 4, STRIPES = 64, TOKEN_MAX = 1024 };

struct slot {
	char *token; /* NULL: free */
	size_t n;
	struct claims claims;
};

struct access {
	unsigned char *key;
	int key_size;
	access_load load;
	uint64_t seed;
	pthread_mutex_t locks[STRIPES];
	struct slot slots[SETS][WAYS];
};

struct access *access_new(const char *secret, access_load load)
{
	struct access *x = calloc(1, sizeof *x);

	if (x == NULL)
		abort();
	x->key = (unsigned char *)strdup(secret);
	if (x->key == NULL)
		abort();
	x->key_size = (int)strlen(secret);
	x->load = load;
	rand_bytes(&x->seed, sizeof x->seed);
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_init(&x->locks[i], NULL);
	return x;
}

void access_free(struct access *x)
{
	if (x == NULL)
		return;
	for (int i = 0; i < SETS; i++)
		for (int j = 0; j < WAYS; j++)
			free(x->slots[i][j].token);
	for (int i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&x->locks[i]);
	explicit_bzero(x->key, (size_t)x->key_size);
	free(x->key);
	free(x);
}

static void jwt_done(jwt_t **jwt)
{
	jwt_free(*jwt);
}

static const char *type_name(enum token_type type)
{
	switch (type) {
	case TOKEN_ACCESS: return "access";
	case TOKEN_REFRESH: return "refresh";
	case TOKEN_KEY: break; /* no JWT */
	}
	return "";
}

int access_sign(struct access *x, struct arena *a, const struct claims *claims, const char **token)
{
	CLEANUP(jwt_done) jwt_t *jwt = NULL;
	char sub[24], *text;

	snprintf(sub, sizeof sub, "%lld", (long long)claims->user_id);
	if (jwt_new(&jwt) != 0 || jwt_add_grant(jwt, "sub", sub) != 0 ||
		jwt_add_grant_int(jwt, "sid", (long)claims->session_id) != 0 ||
		jwt_add_grant(jwt, "jti", claims->jti) != 0 ||
		jwt_add_grant(jwt, "type", type_name(claims->type)) != 0 ||
		jwt_add_grant_int(jwt, "iat", (long)claims->issued) != 0 ||
		jwt_add_grant_int(jwt, "exp", (long)claims->expires) != 0 ||
		jwt_set_alg(jwt, JWT_ALG_HS256, x->key, x->key_size) != 0)
		return E_INTERNAL;
	text = jwt_encode_str(jwt);
	if (text == NULL)
		return E_INTERNAL;
	*token = arena_strdup(a, text);
	free(text);
	return OK;
}

/* The claims of a token whose signature holds. */
static int read_claims(jwt_t *jwt, struct claims *out)
{
	const char *sub = jwt_get_grant(jwt, "sub"), *jti = jwt_get_grant(jwt, "jti");
	const char *type = jwt_get_grant(jwt, "type");
	struct claims c = {0};

	if (sub == NULL || text_int(sub, &c.user_id) < 0 || jti == NULL || strlen(jti) >= sizeof c.jti)
		return E_AUTH;
	if (text_eq(type, "access"))
		c.type = TOKEN_ACCESS;
	else if (text_eq(type, "refresh"))
		c.type = TOKEN_REFRESH;
	else
		return E_AUTH;
	snprintf(c.jti, sizeof c.jti, "%s", jti);
	c.session_id = jwt_get_grant_int(jwt, "sid");
	c.issued = jwt_get_grant_int(jwt, "iat");
	c.expires = jwt_get_grant_int(jwt, "exp");
	*out = c;
	return OK;
}

static int decode(struct access *x, const char *token, struct claims *out)
{
	CLEANUP(jwt_done) jwt_t *jwt = NULL;

	if (jwt_decode(&jwt, token, x->key, x->key_size) != 0)
		return E_AUTH;
	if (jwt_get_alg(jwt) != JWT_ALG_HS256)
		return E_AUTH;
	return read_claims(jwt, out);
}

static bool cache_get(struct access *x, uint64_t hash, const char *token, size_t n,
					  struct claims *out)
{
	struct slot *set = x->slots[hash % SETS];
	pthread_mutex_t *lock = &x->locks[hash % SETS % STRIPES];
	bool found = false;

	pthread_mutex_lock(lock);
	for (int i = 0; i < WAYS && !found; i++) {
		if (set[i].token == NULL || set[i].n != n || !bytes_equal_ct(set[i].token, token, n))
			continue;
		*out = set[i].claims;
		found = true;
	}
	pthread_mutex_unlock(lock);
	return found;
}

/* Takes the place of a free slot, else of the token that ends first. */
static void cache_put(struct access *x, uint64_t hash, const char *token, size_t n,
					  const struct claims *claims)
{
	struct slot *set = x->slots[hash % SETS], *victim = &set[0];
	pthread_mutex_t *lock = &x->locks[hash % SETS % STRIPES];
	char *copy = strdup(token);

	if (copy == NULL)
		return;
	pthread_mutex_lock(lock);
	for (int i = 0; i < WAYS && victim->token != NULL; i++)
		if (set[i].token == NULL || set[i].claims.expires < victim->claims.expires)
			victim = &set[i];
	free(victim->token);
	*victim = (struct slot){copy, n, *claims};
	pthread_mutex_unlock(lock);
}

/* ---- API keys ---- */

enum { KEY_RANDOM = 24, KEY_SEAL = 8, KEY_TAIL = 2 * (KEY_RANDOM + KEY_SEAL) };

static const char key_mark[] = "vk_";

/* The last digits of a key: an HMAC-SHA256 over the n bytes before them, cut. */
static void seal_key(const struct access *x, const char *key, size_t n, char out[2 * KEY_SEAL + 1])
{
	struct hmac_sha256_ctx h;
	unsigned char mac[KEY_SEAL];

	hmac_sha256_set_key(&h, (size_t)x->key_size, x->key);
	hmac_sha256_update(&h, n, (const uint8_t *)key);
	hmac_sha256_digest(&h, sizeof mac, mac);
	for (size_t i = 0; i < sizeof mac; i++)
		snprintf(out + 2 * i, 3, "%02x", mac[i]);
}

static void hash_key(const char *key, char out[65])
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, key, strlen(key));
	digest_hex(&d, out);
}

void access_make_key(struct access *x, int64_t user_id, int64_t key_id, char out[ACCESS_KEY_SIZE],
					 size_t *shown, char hash[65])
{
	char random[2 * KEY_RANDOM + 1], seal[2 * KEY_SEAL + 1];
	int head = snprintf(out, ACCESS_KEY_SIZE, "%s%lld_%lld_", key_mark, (long long)user_id,
						(long long)key_id);

	rand_hex(random, KEY_RANDOM);
	snprintf(out + head, ACCESS_KEY_SIZE - (size_t)head, "%s", random);
	seal_key(x, out, strlen(out), seal);
	snprintf(out + strlen(out), ACCESS_KEY_SIZE - strlen(out), "%s", seal);
	*shown = (size_t)head + ACCESS_KEY_SHOWN;
	hash_key(out, hash);
	explicit_bzero(random, sizeof random);
}

/* The digits between two underscores as a positive number; NULL if there are none. */
static const char *read_number(const char *s, int64_t *out)
{
	const char *end = strchr(s, '_');
	char digits[20];

	if (end == NULL || end == s || (size_t)(end - s) >= sizeof digits)
		return NULL;
	memcpy(digits, s, (size_t)(end - s));
	digits[end - s] = '\0';
	return text_int(digits, out) == OK && *out > 0 ? end + 1 : NULL;
}

static int verify_key(const struct access *x, const char *key, int64_t now, struct claims *out)
{
	struct claims c = {.type = TOKEN_KEY};
	size_t n = strlen(key);
	char seal[2 * KEY_SEAL + 1];
	const char *tail;

	tail = read_number(key + strlen(key_mark), &c.user_id);
	if (tail != NULL)
		tail = read_number(tail, &c.key_id);
	if (tail == NULL || strlen(tail) != KEY_TAIL)
		return E_AUTH;
	seal_key(x, key, n - 2 * KEY_SEAL, seal);
	if (!text_equal_ct(seal, key + n - 2 * KEY_SEAL))
		return E_AUTH;
	hash_key(key, c.key_hash);
	c.issued = now / CLOCK_SECOND;
	c.expires = c.issued + ACCESS_SECONDS;
	*out = c;
	return OK;
}

const char *access_key(const char *value)
{
	return value != NULL && text_starts(value, key_mark) ? value : NULL;
}

int access_verify(struct access *x, const char *token, enum token_type type, int64_t now,
				  struct claims *out)
{
	size_t n = strlen(token);
	struct claims claims;
	uint64_t hash;

	if (n > TOKEN_MAX)
		return E_AUTH;
	if (access_key(token) != NULL)
		return type == TOKEN_ACCESS ? verify_key(x, token, now, out) : E_AUTH;
	hash = XXH3_64bits_withSeed(token, n, x->seed);
	if (!cache_get(x, hash, token, n, &claims)) {
		TRY(decode(x, token, &claims));
		if (claims.type == TOKEN_ACCESS)
			cache_put(x, hash, token, n, &claims);
	}
	if (claims.type != type || claims.expires <= now / CLOCK_SECOND)
		return E_AUTH;
	*out = claims;
	return OK;
}

const char *access_bearer(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (authorization == NULL || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
		return NULL;
	authorization += sizeof scheme - 1;
	authorization += strspn(authorization, " ");
	return *authorization == '\0' ? NULL : authorization;
}

int access_actor(struct access *x, struct db *db, struct arena *a, const struct claims *claims,
				 struct actor *out)
{
	return x->load(db, a, claims, out);
}

int access_identify(struct access *x, struct db *db, struct arena *a, const char *authorization,
					int64_t now, struct actor *out)
{
	const char *token = access_bearer(authorization);
	struct claims claims;

	if (token == NULL)
		return fail(db, E_AUTH, "Not authenticated");
	if (access_verify(x, token, TOKEN_ACCESS, now, &claims) < 0)
		return fail(db, E_AUTH, "Could not validate credentials");
	return access_actor(x, db, a, &claims, out);
}
