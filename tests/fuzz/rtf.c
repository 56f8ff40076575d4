/* An RTF. */
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	word_warm_up();
	read_document(rtf_read, data, n);
	return 0;
}
