/* flags: the endpoints of feature flags; core/flag.h holds the flags themselves. */
#pragma once
#include "core/route.h"

extern const struct feature flags_feature;
