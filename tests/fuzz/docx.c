/* A DOCX: the archive, its parts, their XML. */
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	word_warm_up();
	read_document(docx_read, data, n);
	return 0;
}
