/* See email.h. By hand, since a regular expression over a stranger's text costs what it pleases. */
#include "data/email.h"

#include <stddef.h>
#include <string.h>

enum { LABEL_MAX = 63 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool local_valid(const char *s, size_t n)
{
	if (n == 0 || n > EMAIL_LOCAL_MAX || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_alnum(s[i]) && strchr(".!#$%&'*+/=?^_`{|}~-", s[i]) == NULL)
			return false;
		if (s[i] == '.' && s[i + 1] == '.')
			return false;
	}
	return true;
}

static bool label_valid(const char *s, size_t n)
{
	if (n == 0 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	}
	return true;
}

static bool domain_valid(const char *s)
{
	size_t labels = 0;

	for (;;) {
		size_t n = strcspn(s, ".");

		if (!label_valid(s, n))
			return false;
		labels++;
		if (s[n] == '\0')
			return labels > 1;
		s += n + 1;
	}
}

bool email_valid(const char *s)
{
	const char *at = s == NULL ? NULL : strchr(s, '@');

	if (at == NULL || strnlen(s, EMAIL_MAX + 1) > EMAIL_MAX)
		return false;
	return local_valid(s, (size_t)(at - s)) && domain_valid(at + 1);
}
