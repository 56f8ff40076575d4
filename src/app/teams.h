/* teams: the boundary of what people see. Every user belongs to one. */
#pragma once
#include "core/ctx.h"

/* Makes a team; name is cut to 100 characters. In the current transaction. */
int teams_create(struct ctx *c, const char *name, int64_t *id);
/* E_NOT_FOUND if there is none with this id. */
int teams_exists(struct ctx *c, int64_t id);
