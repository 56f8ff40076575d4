/* media: what vitae-media tells of a video file. */
#pragma once
#include "data/schema.h"

enum { MEDIA_POSTER_MAX = 512 * 1024, MEDIA_POSTER_WIDTH = 640 };

struct media_reply {
	const char *error; /* why the file cannot be read; NULL: it could be */
	struct opt_int duration_ms, width, height;
	const char *poster; /* a JPEG in Base64, NULL: none could be made */
};
extern const struct schema media_reply_schema;
