/* schema_inner: what the files behind schema.h share. Nobody else includes it. */
#pragma once
#include "data/schema.h"

enum { SCHEMA_NESTING_MAX = 16 }; /* schemas within schemas, so that one that holds itself ends */

/* Binds a JSON value to one field of the struct at base; faults go to *f under where and the
 * field's name. OK or E_INVALID. */
int schema_bind_field(const struct field *field, const struct json_value *v, struct arena *a,
					  void *base, struct faults *f);
/* Sets the field at base to its .preset; E_INVALID if that is no text of the field's type. */
int schema_preset(const struct field *field, void *base);

/* Parsing of text: E_INVALID leaves *out alone. */
int schema_text_real(const char *s, double *out);
int schema_text_bool(const char *s, bool *out);

/* Whether s is one of the choices; true if there are none. */
bool schema_chosen(const struct field *field, const char *s);
/* The greatest value, length or count that the field takes. */
int64_t schema_max(const struct field *field);
