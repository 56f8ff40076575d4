/*
 * vitae serve. Every signal that means something here is blocked before the first thread starts, so
 * that all threads inherit the mask and this one alone receives them, by sigwaitinfo: no handler
 * runs anywhere. SIGTERM and SIGINT finish what is under way and end with 0; a second SIGINT, from
 * somebody who does not want to wait, ends at once.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/app.h"
#include "app/audit.h"
#include "app/auth.h"
#include "app/invitations.h"
#include "app/logs.h"
#include "base/log.h"
#include "cli/cli.h"
#include "core/core.h"
#include "io/http.h"
#include "proc/worker.h"

enum { DESCRIPTORS = 65536, MALLOC_ARENAS = 2, KEPT_FREE = 512 * 1024, OWN_PAGES = 1024 * 1024 };

static const char help[] =
	"Usage: vitae serve\n\n"
	"Runs the server until SIGTERM or SIGINT, then finishes what is under way and ends with\n"
	"0. SIGHUP opens the log file anew, for log rotation.\n\n"
	"The log goes to LOG_FILE (DATA_DIR/vitae.log), and to standard error too with\n"
	"DEBUG=True or when standard error is a terminal. The first start makes the first\n"
	"administrator; a password invented for it is printed on standard output, once, and\n"
	"nowhere else.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Examples:\n"
	"  vitae serve\n"
	"  PORT=8080 DATA_DIR=/var/lib/vitae vitae serve\n";

static void own_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Each connection, upload and parser takes a descriptor; the usual soft limit of 1024 is for
 * select(2). */
static void raise_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= DESCRIPTORS)
		return;
	r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* Of the replies that were under way at once at most KEPT_FREE stays with the process. Blocks of an
 * arena (base/arena.h) do not come and go as pages of their own, each of which the kernel would
 * have to clear. */
static void save_memory(void)
{
	mallopt(M_ARENA_MAX, MALLOC_ARENAS);
	mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
	mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
}

/* The log lies in DATA_DIR by default, so that is made first. */
static int open_log(const struct config *config, struct error *error)
{
	struct failable {
		struct error *error;
	} f = {error};
	struct files *files;

	TRY(files_new(config->data_dir, error, &files));
	files_free(files);
	if (log_open(config->log_file, config->log_level, config->debug || isatty(STDERR_FILENO)) != OK)
		return fail(&f, E_RULE, "LOG_FILE %s cannot be opened: %s", config->log_file,
					strerrordesc_np(errno));
	log_limit(config->log_file_mb * 1024 * 1024);
	if (config->log_stdout)
		log_to_stdout(config->log_format == LOG_FORMAT_JSON ? LOG_STDOUT_JSON : LOG_STDOUT_TEXT);
	return OK;
}

static void tell_ready(const struct core *core)
{
	const struct config *config = core->config;
	bool v6 = strchr(config->host, ':') != NULL;
	const char *scheme = text_is_blank(config->tls_cert) ? "http" : "https";
	const char *password = app_invented_password();

	if (password != NULL)
		printf("The first administrator is %s, password %s\n"
			   "Write it down: it is not shown again.\n",
			   config->admin_username, password);
	printf("vitae " VITAE_VERSION " listening on %s://%s%s%s:%d\n", scheme, v6 ? "[" : "",
		   config->host, v6 ? "]" : "", http_port(core->http));
	fflush(stdout);
	log_info("vitae " VITAE_VERSION " listening on %s:%d", config->host, http_port(core->http));
}

static void wait_for_end(const sigset_t *set)
{
	int number;
	sigset_t interrupt;

	while ((number = sigwaitinfo(set, NULL)) != SIGTERM && number != SIGINT) {
		if (number != SIGHUP)
			continue;
		log_reopen();
		log_info("log file opened anew");
	}
	log_info("stopping on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
}

static int start(struct arena *a, const struct config *config, struct error *error,
				 struct core **core)
{
	TRY(open_log(config, error));
	return core_start(
		&(struct core_options){
			.config = config,
			.features = app_features,
			.nfeatures = app_features_count,
			.load_actor = auth_load_actor,
			.load_guest = invitation_actor,
			.audit = audit_route,
			.journal = logs_write,
			.worker_program = worker_find_program(a, "vitae-parser"),
			.ocr_program = worker_find_program(a, "vitae-ocr"),
			.media_program = worker_find_program(a, "vitae-media"),
			.listen = true,
		},
		error, core);
}

int cli_serve(int argc, char **argv)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct config config;
	struct error error = {0};
	struct core *core;
	sigset_t set;
	int status;

	if (cli_no_options(argc, argv, help, &status))
		return status;
	if (cli_load_config(a, argv[0], &config) != CLI_OK)
		return CLI_FAILED;
	own_signals(&set);
	raise_descriptors();
	save_memory();
	if (start(a, &config, &error, &core) != OK)
		return cli_fail(argv[0], "%s", error.text);
	tell_ready(core);
	wait_for_end(&set);
	core_stop(core);
	log_info("stopped");
	log_close();
	return CLI_OK;
}
