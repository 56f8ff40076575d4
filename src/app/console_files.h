/* console_files: the built console, embedded by tools/embed-tree. */
#pragma once
#include <stddef.h>

struct embedded_file {
	const char *path;          /* "index.html", "assets/index-3f2a.js" */
	const unsigned char *data; /* gzip */
	size_t packed, size;       /* bytes as they are here, and unpacked */
};
extern const struct embedded_file console_files[];
extern const size_t console_files_count;
