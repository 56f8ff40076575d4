/* upkeep: kinds of scheduled work that concern the whole instance: clearing up, and backups. */
#pragma once
#include "core/route.h"

extern const struct feature upkeep_feature;
