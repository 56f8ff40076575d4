/*
 * test_mark: the marks by which the cleanup of test data finds rows. They stand in the JSON that a
 * client sends (test_metadata and the like) and are copied into two columns when a row is made, so
 * that an index finds them.
 */
#pragma once
#include "data/json.h"

#define TEST_MARKER "integration_test_data"

/* For the columns test_marker and test_session_id; both NULL for what is no test data. */
struct test_mark {
	const char *marker, *session;
};

/* The mark in an object with test_marker and test_session_id; v may be anything, or NULL. Strings
 * belong to v. */
struct test_mark test_mark_of(const struct json_value *v);
/* The same from JSON text, NULL allowed; strings in the arena. */
struct test_mark test_mark_parse(struct arena *a, const char *text);
