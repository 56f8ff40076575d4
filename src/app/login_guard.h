/*
 * login_guard: wrong passwords are counted for each account, beside the limit for each address.
 *
 * The rule: within LOGIN_FAILURES's time an account takes that many wrong passwords from all places
 * it does not know together; then they are answered 429 until the time is over. A place that the
 * account knows (a browser that holds its refresh cookie, an address from which one of its sessions
 * was opened or last refreshed) has a count of its own, so that nobody elsewhere can lock the owner
 * out. A right password does not count. Names without an account are treated the same, so that the
 * answer tells nothing.
 */
#pragma once
#include "core/ctx.h"

struct login_guard {
	const char *place; /* what is counted; NULL: nothing is */
};

/* Before the password is looked at. login: what was typed; user_id: 0 for no account. E_LIMIT with
 * Retry-After. */
int login_guard_enter(struct ctx *c, const char *login, int64_t user_id, struct login_guard *out);
/* The password was right. */
void login_guard_pass(struct ctx *c, const struct login_guard *g);
