/*
 * skill_level: how well somebody knows a skill or language: "expert", "5 years", "8/10", "80 %".
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether the text is nothing but a level, a number of years or a rating. */
bool is_level(const char *text, size_t n);
bool plain_is_level(const char *plain); /* of a text in plain form */
/* "English", "English native", "Spanish and English", in plain form. */
bool plain_is_spoken(const char *plain);
/* The length of a rating in digits at s, 0 if none ends the text of n bytes. */
size_t rating_length(const char *s, size_t n);
bool digits_only(const char *s, size_t n);
