/* parse_line: what vitae parse prints for one file. */
#pragma once
#include "base/text.h"
#include "proc/worker.h"

/* Reads the file with the worker's parser, once more if that dies or is late, a scan then with
 * ocr's (NULL: not), and makes a line of JSON with its newline: always one, whatever happens. The
 * buffer owns its memory (buf_done). True if the document was read. */
bool parse_line(struct worker *w, struct worker *ocr, const char *path, bool with_profile,
				struct buf *line);
