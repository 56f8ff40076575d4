#include "data/email.h"

#include "base/test.h"

TEST(email_takes)
{
	static const char *const good[] = {
		"a@b.co", "ada.lovelace+cv@example.com",     "o'neil@mail.example.org", "x_y-z@a-b.example",
		"1@2.de", "!#$%&'*+/=?^_`{|}~-@example.com", "a@xn--bcher-kva.example",
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		CHECK(email_valid(good[i]));
}

TEST(email_refuses)
{
	static const char *const bad[] = {
		"",         "@",         "a@",         "@b.co",       "a@b",
		"a b@c.de", "a@b..co",   "a@.b.co",    "a@b.co.",     ".a@b.co",
		"a.@b.co",  "a..b@c.de", "a@@b.co",    "a@b@c.de",    "a@-b.co",
		"a@b-.co",  "a@b_c.de",  "a@b.co\n",   "a\n@b.co",    "a@b.co\r\nBcc: x@y.zz",
		"<a@b.co>", "a,b@c.de",  "\"a\"@b.co", "a@[1.2.3.4]", "ä@b.co",
		"a@bü.de",  " a@b.co",   "a@b.co ",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!email_valid(bad[i]));
	CHECK(!email_valid(NULL));
}

TEST(email_lengths)
{
	char s[400], label[65];

	memset(label, 'a', 64);
	label[64] = '\0';
	snprintf(s, sizeof s, "%s@b.co", label);
	CHECK(email_valid(s));
	snprintf(s, sizeof s, "a%s@b.co", label);
	CHECK(!email_valid(s));
	snprintf(s, sizeof s, "a@%.63s.co", label);
	CHECK(email_valid(s));
	snprintf(s, sizeof s, "a@%s.co", label);
	CHECK(!email_valid(s));
	snprintf(s, sizeof s, "%.58s@%.63s.%.63s.%.63s.co", label, label, label, label);
	CHECK_INT(strlen(s), 254 - 1);
	CHECK(email_valid(s));
	snprintf(s, sizeof s, "%.60s@%.63s.%.63s.%.63s.co", label, label, label, label);
	CHECK_INT(strlen(s), 255);
	CHECK(!email_valid(s));
}

TEST_MAIN()
