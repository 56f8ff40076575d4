/* See password.h. libcrypt's crypt_rn is reentrant; its scratch memory is too large for a thread's
 * stack. */
#include "app/password.h"

#include <crypt.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/rand.h"
#include "base/text.h"

enum { BCRYPT_BYTES = 72, DIGEST_TEXT = BASE64_ENCODE_RAW_LENGTH(DIGEST_SIZE) + 1 };

struct failable {
	struct error *error;
};

/* What bcrypt is given: the password itself, or the base64 of its SHA-256 when it is longer than
 * bcrypt reads. */
static const char *bcrypt_input(const char *password, char digest_text[DIGEST_TEXT])
{
	unsigned char bytes[DIGEST_SIZE];
	struct digest d;

	if (strlen(password) <= BCRYPT_BYTES)
		return password;
	digest_init(&d);
	digest_add(&d, password, strlen(password));
	digest_bytes(&d, bytes);
	base64_encode_raw(digest_text, DIGEST_SIZE, bytes);
	digest_text[DIGEST_TEXT - 1] = '\0';
	return digest_text;
}

static bool crypt_with(const char *password, const char *setting, char out[PASSWORD_HASH_SIZE])
{
	char digest_text[DIGEST_TEXT];
	const char *input = bcrypt_input(password, digest_text);
	struct crypt_data *scratch;
	const char *hash;
	bool ok;

	scratch = calloc(1, sizeof *scratch);
	if (scratch == NULL)
		abort();
	hash = crypt_rn(input, setting, scratch, (int)sizeof *scratch);
	ok = hash != NULL && hash[0] != '*' && strlen(hash) < PASSWORD_HASH_SIZE;
	if (ok)
		memcpy(out, hash, strlen(hash) + 1);
	explicit_bzero(scratch, sizeof *scratch);
	free(scratch);
	return ok;
}

int password_hash(struct error *error, const char *password, int64_t cost,
				  char out[PASSWORD_HASH_SIZE])
{
	struct failable f = {error};
	char salt[16], setting[CRYPT_GENSALT_OUTPUT_SIZE];

	rand_bytes(salt, sizeof salt);
	if (crypt_gensalt_rn("$2b$", (unsigned long)cost, salt, (int)sizeof salt, setting,
						 (int)sizeof setting) == NULL ||
		!crypt_with(password, setting, out))
		return fail(&f, E_INTERNAL, "bcrypt failed at cost %d", (int)cost);
	return OK;
}

bool password_matches(const char *password, const char *hash, int64_t cost)
{
	char dummy[PASSWORD_HASH_SIZE], got[PASSWORD_HASH_SIZE];
	struct error ignored;

	if (hash == NULL) {
		password_hash(&ignored, password, cost, dummy);
		return false;
	}
	return crypt_with(password, hash, got) && text_equal_ct(hash, got);
}
