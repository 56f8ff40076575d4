/* See robots.h. */
#include "scrape/robots.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { LINE_SIZE = 2000, PATTERN_MAX = 1000, STEPS_MAX = 100000 };

struct rule {
	const char *pattern;
	bool allow;
};

struct robots {
	struct rule *rules;
	size_t n;
	double delay;
};

struct reader {
	struct arena *arena;
	const char *agent;
	struct robots own, all; /* the agent's groups, and those of "*" */
	bool has_own;
	bool to_own, to_all; /* whom the current group is for */
	bool in_names;       /* its user-agent lines */
};

/* Percent-encoded characters that need not be are decoded, and digits are capitals: so that rules
 * and paths compare. In the arena. */
static char *normal(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 1), *p = out;

	for (; *s != '\0'; s++) {
		char hex[3] = {0};
		int c;

		if (*s != '%' || !isxdigit((unsigned char)s[1]) || !isxdigit((unsigned char)s[2])) {
			*p++ = *s;
			continue;
		}
		hex[0] = s[1];
		hex[1] = s[2];
		c = (int)strtol(hex, NULL, 16);
		if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL) && c != '\0') {
			*p++ = (char)c;
		} else {
			*p++ = '%';
			*p++ = (char)toupper((unsigned char)s[1]);
			*p++ = (char)toupper((unsigned char)s[2]);
		}
		s += 2;
	}
	*p = '\0';
	return out;
}

/* ---- reading ---- */

static void add_rule(struct reader *r, struct robots *to, const char *pattern, bool allow)
{
	if (to->n == ROBOTS_RULES_MAX || *pattern == '\0' || strlen(pattern) > PATTERN_MAX)
		return;
	if (to->rules == NULL)
		to->rules = ARENA_ARRAY(r->arena, ROBOTS_RULES_MAX, struct rule);
	to->rules[to->n++] = (struct rule){normal(r->arena, pattern), allow};
}

/* "Vitae/1.0" names the token "vitae". */
static bool names_agent(const char *value, const char *agent)
{
	size_t n = strlen(agent);

	return strncasecmp(value, agent, n) == 0 && !isalnum((unsigned char)value[n]) &&
		   value[n] != '-' && value[n] != '_';
}

static void take_agent(struct reader *r, const char *value)
{
	if (!r->in_names)
		r->to_own = r->to_all = false;
	r->in_names = true;
	if (names_agent(value, r->agent))
		r->to_own = r->has_own = true;
	else if (*value == '*')
		r->to_all = true;
}

static void take_line(struct reader *r, char *line)
{
	char *value = strchr(line, ':'), *comment = strchr(line, '#'), *name;
	bool allow;
	double delay;

	if (comment != NULL)
		*comment = '\0';
	if (value == NULL || (comment != NULL && comment < value))
		return;
	*value++ = '\0';
	name = text_trim(line);
	value = text_trim(value);
	if (strcasecmp(name, "user-agent") == 0) {
		take_agent(r, value);
		return;
	}
	allow = strcasecmp(name, "allow") == 0;
	if (allow || strcasecmp(name, "disallow") == 0) {
		r->in_names = false;
		if (r->to_own)
			add_rule(r, &r->own, value, allow);
		if (r->to_all)
			add_rule(r, &r->all, value, allow);
	} else if (strcasecmp(name, "crawl-delay") == 0) {
		r->in_names = false;
		delay = strtod(value, NULL);
		delay = delay > 0 && delay < ROBOTS_DELAY_MAX ? delay : delay > 0 ? ROBOTS_DELAY_MAX : 0;
		if (r->to_own)
			r->own.delay = delay;
		if (r->to_all)
			r->all.delay = delay;
	}
}

struct robots *robots_parse(struct arena *a, const char *text, size_t n, const char *agent)
{
	struct reader r = {.arena = a, .agent = agent};
	struct robots *out = ARENA_NEW(a, struct robots);
	const char *end = text + (n < ROBOTS_MAX ? n : ROBOTS_MAX);

	if (end - text >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	while (text < end) {
		size_t k = 0;
		char line[LINE_SIZE];

		while (text + k < end && text[k] != '\n' && text[k] != '\r')
			k++;
		if (k < sizeof line) {
			memcpy(line, text, k);
			line[k] = '\0';
			take_line(&r, line);
		}
		text += k + 1;
	}
	*out = r.has_own ? r.own : r.all;
	return out;
}

/* ---- asking ---- */

/* Whether the path begins with the pattern, in which "*" is anything and a last "$" the end. The
 * latest star alone has to be tried again, so that this is at worst their product. */
static bool matches(const char *pattern, const char *path)
{
	const char *star = NULL, *from = NULL;

	for (int steps = 0; steps < STEPS_MAX; steps++) {
		if (*pattern == '*') {
			star = ++pattern;
			from = path;
		} else if (*pattern == '\0' || (pattern[0] == '$' && pattern[1] == '\0' && *path == '\0')) {
			return true;
		} else if (*path != '\0' && *pattern == *path) {
			pattern++;
			path++;
		} else if (star != NULL && *from != '\0') {
			pattern = star;
			path = ++from;
		} else {
			return false;
		}
	}
	return false;
}

bool robots_allows(const struct robots *r, const char *path)
{
	struct arena *a = arena_new(64 * 1024);
	const char *normalised = normal(a, path);
	size_t longest = 0;
	bool allowed = true;

	for (size_t i = 0; i < r->n && strcmp(path, "/robots.txt") != 0; i++) {
		size_t n = strlen(r->rules[i].pattern);

		if (n < longest || !matches(r->rules[i].pattern, normalised))
			continue;
		allowed = n > longest ? r->rules[i].allow : allowed || r->rules[i].allow;
		longest = n;
	}
	arena_free(a);
	return allowed;
}

double robots_delay(const struct robots *r)
{
	return r->delay;
}
