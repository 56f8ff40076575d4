/* sniff_video: which of the eight kinds of video file bytes are, by their content and their name.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { SNIFF_VIDEO_HEAD = 4096 }; /* bytes of the beginning that decide */

/* True if the name ends in .mp4, .avi, .mov, .mkv, .webm, .m4v, .3gp or .flv, in any case. */
bool video_name(const char *name);

/* The media type of a video with this name and these first bytes (the whole file if shorter); NULL
 * if the name is none of a video, or the bytes are not of its family: ISO base media (mp4, m4v,
 * mov, 3gp; ISO/IEC 14496-12), Matroska (mkv, webm; RFC 9559), AVI, FLV. Within a family the bytes
 * decide. Static text. */
const char *video_type(const char *name, const unsigned char *head, size_t n);
