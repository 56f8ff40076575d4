/* Events and the bus: who is told, when, and what. */
#include "core/event.h"

#include <pthread.h>
#include <string.h>

#include "base/test.h"
#include "core/core.h"
#include "store/scratch_dir.h"

struct thing {
	int64_t id;
	const char *name;
};
static const struct field thing_fields[] = {
	FIELD(struct thing, id, 0, .doc = "Number", .example = "1"),
	FIELD(struct thing, name, F_NULL, .doc = "Name", .example = "\"a\""),
};
static const struct schema thing_schema = SCHEMA("Thing", struct thing, thing_fields);

static struct error error;
static struct config config;
static struct core *core;
static struct db *db;
static struct arena *arena;
static struct ctx c;
static char hooked[200], told[400];
static bool hook_fails;

static int hook(struct ctx *ctx, const struct event *e, const char *json)
{
	if (hook_fails)
		return fail(ctx, E_RULE, "No");
	snprintf(hooked, sizeof hooked, "%s %s %d", e->type, json, ctx->db->in_tx);
	return OK;
}

static int load_actor(struct db *d, struct arena *a, const struct claims *claims, struct actor *out)
{
	(void)a;
	(void)claims;
	(void)out;
	return fail(d, E_AUTH, "Nobody");
}

static void hear(void *arg, const char *text)
{
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s%s;", (const char *)arg, text);
}

static void begin(void)
{
	static const struct feature deaf = {.name = "deaf"}, keen = {.name = "keen", .event = hook};
	static const struct feature *const features[] = {&deaf, &keen};
	const struct core_options o = {
		.config = &config, .features = features, .nfeatures = 2, .load_actor = load_actor};

	config.data_dir = scratch_path("event");
	config.threads = 1;
	CHECK_INT(core_start(&o, &error, &core), OK);
	CHECK_INT(db_open(core->db_url, &error, &db), OK);
	arena = arena_new(1 << 20);
	core_ctx(core, arena, &error, db, &c);
	hooked[0] = told[0] = '\0';
	hook_fails = false;
}

static void end(void)
{
	arena_free(arena);
	db_close(db);
	core_stop(core);
}

static int emit(struct ctx *ctx, void *arg)
{
	const struct thing thing = {7, "Ada \"A\""};
	const struct event e = {arg, 3, 4, &thing_schema, &thing};

	return event_emit(ctx, &e);
}

static int emit_and_fail(struct ctx *ctx, void *arg)
{
	TRY(emit(ctx, arg));
	CHECK_STR(told, "");
	return fail(ctx, E_RULE, "Not so");
}

TEST(told_after_the_commit)
{
	begin();
	CHECK_INT(bus_subscribe(core, event_topic, hear, "1"), OK);
	CHECK_INT(bus_subscribe(core, "another", hear, "2"), OK);
	CHECK_INT(bus_subscribe(core, event_topic, hear, "3"), OK);
	CHECK_INT(tx(&c, emit, "mail.sent"), OK);
	CHECK_STR(hooked, "mail.sent {\"id\":7,\"name\":\"Ada \\\"A\\\"\"} 1");
#define TEXT                                               \
	"{\"type\":\"mail.sent\",\"team_id\":3,\"user_id\":4," \
	"\"data\":{\"id\":7,\"name\":\"Ada \\\"A\\\"\"}};"
	CHECK_STR(told, "1" TEXT "3" TEXT);
	end();
}

TEST(a_rollback_tells_nobody)
{
	begin();
	CHECK_INT(bus_subscribe(core, event_topic, hear, "1"), OK);
	CHECK_INT(tx(&c, emit_and_fail, "mail.sent"), E_RULE);
	CHECK_STR(told, "");
	hook_fails = true;
	CHECK_INT(tx(&c, emit, "mail.sent"), E_RULE);
	CHECK_STR(told, "");
	end();
}

TEST(only_known_types)
{
	begin();
	CHECK_INT(tx(&c, emit, "mail.lost"), E_INTERNAL);
	CHECK_STR(hooked, "");
	end();
}

