/* media: what a video file's container and first pictures tell, by the libraries of FFmpeg. */
#pragma once
#include "base/arena.h"
#include "data/media.h"

/* Registers what the libraries load late, outside of the jail. */
void media_warm_up(void);

/* Reads the file behind fd (borrowed, any size, never whole in memory). reply->error is set if it
 * is no video that can be read. Strings in the arena. */
void media_read(struct arena *a, int fd, struct media_reply *reply);
