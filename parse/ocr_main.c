/*
 * vitae-ocr: reads PDFs whose pages are pictures (serve.h). A program of its own, because what it
 * links is large and slow, and is rarely needed.
 */
#include "parse/ocr/ocr.h"
#include "parse/serve.h"

int main(int argc, char **argv)
{
	static const struct service service = {"vitae-ocr", ocr_warm_up, ocr_read};

	return serve(&service, argc, argv);
}
