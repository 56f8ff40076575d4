/* SHA-256: the examples of FIPS 180-4. */
#include "base/digest.h"

#include "base/test.h"

TEST(known_digests)
{
	struct digest d;
	char hex[DIGEST_HEX];

	digest_init(&d);
	digest_hex(&d, hex);
	CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_init(&d);
	digest_add(&d, "a", 1);
	digest_add(&d, "bc", 2);
	digest_hex(&d, hex);
	CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_MAIN()
