/*
 * poppler_text: the time that poppler-glib takes for the text of PDFs, in one process; for
 *bench/parse.
 *
 *	poppler_text FILE...    reads all files twice and prints, for each, the bytes of text and the
 *	                        milliseconds of CPU of the second time
 */
#include <poppler.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The bytes of text of all pages; 0 if the file cannot be read. */
static size_t read_text(const char *uri)
{
	PopplerDocument *doc = poppler_document_new_from_file(uri, NULL, NULL);
	size_t n = 0;

	for (int i = 0; doc != NULL && i < poppler_document_get_n_pages(doc); i++) {
		PopplerPage *page = poppler_document_get_page(doc, i);
		char *text = poppler_page_get_text(page);

		n += text == NULL ? 0 : strlen(text);
		g_free(text);
		g_object_unref(page);
	}
	if (doc != NULL)
		g_object_unref(doc);
	return n;
}

int main(int argc, char **argv)
{
	for (int round = 0; round < 2; round++) {
		for (int i = 1; i < argc; i++) {
			char *path = g_canonicalize_filename(argv[i], NULL);
			char *uri = g_filename_to_uri(path, NULL, NULL);
			double start = cpu_ms();
			size_t n = read_text(uri);

			if (round == 1)
				printf("%zu %.4f %s\n", n, cpu_ms() - start, argv[i]);
			g_free(uri);
			g_free(path);
		}
	}
	return 0;
}
