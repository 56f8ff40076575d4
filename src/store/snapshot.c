/* See snapshot.h. */
#include "store/snapshot.h"

#include <string.h>

#include "base/log.h"

/* Of the index: two copies of the header, then how much of the log the database has. SQLite tries
 * to bring the log into the database when it has LOG_PAGES. */
enum {
	INDEX_SIZE = 32 * 1024,
	PAGES_AT = 2, /* word; its first four bytes, see first_half */
	DONE_AT = 12, /* word */
	LOG_PAGES = 1000
};

void snapshot_init(struct snapshot *s, sqlite3 *handle)
{
	sqlite3_file *file = NULL;
	void volatile *index = NULL;

	s->handle = handle;
	pthread_mutex_init(&s->lock, NULL);
	if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
		file != NULL && file->pMethods != NULL && file->pMethods->iVersion >= 2 &&
		file->pMethods->xShmMap != NULL &&
		file->pMethods->xShmMap(file, 0, INDEX_SIZE, 0, &index) == SQLITE_OK)
		s->index = (const _Atomic uint64_t *)index;
}

static uint64_t word(const struct snapshot *s, int i)
{
	return atomic_load_explicit(&s->index[i], memory_order_acquire);
}

/* The first four bytes of a word, as the index has them. */
static uint32_t first_half(uint64_t v)
{
	uint32_t half;

	memcpy(&half, &v, sizeof half);
	return half;
}

static void note(struct snapshot *s)
{
	for (int i = 0; s->index != NULL && i < SNAPSHOT_WORDS; i++)
		s->header[i] = word(s, i);
}

static bool is_newest(const struct snapshot *s)
{
	for (int i = 0; i < SNAPSHOT_WORDS; i++)
		if (word(s, i) != s->header[i])
			return false;
	return true;
}

static bool hinders_nobody(const struct snapshot *s)
{
	uint32_t pages = first_half(word(s, PAGES_AT)), done = first_half(word(s, DONE_AT));

	return pages < LOG_PAGES || done == pages;
}

/* With the lock. */
static void end(struct snapshot *s)
{
	if (s->kept && sqlite3_exec(s->handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
		log_error("SQLite: a snapshot cannot be let go: %s", sqlite3_errmsg(s->handle));
	s->kept = false;
}

void snapshot_done(struct snapshot *s)
{
	if (s->handle == NULL)
		return;
	snapshot_leave(s);
	pthread_mutex_destroy(&s->lock);
}

bool snapshot_resume(struct snapshot *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->kept && is_newest(s))
		return true;
	end(s);
	note(s);
	s->number++;
	return false;
}

bool snapshot_keep(struct snapshot *s)
{
	s->kept = s->index != NULL && is_newest(s) && hinders_nobody(s);
	if (s->kept)
		pthread_mutex_unlock(&s->lock);
	return s->kept;
}

void snapshot_ended(struct snapshot *s)
{
	s->kept = false;
	pthread_mutex_unlock(&s->lock);
}

void snapshot_leave(struct snapshot *s)
{
	pthread_mutex_lock(&s->lock);
	end(s);
	pthread_mutex_unlock(&s->lock);
}

void snapshot_rest(struct snapshot *s)
{
	if (pthread_mutex_trylock(&s->lock) != 0)
		return;
	end(s);
	pthread_mutex_unlock(&s->lock);
}