static int emit_much(struct ctx *ctx, void *arg)
{
	char *name = arena_alloc(ctx->arena, EVENT_DATA_MAX + 1);
	struct thing thing = {1, memset(name, 'a', EVENT_DATA_MAX)};
	const struct event e = {arg, 3, 4, &thing_schema, &thing};

	return event_emit(ctx, &e);
}

TEST(data_has_a_bound)
{
	begin();
	CHECK_INT(tx(&c, emit_much, "mail.sent"), E_INTERNAL);
	end();
}

static int publish_much(struct ctx *ctx, void *arg)
{
	char *text = arena_alloc(ctx->arena, BUS_TEXT_MAX + 2);

	memset(text, 'a', BUS_TEXT_MAX + 1);
	CHECK_INT(bus_publish(ctx, arg, text), E_INTERNAL);
	CHECK_INT(bus_send(core, arg, text), E_TOO_LARGE);
	text[BUS_TEXT_MAX] = '\0';
	return bus_publish(ctx, arg, text);
}

TEST(the_bus_has_bounds)
{
	begin();
	CHECK_INT(tx(&c, publish_much, "topic"), OK);
	for (int i = 0; i < BUS_SUBSCRIBERS_MAX; i++)
		CHECK_INT(bus_subscribe(core, "topic", hear, ""), OK);
	CHECK_INT(bus_subscribe(core, "topic", hear, ""), E_LIMIT);
	CHECK_INT(bus_send(core, "nobody's", "text"), OK);
	CHECK_STR(told, "");
	CHECK_INT(bus_send(core, "topic", "t"), OK);
	CHECK_INT(strlen(told), 2 * BUS_SUBSCRIBERS_MAX);
	end();
}

enum { PUBLISHERS = 4, PUBLICATIONS = 100 };

struct order {
	pthread_mutex_t mutex;
	int64_t heard[PUBLISHERS * PUBLICATIONS];
	size_t n;
};

static void hear_number(void *arg, const char *text)
{
	struct order *o = arg;
	int64_t n = 0;

	CHECK_INT(text_int(text, &n), OK);
	pthread_mutex_lock(&o->mutex);
	if (o->n < PUBLISHERS * PUBLICATIONS)
		o->heard[o->n++] = n;
	pthread_mutex_unlock(&o->mutex);
}

static int publish_next(struct ctx *ctx, void *arg)
{
	int64_t n;

	TRY(db_int(ctx->db, &n, "UPDATE numbers SET n = n + 1 RETURNING n"));
	return bus_publish(ctx, arg, arena_printf(ctx->arena, "%lld", (long long)n));
}

static void *publish_many(void *topic)
{
	struct arena *a = arena_new(1 << 20);
	struct error own;
	struct db *d;
	struct ctx mine;

	CHECK_INT(db_open(core->db_url, &own, &d), OK);
	CHECK_INT(db_repeatable(d), OK);
	core_ctx(core, a, &own, d, &mine);
	for (int i = 0; i < PUBLICATIONS; i++)
		CHECK_INT(tx(&mine, publish_next, topic), OK);
	db_close(d);
	arena_free(a);
	return NULL;
}

TEST(told_in_the_order_of_the_commits)
{
	static struct order order = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[PUBLISHERS];

	begin();
	CHECK_INT(db_script(db, "CREATE TABLE numbers (n BIGINT); INSERT INTO numbers VALUES (0)"), OK);
	CHECK_INT(bus_subscribe(core, "numbers", hear_number, &order), OK);
	for (int i = 0; i < PUBLISHERS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, publish_many, "numbers"), 0);
	for (int i = 0; i < PUBLISHERS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	CHECK_INT(order.n, PUBLISHERS * PUBLICATIONS);
	for (size_t i = 0; i < order.n; i++)
		CHECK_INT(order.heard[i], (int64_t)i + 1);
	end();
}

TEST_MAIN()
