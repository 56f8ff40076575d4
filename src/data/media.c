/* See media.h. */
#include "data/media.h"

static const struct field reply_fields[] = {
	FIELD(struct media_reply, error, F_NULL, .max = 500, .doc = "Why the file cannot be read",
		  .example = "null"),
	FIELD(struct media_reply, duration_ms, F_NULL, .min = 0, .doc = "Length in milliseconds",
		  .example = "61500"),
	FIELD(struct media_reply, width, F_NULL, .min = 1, .max = 100000, .doc = "Pixels",
		  .example = "1280"),
	FIELD(struct media_reply, height, F_NULL, .min = 1, .max = 100000, .doc = "Pixels",
		  .example = "720"),
	FIELD(struct media_reply, poster, F_NULL, .max = MEDIA_POSTER_MAX * 2,
		  .doc = "A still picture, JPEG in Base64", .example = "null"),
};
const struct schema media_reply_schema = SCHEMA("MediaReply", struct media_reply, reply_fields);
