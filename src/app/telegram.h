/* telegram: tells the operator's chat of sent mail, finished uploads and scheduled jobs. */
#pragma once
#include "core/route.h"

extern const struct feature telegram_feature;
