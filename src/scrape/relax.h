/*
 * relax: JSON as people and templates write it, made into JSON: comments, commas behind the last
 * member, line ends inside strings, the comment or CDATA that wraps a script.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* A copy of as many bytes, in which whatever JSON does not know is blanks: offsets stay. */
char *json_relax(struct arena *a, const char *text, size_t n);
