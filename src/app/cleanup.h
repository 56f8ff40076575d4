/* cleanup: the guarded deletion of all résumés, and of all videos, in development. */
#pragma once
#include "core/route.h"

extern const struct feature cleanup_feature;
