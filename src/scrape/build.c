/* See build.h. */
#include "scrape/build.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "data/email.h"
#include "data/words.h"
#include "scrape/clean.h"
#include "scrape/facts.h"
#include "scrape/web.h"

enum { NAME_MAX = 200, PLACE_MAX = 300, WORDS_MAX = 12000, KEYWORDS_MAX = 20 };

/* ---- titles that hold more than a title ---- */

struct composed {
	const char *title, *company, *location;
};

static void put_part(struct composed *c, const char *name, size_t n, const char *value)
{
	if (n == 5 && memcmp(name, "title", n) == 0)
		c->title = value;
	else if (n == 7 && memcmp(name, "company", n) == 0)
		c->company = value;
	else if (n == 8 && memcmp(name, "location", n) == 0)
		c->location = value;
}

/* Takes a title apart by "{company}: {title}". False if it is not of that form. */
static bool take_apart(struct arena *a, const char *form, const char *title, struct composed *out)
{
	struct composed c = {0};

	while (*form == '{') {
		size_t name = strcspn(form, "}");
		const char *sign = form + name + (form[name] == '}'), *end;
		size_t n = strcspn(sign, "{");
		const char *separator = arena_strndup(a, sign, n);

		end = n == 0 ? title + strlen(title) : strstr(title, separator);
		if (end == NULL)
			return false;
		put_part(&c, form + 1, name - 1, arena_strndup(a, title, (size_t)(end - title)));
		title = end + n;
		form = sign + n;
	}
	if (text_is_blank(c.title))
		return false;
	*out = c;
	return true;
}

/* ---- parts ---- */

static double amount(const char *s)
{
	struct pay p = {0};
	struct arena *a;

	if (s == NULL)
		return 0;
	a = arena_new(4096);
	fact_pay(a, s, &p);
	arena_free(a);
	return p.max > p.min ? p.max : p.min;
}

