/*
 * See core.h. Start and stop are one list read in both directions: core_stop undoes whatever
 * core_start had come to. What belongs to this DATA_DIR and outlives a process (the signing key,
 * the instance's name) are small files in it, made once, readable by the owner only.
 */
#include "core/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "core/dispatch.h"
#include "core/installation.h"
#include "core/metrics.h"
#include "core/relay.h"
#include "core/storage.h"
#include "data/taxonomy.h"
#include "io/fetch.h"
#include "proc/worker.h"
#include "store/migrate.h"

enum { STOP_SECONDS = 30, CRYPT_THREADS = 2, SLOW_THREADS = 4, WRITE_THREADS = 2 };
enum { STORE_THREADS = 8 };
enum { PARSE_QUEUE_MAX = 64, RECYCLE_AFTER = 500, OCR_RECYCLE_AFTER = 50 }; /* documents */
enum { MEDIA_SECONDS = 30, MEDIA_RECYCLE_AFTER = 50 };
enum { QUEUE_MAX = 1024, CRYPT_QUEUE_MAX = 64 }; /* eight passwords a second: eight seconds */
enum { SLOTS_MAX = 64 };                         /* servers that share a DATA_DIR */
enum { KEPT_MAX = 4096, PROCESS_ARENA = 16 * 1024 * 1024, START_ARENA = 16 * 1024 * 1024 };

struct starter {
	struct core *core;
	struct error *error;
	const struct core_options *options;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void arena_done(struct arena **a)
{
	arena_free(*a);
}

static void db_done(struct db **db)
{
	db_close(*db);
}

/* ---- what is kept in DATA_DIR ---- */

static bool write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* E_NOT_FOUND without a file. */
static int read_kept(struct starter *s, const char *path, const char **out)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[KEPT_MAX], *trimmed;
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return E_NOT_FOUND;
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n < 0)
		return fail(s, E_RULE, "%s cannot be read: %s", path, strerror(errno));
	text[n] = '\0';
	trimmed = text_trim(text);
	if (*trimmed == '\0')
		return fail(s, E_RULE, "%s is empty: remove it, and a new one is made", path);
	*out = arena_strdup(s->core->arena, trimmed);
	return OK;
}

/* Makes path with 2 * n random digits. Of two processes that do it together one wins: the file
 * appears whole, by link(2), which does not replace. */
