/*
 * vitae restore. The archive is unpacked into a new folder beside DATA_DIR, checked there against
 * its manifest, and only then put in place, by one rename: DATA_DIR is the old one or the new one,
 * never half of either. From the archive only ordinary files with the paths that vitae itself uses
 * are taken; anything else ends it.
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <libgen.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/transfer.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/files_copy.h"
#include "cli/key.h"
#include "cli/local.h"
#include "cli/member.h"
#include "cli/progress.h"
#include "core/storage.h"
#include "store/migrate.h"

enum { PIECE = 64 * 1024, LINE_ARENA = 1024 * 1024 };

static const char help[] =
	"Usage: vitae restore [--force] FILE\n\n"
	"Brings back what 'vitae backup' wrote: unpacks FILE, checks every file against its\n"
	"checksum and makes it DATA_DIR. No server may run on DATA_DIR, and it must be missing\n"
	"or empty; --force renames an older one to DATA_DIR.before-… and leaves it there. With\n"
	"PostgreSQL the database of DATABASE_URL is filled, which must be new. A backup of one\n"
	"engine may be brought back with the other. With FILES_URL the files are put there.\n\n"
	"Options:\n"
	"  -f, --force   put DATA_DIR aside if there is something in it\n"
	"  -h, --help    this text\n\n"
	"Examples:\n"
	"  vitae restore /var/backups/vitae-2026-01-31.tar.zst\n"
	"  DATA_DIR=/tmp/look vitae restore backup.tar && DATA_DIR=/tmp/look vitae serve\n";

struct restore {
	struct error *error;
	struct error said;
	struct arena *arena;
	bool force;
	const char *data_dir;
	const char *staging; /* beside it */
	const char *aside;   /* where the older one went, NULL: there was none */
	int staging_fd;
	bool manifest; /* seen */
	int64_t unpacked, bytes;
	struct progress progress;
	const char *database; /* of PostgreSQL; NULL: the file in DATA_DIR */
	struct config config;
};

/* ---- unpacking ---- */

/* Opens the folder of path below staging, made where missing; *name is what follows it. */
static int open_folder(struct restore *r, const char *path, const char **name, int *out)
{
	CLEANUP(cli_fd_done) int at = dup(r->staging_fd);
	const char *slash;

	while (at >= 0 && (slash = strchr(path, '/')) != NULL) {
		char part[256];
		int next;

		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (mkdirat(at, part, 0700) != 0 && errno != EEXIST)
			break;
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
		path = slash + 1;
	}
	if (at < 0 || strchr(path, '/') != NULL)
		return fail(r, E_RULE, "%s cannot be written: %s", r->staging, strerrordesc_np(errno));
	*name = path;
	*out = at;
	at = -1;
	return OK;
}

static int create(struct restore *r, const char *path, int *out)
{
	CLEANUP(cli_fd_done) int folder = -1;
	const char *name;
	int fd;

	TRY(open_folder(r, path, &name, &folder));
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(r, E_RULE, "%s/%s cannot be written: %s", r->staging, path,
					strerrordesc_np(errno));
	*out = fd;
	return OK;
}

static int write_all(struct restore *r, int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(r, E_RULE, "%s cannot be written: %s", r->staging, strerrordesc_np(errno));
		p += done;
		n -= (size_t)done;
	}
	return OK;
}

static int unpack_one(struct restore *r, struct archive *a, const char *path)
{
	CLEANUP(cli_fd_done) int fd = -1;
	char piece[PIECE];
	la_ssize_t n;

	TRY(create(r, path, &fd));
	while ((n = archive_read_data(a, piece, sizeof piece)) > 0) {
		TRY(write_all(r, fd, piece, (size_t)n));
		r->bytes += n;
	}
	return n == 0 ? OK : fail(r, E_RULE, "the archive is damaged: %s", archive_error_string(a));
}

static int unpack_entry(struct restore *r, struct archive *a, struct archive_entry *e)
{
	const char *path = archive_entry_pathname(e);
	bool manifest = text_eq(path, MEMBER_MANIFEST);

	if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e) != NULL ||
		(!manifest && !member_path_ok(path)))
		return fail(r, E_RULE, "this is no backup of vitae: it holds %s",
					path != NULL ? path : "no name");
	TRY(unpack_one(r, a, path));
	r->manifest |= manifest;
	r->unpacked += !manifest;
	progress_step(&r->progress);
	return OK;
}

