/* email: whether a string is an address that mail can go to, by the WHATWG's rule for input fields
 * with the limits of RFC 5321 and a dot in the domain. ASCII only. */
#pragma once
#include <stdbool.h>

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64 };

bool email_valid(const char *s); /* NULL is not */
