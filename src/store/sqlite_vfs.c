/* See sqlite_vfs.h. */
#include "store/sqlite_vfs.h"

#include <sqlite3.h>

static int no_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

void sqlite_vfs_register(void)
{
	static sqlite3_vfs vfs;

	vfs = *sqlite3_vfs_find(NULL);
	vfs.zName = SQLITE_VFS_HASTY;
	vfs.xSleep = no_sleep;
	sqlite3_vfs_register(&vfs, 0);
}
