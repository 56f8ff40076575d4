/* A DOC of Word 97 to 2003: the OLE container, the piece table, properties. */
#include "tests/fuzz/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	word_warm_up();
	read_document(msdoc_read, data, n);
	return 0;
}
