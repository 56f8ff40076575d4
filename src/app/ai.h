/* ai: what a language model writes for an applicant. */
#pragma once
#include "core/route.h"

extern const struct feature ai_feature;
