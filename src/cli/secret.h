/* secret: passwords that commands ask for. They are never arguments, which everybody on the machine
 * can read. */
#pragma once
#include <stdbool.h>

enum { SECRET_SIZE = 512 };

/* Reads a password: the first line of standard input (from_stdin), else the environment's
 * VITAE_PASSWORD, else from the terminal without echo, twice if it is a new one. Complains itself.
 * CLI_OK, CLI_FAILED or CLI_USAGE. The caller wipes out. */
int secret_read(const char *command, bool from_stdin, bool is_new, char out[SECRET_SIZE]);
