/* See query.h. What has many rows is remembered by a hash, in a table where a newer one takes the
 * place of an older. */
#include "app/query.h"

#include <pthread.h>
#include <string.h>

#include "base/digest.h"

static const struct field page_fields[] = {QUERY_PAGE(struct page)};
const struct schema page_schema = SCHEMA("Page", struct page, page_fields);

enum { MANY_SLOTS = 4096, MANY_SECONDS = 60 };

static pthread_mutex_t many_lock = PTHREAD_MUTEX_INITIALIZER;
static struct many {
	uint64_t hash;
	int64_t until;
} many[MANY_SLOTS];

void query_init(struct query *q, struct arena *a)
{
	*q = (struct query){.arena = a};
	buf_init(&q->where, a, QUERY_TEXT_MAX);
}

int query_param(struct query *q, struct param p)
{
	if (q->n == QUERY_PARAMS_MAX) {
		q->where.over = true;
		return QUERY_PARAMS_MAX;
	}
	q->params[++q->n] = p;
	return (int)q->n;
}

void query_and_plain(struct query *q, const char *condition)
{
	buf_adds(&q->where, q->where.n == 0 ? "WHERE " : " AND ");
	buf_adds(&q->where, condition);
}

void query_and(struct query *q, const char *condition, struct param p)
{
	int number = query_param(q, p);

	query_and_plain(q, "");
	for (const char *s = condition; *s != '\0'; s++) {
		if (*s == '?')
			buf_addf(&q->where, "$%d", number);
		else
			buf_addc(&q->where, *s);
	}
}

static uint64_t hash_of(const char *text, const struct query *q, const char *also)
{
	unsigned char bytes[DIGEST_SIZE];
	struct digest d;
	uint64_t hash;

	digest_init(&d);
	digest_add(&d, text, strlen(text) + 1);
	digest_add(&d, also != NULL ? also : "", also != NULL ? strlen(also) + 1 : 1);
	for (size_t i = 1; i <= q->n; i++) {
		const struct param *p = &q->params[i];

		digest_add(&d, &p->i, sizeof p->i);
		digest_add(&d, p->s != NULL ? p->s : "", p->s != NULL ? strlen(p->s) + 1 : 1);
	}
	digest_bytes(&d, bytes);
	memcpy(&hash, bytes, sizeof hash);
	return hash;
}

bool query_was_many(struct ctx *c, const char *text, const struct query *q, const char *also)
{
	uint64_t hash = hash_of(text, q, also);
	bool yes;

	pthread_mutex_lock(&many_lock);
	yes = many[hash % MANY_SLOTS].hash == hash && many[hash % MANY_SLOTS].until > c->now;
	pthread_mutex_unlock(&many_lock);
	return yes;
}

void query_note_many(struct ctx *c, const char *text, const struct query *q, const char *also)
{
	uint64_t hash = hash_of(text, q, also);

	pthread_mutex_lock(&many_lock);
	many[hash % MANY_SLOTS] = (struct many){hash, c->now + MANY_SECONDS * CLOCK_SECOND};
	pthread_mutex_unlock(&many_lock);
}

int query_count(struct ctx *c, const struct query *q, const char *select, int64_t *out)
{
	const char *sql = arena_printf(c->arena, "SELECT count(*) FROM (%s LIMIT %d) AS counted",
								   select, COUNT_CAP + 1);
	int64_t n = COUNT_CAP + 1;

	if (!query_was_many(c, sql, q, NULL)) {
		TRY(db_int_params(c->db, &n, sql, (struct params){q->params + 1, q->n}));
		if (n > COUNT_CAP)
			query_note_many(c, sql, q, NULL);
	}
	*out = n;
	return OK;
}

bool query_total_of_page(struct ctx *c, int64_t skip, int64_t limit, size_t n)
{
	if ((int64_t)n == limit || (n == 0 && skip > 0))
		return false;
	c->total = skip + (int64_t)n;
	return true;
}

int query_page(struct ctx *c, struct query *q, const struct schema *s, const char *columns,
			   const char *from, const char *order, int64_t skip, int64_t limit)
{
	size_t conditions = q->n;
	struct list *list = c->out;
	int limit_at = query_param(q, P(limit)), skip_at = query_param(q, P(skip));
	const char *sql;

	if (!buf_ok(&q->where))
		return fail(c, E_RULE, "Too many filters in one request; use fewer");
	sql = arena_printf(c->arena, "SELECT %s FROM %s %s ORDER BY %s LIMIT $%d OFFSET $%d", columns,
					   from, buf_str(&q->where), order, limit_at, skip_at);
	TRY(db_list_params(c->db, c->arena, s, (size_t)limit, list, sql,
					   (struct params){q->params + 1, q->n}));
	if (query_total_of_page(c, skip, limit, list->n))
		return OK;
	q->n = conditions;
	return query_count(
		c, q, arena_printf(c->arena, "SELECT 1 FROM %s %s", from, buf_str(&q->where)), &c->total);
}

const char *query_like(struct arena *a, const char *part)
{
	const char *folded = text_fold(a, part);
	struct buf b;

	buf_init(&b, a, 2 * strlen(folded) + 3);
	buf_addc(&b, '%');
	for (; *folded != '\0'; folded++) {
		if (strchr("%_\\", *folded) != NULL)
			buf_addc(&b, '\\');
		buf_addc(&b, *folded);
	}
	buf_addc(&b, '%');
	return buf_str(&b);
}