static int make_kept(struct starter *s, const char *path, size_t n)
{
	const char *fresh = arena_printf(s->core->arena, "%s.%ld", path, (long)getpid());
	CLEANUP(close_fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[129];
	int rc = OK;

	rand_hex(text, n);
	if (fd < 0 || !write_all(fd, text, 2 * n) || fsync(fd) != 0 ||
		(link(fresh, path) != 0 && errno != EEXIST))
		rc = fail(s, E_RULE, "%s cannot be written: %s", path, strerror(errno));
	unlink(fresh);
	explicit_bzero(text, sizeof text);
	return rc;
}

/* Reads DATA_DIR/name, after making it where it is missing. */
static int keep(struct starter *s, const char *name, size_t n, const char **out)
{
	const char *path = arena_printf(s->core->arena, "%s/%s", s->core->config->data_dir, name);
	int rc = read_kept(s, path, out);

	if (rc != E_NOT_FOUND)
		return rc;
	TRY(make_kept(s, path, n));
	return read_kept(s, path, out);
}

/* Locks DATA_DIR/vitae.lock, or of the servers that share a DATA_DIR the n-th vitae.lock.n. False:
 * somebody else holds it. */
static int lock_slot(struct starter *s, int n, bool *locked)
{
	const char *dir = s->core->config->data_dir;
	const char *path = n == 1 ? arena_printf(s->core->arena, "%s/vitae.lock", dir)
							  : arena_printf(s->core->arena, "%s/vitae.lock.%d", dir, n);
	CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(s, E_RULE, "%s cannot be opened: %s", path, strerror(errno));
	*locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (*locked) {
		s->core->lock_fd = fd;
		fd = -1;
	}
	return OK;
}

/* With SQLite one server for each DATA_DIR; with PostgreSQL several may share it, each with a name
 * of its own, which a dead one leaves to the next. The kernel forgets a lock with its process. */
static int lock_data_dir(struct starter *s)
{
	int slots = text_starts(s->core->db_url, "sqlite:") ? 1 : SLOTS_MAX;
	struct core *c = s->core;
	bool locked = false;

	for (int n = 1; n <= slots; n++) {
		TRY(lock_slot(s, n, &locked));
		if (locked && n > 1)
			c->instance = arena_printf(c->arena, "%s.%d", c->instance, n);
		if (locked)
			return OK;
	}
	return fail(s, E_RULE, "%s on DATA_DIR %s",
				slots == 1 ? "another vitae server is running"
						   : "too many vitae servers are running",
				c->config->data_dir);
}

/* ---- start ---- */

static int call_start(struct ctx *c, void *arg)
{
	const struct feature *f = arg;

	return f->start(c);
}

/* Each in a transaction of its own: what a feature makes at the first start is there whole or not
 * at all. */
static int start_features(struct starter *s, struct db *db)
{
	for (size_t i = 0; i < s->core->nfeatures; i++) {
		struct feature f = *s->core->features[i];
		CLEANUP(arena_done) struct arena *a = arena_new(START_ARENA);
		struct ctx c;

		if (f.start == NULL)
			continue;
		core_ctx(s->core, a, s->error, db, &c);
		TRY(tx(&c, call_start, &f));
	}
	return OK;
}

/* What is wrong with a given URL is the operator's to mend. */
static int open_database(struct starter *s, struct db **out)
{
	int rc = db_open(s->core->db_url, s->error, out);

	if (rc < 0 && !text_is_blank(s->core->config->database_url))
		return fail(s, E_RULE, "DATABASE_URL: %s", arena_strdup(s->core->arena, s->error->text));
	TRY(rc);
	(*out)->error = s->error;
	return OK;
}

/* The key that signs tokens: SECRET_KEY, else one made at the first start: kept in DATA_DIR, or in
 * the database where several servers share it. */
static int find_secret(struct starter *s, struct db *db, const char **out)
{
	char fresh[65];

	if (!text_is_blank(s->core->config->secret_key)) {
		*out = s->core->config->secret_key;
		return OK;
	}
	if (strcmp(db_engine(db), "sqlite") == 0)
		return keep(s, "secret_key", 32, out);
	rand_hex(fresh, 32);
	return installation_keep(db, s->core->arena, "secret_key", fresh, out);
}

/* A store that is away keeps nobody from starting: what needs it answers 503 until it is back. */
static int claim_storage(struct starter *s, struct db *db)
{
	int rc = s->options->listen ? storage_claim(s->core->storage, db, s->error) : OK;

	if (rc != E_UNAVAILABLE)
		return rc;
	log_warning("FILES_URL: the file store cannot be asked, uploads and files have to wait: %s",
				s->error->text);
	return OK;
}

static int prepare_database(struct starter *s)
{
	CLEANUP(db_done) struct db *db = NULL;
	const char *secret;
	int applied = 0;

	TRY(open_database(s, &db));
	TRY(migrate(db, &applied));
	if (applied > 0)
		log_info("database brought up to date: %d migrations", applied);
	TRY(claim_storage(s, db));
	TRY(find_secret(s, db, &secret));
	s->core->access = access_new(secret, s->options->load_actor);
	return start_features(s, db);
}

int core_worker(const struct core *core, bool ocr, struct error *error, struct worker **out)
{
	const struct config *config = core->config;
	struct worker_options o = {
		.program = ocr ? core->ocr_program : core->worker_program,
		.skills_file = config->skills_file,
		.languages = ocr ? config->ocr_languages : NULL,
		.timeout = (int)(ocr ? config->ocr_timeout : config->parser_timeout),
		.memory = (ocr ? (int64_t)WORKER_OCR_MEMORY_MB : config->parser_memory_mb) * 1024 * 1024,
		.recycle = ocr ? OCR_RECYCLE_AFTER : RECYCLE_AFTER,
	};

	return worker_new(&o, error, out);
}

int core_media_worker(const struct core *core, struct error *error, struct worker **out)
{
	struct worker_options o = {
		.program = core->media_program,
		.timeout = MEDIA_SECONDS,
		.memory = (int64_t)WORKER_MEDIA_MEMORY_MB * 1024 * 1024,
		.recycle = MEDIA_RECYCLE_AFTER,
	};

	return worker_new(&o, error, out);
}

static int start_pools(struct starter *s)
{
	struct core *c = s->core;

	TRY(pool_new("fast", (int)c->config->threads, QUEUE_MAX, c->db_url, s->error, &c->fast));
	TRY(pool_new("write", WRITE_THREADS, QUEUE_MAX, c->db_url, s->error, &c->write));
	TRY(pool_new("crypt", CRYPT_THREADS, CRYPT_QUEUE_MAX, c->db_url, s->error, &c->crypt));
	TRY(pool_new("slow", SLOW_THREADS, QUEUE_MAX, c->db_url, s->error, &c->slow));
	if (files_is_remote(c->files))
		TRY(pool_new("store", STORE_THREADS, QUEUE_MAX, c->db_url, s->error, &c->store));
	if (c->worker_program != NULL)
		TRY(core_worker(c, false, s->error, &c->parse_worker));
	/* One thread, since the parser is one; a document takes milliseconds. */
	return pool_new("parse", 1, PARSE_QUEUE_MAX, c->db_url, s->error, &c->parse);
}

static int start_http(struct starter *s)
{
	struct core *c = s->core;
	struct http_hooks hooks;
	const struct http_options options = {
		.host = c->config->host,
		.port = (int)c->config->port,
		.max_connections = (int)c->config->max_connections,
		.tls_cert = c->config->tls_cert,
		.tls_key = c->config->tls_key,
	};

	TRY(dispatch_new(c, http_loops(&options), s->error, &c->dispatch));
	hooks = dispatch_hooks(c->dispatch);
	return http_start(&options, &hooks, s->error, &c->http);
}

static int start_server(struct starter *s)
{
	struct core *c = s->core;

	int rc;

	if (s->options->journal != NULL)
		TRY(journal_start(c, s->options->journal, s->error, &c->journal));
	if (!text_starts(c->db_url, "sqlite:"))
		TRY(relay_start(c, s->error, &c->relay));
	TRY(start_pools(s));
	rc = tasks_start(c, c->features, c->nfeatures, &c->tasks);
	if (rc >= 0)
		rc = scheduler_start(c, c->features, c->nfeatures, &c->scheduler);
	if (rc >= 0)
		rc = hub_start(c, &c->hub);
	if (rc < 0) {
		*s->error = c->error;
		return rc;
	}
	return start_http(s);
}

static bool is_named(const struct core *c, const struct rate_route *rule)
{
	for (size_t i = 0; i < c->nfeatures; i++)
		for (size_t k = 0; k < c->features[i]->nroutes; k++)
			if (rate_names(rule, &c->features[i]->routes[k]))
				return true;
	return false;
}

/* A limit for a route that does not exist is a slip of the operator's, and would limit nothing. */
static int check_rate_routes(struct starter *s)
{
	const struct rate_routes *list = &s->core->config->rate_limit_routes;

	for (size_t i = 0; i < list->n; i++)
		if (!is_named(s->core, &list->items[i]))
			return fail(s, E_RULE, "RATE_LIMIT_ROUTES names no route of this server: %s %s",
						list->items[i].method, list->items[i].path);
	return OK;
}

/* The parsers read the file too. One that cannot be read would keep them from coming up, and every
 * upload waiting. */
static int add_skills(struct starter *s)
{
	const char *path = s->core->config->skills_file;

	if (path == NULL || taxonomy_add_file(taxonomy_builtin(), path, s->error) == OK)
		return OK;
	return fail(s, E_RULE, "SKILLS_FILE: %s", arena_strdup(s->core->arena, s->error->text));
}

static int start_all(struct starter *s)
{
	const struct core_options *o = s->options;
	const struct config *config = o->config;
	struct core *c = s->core;

	TRY(routes_new(c->arena, s->error, c->features, c->nfeatures,
				   (config->debug ? 0u : ROUTE_DEBUG) | (config->console ? 0u : ROUTE_CONSOLE),
				   &c->routes));
	c->metrics = metrics_new(c->routes);
	TRY(check_rate_routes(s));
	TRY(add_skills(s));
	TRY(storage_open(config, s->error, &c->storage));
	c->files = storage_files(c->storage);
	c->db_url = text_is_blank(config->database_url)
					? arena_printf(c->arena, "sqlite:%s/vitae.db", c->config->data_dir)
					: config->database_url;
	TRY(keep(s, "instance", 8, &c->instance));
	if (o->listen)
		TRY(lock_data_dir(s));
	c->bus = bus_new();
	c->load_guest = o->load_guest;
	c->rate = rate_new(config);
	c->flags = flags_new();
	TRY(prepare_database(s));
	return o->listen ? start_server(s) : OK;
}

int core_start(const struct core_options *o, struct error *error, struct core **out)
{
	struct core *c = calloc(1, sizeof *c);
	struct starter s = {c, error, o};
	int rc;

	if (c == NULL)
		abort();
	c->config = o->config;
	c->features = o->features;
	c->nfeatures = o->nfeatures;
	c->audit = o->audit;
	c->worker_program = o->worker_program;
	c->ocr_program = o->ocr_program;
	c->media_program = o->media_program;
	c->started = clock_now();
	c->arena = arena_new(PROCESS_ARENA);
	c->lock_fd = -1;
	rc = start_all(&s);
	if (rc < 0) {
		core_stop(c);
		return rc;
	}
	*out = c;
	return OK;
}

void core_stop(struct core *c)
{
	fetch_stop(); /* who waits for another server shall not hold up the end */
	if (c->hub != NULL)
		hub_stop(c->hub); /* its streams are replies that http_stop would wait for */
	if (c->http != NULL)
		http_stop(c->http, STOP_SECONDS);
	if (c->scheduler != NULL)
		scheduler_stop(c->scheduler);
	if (c->tasks != NULL)
		tasks_stop(c->tasks, STOP_SECONDS);
	pool_free(c->fast);
	pool_free(c->write);
	pool_free(c->crypt);
	pool_free(c->slow);
	pool_free(c->parse);
	pool_free(c->store);
	worker_free(c->parse_worker);
	relay_stop(c->relay);
	journal_stop(c->journal);
	dispatch_free(c->dispatch);
	hub_free(c->hub);
	metrics_free(c->metrics);
	rate_free(c->rate);
	flags_free(c->flags);
	access_free(c->access);
	bus_free(c->bus);
	storage_close(c->storage);
	if (c->lock_fd >= 0)
		close(c->lock_fd);
	arena_free(c->arena);
	free(c);
}

void core_ctx(struct core *core, struct arena *a, struct error *error, struct db *db,
			  struct ctx *out)
{
	*out = (struct ctx){
		.arena = a,
		.error = error,
		.faults = ARENA_NEW(a, struct faults),
		.core = core,
		.config = core->config,
		.files = core->files,
		.db = db,
		.now = clock_now(),
		.file_fd = -1,
		.sink_fd = -1,
	};
	if (db != NULL)
		db->error = error;
}
