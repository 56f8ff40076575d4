/* stats: sums and series about what a team does, ready to plot. */
#pragma once
#include "core/route.h"

extern const struct feature stats_feature;