static const char *currency_code(struct arena *a, const char *s)
{
	struct pay p = {0};
	char *code;

	if (s == NULL)
		return NULL;
	if (strlen(s) == 3 && isalpha((unsigned char)s[0]) && isalpha((unsigned char)s[1]) &&
		isalpha((unsigned char)s[2])) {
		code = arena_strdup(a, s);
		for (char *c = code; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		return code;
	}
	fact_pay(a, arena_printf(a, "%.20s1", s), &p);
	return p.currency;
}

static void build_pay(struct arena *a, const struct source *s, const struct raw *r,
					  struct posting *p)
{
	struct pay *pay = &p->pay;

	pay->period = fact_period(r->value[PART_SALARY_PERIOD]);
	pay->currency = currency_code(a, r->value[PART_SALARY_CURRENCY]);
	pay->min = amount(r->value[PART_SALARY_MIN]);
	pay->max = amount(r->value[PART_SALARY_MAX]);
	if (pay->min == 0 && pay->max == 0)
		fact_pay(a, r->value[PART_SALARY], pay);
	if (pay->min == 0 && pay->max == 0)
		fact_pay_in_text(a, p->text, pay);
	if (pay->min == 0 && pay->max == 0) {
		*pay = (struct pay){0};
		return;
	}
	if (pay->currency == NULL)
		pay->currency = s->currency;
	if (pay->period == NULL && (pay->max >= 15000 || pay->min >= 15000))
		pay->period = "year";
	if (pay->max > 0 && pay->max < pay->min)
		pay->max = 0;
}

static bool is_yes(const char *s)
{
	return text_ieq(s, "true") || text_ieq(s, "yes") || text_eq(s, "1");
}

static void build_remote(const struct raw *r, struct posting *p)
{
	p->remote = is_yes(r->value[PART_REMOTE]) || fact_remote(r->value[PART_REMOTE]) ||
				fact_remote(p->location) || fact_remote(p->title) || fact_remote_in_text(p->text);
}

static const char *address(struct arena *a, const char *s)
{
	char *copy;

	if (s == NULL)
		return NULL;
	if (strncasecmp(s, "mailto:", 7) == 0)
		s += 7;
	copy = text_trim(arena_strndup(a, s, strcspn(s, "?")));
	return email_valid(copy) ? copy : NULL;
}

/* Without blanks at the ends, and what is left of a place whose parts were missing. */
static const char *place(struct arena *a, const char *s)
{
	char *line = (char *)(uintptr_t)clean_line(a, s, PLACE_MAX);
	size_t n = line == NULL ? 0 : strlen(line);

	while (n > 0 && strchr(" ,;/-", line[n - 1]) != NULL)
		line[--n] = '\0';
	return n == 0 ? NULL : line;
}

static void build_description(struct arena *a, const struct raw *r, const char *base,
							  struct posting *p)
{
	struct clean c;

	clean_html(a, r->value[PART_DESCRIPTION], base, POSTING_HTML_MAX, POSTING_TEXT_MAX, &c);
	p->html = c.html;
	p->text = c.text;
	if (p->apply_email == NULL)
		p->apply_email = address(a, c.email);
}

/* A posting without an address and a number of its own is known by what it says. */
static const char *mark_of(struct arena *a, const struct raw *r, const struct posting *p)
{
	const char *id = clean_line(a, r->value[PART_ID], NAME_MAX);

	if (id != NULL)
		return id;
	if (p->url != NULL)
		return p->url;
	return arena_printf(a, "%s / %s / %s", p->title, p->company != NULL ? p->company : "",
						p->location != NULL ? p->location : "");
}

bool build_posting(struct arena *a, const struct source *s, const struct raw *r, const char *base,
				   int64_t now, struct posting *out, const char **why)
{
	struct posting p = {.source = s->name};
	struct composed c = {.title = clean_line(a, r->value[PART_TITLE], POSTING_TITLE_MAX)};

	if (c.title == NULL) {
		*why = r->why[PART_TITLE] != NULL ? r->why[PART_TITLE] : "the title is blank";
		return false;
	}
	if (s->title_form != NULL)
		take_apart(a, s->title_form, c.title, &c);
	p.title = clean_line(a, c.title, POSTING_TITLE_MAX);
	p.company = clean_line(a, r->value[PART_COMPANY] != NULL ? r->value[PART_COMPANY] : c.company,
						   NAME_MAX);
	if (p.company == NULL)
		p.company = s->company;
	p.location = place(a, r->value[PART_LOCATION] != NULL ? r->value[PART_LOCATION] : c.location);
	p.url = web_clean_url(a, base, r->value[PART_URL]);
	p.apply_email = address(a, r->value[PART_APPLY_EMAIL]);
	p.type = fact_type(r->value[PART_TYPE]);
	build_description(a, r, base, &p);
	build_pay(a, s, r, &p);
	build_remote(r, &p);
	p.posted_at = fact_time(r->value[PART_POSTED_AT], now, s->day_first);
	p.expires_at = fact_time(r->value[PART_EXPIRES_AT], now, s->day_first);
	p.skills = fact_skills(a, p.title, p.text);
	p.mark = mark_of(a, r, &p);
	*out = p;
	return true;
}

/* ---- what is wanted ---- */

static size_t hashes(struct word *words, const char *s)
{
	return s == NULL ? 0 : words_split(s, strlen(s), words, WORDS_MAX);
}

/* Strikes out the wanted words that occur in s. */
static void strike(struct word *scratch, const char *s, const struct word *wanted, size_t n,
				   bool *found)
{
	size_t m = hashes(scratch, s);

	for (size_t i = 0; i < m; i++)
		for (size_t k = 0; k < n; k++)
			found[k] |= scratch[i].hash == wanted[k].hash;
}

static bool is_there(struct arena *a, const char *location, const char *wanted)
{
	const char *have = words_plain_dup(a, location);
	const char *want = words_plain_dup(a, arena_strndup(a, wanted, strcspn(wanted, ",")));

	return *want == '\0' || strstr(have, want) != NULL;
}

static bool place_fits(struct arena *a, const struct posting *p, const char *wanted)
{
	static const char *const anywhere[] = {"anywhere", "worldwide", "global", "remote", NULL};

	if (text_is_blank(wanted))
		return true;
	if (fact_remote(wanted) && p->remote)
		return true;
	if (p->location != NULL && is_there(a, p->location, wanted))
		return true;
	if (!p->remote)
		return false;
	if (p->location == NULL)
		return true;
	for (int i = 0; anywhere[i] != NULL; i++)
		if (text_eq(words_plain_dup(a, p->location), anywhere[i]))
			return true;
	return false;
}

bool build_matches(struct arena *a, const struct posting *p, const char *tags,
				   const struct wanted *w)
{
	struct word *words = ARENA_ARRAY(a, WORDS_MAX, struct word), wanted[KEYWORDS_MAX];
	bool found[KEYWORDS_MAX] = {false};
	size_t n = words_split(w->keyword, strlen(w->keyword), wanted, KEYWORDS_MAX);

	if (!place_fits(a, p, w->location))
		return false;
	strike(words, p->title, wanted, n, found);
	strike(words, p->company, wanted, n, found);
	strike(words, tags, wanted, n, found);
	strike(words, p->text, wanted, n, found);
	for (size_t i = 0; i < n; i++)
		if (!found[i])
			return false;
	return n > 0 || text_is_blank(w->keyword);
}
