/*
 * See login_guard.h. An attempt counts as wrong from its beginning and is taken back when it was
 * right; so of many at once no more get through than of the same number one by one.
 */
#include "app/login_guard.h"

#include <string.h>

#include "app/alerts.h"
#include "app/sessions.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/caller.h"
#include "core/core.h"

static const char counter;

/* The name of a count: a hash, for what was typed is long, and not for keeping. */
static const char *place_name(struct ctx *c, const char *kind, const char *who, const char *where)
{
	char hex[DIGEST_HEX];
	struct digest d;

	digest_init(&d);
	digest_add(&d, kind, strlen(kind) + 1);
	digest_add(&d, who, strlen(who) + 1);
	digest_add(&d, where, strlen(where));
	digest_hex(&d, hex);
	return arena_printf(c->arena, "%.40s", hex);
}

/* The cookie of a browser in which this user's session stands. */
static bool knows_browser(struct ctx *c, int64_t user_id, int64_t *session_id)
{
	struct claims k;

	if (c->cookie == NULL ||
		access_verify(c->core->access, c->cookie, TOKEN_REFRESH, c->now, &k) != OK ||
		k.user_id != user_id || sessions_alive(c->db, k.session_id, user_id, c->now) != OK)
		return false;
	*session_id = k.session_id;
	return true;
}

static int find_place(struct ctx *c, const char *login, int64_t user_id, const char **out)
{
	const char *who = arena_printf(c->arena, "%lld", (long long)user_id);
	int64_t session;
	bool known = false;

	if (user_id != 0 && knows_browser(c, user_id, &session)) {
		*out = place_name(c, "browser", who, arena_printf(c->arena, "%lld", (long long)session));
		return OK;
	}
	if (user_id != 0)
		TRY(sessions_know(c, user_id, &known));
	*out = known ? place_name(c, "address", who, caller_name(c->arena, 0, c->peer))
				 : place_name(c, "elsewhere", text_fold(c->arena, login), "");
	return OK;
}

int login_guard_enter(struct ctx *c, const char *login, int64_t user_id, struct login_guard *out)
{
	struct rate_result r;
	const char *place;

	*out = (struct login_guard){0};
	if (c->config->login_failures.count == 0)
		return OK;
	TRY(find_place(c, login, user_id, &place));
	rate_count(c->core->rate, &counter, place, c->config->login_failures, c->now, &r);
	if (r.refused) {
		log_warning("too many wrong passwords for %s; the last from %s",
					user_id != 0 ? arena_printf(c->arena, "user %lld", (long long)user_id)
								 : "an unknown account",
					c->peer);
		alert_raise(c, "login.storm", user_id,
					user_id != 0 ? "Too many wrong passwords for an account"
								 : "Too many wrong passwords for a name without an account");
		TRY(ctx_header(c, "Retry-After", arena_printf(c->arena, "%lld", (long long)r.retry_after)));
		return fail(c, E_LIMIT, "Too many wrong passwords for this account; try again later");
	}
	out->place = place;
	return OK;
}

void login_guard_pass(struct ctx *c, const struct login_guard *g)
{
	if (g->place != NULL)
		rate_uncount(c->core->rate, &counter, g->place, c->now);
}
