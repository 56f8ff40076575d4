/* telegram: tells the operator's chat of sent mail, finished uploads and scheduled jobs. */
#pragma once
#include "core/route.h"

/* E_UNAVAILABLE with a sentence that names the variable, if Telegram is not configured. */
int telegram_ready(struct ctx *c);
/* Queues a text for the operator's chat, in the current transaction; what does not fit beside too
 * many others that wait is left out and told in the log. */
int telegram_tell(struct ctx *c, const char *text);

extern const struct feature telegram_feature;
