/* video_reading: the task that finds a video's length, size and poster. */
#pragma once
#include "core/route.h"

/* Adds the task, in the current transaction; nothing where there is no program for it. */
int video_reading_queue(struct ctx *c, int64_t video_id);

extern const struct feature video_reading_feature;
