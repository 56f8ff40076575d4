/*
 * vitae backup. First the database is copied as it is at one moment, while others use it; then
 * every file which that copy names is packed, then the copy itself, the key, and a manifest of
 * checksums. Files never change once they are in place, so the archive is of that one moment too.
 * Nothing is brought up to date or made on the way: a backup may be what somebody wants before an
 * upgrade.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/transfer.h"
#include "base/digest.h"
#include "cli/key.h"
#include "cli/local.h"
#include "cli/member.h"
#include "cli/progress.h"
#include "core/storage.h"
#include "store/migrate.h"

enum { PIECE = 64 * 1024 };

static const char help[] =
	"Usage: vitae backup FILE\n\n"
	"Writes a copy of the instance in DATA_DIR to FILE, a tar archive: the database, the\n"
	"uploaded files and the key that signs tokens, as they are at one moment, with\n"
	"checksums. The server may run meanwhile. A name that ends in .zst or .gz compresses.\n"
	"FILE appears when it is complete, and replaces an older one. Keep it as safe as the\n"
	"instance itself.\n\n"
	"Options:\n"
	"  -h, --help   this text\n\n"
	"Examples:\n"
	"  vitae backup /var/backups/vitae-$(date +%F).tar.zst\n"
	"  vitae restore /var/backups/vitae-2026-01-31.tar.zst\n";

struct backup {
	const char *command;
	struct error *error;
	struct arena *arena;
	struct error said;
	struct config config;
	struct storage *storage;
	struct files *files; /* the storage's */
	struct db *db;
	const char *copy;       /* path of the database's copy */
	const char *unfinished; /* path of the archive until it is complete */
	struct archive *archive;
	FILE *manifest;
	int64_t packed, missing, bytes;
	struct progress progress;
};

/* ---- members ---- */

static int archive_failed(struct backup *b)
{
	return fail(b, E_RULE, "%s cannot be written: %s", b->unfinished,
				archive_error_string(b->archive));
}

static int write_header(struct backup *b, const char *path, const struct stat *st)
{
	struct archive_entry *e = archive_entry_new();
	int rc;

	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0600);
	archive_entry_set_size(e, st->st_size);
	archive_entry_set_mtime(e, st->st_mtim.tv_sec, 0);
	rc = archive_write_header(b->archive, e);
	archive_entry_free(e);
	return rc == ARCHIVE_OK ? OK : archive_failed(b);
}

/* Copies what is behind fd into the archive and the digest. */
static int write_content(struct backup *b, const char *path, int fd, int64_t size,
						 struct digest *digest)
{
	char piece[PIECE];
	int64_t done = 0;

