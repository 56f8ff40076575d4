/* config_inner: what the files behind config.h share. Nobody else includes it. */
#pragma once
#include "data/config.h"

enum setting_type {
	SET_INT,       /* int64_t, min to max */
	SET_BOOL,
	SET_STR,       /* const char *, min to max characters */
	SET_EMAIL,
	SET_URL,       /* const char *: http or https, without a slash at its end */
	SET_CHOICE,    /* an enum: the index of the choice */
	SET_ORIGINS,   /* struct strings */
	SET_ADDRESSES, /* struct strings */
	SET_HOSTS,     /* struct strings: names, addresses, networks */
	SET_RATE,
	SET_ROUTES,
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	const char *preset;    /* as text; NULL: unset, or found at the start */
	int64_t min, max;
	const char *const *choices;
	bool secret;           /* masked when printed, never echoed */
	const char *automatic; /* what a NULL preset becomes, in words */
	const char *doc;
};

/* What reading needs everywhere: fail() takes it. */
struct loader {
	struct arena *arena;
	struct error *error;
};

/* Parses text and sets the setting in *c. E_RULE with a sentence that names the variable. */
int setting_parse(struct loader *l, const struct setting *s, const char *text, struct config *c);
/* Prints the value as it could be written, without a line end. */
void setting_print(const struct setting *s, const struct config *c, FILE *out);

/* Reads KEY=VALUE lines; a missing file has none. E_RULE for what is no such line. */
int dotenv_read(struct loader *l, const char *path, struct pairs *out);
