#include "parse/ocr/page.h"

#include "base/test.h"
#include "parse/ocr/decode.h"
#include "parse/pdf/pdf.h"
#include "parse/pdf/test_pdf.h"

TEST(placeholder)
{
	CHECK(1);
}

TEST_MAIN()
