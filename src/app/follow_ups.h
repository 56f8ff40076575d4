/* follow_ups: a scheduled kind of work: follows up mail to HR that nobody has answered. */
#pragma once
#include "core/route.h"

extern const struct feature follow_ups_feature;
