/*
 * alerts: what an administrator should look at (event security.alert): refused attempts to delete
 * everything, a refresh token used twice, a storm of wrong passwords. One of a kind from one place
 * is told at most once a minute, so that who attacks does not also flood the administrators.
 */
#pragma once
#include "core/ctx.h"

/* Raises an alert once the current transaction has ended, whichever way: what is refused is rolled
 * back, and told all the same. kind: "cleanup.refused", "token.reused", "login.storm"; user_id:
 * whom it is about, 0: nobody; detail: a sentence without secrets. */
void alert_raise(struct ctx *c, const char *kind, int64_t user_id, const char *detail);
