/* See range.h. A server may ignore a Range; several ranges, for which nobody asks who plays a
 * video, get the whole file. */
#include "core/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Reads digits; false if there are none. What exceeds 64 bits is as good as the greatest. */
static bool number(const char **s, int64_t *out)
{
	const char *p = *s;
	int64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
			v = INT64_MAX / 16;
	if (p == *s)
		return false;
	*s = p;
	*out = v;
	return true;
}

static enum range_kind suffix(int64_t n, int64_t size, struct byte_range *out)
{
	if (n == 0 || size == 0)
		return RANGE_BEYOND;
	*out = (struct byte_range){n >= size ? 0 : size - n, size - 1};
	return RANGE_ONE;
}

enum range_kind range_parse(const char *value, int64_t size, struct byte_range *out)
{
	int64_t first = 0, last = INT64_MAX, n;
	bool from;

	if (strncasecmp(value, "bytes=", 6) != 0)
		return RANGE_NONE;
	value += 6;
	value += strspn(value, " \t");
	from = number(&value, &first);
	if (*value++ != '-')
		return RANGE_NONE;
	if (number(&value, &n))
		last = n;
	else if (!from)
		return RANGE_NONE;
	value += strspn(value, " \t");
	if (*value != '\0')
		return RANGE_NONE;
	if (!from)
		return suffix(last, size, out);
	if (last < first)
		return RANGE_NONE;
	if (first >= size)
		return RANGE_BEYOND;
	*out = (struct byte_range){first, last >= size ? size - 1 : last};
	return RANGE_ONE;
}
