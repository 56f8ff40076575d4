/*
 * vitae parse. A number of threads, each with a parser process, take the files in the order given;
 * a line that is ready before its turn waits in a ring of slots. The ring, in slots and in bytes,
 * bounds how far the threads may run ahead of the slowest document, and so the memory. Whoever
 * completes the line whose turn it is prints it and all that follow.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/parse_line.h"
#include "cli/progress.h"

enum { WINDOW = 4096, HELD_MAX = 64 * 1024 * 1024, THREADS_MAX = 256, OCR_RECYCLE_AFTER = 50 };

static const char help[] =
	"Usage: vitae parse [OPTION]... FILE...\n\n"
	"Reads résumés (PDF, DOC, DOCX) without server and database. Prints one JSON object a\n"
	"line, in the order given: file, name, email, phone, skills, domain_knowledge, error.\n"
	"The error is null, or a sentence that says why the document cannot be read. '-' reads\n"
	"file names from standard input, one a line.\n\n"
	"Options:\n"
	"  -j, --jobs N    read N documents at a time (default: as many as there are processors)\n"
	"  -p, --profile   print the whole profile too, under \"profile\": with each value\n"
	"                  how sure it is and where in the document it was read\n"
	"  -h, --help      this text\n\n"
	"The settings PARSER_TIMEOUT, PARSER_MEMORY_MB, OCR_LANGUAGES, OCR_TIMEOUT and SKILLS_FILE\n"
	"apply. Exit status: 0, 1 "
	"if any document could not be read, 2 if called wrongly.\n\n"
	"Examples:\n"
	"  vitae parse resume.pdf\n"
	"  vitae parse --profile -j 4 *.pdf *.docx >profiles.jsonl\n"
	"  find inbox -name '*.pdf' | vitae parse - >inbox.jsonl\n";

struct slot {
	struct buf line;
	bool done;
};

struct names {
	pthread_mutex_t lock; /* taken before the lock of struct run */
	char **items;
	int n, next;
	char *line; /* of standard input */
	size_t capacity;
};

struct run {
	struct names names;
	const char *command;
	struct worker_options options, ocr_options; /* ocr: program NULL if there is none */
	bool profile;
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct slot *slots;     /* WINDOW of them; number i lies in slots[i % WINDOW] */
	uint64_t next, printed; /* numbers given out, lines printed */
	size_t held;            /* bytes that wait for their turn */
	bool failed, broken;    /* a document, standard output */
	struct progress progress;
	bool to_terminal; /* standard output, where the bar may stand too */
};

/* ---- names ---- */

/* The next name, on the heap; NULL at the end. */
static char *next_name(struct names *s)
{
	while (s->next < s->n) {
		ssize_t n;

		if (strcmp(s->items[s->next], "-") != 0)
			return strdup(s->items[s->next++]);
		n = getline(&s->line, &s->capacity, stdin);
		if (n < 0) {
			s->next++;
			continue;
		}
		s->line[strcspn(s->line, "\n")] = '\0';
		if (s->line[0] != '\0')
			return strdup(s->line);
	}
	return NULL;
}

/* Standard input may let us wait: the lock of the run is free meanwhile, so that others can print.
 */
static char *take(struct run *r, uint64_t *number)
{
	char *name = NULL;
	bool stop;

	pthread_mutex_lock(&r->names.lock);
	pthread_mutex_lock(&r->lock);
	while (!r->broken && (r->next - r->printed >= WINDOW || r->held >= HELD_MAX))
		pthread_cond_wait(&r->room, &r->lock);
	stop = r->broken;
	pthread_mutex_unlock(&r->lock);
	if (!stop)
		name = next_name(&r->names);
	if (name != NULL) {
		pthread_mutex_lock(&r->lock);
		*number = r->next++;
		pthread_mutex_unlock(&r->lock);
	}
	pthread_mutex_unlock(&r->names.lock);
	return name;
}

/* ---- lines ---- */

static void print_slot(struct run *r, struct slot *s)
{
	r->held -= s->line.n;
	if (!r->broken && fwrite(s->line.p, 1, s->line.n, stdout) != s->line.n)
		r->broken = true;
	buf_done(&s->line);
	s->done = false;
	r->printed++;
}

static void put(struct run *r, uint64_t number, struct buf line, bool ok)
{
	struct slot *s = &r->slots[number % WINDOW];

	pthread_mutex_lock(&r->lock);
	s->line = line;
	s->done = true;
	r->held += line.n;
	r->failed |= !ok;
	if (r->to_terminal && r->slots[r->printed % WINDOW].done)
		progress_clear(&r->progress);
	while ((s = &r->slots[r->printed % WINDOW])->done)
		print_slot(r, s);
	if (fflush(stdout) != 0)
		r->broken = true;
	progress_step(&r->progress);
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->lock);
}

