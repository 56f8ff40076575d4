/*
 * sqlite_vfs: the system's files as SQLite sees them, but never asleep, for hasty connections.
 *
 * Reading waits in one place without asking the busy handler: while another process holds the
 * write-ahead log's locks for the blink of a restart or a recovery, SQLite sleeps and looks again,
 * up to ten seconds. Without sleep it gives up at once (SQLITE_PROTOCOL).
 */
#pragma once

#define SQLITE_VFS_HASTY "vitae-hasty"

/* Makes SQLITE_VFS_HASTY known to SQLite; once, before the first connection. */
void sqlite_vfs_register(void);
