/* app: the list of features. A new resource is a file of its own and a row here. */
#pragma once
#include "core/route.h"

extern const struct feature *const app_features[];
extern const size_t app_features_count;

/* The password invented for the first administrator at this start, or NULL; shown once by the
 * command line. */
const char *app_invented_password(void);

extern const struct feature health_feature, docs_feature, registration_feature, live_feature,
	metrics_feature;
extern const struct feature health_feature, docs_feature, live_feature, metrics_feature;
extern const struct feature health_feature, docs_feature, live_feature;
extern const struct feature health_feature, docs_feature, console_feature;
