/* A PDF: objects, content, fonts, and the layout of what they drew. */
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	pdf_warm_up();
	read_document(pdf_read, data, n);
	return 0;
}
