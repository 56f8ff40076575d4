/* See doc.h. The only place that knows which engine reads which kind of bytes. */
#include <string.h>

#include "data/sniff.h"
#include "parse/word/pictures.h"

static int read_pdf(struct doc *d, const unsigned char *data, size_t n)
{
	TRY(pdf_read(d, data, n));
	return layout_lines(d);
}

/* Whether a Word file's text is in its pictures. */
static void find_pictures(struct doc *d, enum kind kind, const unsigned char *data, size_t n)
{
	struct word_pictures found;
	size_t text = 0;

	for (int i = 0; i < d->nlines && text <= DOC_SCANNED_TEXT; i++)
		text += strlen(d->lines[i].text);
	if (text > DOC_SCANNED_TEXT)
		return;
	word_pictures(d, kind, data, n, 1, &found);
	d->pictures = found.n > 0;
	if (d->pictures)
		doc_find(d, "scanned", "The document is a picture without text, for example a scan.");
}

static int read_nothing(struct doc *d, const unsigned char *data, size_t n)
{
	(void)data;
	if (n == 0)
		return fail(d, E_RULE, "The file is empty");
	return fail(d, E_RULE, "The file is neither a PDF nor a Word document");
}

int document_read(struct doc *d, const unsigned char *data, size_t n)
{
	static int (*const engines[])(struct doc *, const unsigned char *, size_t) = {
		[KIND_UNKNOWN] = read_nothing, [KIND_PDF] = read_pdf, [KIND_DOCX] = docx_read,
		[KIND_DOC] = msdoc_read,       [KIND_RTF] = rtf_read, [KIND_HTML] = html_read,
	};
	enum kind kind;

	if (n > DOC_FILE_MAX)
		return fail(d, E_TOO_LARGE, "The file is too large to be read");
	kind = sniff(data, n);
	d->format = kind_name(kind);
	TRY(engines[kind](d, data, n));
	if (kind == KIND_DOCX || kind == KIND_DOC || kind == KIND_RTF)
		find_pictures(d, kind, data, n);
	return OK;
}
