#include "data/sniff_video.h"

#include <string.h>

#include "base/test.h"

static const char *type(const char *name, const char *head, size_t n)
{
	return video_type(name, (const unsigned char *)head, n);
}

TEST(names_of_videos)
{
	CHECK(video_name("a.mp4") && video_name("A.WebM") && video_name("x.3gp"));
	CHECK(!video_name("a.mp3") && !video_name("mp4") && !video_name("a.mp4.exe"));
}

TEST(bytes_decide_within_a_family)
{
	CHECK_STR(type("a.mp4",
				   "\0\0\0\x18"
				   "ftypisom\0\0\2\0",
				   16),
			  "video/mp4");
	CHECK_STR(type("a.mp4",
				   "\0\0\0\x14"
				   "ftypqt  \0\0\0\0",
				   16),
			  "video/quicktime");
	CHECK_STR(type("a.mov",
				   "\0\0\0\x14"
				   "ftypqt  \0\0\0\0",
				   16),
			  "video/quicktime");
	CHECK_STR(type("a.mov",
				   "\0\0\0\x08"
				   "wide\0\0\0\0mdat",
				   16),
			  "video/quicktime");
	CHECK_STR(type("a.3gp",
				   "\0\0\0\x14"
				   "ftyp3gp4\0\0\0\0",
				   16),
			  "video/3gpp");
	CHECK_STR(type("a.m4v",
				   "\0\0\0\x14"
				   "ftypM4V \0\0\0\0",
				   16),
			  "video/x-m4v");
	CHECK_STR(type("a.webm",
				   "\x1A\x45\xDF\xA3\x88\x42\x82\x84"
				   "webm",
				   12),
			  "video/webm");
	CHECK_STR(type("a.mkv",
				   "\x1A\x45\xDF\xA3\x8C\x42\x82\x88"
				   "matroska",
				   16),
			  "video/x-matroska");
	CHECK_STR(type("a.mkv", "\x1A\x45\xDF\xA3", 4), "video/x-matroska");
	CHECK_STR(type("a.avi", "RIFF\x10\0\0\0AVI LIST", 16), "video/x-msvideo");
	CHECK_STR(type("a.flv", "FLV\x01\x05\0\0\0\x09", 9), "video/x-flv");
}

TEST(what_is_no_video)
{
	CHECK(type("a.mp4", "\x1A\x45\xDF\xA3", 4) == NULL);
	CHECK(type("a.webm",
			   "\0\0\0\x18"
			   "ftypisom",
			   12) == NULL);
	CHECK(type("a.avi", "RIFF\x10\0\0\0WAVEfmt ", 16) == NULL);
	CHECK(type("a.mp4", "%PDF-1.7", 8) == NULL);
	CHECK(type("a.mp4", "", 0) == NULL && type("a.mp4",
											   "\0\0\0\x18"
											   "fty",
											   7) == NULL);
	CHECK(type("a.txt", "FLV\x01", 4) == NULL);
}

TEST_MAIN()
