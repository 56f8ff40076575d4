/* answers: which video answers which question, and whose it is. Owns the table interview_answers.
 */
#pragma once
#include "core/route.h"

extern const struct feature answers_feature;
