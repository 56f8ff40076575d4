/* video_uploads: videos that are sent in pieces and resumed after a break, by the tus protocol 1.0.
 * Owns the table video_uploads. */
#pragma once
#include "core/route.h"

extern const struct feature video_uploads_feature;
