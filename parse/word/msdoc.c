/*
 * DOC as Word 97 to 2003 write it (MS-DOC). The container's WordDocument stream begins with the
 * FIB, which says where everything lies; the text is put together from the piece table, so that
 * fast-saved files read like others. Every offset is checked where it is used (struct bytes never
 * yields what is outside), so a damaged file costs text, not safety.
 */
#include "parse/word/msdoc.h"

#include <string.h>

enum {
	FIB_IDENT = 0xA5EC,
	FIB_WORD_95 = 0xA5DC, /* Word 6 and 95 */
	FIB_WORD_2 = 0xA5DB,
	FIB_VERSION_97 = 0xC0,
	FIB_ENCRYPTED = 0x0100,
	FIB_TABLE_1 = 0x0200,
	FIB_AT_FLAGS = 0x0A,
	FIB_AT_MIN = 0x18,
	FIB_AT_COUNTS = 0x4C, /* ccpText and its followers */
	FIB_AT_PAIRS = 0x9A,
	FIB_LEAST = 0x1AA, /* up to and with the piece table's offset */
	PAIR_CLX = 33,
};

static const char old_word[] =
	"The file was written by Word 95 or older, which cannot be read. Save it as DOCX or PDF.";
static const char protected[] =
	"The Word document is protected by a password. Remove it and upload again.";
static const char damaged[] = "The Word document is damaged and cannot be read.";

struct bytes msdoc_table_part(const struct msdoc *m, unsigned pair)
{
	size_t at = FIB_AT_PAIRS + 8 * (size_t)pair;
	unsigned pairs = bytes_u16(m->word, FIB_AT_PAIRS - 2);

	if (pair >= pairs)
		return (struct bytes){m->table.p, 0};
	return bytes_part(m->table, bytes_u32(m->word, at), bytes_u32(m->word, at + 4));
}

/* Says what an OLE file without a Word document in it is. */
static int not_word(struct doc *d, struct ole *o)
{
	if (ole_has(o, "EncryptedPackage") || ole_has(o, "EncryptionInfo"))
		return fail(d, E_RULE, "%s", protected);
	if (ole_has(o, "Workbook") || ole_has(o, "Book"))
		return fail(d, E_RULE, "The file is an Excel workbook, not a Word document.");
	if (ole_has(o, "PowerPoint Document"))
		return fail(d, E_RULE, "The file is a PowerPoint presentation, not a Word document.");
	return fail(d, E_RULE, "The file is damaged or is not a Word document.");
}

static int check_fib(struct msdoc *m)
{
	unsigned ident = bytes_u16(m->word, 0), version = bytes_u16(m->word, 2);

	if (ident == FIB_WORD_95 || ident == FIB_WORD_2 ||
		(ident == FIB_IDENT && version < FIB_VERSION_97))
		return fail(m->doc, E_RULE, "%s", old_word);
	if (ident != FIB_IDENT || m->word.n < FIB_LEAST)
		return fail(m->doc, E_RULE, "%s", damaged);
	if (bytes_u16(m->word, FIB_AT_FLAGS) & FIB_ENCRYPTED)
		return fail(m->doc, E_RULE, "%s", protected);
	return OK;
}

/* Sums up the stories' lengths; a sum beyond the cap is cut, as text is never longer than it. */
static void read_counts(struct msdoc *m)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < STORIES; i++) {
		uint32_t n = bytes_u32(m->word, FIB_AT_COUNTS + 4 * (size_t)i);

		m->cps[i] = at;
		at = n > DOC_TEXT_MAX - at ? DOC_TEXT_MAX : at + n;
	}
	m->cps[STORIES] = at;
}

static int read_document(struct msdoc *m, struct ole *o)
{
	m->word = ole_stream(o, "WordDocument");
	if (m->word.n == 0)
		return not_word(m->doc, o);
	TRY(check_fib(m));
	m->language = (int)bytes_u16(m->word, 6);
	m->table = ole_stream(o, bytes_u16(m->word, FIB_AT_FLAGS) & FIB_TABLE_1 ? "1Table" : "0Table");
	read_counts(m);
	TRY(msdoc_text_read(m, msdoc_table_part(m, PAIR_CLX), bytes_u32(m->word, FIB_AT_MIN)));
	msdoc_format_read(m);
	ole_summary(m->doc, ole_stream(o, "\005SummaryInformation"));
	msdoc_stories(m);
	return OK;
}

int msdoc_read(struct doc *d, const unsigned char *data, size_t n)
{
	CLEANUP(ole_close) struct ole o = {0};
	struct msdoc *m = ARENA_NEW(d->arena, struct msdoc);

	/* Word 2 and older wrote no container. */
	if (n > 2 && (data[0] == 0xDB || data[0] == 0x9B) && data[1] == 0xA5)
		return fail(d, E_RULE, "%s", old_word);
	TRY(ole_open(d, data, n, &o));
	m->doc = d;
	m->ole = &o;
	writer_init(&m->writer, d);
	return read_document(m, &o);
}
