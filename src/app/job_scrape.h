/*
 * job_scrape: how this installation asks for jobs; for the endpoints (job_scrape.c) and for
 * `vitae jobs try`.
 */
#pragma once
#include "data/config.h"
#include "scrape/scrape.h"

/* The options that the configuration makes; strings in the arena. */
void job_scrape_options(struct arena *a, const struct config *config, struct scrape_options *out);
