/*
 * vitae import. The folder is walked twice: once to count, for the progress bar, once to send;
 * nothing is kept in memory but one folder's names. Whatever was sent is stored for good, so an
 * import that was broken off is simply started again: what is there already is recognised by its
 * bytes.
 */
#include "cli/import.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"

static const char help[] =
	"Usage: vitae import [--as NAME] [--team ID] FOLDER\n"
	"       vitae import --url URL (--username NAME | --token TOKEN) [--cacert FILE] FOLDER\n\n"
	"Uploads every .pdf, .doc and .docx file below FOLDER; symbolic links are not followed,\n"
	"lock files of word processors (~$…, ._…) passed over. What is there already, by its\n"
	"content, is skipped: an import that was broken off can be started again.\n\n"
	"Without --url the files go into the instance in DATA_DIR. Its running server takes\n"
	"them up within a second; otherwise they are read when it starts. With --url they go to\n"
	"a server through its API; when that asks to wait (rate limits), import waits.\n\n"
	"Options:\n"
	"  -a, --as NAME         uploader: user name or e-mail address (default: the first\n"
	"                        administrator)\n"
	"  -t, --team ID         team that gets the candidates (default: the uploader's)\n"
	"  -l, --url URL         server, such as https://vitae.example.com\n"
	"  -u, --username NAME   log in as NAME, with the password in VITAE_PASSWORD or asked for\n"
	"  -k, --token TOKEN     access token in place of a login; better in VITAE_TOKEN, where other\n"
	"                        users of this machine cannot see it\n"
	"  -c, --cacert FILE     certificates to trust, PEM\n"
	"  -h, --help            this text\n\n"
	"Exit status: 0, 1 if any file was refused, 2 if called wrongly.\n\n"
	"Examples:\n"
	"  vitae import ~/resumes\n"
	"  vitae import --as grace --team 3 /srv/inbox\n"
	"  vitae import --url https://vitae.example.com --username grace ~/resumes\n";

struct totals {
	int64_t added, known, refused;
};

struct import {
	const struct import_options *options;
	struct import_sink *sink;
	struct progress progress;
	struct totals totals;
	bool stopped;
};

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool wanted(const FTSENT *e)
{
	static const char *const ends[] = {".pdf", ".doc", ".docx"};

	if (text_starts(e->fts_name, "~$") || text_starts(e->fts_name, "._"))
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_iends(e->fts_name, ends[i]))
			return true;
	return false;
}

static void refuse(struct import *im, const char *path, const char *why)
{
	im->totals.refused++;
	progress_clear(&im->progress);
	fprintf(stderr, "%s: %s\n", path, why);
}

static void send_file(struct import *im, const char *path)
{
	switch (im->sink->send(im->sink, path)) {
	case IMPORT_ADDED: im->totals.added++; break;
	case IMPORT_KNOWN: im->totals.known++; break;
	case IMPORT_REFUSED: refuse(im, path, im->sink->error->text); break;
	case IMPORT_STOP:
		refuse(im, path, im->sink->error->text);
		im->stopped = true;
		return;
	}
	progress_step(&im->progress);
}

/* One entry of the walk; NULL import: only counts. */
static int64_t visit(const FTSENT *e, struct import *im)
{
	if (e->fts_info == FTS_F && wanted(e)) {
		if (im != NULL)
			send_file(im, e->fts_path);
		return 1;
	}
	if (im != NULL && (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS))
		refuse(im, e->fts_path, strerrordesc_np(e->fts_errno));
	return 0;
}

/* Number of files, or -1 if the walk itself failed. */
static int64_t walk(const char *folder, struct import *im)
{
	char *paths[] = {strdup(folder), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	int64_t n = 0;
	FTSENT *e;

	free(paths[0]);
	if (fts == NULL)
		return -1;
	while ((im == NULL || !im->stopped) && (errno = 0, e = fts_read(fts)) != NULL)
		n += visit(e, im);
	fts_close(fts);
	return n;
}

static int summary(const struct import *im)
{
	const struct totals *t = &im->totals;

	printf("%lld added, %lld there already, %lld refused.\n", (long long)t->added,
		   (long long)t->known, (long long)t->refused);
	if (t->added > 0)
		im->sink->tell(im->sink);
	if (im->stopped)
		cli_fail(im->options->command, "broken off; start it again to go on");
	return t->refused > 0 ? CLI_FAILED : CLI_OK;
}

static int run(const struct import_options *o)
{
	struct import im = {.options = o};
	int64_t total = walk(o->folder, NULL);
	int status;

	if (total < 0 || access(o->folder, R_OK) != 0)
		return cli_fail(o->command, "%s: %s", o->folder, strerrordesc_np(errno));
	status = o->url != NULL ? import_http(o, &im.sink) : import_local(o, &im.sink);
	if (status != CLI_OK)
		return status;
	progress_start(&im.progress, total);
	walk(o->folder, &im);
	progress_clear(&im.progress);
	status = summary(&im);
	im.sink->close(im.sink);
	return status;
}

static int check(const struct import_options *o)
{
	bool server = o->username != NULL || o->cacert != NULL;

	if (o->url == NULL && server)
		return cli_usage(o->command, "--username and --cacert go with --url");
	if (o->url != NULL && (o->as != NULL || o->team != 0))
		return cli_usage(o->command, "--as and --team do not go with --url");
	if (o->url != NULL && (o->username != NULL) == (o->token != NULL))
		return cli_usage(o->command, "--url takes either --username or --token");
	return CLI_OK;
}

/* CLI_OK or CLI_USAGE. */
static int take_option(struct import_options *o, int option)
{
	switch (option) {
	case 'a': o->as = optarg; break;
	case 'l': o->url = optarg; break;
	case 'u': o->username = optarg; break;
	case 'k': o->token = optarg; break;
	case 'c': o->cacert = optarg; break;
	case 't':
		if (text_int(optarg, &o->team) != OK || o->team < 1)
			return cli_usage(o->command, "--team takes the number of a team");
		break;
	}
	return CLI_OK;
}

int cli_import(int argc, char **argv)
{
	static const struct option options[] = {
		{"as", required_argument, NULL, 'a'},    {"team", required_argument, NULL, 't'},
		{"url", required_argument, NULL, 'l'},   {"username", required_argument, NULL, 'u'},
		{"token", required_argument, NULL, 'k'}, {"cacert", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},        {0},
	};
	struct import_options o = {.command = argv[0]};
	int option;

	while ((option = getopt_long(argc, argv, "a:t:l:u:k:c:h", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == '?')
			return cli_usage(o.command, NULL);
		if (take_option(&o, option) != CLI_OK)
			return CLI_USAGE;
	}
	if (argc - optind != 1)
		return cli_usage(o.command, "name one folder");
	o.folder = argv[optind];
	if (o.url != NULL && o.token == NULL && o.username == NULL)
		o.token = getenv("VITAE_TOKEN");
	return check(&o) == CLI_OK ? run(&o) : CLI_USAGE;
}
