#include "io/mime.h"

#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct arena *mem;

/* No line is longer than 78 characters, and every further one is folded. */
static bool folded(const char *s)
{
	while (*s != '\0') {
		size_t n = strcspn(s, "\r\n");

		if (n > 78)
			return false;
		s += n;
		if (*s != '\0' && (strncmp(s, "\r\n ", 3) != 0))
			return false;
		s += *s != '\0' ? 2 : 0;
	}
	return true;
}

TEST(subjects)
{
	char *words = NULL;

	mem = arena_new(1 << 20);
	CHECK_STR(mime_text(mem, "Application: C developer"), "Application: C developer");
	CHECK_STR(mime_text(mem, " a\r\nBcc: x@example.com\t"), "a  Bcc: x@example.com");
	CHECK_STR(mime_text(mem, "Bewerbung für Köln"), "=?UTF-8?B?QmV3ZXJidW5nIGbDvHIgS8O2bG4=?=");
	CHECK_STR(mime_text(mem, "=?x"), "=?UTF-8?B?PT94?=");
	words =
		arena_printf(mem, "%s", mime_text(mem, "日本語日本語日本語日本語日本語日本語日本語日本語"));
	CHECK(folded(words) && strstr(words, "?=\r\n =?UTF-8?B?") != NULL);
	CHECK(text_starts(words, "=?UTF-8?B?5pel5pys6Kqe")); /* 15 whole characters */
	CHECK(folded(mime_text(mem, "A long subject of plain words that goes on and on, longer than "
								"any line may be, so that it must be folded somehow")));
	CHECK_STR(mime_text(mem, ""), "");
	mem = arena_free(mem);
}

TEST(mailboxes)
{
	mem = arena_new(1 << 20);
	CHECK_STR(mime_mailbox(mem, NULL, "a@example.com"), "a@example.com");
	CHECK_STR(mime_mailbox(mem, " \n", "a@example.com"), "a@example.com");
	CHECK_STR(mime_mailbox(mem, "Ada \"L\\\" Byron, Countess", "a@example.com"),
			  "\"Ada \\\"L\\\\\\\" Byron, Countess\"\r\n <a@example.com>");
	CHECK_STR(mime_mailbox(mem, "Zoë", "z@example.com"),
			  "=?UTF-8?B?Wm/Dqw==?=\r\n <z@example.com>");
	CHECK_STR(mime_mailbox(mem, "x\r\nBcc: y", "z@example.com"),
			  "\"x  Bcc: y\"\r\n <z@example.com>");
	mem = arena_free(mem);
}

TEST(attachments)
{
	mem = arena_new(1 << 20);
	CHECK_STR(mime_attachment(mem, "cv.pdf"), "attachment;\r\n filename=\"cv.pdf\"");
	CHECK_STR(mime_attachment(mem, "Lebenslauf \"Zoë\".pdf"),
			  "attachment;\r\n filename*=UTF-8''Lebenslauf%20%22Zo%C3%AB%22.pdf");
	mem = arena_free(mem);
}

TEST(dates_and_lines)
{
	mem = arena_new(1 << 20);
	CHECK_STR(mime_date(mem, INT64_C(1795689876000000)), "Thu, 26 Nov 2026 10:44:36 +0000");
	CHECK_STR(mime_date(mem, 0), "Thu, 1 Jan 1970 00:00:00 +0000");
	CHECK_STR(mime_lines(mem, "a\nb\r\nc\rd\n\n"), "a\r\nb\r\nc\r\nd\r\n\r\n");
	mem = arena_free(mem);
}

TEST_MAIN()
