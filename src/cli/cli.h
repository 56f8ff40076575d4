/*
 * cli: the subcommands of vitae, one file each, and what they share. main.c lists them; a new one
 * is a file with a function here and a row there. Each prints what it found on standard output and
 * complaints on standard error, and returns the exit status: CLI_OK, CLI_FAILED, or CLI_USAGE when
 * it was called wrongly.
 */
#pragma once
#include <getopt.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/config.h"

enum { CLI_CONFIG_ARENA = 1024 * 1024 };
enum cli_status { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* argv[0] is "vitae NAME", for getopt's messages. Those of vitae-tools are there in that program
 * only. */
int cli_serve(int argc, char **argv);
int cli_parse(int argc, char **argv);
int cli_import(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_copy(int argc, char **argv);
int cli_files(int argc, char **argv);
int cli_audit(int argc, char **argv);
int cli_cron(int argc, char **argv);
int cli_jobs(int argc, char **argv);
int cli_config(int argc, char **argv);
int cli_routes(int argc, char **argv);
int cli_openapi(int argc, char **argv);

/* Hands the call on to vitae-tools, which holds the commands whose libraries (libcurl, libarchive
 * and what these bring) the server shall not carry. Returns only if that program cannot be started.
 */
int cli_tools(int argc, char **argv);

/* Prints a sentence behind the command's name ("vitae parse: …") on standard error. Returns
 * CLI_FAILED. */
int cli_fail(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for a wrong call, with a hint at --help. fmt NULL: the hint alone, after a message of
 * getopt's. Returns CLI_USAGE. */
int cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints a help text on standard output. Returns CLI_OK. */
int cli_help(const char *text);
/* For commands without options of their own: handles --help and refuses anything else. True if the
 * command has to end with *status. */
bool cli_no_options(int argc, char **argv, const char *help, int *status);

/* Reads the configuration, its strings into the arena; a fault is told as by cli_fail. CLI_OK or
 * CLI_FAILED. */
int cli_load_config(struct arena *a, const char *command, struct config *out);
struct routes;
/* Prints a document made of the tables of endpoints (core/openapi.h), those of development
 * included. */
int cli_print_tables(int argc, char **argv, const char *help,
					 int (*print)(const struct routes *r, struct buf *out));

/* CLEANUP functions. */
void cli_arena_done(struct arena **a);
void cli_fd_done(int *fd);
