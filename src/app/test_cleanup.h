/* test_cleanup: removing what integration tests have made, found by its marks. */
#pragma once
#include "core/route.h"

extern const struct feature test_cleanup_feature;
