/*
 * vitae-parser: reads documents that hold text (serve.h). Of a PDF that holds pictures of its pages
 * only it says so, and vitae-ocr may try.
 */
#include "parse/extract/extract.h"
#include "parse/pdf/pdf.h"
#include "parse/serve.h"
#include "parse/word/word.h"

static void warm_up(const char *languages)
{
	(void)languages;
	pdf_warm_up();
	word_warm_up();
}

static int read_text(struct doc *d, const unsigned char *data, size_t n, int seconds,
					 struct parse_reply *reply)
{
	(void)seconds;
	TRY(document_read(d, data, n));
	reply->scanned = doc_scanned(d);
	return extract_profile(d, &reply->profile);
}

int main(int argc, char **argv)
{
	static const struct service service = {"vitae-parser", warm_up, read_text};

	return serve(&service, argc, argv);
}
