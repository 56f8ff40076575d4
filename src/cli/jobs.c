/*
 * vitae jobs. `try` asks one source as a search would, but shows what became of each field and
 * keeps nothing: for whoever writes a source. Needs no database.
 */
#include <stdio.h>
#include <string.h>

#include "app/job_scrape.h"
#include "cli/cli.h"
#include "io/fetch.h"
#include "scrape/read.h"
#include "scrape/render.h"

enum { TRY_ARENA = 64 * 1024 * 1024, LIMIT_PRESET = 5, LIMIT_MAX = 500, SHOWN_MAX = 300 };

static const char help[] =
	"Usage: vitae jobs list\n"
	"       vitae jobs sources\n"
	"       vitae jobs try [-l PLACE] [-n NUMBER] SOURCE KEYWORD\n\n"
	"list      the sources of jobs that are asked, one a line\n"
	"sources   prints the built-in file of sources, to be copied, edited and named by\n"
	"          JOB_SOURCES\n"
	"try       asks one source, also one that is not enabled, and shows each posting: what\n"
	"          was read, what it became, and why a field is empty. Nothing is kept.\n\n"
	"Options of try:\n"
	"  -l, --location=PLACE   where\n"
	"  -n, --limit=NUMBER     postings at most (5)\n"
	"  -h, --help             this text\n\n"
	"Examples:\n"
	"  vitae jobs sources >sources.jsonc\n"
	"  JOB_SOURCES=sources.jsonc vitae jobs try -l Berlin remotive 'python developer'\n";

struct call {
	const char *command;
	struct arena *arena;
	struct config config;
	struct error error;
	struct scrape_wanted wanted;
	const char *source;
};