static void *parse_all(void *arg)
{
	struct run *r = arg;
	struct error error = {0};
	struct worker *worker, *ocr = NULL;
	uint64_t number;
	char *name;

	if (worker_new(&r->options, &error, &worker) != OK)
		return NULL; /* the first one, made in front of all others, has told why */
	/* Its process starts with the thread's first scan. */
	if (r->ocr_options.program != NULL && worker_new(&r->ocr_options, &error, &ocr) != OK)
		ocr = NULL;
	while ((name = take(r, &number)) != NULL) {
		struct buf line;
		bool ok = parse_line(worker, ocr, name, r->profile, &line);

		put(r, number, line, ok);
		free(name);
	}
	worker_free(worker);
	worker_free(ocr);
	return NULL;
}

/* ---- the command ---- */

static int processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < THREADS_MAX ? n : THREADS_MAX;
}

/* Tells at once, and once only, if no parser can be started at all. */
static int try_parser(const struct run *r)
{
	struct error error = {0};
	struct worker *worker;
	int rc;

	if (worker_new(&r->options, &error, &worker) != OK)
		return cli_fail(r->command, "%s", error.text);
	rc = worker_warm(worker, &error);
	worker_free(worker);
	return rc == OK ? CLI_OK : cli_fail(r->command, "%s", error.text);
}

static int64_t known_total(const struct names *s)
{
	for (int i = 0; i < s->n; i++)
		if (strcmp(s->items[i], "-") == 0)
			return -1;
	return s->n;
}

static int run(struct run *r, int threads)
{
	pthread_t ids[THREADS_MAX];
	int started = 0;

	if (try_parser(r) != CLI_OK)
		return CLI_FAILED;
	r->slots = calloc(WINDOW, sizeof *r->slots);
	if (r->slots == NULL)
		abort();
	pthread_mutex_init(&r->names.lock, NULL);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->room, NULL);
	r->to_terminal = isatty(STDOUT_FILENO) == 1;
	progress_start(&r->progress, known_total(&r->names));
	while (started < threads && pthread_create(&ids[started], NULL, parse_all, r) == 0)
		started++;
	if (started == 0)
		parse_all(r);
	for (int i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	progress_clear(&r->progress);
	free(r->slots);
	free(r->names.line);
	if (r->broken)
		return cli_fail(r->command, "standard output cannot be written");
	return r->failed ? CLI_FAILED : CLI_OK;
}

static int read_jobs(const char *command, const char *text, int64_t *jobs)
{
	int64_t n;

	if (text_int(text, &n) != OK || n < 1 || n > THREADS_MAX)
		return cli_usage(command, "-j takes a number from 1 to %d", THREADS_MAX);
	*jobs = n;
	return CLI_OK;
}

static int start(struct run *r, int64_t jobs)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct config config;

	if (cli_load_config(a, r->command, &config) != CLI_OK)
		return CLI_FAILED;
	if (known_total(&r->names) > 0 && jobs > r->names.n)
		jobs = r->names.n;
	r->options = (struct worker_options){
		.program = worker_find_program(a, "vitae-parser"),
		.skills_file = config.skills_file,
		.timeout = (int)config.parser_timeout,
		.memory = config.parser_memory_mb * 1024 * 1024,
	};
	r->ocr_options = (struct worker_options){
		.program = worker_find_program(a, "vitae-ocr"),
		.skills_file = config.skills_file,
		.languages = config.ocr_languages,
		.timeout = (int)config.ocr_timeout,
		.memory = (int64_t)WORKER_OCR_MEMORY_MB * 1024 * 1024,
		.recycle = OCR_RECYCLE_AFTER,
	};
	return run(r, (int)jobs);
}

int cli_parse(int argc, char **argv)
{
	static const struct option options[] = {
		{"jobs", required_argument, NULL, 'j'},
		{"profile", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct run r = {.command = argv[0]};
	int64_t jobs = processors();
	int option;

	while ((option = getopt_long(argc, argv, "j:ph", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == '?')
			return cli_usage(r.command, NULL);
		if (option == 'p')
			r.profile = true;
		else if (read_jobs(r.command, optarg, &jobs) != CLI_OK)
			return CLI_USAGE;
	}
	if (optind == argc)
		return cli_usage(r.command, "no file named");
	r.names.items = argv + optind;
	r.names.n = argc - optind;
	return start(&r, jobs);
}
