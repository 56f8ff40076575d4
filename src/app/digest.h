/* digest: a scheduled kind of work: tells of the jobs that are new since it was last done, by mail
 * to who scheduled it, or in the operator's Telegram chat. */
#pragma once
#include "core/route.h"

extern const struct feature digest_feature;