	while (done < size) {
		size_t most = size - done < PIECE ? (size_t)(size - done) : PIECE;
		ssize_t n = pread(fd, piece, most, done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(b, E_RULE, "%s cannot be read: %s", path,
						n < 0 ? strerrordesc_np(errno) : "it became shorter");
		digest_add(digest, piece, (size_t)n);
		if (archive_write_data(b->archive, piece, (size_t)n) != n)
			return archive_failed(b);
		done += n;
	}
	return OK;
}

static int pack(struct backup *b, const char *path, int fd)
{
	struct digest digest;
	char hex[65];
	struct stat st;
	int rc;

	if (fstat(fd, &st) != 0)
		return fail(b, E_RULE, "%s cannot be read: %s", path, strerrordesc_np(errno));
	TRY(write_header(b, path, &st));
	digest_init(&digest);
	rc = write_content(b, path, fd, st.st_size, &digest);
	digest_hex(&digest, hex);
	TRY(rc);
	if (!member_put(b->manifest, &(struct member){path, st.st_size, hex}, b->packed == 0))
		return fail(b, E_RULE, "the list of files cannot be written: %s", strerrordesc_np(errno));
	b->packed++;
	b->bytes += st.st_size;
	return OK;
}

static int pack_at(struct backup *b, const char *member, const char *path)
{
	CLEANUP(cli_fd_done) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(b, E_RULE, "%s cannot be read: %s", path, strerrordesc_np(errno));
	return pack(b, member, fd);
}

static int count_stored(void *arg, const char *path)
{
	struct backup *b = arg;

	(void)path;
	b->progress.total++;
	return OK;
}

static int pack_stored(void *arg, const char *path)
{
	struct backup *b = arg;
	CLEANUP(cli_fd_done) int fd = -1;
	int64_t size;
	int rc = files_read(b->files, b->error, path, &fd, &size);

	progress_step(&b->progress);
	if (rc == E_NOT_FOUND) {
		b->missing++;
		progress_clear(&b->progress);
		cli_fail(b->command, "warning: %s is not there any more", path);
		return OK;
	}
	TRY(rc);
	return pack(b, path, fd);
}

static int each_stored(struct db *db, int (*file)(void *arg, const char *path), struct backup *b)
{
	for (size_t i = 0; i < app_features_count; i++)
		if (app_features[i]->files != NULL)
			TRY(app_features[i]->files(db, file, b));
	return OK;
}

/* The files that the copy names. */
static int pack_all_stored(struct backup *b)
{
	struct db *db;
	int rc;

	TRY(db_open(arena_printf(b->arena, "sqlite:%s", b->copy), b->error, &db));
	db->error = b->error;
	progress_start(&b->progress, 0);
	rc = each_stored(db, count_stored, b);
	if (rc == OK)
		rc = each_stored(db, pack_stored, b);
	progress_clear(&b->progress);
	db_close(db);
	return rc;
}

static int pack_manifest(struct backup *b)
{
	struct digest unused;
	struct stat st;
	int rc;

	digest_init(&unused);
	if (!member_end(b->manifest) || fflush(b->manifest) != 0 ||
		fstat(fileno(b->manifest), &st) != 0)
		rc = fail(b, E_RULE, "the list of files cannot be written: %s", strerrordesc_np(errno));
	else
		rc = write_header(b, MEMBER_MANIFEST, &st);
	if (rc == OK)
		rc = write_content(b, MEMBER_MANIFEST, fileno(b->manifest), st.st_size, &unused);
	return rc;
}

static int pack_key(struct backup *b)
{
	CLEANUP(cli_fd_done) int fd = -1;
	const char *key;
	int rc = key_get(b->db, b->arena, b->config.data_dir, &key);

	if (rc == E_NOT_FOUND)
		return OK;
	TRY(rc);
	fd = memfd_create(MEMBER_KEY, MFD_CLOEXEC);
	if (fd < 0 || write(fd, key, strlen(key)) != (ssize_t)strlen(key) ||
		lseek(fd, 0, SEEK_SET) != 0)
		return fail(b, E_RULE, "no temporary file can be made: %s", strerrordesc_np(errno));
	(void)fchmod(fd, 0600);
	return pack(b, MEMBER_KEY, fd);
}

static int pack_everything(struct backup *b)
{
	b->manifest = tmpfile();
	if (b->manifest == NULL || !member_begin(b->manifest))
		return fail(b, E_RULE, "no temporary file can be made: %s", strerrordesc_np(errno));
	TRY(pack_all_stored(b));
	TRY(pack_at(b, MEMBER_DATABASE, b->copy));
	TRY(pack_key(b));
	return pack_manifest(b);
}

/* ---- the archive ---- */

/* Names as the bytes that they are: those said to be UTF-8 libarchive composes when it reads them,
 * and then a name with its accents apart is another one. */
static int open_archive(struct backup *b, const char *path, int fd)
{
	b->archive = archive_write_new();
	archive_write_set_format_pax_restricted(b->archive);
	if (archive_write_set_format_option(b->archive, "pax", "hdrcharset", "BINARY") != ARCHIVE_OK)
		return archive_failed(b);
	if (text_ends(path, ".zst"))
		archive_write_add_filter_zstd(b->archive);
	else if (text_ends(path, ".gz") || text_ends(path, ".tgz"))
		archive_write_add_filter_gzip(b->archive);
	return archive_write_open_fd(b->archive, fd) == ARCHIVE_OK ? OK : archive_failed(b);
}

static int write_archive(struct backup *b, const char *path)
{
	CLEANUP(cli_fd_done)
	int fd = open(b->unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0 || fchmod(fd, 0600) != 0)
		return fail(b, E_RULE, "%s cannot be written: %s", b->unfinished, strerrordesc_np(errno));
	rc = open_archive(b, path, fd);
	if (rc == OK)
		rc = pack_everything(b);
	if (archive_write_close(b->archive) != ARCHIVE_OK && rc == OK)
		rc = archive_failed(b);
	archive_write_free(b->archive);
	if (b->manifest != NULL)
		fclose(b->manifest);
	if (rc == OK && fsync(fd) != 0)
		rc = fail(b, E_RULE, "%s cannot be written: %s", b->unfinished, strerrordesc_np(errno));
	return rc;
}

static int put_in_place(struct backup *b, const char *path)
{
	CLEANUP(cli_fd_done)
	int folder = open(dirname(arena_strdup(b->arena, path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (rename(b->unfinished, path) != 0 || (folder >= 0 && fsync(folder) != 0))
		return fail(b, E_RULE, "%s cannot be written: %s", path, strerrordesc_np(errno));
	return OK;
}

/* Of PostgreSQL the archive holds the same as of SQLite: a file of SQLite with all tables. */
static int copy_tables(struct backup *b)
{
	struct transfer t = {.error = b->error, .from = b->db};
	int missing, rc;

	TRY(migrate_missing(b->db, &missing));
	if (missing > 0)
		return fail(b, E_RULE, "the database is not of this version; run 'vitae migrate' first");
	TRY(db_open(arena_printf(b->arena, "sqlite:%s", b->copy), b->error, &t.to));
	rc = migrate(t.to, NULL);
	if (rc == OK)
		rc = transfer_all(&t);
	db_close(t.to);
	return rc;
}

static int copy_database(struct backup *b)
{
	const char *url = arena_printf(b->arena, "sqlite:%s/vitae.db", b->config.data_dir);

	TRY(storage_open(&b->config, b->error, &b->storage));
	b->files = storage_files(b->storage);
	TRY(db_open(b->config.database_url != NULL ? b->config.database_url : url, b->error, &b->db));
	b->db->error = b->error;
	return text_eq(db_engine(b->db), "sqlite") ? db_backup(b->db, b->copy) : copy_tables(b);
}

static void remove_copy(struct backup *b)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		unlink(arena_printf(b->arena, "%s%s", b->copy, ends[i]));
}

static int back_up(struct backup *b, const char *path)
{
	int rc;

	b->copy = arena_printf(b->arena, "%s/spool/backup-%ld.db", b->config.data_dir, (long)getpid());
	b->unfinished = arena_printf(b->arena, "%s.tmp", path);
	rc = copy_database(b);
	if (rc == OK)
		rc = write_archive(b, path);
	if (rc == OK)
		rc = put_in_place(b, path);
	if (rc != OK)
		unlink(b->unfinished);
	remove_copy(b);
	db_close(b->db);
	storage_close(b->storage);
	return rc;
}

int cli_backup(int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
	CLEANUP(cli_arena_done) struct arena *a = arena_new(CLI_CONFIG_ARENA);
	struct backup b = {.command = argv[0], .arena = a};
	int option = getopt_long(argc, argv, "h", options, NULL);

	b.error = &b.said;
	if (option == 'h')
		return cli_help(help);
	if (option != -1 || argc - optind != 1)
		return cli_usage(argv[0], option != -1 ? NULL : "%s", "name one file to write");
	if (cli_load_config(a, argv[0], &b.config) != CLI_OK ||
		local_find(argv[0], &b.config) != CLI_OK)
		return CLI_FAILED;
	setlocale(LC_CTYPE, "C.UTF-8"); /* the archive's names are UTF-8 */
	if (back_up(&b, argv[optind]) != OK)
		return cli_fail(argv[0], "%s",
						b.said.text[0] != '\0' ? b.said.text : "the database failed");
	printf("%lld files, %.1f MB.\n", (long long)b.packed, (double)b.bytes / 1e6);
	return CLI_OK;
}
