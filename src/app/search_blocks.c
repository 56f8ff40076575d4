/* See search_blocks.h. */
#include "app/search_blocks.h"

enum { TEXT_MAX = 64 * 1024, TIMES = 4, DOZENS = 40 };

/* A block of the level holds 2 to the power of these ids. */
static int bits_of(int level)
{
	return 10 + 2 * level;
}

const char *blocks_scope(struct arena *a, int64_t team)
{
	return team == 0 ? "/all" : arena_printf(a, "/%lld", (long long)team);
}

static void add_scope(struct buf *b, const char *scope, int64_t id)
{
	buf_addf(b, "'%s' ", scope);
	for (int i = 0; i < BLOCKS_LEVELS; i++)
		buf_addf(b, "'%s/%d/%lld' ", scope, bits_of(i), (long long)(id >> bits_of(i)));
}

void blocks_add(struct buf *b, int64_t id, int64_t team)
{
	add_scope(b, blocks_scope(b->arena, 0), id);
	add_scope(b, blocks_scope(b->arena, team), id);
}

static void add_to_array(struct buf *b, const char *scope, int level, int64_t block)
{
	buf_addf(b, "%s'%s/%d/%lld'", b->n == 1 ? "" : ",", scope, bits_of(level), (long long)block);
}

/* Whether a larger block ends with this one, and another has been asked by its parts. */
static bool can_grow(int64_t newest, int level, int64_t block)
{
	return level < BLOCKS_LEVELS - 1 && block % TIMES == TIMES - 1 &&
		   block / TIMES < (newest >> bits_of(level + 1)) - 1;
}

const char *blocks_down(struct arena *a, int64_t team, int64_t newest, int level, size_t max,
						int64_t *begin)
{
	const char *scope = blocks_scope(a, team);
	int64_t block = newest >> bits_of(level);
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	buf_addc(&b, '{');
	for (size_t n = 0; block >= 0 && n < max && n < BLOCKS_MAX; n++, block--) {
		if (can_grow(newest, level, block)) {
			block /= TIMES;
			level++;
		}
		add_to_array(&b, scope, level, block);
		*begin = block << bits_of(level);
	}
	buf_addc(&b, '}');
	return buf_str(&b);
}

int blocks_level(double in_smallest)
{
	int level = 0;

	for (; level < BLOCKS_LEVELS - 1 && in_smallest < DOZENS; level++)
		in_smallest *= TIMES;
	return level;
}

const char *blocks_smallest(struct arena *a, int64_t team, const int64_t *blocks, size_t n)
{
	const char *scope = blocks_scope(a, team);
	struct buf b;

	buf_init(&b, a, TEXT_MAX);
	buf_addc(&b, '{');
	for (size_t i = 0; i < n; i++)
		add_to_array(&b, scope, 0, blocks[i]);
	buf_addc(&b, '}');
	return buf_str(&b);
}
