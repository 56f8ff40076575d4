/* sqlite_setup: how SQLite is set up, the library and each connection. */
#pragma once
#include <sqlite3.h>

/* Files as the system has them, but never asleep, for hasty connections. Reading waits in one place
 * without asking the busy handler: while another process holds the write-ahead log's locks for the
 * blink of a restart or a recovery, SQLite sleeps and looks again, up to ten seconds. Without sleep
 * it gives up at once (SQLITE_PROTOCOL). */
#define SQLITE_VFS_HASTY "vitae-hasty"

/* Once, before the first connection. */
void sqlite_configure(void);
/* A new connection: WAL, defensive, and no wait longer than wait_ms for locks of other processes
 * (0: for a hasty one). An SQLite result code. */
int sqlite_settle(sqlite3 *handle, int wait_ms);
