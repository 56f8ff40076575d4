#include "data/taxonomy.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/text.h"

static const char rows[] =
	"# comment\n"
	"Kubernetes\tDevOps\t\tk8s\n"
	"C++\tProgramming\t\tcpp\n"
	"C\tProgramming\ta\n"
	"C#\tProgramming\t\tCSharp\n"
	".NET\tProgramming\t\tdotnet\n"
	"Go\tProgramming\ta\tGolang\n"
	"Node.js\tWeb\t\tNodeJS|?Node\n"
	"REST APIs\tWeb\t\tRESTful API\n"
	"Accounts Payable\tAccounting\t\tCuentas por pagar|Kreditorenbuchhaltung\n"
	"Naïve Bayes\tData\n"
	"no category\n"
	"Search Engine Optimization\tMarketing\t\tSEO\n"
	"Search\tMarketing\ta\n";

static struct arena *arena;
static struct taxonomy *tax;

static const char *found(const char *name)
{
	const struct taxonomy_entry *e;

	if (arena == NULL) {
		arena = arena_new(8 << 20);
		tax = taxonomy_load(arena, rows, sizeof rows - 1);
	}
	e = taxonomy_find(tax, name);
	return e == NULL ? NULL : e->name;
}

TEST(taxonomy_finds_names_and_aliases)
{
	CHECK_STR(found("kubernetes"), "Kubernetes");
	CHECK_STR(found("K8S"), "Kubernetes");
	CHECK_STR(found("node js"), "Node.js");
	CHECK_STR(found("Rest API"), "REST APIs");
	CHECK_STR(found("cuentas por pagar"), "Accounts Payable");
	CHECK_STR(found("Naive Bayes"), "Naïve Bayes");
	CHECK_STR(found("C++"), "C++");
	CHECK_STR(found("C#"), "C#");
	CHECK_STR(found("c"), "C");
	CHECK_STR(found(".Net"), ".NET");
	CHECK_STR(found("net"), NULL);
	CHECK_STR(found("no category"), NULL);
	CHECK_STR(found("Kubernetes operators"), NULL);
	CHECK_STR(found(""), NULL);
}

static size_t scan(const char *text, struct taxonomy_hit *hits)
{
	struct word words[64];

	found("C");
	return taxonomy_scan(tax, words, words_split(text, strlen(text), words, 64), hits, 8);
}

TEST(taxonomy_scans_longest_first)
{
	struct taxonomy_hit hits[8];

	CHECK_INT(scan("I did search engine optimization, search and Go.", hits), 3);
	CHECK_STR(hits[0].entry->name, "Search Engine Optimization");
	CHECK_INT(hits[0].first, 2);
	CHECK_INT(hits[0].count, 3);
	CHECK(!hits[0].ambiguous);
	CHECK_STR(hits[1].entry->name, "Search");
	CHECK(hits[1].ambiguous);
	CHECK_STR(hits[2].entry->name, "Go");
}

TEST(taxonomy_scan_stops_at_hard_separators)
{
	struct taxonomy_hit hits[8];

	CHECK_INT(scan("accounts, payable", hits), 0);
	CHECK_INT(scan("Accounts-payable", hits), 1);
	CHECK_INT(scan("C/C++ (C#)", hits), 3);
}

TEST(taxonomy_adds_files)
{
	char path[] = "/tmp/taxonomy_test_XXXXXX";
	int fd = mkstemp(path);
	struct error e;
	ssize_t wrote = write(fd, "Kubernetes\tDevOps\t\tkube\nHorse Whispering\tAnimals\n", 50);

	CHECK_INT(wrote, 50);
	close(fd);
	found("C");
	CHECK_INT(taxonomy_add_file(tax, path, &e), OK);
	unlink(path);
	CHECK_STR(found("kube"), "Kubernetes");
	CHECK_STR(found("horse whispering"), "Horse Whispering");
	CHECK_INT(taxonomy_find(tax, "kube")->naliases, 2);
	CHECK_INT(taxonomy_add_file(tax, path, &e), E_RULE);
}

/* Every row of the table that comes with the program is well formed and reachable by its own name.
 */
TEST(taxonomy_builtin_rows)
{
	struct taxonomy *b = taxonomy_builtin();

	CHECK(taxonomy_size(b) > 0);
	for (size_t i = 0; i < taxonomy_size(b); i++) {
		const struct taxonomy_entry *e = taxonomy_at(b, i), *f = taxonomy_find(b, e->name);

		if (f != e)
			printf("    %s is %s\n", e->name, f == NULL ? "not found" : f->name);
		CHECK(f == e);
		CHECK(utf8_valid(e->name, strlen(e->name)) && *e->category != '\0');
	}
}

TEST(names_are_found_in_part_of_a_text)
{
	static const char two[] = "Machine Learning\tAI\t\tML\nMachine Shop\tMetal\t\t\n";
	struct arena *a = arena_new(1 << 24);
	const struct taxonomy *t = taxonomy_load(a, two, sizeof two - 1);
	static const char text[] = "machine-learning models";

	CHECK_STR(taxonomy_find_in(t, text, 16)->name, "Machine Learning");
	CHECK(taxonomy_find_in(t, text, 7) == NULL);
	CHECK(taxonomy_find_in(t, text, sizeof text - 1) == NULL);
	CHECK(taxonomy_find_in(t, text, 0) == NULL);
	arena_free(a);
}

TEST_MAIN()
