/*
 * orphans: stored files that no feature names (.has_file of struct feature): what a crash left
 * between placing a file and committing its row.
 */
#pragma once
#include "core/route.h"

extern const struct feature orphans_feature;
