/* See query.h. Totals are remembered by a hash, in a table where a newer one takes the place of an
 * older. */
#include "app/query.h"

#include <pthread.h>
#include <string.h>

#include "base/digest.h"

static const struct field page_fields[] = {QUERY_PAGE(struct page)};
const struct schema page_schema = SCHEMA("Page", struct page, page_fields);

enum { TOTALS = 4096, TOTAL_SECONDS = 60 };

static pthread_mutex_t totals_lock = PTHREAD_MUTEX_INITIALIZER;
static struct total {
	uint64_t hash;
	int64_t until, version, n; /* version 0: of whatever version */
} totals[TOTALS];

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

bool query_known_total(struct ctx *c, const char *text, const struct query *q, const char *also,
					   int64_t *out)
{
	uint64_t hash = hash_of(text, q, also);
	struct total t;

	pthread_mutex_lock(&totals_lock);
	t = totals[hash % TOTALS];
	pthread_mutex_unlock(&totals_lock);
	if (t.hash != hash || t.until <= c->now || (t.version != 0 && t.version != q->version))
		return false;
	*out = t.n;
	return true;
}

void query_note_total(struct ctx *c, const char *text, const struct query *q, const char *also,
					  int64_t total)
{
	uint64_t hash = hash_of(text, q, also);
	bool many = total > COUNT_CAP;

	if (!many && q->version == 0)
		return;
	pthread_mutex_lock(&totals_lock);
	totals[hash % TOTALS] =
		(struct total){hash, c->now + TOTAL_SECONDS * CLOCK_SECOND, many ? 0 : q->version, total};
	pthread_mutex_unlock(&totals_lock);
}

int query_count(struct ctx *c, const struct query *q, const char *select, int64_t *out)
{
	const char *sql = arena_printf(c->arena, "SELECT count(*) FROM (%s LIMIT %d) AS counted",
								   select, COUNT_CAP + 1);

	if (query_known_total(c, sql, q, NULL, out))
		return OK;
	TRY(db_int_params(c->db, out, sql, (struct params){q->params + 1, q->n}));
	query_note_total(c, sql, q, NULL, *out);
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