static int unpack_all(struct restore *r, struct archive *a)
{
	struct archive_entry *e;
	int rc;

	while ((rc = archive_read_next_header(a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN)
		TRY(unpack_entry(r, a, e));
	if (rc != ARCHIVE_EOF)
		return fail(r, E_RULE, "the archive is damaged: %s", archive_error_string(a));
	return r->manifest ? OK : fail(r, E_RULE, "the archive is no backup of vitae, or not whole");
}

static int unpack(struct restore *r, const char *path)
{
	struct archive *a = archive_read_new();
	int rc;

	archive_read_support_format_tar(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_gzip(a);
	if (archive_read_open_filename(a, path, PIECE) != ARCHIVE_OK)
		rc = fail(r, E_RULE, "%s cannot be read: %s", path, archive_error_string(a));
	else
		rc = unpack_all(r, a);
	archive_read_free(a);
	return rc;
}

/* ---- checking ---- */

static int check_member(struct restore *r, const struct member *m)
{
	CLEANUP(cli_fd_done) int fd = -1;
	struct digest digest;
	char piece[PIECE], hex[65];
	int64_t size = 0;
	ssize_t n;

	if (!member_path_ok(m->path))
		return fail(r, E_RULE, "the manifest names %s", m->path);
	fd = openat(r->staging_fd, m->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(r, E_RULE, "the archive lacks %s", m->path);
	digest_init(&digest);
	while ((n = read(fd, piece, sizeof piece)) > 0) {
		digest_add(&digest, piece, (size_t)n);
		size += n;
	}
	digest_hex(&digest, hex);
	if (n < 0 || size != m->size || !text_eq(hex, m->sha256))
		return fail(r, E_RULE, "the archive is damaged: %s differs from what was backed up",
					m->path);
	return OK;
}

static int check_lines(struct restore *r, FILE *in)
{
	int64_t checked = 0;
	int rc;

	for (;;) {
		CLEANUP(cli_arena_done) struct arena *a = arena_new(LINE_ARENA);
		struct member m;

		rc = member_next(in, a, &m);
		if (rc != OK)
			break;
		TRY(check_member(r, &m));
		checked++;
	}
	if (rc != E_NOT_FOUND || checked != r->unpacked)
		return fail(r, E_RULE, "the archive is damaged: its manifest does not fit");
	return OK;
}

static int check(struct restore *r)
{
	int fd = openat(r->staging_fd, MEMBER_MANIFEST, O_RDONLY | O_CLOEXEC);
	FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
	int rc;

	if (in == NULL)
		return fail(r, E_RULE, "the manifest cannot be read: %s", strerrordesc_np(errno));
	rc = check_lines(r, in);
	fclose(in);
	TRY(rc);
	if (faccessat(r->staging_fd, MEMBER_DATABASE, F_OK, 0) != 0)
		return fail(r, E_RULE, "the archive lacks the database");
	unlinkat(r->staging_fd, MEMBER_MANIFEST, 0);
	return syncfs(r->staging_fd) == 0
			   ? OK
			   : fail(r, E_RULE, "%s cannot be written: %s", r->staging, strerrordesc_np(errno));
}

/* ---- the place ---- */

static void remove_tree(const char *path)
{
	char *paths[] = {strdup(path), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	free(paths[0]);
	if (fts == NULL)
		return;
	while ((e = fts_read(fts)) != NULL) {
		if (e->fts_info == FTS_DP)
			rmdir(e->fts_accpath);
		else if (e->fts_info != FTS_D)
			unlink(e->fts_accpath);
	}
	fts_close(fts);
}

enum place { PLACE_MISSING, PLACE_EMPTY, PLACE_TAKEN };

/* A lock file alone counts as nothing. */
static enum place look(const char *path)
{
	enum place found = PLACE_EMPTY;
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		return errno == ENOENT ? PLACE_MISSING : PLACE_TAKEN;
	while (found == PLACE_EMPTY && (e = readdir(d)) != NULL)
		if (!text_eq(e->d_name, ".") && !text_eq(e->d_name, "..") &&
			!text_eq(e->d_name, "vitae.lock"))
			found = PLACE_TAKEN;
	closedir(d);
	return found;
}

static int cannot_place(struct restore *r)
{
	if (errno == EBUSY)
		return fail(
			r, E_RULE,
			"%s is a mount point and cannot be replaced; restore into another DATA_DIR and move "
			"what is in it",
			r->data_dir);
	return fail(r, E_RULE, "%s cannot be put in place: %s", r->data_dir, strerrordesc_np(errno));
}

/* Two renames instead of one, for file systems that cannot exchange. */
static int swap_slowly(struct restore *r)
{
	const char *other = arena_printf(r->arena, "%s-old", r->staging);

	if (rename(r->data_dir, other) != 0)
		return cannot_place(r);
	if (rename(r->staging, r->data_dir) != 0) {
		int rc = cannot_place(r);

		rename(other, r->data_dir);
		return rc;
	}
	rename(other, r->staging);
	return OK;
}

static int swap(struct restore *r)
{
	if (renameat2(AT_FDCWD, r->staging, AT_FDCWD, r->data_dir, RENAME_EXCHANGE) == 0)
		return OK;
	return errno == EINVAL || errno == ENOSYS ? swap_slowly(r) : cannot_place(r);
}

static int put_in_place(struct restore *r, enum place place)
{
	char stamp[32];
	struct tm tm;
	time_t now = time(NULL);

	if (place == PLACE_MISSING)
		return rename(r->staging, r->data_dir) == 0 ? OK : cannot_place(r);
	TRY(swap(r)); /* the older one now has the name of staging */
	if (place == PLACE_EMPTY) {
		remove_tree(r->staging);
		return OK;
	}
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	r->aside = arena_printf(r->arena, "%s.before-%s", r->data_dir, stamp);
	if (rename(r->staging, r->aside) != 0)
		r->aside = r->staging;
	return OK;
}

static void sync_parent(struct restore *r)
{
	CLEANUP(cli_fd_done)
	int fd = open(dirname(arena_strdup(r->arena, r->data_dir)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd);
}

/* ---- PostgreSQL ---- */

struct filling {
	struct db *from, *to;
	const char *key;
};

static void close_both(struct filling *f)
{
	db_close(f->from);
	db_close(f->to);
}

static int open_both(struct restore *r, struct filling *f)
{
	bool used;
	int rc;

	TRY(db_open(arena_printf(r->arena, "sqlite:%s/" MEMBER_DATABASE, r->staging), r->error,
				&f->from));
	TRY(db_open(r->database, r->error, &f->to));
	TRY(migrate(f->from, NULL)); /* the backup may be older than this program */
	TRY(migrate(f->to, NULL));
	TRY(transfer_used(f->to, &used));
	if (used)
		return fail(r, E_RULE, "the database of DATABASE_URL is in use; a new one is needed");
	rc = key_get(f->from, r->arena, r->staging, &f->key);
	return rc == E_NOT_FOUND ? OK : rc;
}

/* The archive's database goes into the one of DATABASE_URL; what remains is put in place. */
static int fill_database(struct restore *r)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	CLEANUP(close_both) struct filling f = {NULL, NULL, NULL};
	struct transfer t = {.error = r->error};

	TRY(open_both(r, &f));
	t.from = f.from;
	t.to = f.to;
	TRY(transfer_all(&t));
	if (f.key != NULL)
		TRY(key_set(f.to, r->arena, r->data_dir, f.key));
	unlink(arena_printf(r->arena, "%s/" MEMBER_KEY, r->staging));
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		unlink(arena_printf(r->arena, "%s/" MEMBER_DATABASE "%s", r->staging, ends[i]));
	return OK;
}

/* ---- FILES_URL ---- */

struct storing {
	struct db *db; /* of the archive */
	struct storage *to;
	struct files *from;
};

static void storing_done(struct storing *s)
{
	db_close(s->db);
	storage_close(s->to);
	files_free(s->from);
}

/* With FILES_URL the files go there; what is left is the rest of DATA_DIR. */
static int store_files(struct restore *r)
{
	CLEANUP(storing_done) struct storing s = {NULL, NULL, NULL};
	struct config config = r->config;
	struct files_copy c;

	config.data_dir = r->staging;
	TRY(db_open(arena_printf(r->arena, "sqlite:%s/" MEMBER_DATABASE, r->staging), r->error, &s.db));
	s.db->error = r->error;
	TRY(migrate(s.db, NULL));
	TRY(storage_open(&config, r->error, &s.to));
	TRY(storage_claim(s.to, s.db, r->error));
	TRY(files_new(r->staging, r->error, &s.from));
	c = (struct files_copy){
		.error = r->error, .from = s.from, .to = storage_files(s.to), .remove = true};
	return files_copy_all(&c);
}

/* ---- the command ---- */

static int unpack_and_check(struct restore *r, const char *path)
{
	CLEANUP(cli_fd_done) int fd = -1;
	int rc;

	if (mkdir(r->staging, 0700) != 0)
		return fail(r, E_RULE, "the folder %s cannot be made: %s", r->staging,
					strerrordesc_np(errno));
	fd = open(r->staging, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(r, E_RULE, "the folder %s cannot be used: %s", r->staging,
					strerrordesc_np(errno));
	r->staging_fd = fd;
	progress_start(&r->progress, -1);
	rc = unpack(r, path);
	progress_clear(&r->progress);
	return rc == OK ? check(r) : rc;
}

static int restore(struct restore *r, const char *path)
{
	CLEANUP(cli_fd_done) int lock = -1;
	enum place place = look(r->data_dir);
	int rc;

	if (access(path, R_OK) != 0)
		return fail(r, E_RULE, "%s cannot be read: %s", path, strerrordesc_np(errno));
	if (local_lock(r->data_dir, &lock) == LOCK_HELD)
		return fail(r, E_RULE, "a vitae server is running on DATA_DIR %s; stop it first",
					r->data_dir);
	if (place == PLACE_TAKEN && !r->force)
		return fail(r, E_RULE, "DATA_DIR %s is not empty; --force puts it aside", r->data_dir);
	r->staging = arena_printf(r->arena, "%s.restore-%ld", r->data_dir, (long)getpid());
	rc = unpack_and_check(r, path);
	if (rc == OK && r->config.files_url != NULL)
		rc = store_files(r);
	if (rc == OK && r->database != NULL)
		rc = fill_database(r);
	if (rc == OK)
		rc = put_in_place(r, place);
	if (rc != OK)
		remove_tree(r->staging);
	else
		sync_parent(r);
	return rc;
}

/* The path to rename: without symbolic links if it exists, without slashes at its end. */
static char *real_place(struct arena *a, const char *path)
{
	char *resolved = realpath(path, NULL);
	char *out = arena_strdup(a, resolved != NULL ? resolved : path);

	free(resolved);
	for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--)
		out[n - 1] = '\0';
	return out;
}

static int run(const char *command, bool force, const char *path)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct restore r = {.arena = a, .force = force};

	r.error = &r.said;
	if (cli_load_config(a, command, &r.config) != CLI_OK)
		return CLI_FAILED;
	if (r.config.database_url != NULL && !text_starts(r.config.database_url, "sqlite:"))
		r.database = r.config.database_url;
	r.data_dir = real_place(a, r.config.data_dir);
	setlocale(LC_CTYPE, "C.UTF-8"); /* the archive's names are UTF-8 */
	if (restore(&r, path) != OK)
		return cli_fail(command, "%s", r.said.text);
	printf("%lld files, %.1f MB restored into %s.\n", (long long)r.unpacked, (double)r.bytes / 1e6,
		   r.data_dir);
	if (r.aside != NULL)
		printf("The older one is %s now.\n", r.aside);
	return CLI_OK;
}

int cli_restore(int argc, char **argv)
{
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
	bool force = false;
	int option;

	while ((option = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == '?')
			return cli_usage(argv[0], NULL);
		force = true;
	}
	if (argc - optind != 1)
		return cli_usage(argv[0], "name one file to read");
	return run(argv[0], force, argv[optind]);
}
