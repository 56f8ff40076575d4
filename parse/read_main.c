/*
 * vitae-read: shows what the readers see in documents, for whoever works on them.
 *
 *	vitae-read [-r | -s] FILE...
 *
 * One line of output for each line of the document: page, column, block, region, table.row.cell,
 *heading, size, flags, box, text, separated by tabs (a tab in the text is shown as " ¦ "). -r: the
 *runs of a PDF as the engine gave them: page, order, font, size, space, baseline, flags, box, text.
 *-s: before each line the section it was read as belonging to, "=" after that of a heading.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/doc.h"
#include "parse/extract/reading.h"

enum { MEMORY_MAX = 1024 * 1024 * 1024 };

static const char *flag_letters(unsigned flags, char out[16])
{
	static const char letters[] = "bihusvfro";
	size_t n = 0;

	for (unsigned i = 0; letters[i] != '\0'; i++)
		if ((flags & 1u << i) != 0)
			out[n++] = letters[i];
	if (n == 0)
		out[n++] = '.';
	out[n] = '\0';
	return out;
}

static void print_box(struct box b)
{
	printf("%.1f,%.1f-%.1f,%.1f", (double)b.x0, (double)b.y0, (double)b.x1, (double)b.y1);
}

static void print_line(const struct line *l)
{
	static const char regions[] = "bhfxn";
	char flags[16];

	printf("%d\t%d\t%d\t%c\t", l->page, l->column, l->block, regions[l->region]);
	if (l->table >= 0)
		printf("%d.%d.%d\t", l->table, l->row, l->cell);
	else
		printf(".\t");
	printf("%d\t%.1f\t%s\t", l->heading, (double)l->size, flag_letters(l->flags, flags));
	print_box(l->box);
	printf("\t%*s%s", l->indent * 2, "", l->bullet ? "* " : "");
	for (const char *s = l->text; *s != '\0'; s++)
		if (*s == '\t')
			fputs(" ¦ ", stdout);
		else
			putchar(*s);
	for (size_t i = 0; i < l->nspans; i++)
		if (l->spans[i].link != NULL)
			printf("\t<%s>", l->spans[i].link);
	putchar('\n');
}

static void print_run(const struct run *r)
{
	char flags[16];

	printf("%d\t%d\t%d\t%.1f\t%.2f\t%.1f\t%s\t", r->page, r->order, r->font, (double)r->size,
		   (double)r->space, (double)r->baseline, flag_letters(r->flags, flags));
	print_box(r->box);
	printf("\t%s", r->text);
	if (r->link != NULL)
		printf("\t<%s>", r->link);
	putchar('\n');
}

static void print_section(const struct note *n)
{
	static const char *const names[SECTION_KINDS] = {
		[SECTION_HEAD] = "head",           [SECTION_SUMMARY] = "summary",
		[SECTION_SKILLS] = "skills",       [SECTION_EXPERIENCE] = "experience",
		[SECTION_EDUCATION] = "education", [SECTION_CONTACT] = "contact",
		[SECTION_LANGUAGES] = "languages", [SECTION_REFERENCES] = "references",
		[SECTION_INTERESTS] = "interests", [SECTION_CERTIFICATES] = "certificates",
		[SECTION_PROJECTS] = "projects",   [SECTION_PUBLICATIONS] = "publications",
		[SECTION_AWARDS] = "awards",       [SECTION_VOLUNTEER] = "volunteer",
		[SECTION_COURSES] = "courses",     [SECTION_OTHER] = "other",
	};

	printf("%s%s\t", n->loose ? "loose" : names[n->section], n->heading ? "=" : "");
}

/* The whole file, or NULL. */
static unsigned char *read_file(struct arena *a, const char *name, size_t *out)
{
	FILE *f = fopen(name, "rb");
	unsigned char *data = NULL;
	long size;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && size <= DOC_FILE_MAX) {
		rewind(f);
		data = arena_alloc(a, (size_t)size + 1);
		*out = fread(data, 1, (size_t)size, f);
	}
	fclose(f);
	return data;
}

static int read_one(const char *name, bool raw, bool sections)
{
	struct arena *a = arena_new(MEMORY_MAX);
	struct error error = {0};
	struct doc d = {.arena = a, .error = &error, .file_name = name};
	size_t n = 0;
	struct reading r = {.d = &d, .arena = a, .name_line = -1, .email_line = -1};
	unsigned char *data = read_file(a, name, &n);
	int rc = data == NULL ? E_NOT_FOUND : document_read(&d, data, n);

	if (rc != OK)
		fprintf(stderr, "%s: %s\n", name, data == NULL ? "cannot be opened" : error.text);
	printf("# %s: %s, %d pages, %d runs, %d lines\n", name, d.format ? d.format : "?", d.npages,
		   d.nruns, d.nlines);
	for (int i = 0; i < d.nfindings; i++)
		printf("# %s: %s\n", d.findings[i].kind, d.findings[i].message);
	for (int i = 0; raw && i < d.nruns; i++)
		print_run(&d.runs[i]);
	if (sections)
		sections_read(&r);
	for (int i = 0; !raw && i < d.nlines; i++) {
		if (sections)
			print_section(&r.notes[i]);
		print_line(&d.lines[i]);
	}
	arena_free(a);
	return rc;
}

int main(int argc, char **argv)
{
	bool raw = argc > 1 && strcmp(argv[1], "-r") == 0;
	bool sections = argc > 1 && strcmp(argv[1], "-s") == 0;
	int failed = 0, first = 1 + (raw || sections);

	if (argc <= first) {
		fputs("usage: vitae-read [-r | -s] FILE...\n", stderr);
		return 2;
	}
	for (int i = first; i < argc; i++)
		failed |= read_one(argv[i], raw, sections) != OK;
	return failed;
}
