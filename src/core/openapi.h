/* openapi: the OpenAPI 3.1 document, and `vitae routes`, both from the tables. */
#pragma once
#include "core/route.h"

/* Appends the OpenAPI document as JSON. */
int openapi_print(const struct routes *r, struct buf *out);
/* Appends the route and field tables as JSON, for the generated contract tests: an array of
 * {"method", "path", "role", "rate", "body", "max_body", "status", "flags": [...], "errors": [...],
 * "in": {"name", "fields": [{"name", "type", "where", "required", "nullable", "omitted", "secret",
 * "email", "min", "max", "choices", "default", "example", "fields"?}]}, "out": likewise, "list":
 * bool}. */
int routes_print(const struct routes *r, struct buf *out);
