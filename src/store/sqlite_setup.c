/* See sqlite_setup.h. */
#include "store/sqlite_setup.h"

#include <stdbool.h>
#include <stddef.h>

/* Switching to WAL waits for others, also where nothing else does. */
enum { SETTLE_MS = 10000 };

static _Thread_local bool settling;

/* Only its opening waits, as that of others does: no request hangs on it yet. */
static int sleep_hastily(sqlite3_vfs *vfs, int microseconds)
{
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);

	(void)vfs;
	return settling ? usual->xSleep(usual, microseconds) : microseconds;
}

static void register_hasty(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	vfs.zName = SQLITE_VFS_HASTY;
	vfs.xSleep = sleep_hastily;
	sqlite3_vfs_register(&vfs, 0);
}

/* No counting of memory, which costs a lock that all threads share, and no twenty pages in advance
 * for each of the connections, most of which never need them. */
void sqlite_configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	register_hasty();
}

static int set_switches(sqlite3 *h)
{
	static const struct {
		int op, on;
	} switches[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1}, {SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},     {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	};
	/* Memory in advance serves the preparing of statements, which is done once. */
	int rc = sqlite3_db_config(h, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);

	for (size_t i = 0; rc == SQLITE_OK && i < sizeof switches / sizeof switches[0]; i++)
		rc = sqlite3_db_config(h, switches[i].op, switches[i].on, NULL);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	return rc;
}

/* The settings have read the schema, 100 KB and more for each connection, of which most wait long,
 * if not for ever, for their first statement: that reads it again. */
static int forget_schema(sqlite3 *h)
{
	int rc = sqlite3_exec(h, "PRAGMA writable_schema = RESET", NULL, NULL, NULL);

	return rc == SQLITE_OK ? sqlite3_db_release_memory(h) : rc;
}

int sqlite_settle(sqlite3 *handle, int wait_ms)
{
	static const char settings[] = "PRAGMA journal_mode = WAL;"
								   "PRAGMA synchronous = FULL;"
								   "PRAGMA journal_size_limit = 67108864;"
								   "PRAGMA cache_size = -1000;"
								   "PRAGMA mmap_size = 0;"
								   "PRAGMA temp_store = MEMORY;";
	int rc = set_switches(handle);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(handle, SETTLE_MS);
	settling = true;
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(handle, settings, NULL, NULL, NULL);
	settling = false;
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(handle, wait_ms);
	return rc == SQLITE_OK && wait_ms > 0 ? forget_schema(handle) : rc;
}
