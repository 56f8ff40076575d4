/* HTML and MHTML saved under the name of a Word document. */
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	word_warm_up();
	read_document(html_read, data, n);
	return 0;
}