static int list_sources(struct call *k)
{
	struct sources s;

	if (sources_load(k->arena, &k->error, k->config.job_sources, &s) != OK)
		return cli_fail(k->command, "%s", k->error.text);
	for (size_t i = 0; i < s.n; i++)
		printf("%-8s %-24s %-16s %s\n", s.items[i].enabled ? "enabled" : "-", s.items[i].name,
			   s.items[i].kind, s.items[i].url);
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

static int print_builtin(void)
{
	size_t n;
	const char *text = sources_builtin(&n);

	return fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- what a posting became ---- */

/* A value on one line, its length bounded, controls as blanks: it is a stranger's. */
static void show(const char *name, const char *value)
{
	size_t n = strlen(value), most = n < SHOWN_MAX ? n : SHOWN_MAX;

	printf("  %-12s ", name);
	while (most > 0 && most < n && ((unsigned char)value[most] & 0xC0) == 0x80)
		most--;
	for (size_t i = 0; i < most; i++)
		putchar((unsigned char)value[i] < ' ' || value[i] == 0x7f ? ' ' : value[i]);
	puts(most < n ? " …" : "");
}

static void show_part(const char *name, const char *value, const struct raw *raw,
					  enum source_part part)
{
	if (value != NULL)
		show(name, value);
	else if (raw->value[part] != NULL)
		printf("  %-12s - (not understood: %.60s)\n", name, raw->value[part]);
	else
		printf("  %-12s - (%s)\n", name, raw->why[part] != NULL ? raw->why[part] : "empty");
}

static const char *pay_text(struct arena *a, const struct pay *p)
{
	if (p->min <= 0 && p->max <= 0)
		return NULL;
	return arena_printf(a, "%.2f to %.2f %s a %s", p->min, p->max,
						p->currency != NULL ? p->currency : "(currency unknown)",
						p->period != NULL ? p->period : "(period unknown)");
}

static const char *skills_text(struct arena *a, const struct strings *skills)
{
	struct buf b;

	buf_init(&b, a, 8192);
	for (size_t i = 0; i < skills->n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", skills->items[i]);
	return buf_str(&b);
}

static const char *time_text(struct arena *a, int64_t us)
{
	char out[CLOCK_ISO_SIZE];

	return us == 0 ? NULL : arena_strdup(a, clock_iso(us, out));
}

static void show_posting(struct arena *a, size_t number, const struct posting *p,
						 const struct raw *raw)
{
	printf("\n%zu. %s\n", number, p->title);
	show_part("id", raw->value[PART_ID], raw, PART_ID);
	show_part("company", p->company, raw, PART_COMPANY);
	show_part("location", p->location, raw, PART_LOCATION);
	printf("  %-12s %s\n", "remote", p->remote ? "yes" : "no");
	show_part("type", p->type, raw, PART_TYPE);
	show_part("salary", pay_text(a, &p->pay), raw, PART_SALARY);
	show_part("url", p->url, raw, PART_URL);
	show_part("posted_at", time_text(a, p->posted_at), raw, PART_POSTED_AT);
	show_part("expires_at", time_text(a, p->expires_at), raw, PART_EXPIRES_AT);
	show_part("apply_email", p->apply_email, raw, PART_APPLY_EMAIL);
	show_part("tags", raw->value[PART_TAGS], raw, PART_TAGS);
	printf("  %-12s %s\n", "skills", p->skills.n > 0 ? skills_text(a, &p->skills) : "-");
	show_part("description", p->text, raw, PART_DESCRIPTION);
}

/* ---- try ---- */

static int try_found(struct call *k, const struct source *s)
{
	struct fetch_options fetching = {k->config.fetch_allow, k->config.fetch_proxy,
									 k->config.ca_file};
	struct scrape_options options;
	struct scrape_result r;

	job_scrape_options(k->arena, &k->config, &options);
	options.explain = true;
	fetch_start(&fetching);
	scrape_run(k->arena, &s, 1, &k->wanted, &options, &r);
	render_stop();
	fetch_stop();
	for (size_t i = 0; i < r.n; i++)
		show_posting(k->arena, i + 1, &r.items[i], r.raws[i]);
	printf("%s%s: %s, %zu of %zu postings in %lld ms%s%s\n", r.n > 0 ? "\n" : "", s->name,
		   scrape_status_name(r.status), r.n, r.listed, (long long)r.took_ms,
		   r.reason != NULL ? ": " : "", r.reason != NULL ? r.reason : "");
	if (fflush(stdout) != 0)
		return cli_fail(k->command, "standard output cannot be written");
	return r.status == SCRAPE_FAILED ? CLI_FAILED : CLI_OK;
}

static int try_source(struct call *k)
{
	const struct source *s;
	struct sources all;

	if (sources_load(k->arena, &k->error, k->config.job_sources, &all) != OK)
		return cli_fail(k->command, "%s", k->error.text);
	s = sources_find(&all, k->source);
	if (s == NULL)
		return cli_fail(k->command, "there is no source '%s'; 'vitae jobs list' shows them",
						k->source);
	return try_found(k, s);
}

static int run(struct call *k, int argc, char **argv)
{
	const char *what = argv[optind];

	if (strcmp(what, "sources") == 0 && argc == optind + 1)
		return print_builtin();
	if (cli_load_config(k->arena, k->command, &k->config) != CLI_OK)
		return CLI_FAILED;
	if (strcmp(what, "list") == 0 && argc == optind + 1)
		return list_sources(k);
	if (strcmp(what, "try") != 0 || argc != optind + 3)
		return cli_usage(k->command, "unexpected arguments");
	k->source = argv[optind + 1];
	k->wanted.keyword = argv[optind + 2];
	return try_source(k);
}

int cli_jobs(int argc, char **argv)
{
	static const struct option options[] = {{"location", required_argument, NULL, 'l'},
											{"limit", required_argument, NULL, 'n'},
											{"help", no_argument, NULL, 'h'},
											{0}};
	CLEANUP(cli_arena_done) struct arena *a = arena_new(TRY_ARENA);
	struct call k = {.command = argv[0], .arena = a, .wanted = {.limit = LIMIT_PRESET}};
	int option;

	while ((option = getopt_long(argc, argv, "l:n:h", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == 'l')
			k.wanted.location = optarg;
		else if (option != 'n')
			return cli_usage(argv[0], NULL);
		else if (text_int(optarg, &k.wanted.limit) != OK || k.wanted.limit < 1 ||
				 k.wanted.limit > LIMIT_MAX)
			return cli_usage(argv[0], "the limit must be a number from 1 to %d", LIMIT_MAX);
	}
	if (optind >= argc)
		return cli_usage(argv[0], "say what to do: list, sources or try");
	return run(&k, argc, argv);
}
