/*
 * Links: addresses of the candidate's pages, printed or behind words. Profiles are those of the
 * networks whose name the host bears, whatever its country; another page counts where contact data
 * stand. What follows people around (utm_…, fbclid) is cut.
 */
#include <string.h>

#include "base/text.h"
#include "parse/extract/resume_json.h"

enum { URL_MAX = 300, LINES_MAX = 3000 };

struct network {
	const char *host, *name, *path;
}; /* path: what stands before the user's name */

static const struct network networks[] = {
	{"linkedin", "LinkedIn", "in/"},
	{"linkedin", "LinkedIn", "pub/"},
	{"github", "GitHub", ""},
	{"gitlab", "GitLab", ""},
	{"bitbucket", "Bitbucket", ""},
	{"xing", "Xing", "profile/"},
	{"orcid", "ORCID", ""},
	{"stackoverflow", "Stack Overflow", "users/"},
	{"twitter", "Twitter", ""},
	{"medium", "Medium", "@"},
	{"behance", "Behance", ""},
	{"dribbble", "Dribbble", ""},
	{"kaggle", "Kaggle", ""},
	{"researchgate", "ResearchGate", "profile/"},
	{"huggingface", "Hugging Face", ""},
	{"leetcode", "LeetCode", "u/"},
	{"leetcode", "LeetCode", ""},
	{"hackerrank", "HackerRank", ""},
	{"codepen", "CodePen", ""},
	{"youtube", "YouTube", "@"},
	{"instagram", "Instagram", ""},
	{"facebook", "Facebook", ""},
	{"codewars", "Codewars", "users/"},
	{"codeforces", "Codeforces", "profile/"},
	{"soundcloud", "SoundCloud", ""},
	{"vimeo", "Vimeo", ""},
	{"mastodon", "Mastodon", "@"},
	{"dev", "DEV", ""},
	{"x", "X", ""},
};

static const char *const trackers[] = {
	"utm_", "fbclid",  "gclid",   "trk", "mc_cid", "mc_eid",        "igshid", "originalSubdomain",
	"lipi", "ref_src", "msclkid", "_ga", "locale", "miniProfileUrn"};

/* Bytes of scheme before the host: "https://", "http://"; 0 if there is none. */
static size_t scheme_of(const char *s)
{
	if (strncasecmp(s, "https://", 8) == 0)
		return 8;
	return strncasecmp(s, "http://", 7) == 0 ? 7 : 0;
}

/* The address without trackers and the slash at its end. */
static size_t without_trackers(const char *s, size_t n)
{
	const char *query = memchr(s, '?', n);

	for (size_t i = 0; query != NULL && i < sizeof trackers / sizeof *trackers; i++) {
		const char *at = memmem(query, n - (size_t)(query - s), trackers[i], strlen(trackers[i]));

		if (at != NULL && (at[-1] == '?' || at[-1] == '&')) {
			n = (size_t)(query - s);
			break;
		}
	}
	while (n > 0 && strchr("/.,;:)?#", s[n - 1]) != NULL)
		n--;
	return n;
}

/* The network an address belongs to; *user and *length: the name there, NULL if the address names
 * nobody. */
static const struct network *network_of(const char *url, size_t n, const char **user,
										size_t *length)
{
	size_t at = scheme_of(url), host;
	const char *end = url + n;

	*user = NULL;
	*length = 0;
	host = at + strcspn(url + at, "/?#");
	if (host > n)
		host = n;
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
		size_t m = strlen(networks[i].host), p = strlen(networks[i].path);
		size_t label = host;
		const char *path;

		/* The label before the last: "de.linkedin.com". */
		while (label > at && url[label - 1] != '.')
			label--;
		if (label < at + m + 1 || strncasecmp(url + label - 1 - m, networks[i].host, m) != 0 ||
			(label - 1 - m > at && url[label - 2 - m] != '.') ||
			(m <= 3 && strncasecmp(url + label, m == 1 ? "com" : "to", host - label) != 0))
			continue;
		path = url + host + (host < n && url[host] == '/');
		if (path >= end)
			return &networks[i];
		if ((size_t)(end - path) <= p || strncasecmp(path, networks[i].path, p) != 0)
			continue;
		*user = path + p;
		*length = strcspn(*user, "/?#");
		if (*length > (size_t)(end - *user))
			*length = (size_t)(end - *user);
		return &networks[i];
	}
	return NULL;
}

static bool same_page(const char *a, const char *b)
{
	a += scheme_of(a);
	b += scheme_of(b);
	a += text_starts(a, "www.") ? 4 : 0;
	b += text_starts(b, "www.") ? 4 : 0;
	return text_ieq(a, b);
}

static bool is_known(const struct resume *out, const char *url)
{
	if (out->url != NULL && same_page(out->url->value, url))
		return true;
	for (size_t i = 0; i < out->profiles.n; i++)
		if (out->profiles.items[i].url != NULL && same_page(out->profiles.items[i].url->value, url))
			return true;
	return false;
}

struct found {
	int line;
	size_t start, n; /* the words */
	const char *url; /* the address in full */
	bool link;       /* it is the target of a link */
	bool contact;    /* contact data stand here */
};

/* An address on a map is no page. */
static bool is_map(const char *url)
{
	return strcasestr(url, "/maps") != NULL || strcasestr(url, "://maps.") != NULL ||
		   strcasestr(url, "openstreetmap.") != NULL;
}

static void found_add(struct reading *r, struct resume *out, const struct found *f)
{
	const char *user;
	size_t length;
	const struct network *net = network_of(f->url, strlen(f->url), &user, &length);
	struct thing t = {0};
	struct quote *url;

	if (is_known(out, f->url) || (!f->contact && net == NULL) || is_map(f->url))
		return;
	if (net != NULL && length == 0)
		return; /* the network itself */
	url = quote_as(r, f->line, f->start, f->n, net != NULL ? 0.95 : 0.8, f->url);
	if (url == NULL)
		return;
	url->link = f->link;
	if (net == NULL) {
		if (out->url == NULL)
			out->url = url;
		return;
	}
	for (size_t i = 0; i < out->profiles.n; i++)
		if (strcmp(out->profiles.items[i].name->value, net->name) == 0)
			return; /* the first address of a network is the candidate's */
	t.name = quote_copy(r, url, 0.95);
	t.name->value = net->name;
	t.detail = quote_copy(r, url, 0.9);
	t.detail->value = arena_strndup(r->arena, user, length);
	t.url = url;
	things_add(r, &out->profiles, &t);
}

/* ---- printed addresses ---- */

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		   c == '.';
}

/* Whether an address begins here: a scheme, "www.", or a network's host with a path, or a host
 * alone. */
static bool starts_url(const char *s)
{
	static const char *const tops[] = {".com", ".dev",  ".io",      ".me",   ".net",  ".org",
									   ".de",  ".fr",   ".es",      ".co",   ".ch",   ".at",
									   ".it",  ".uk",   ".eu",      ".app",  ".tech", ".nl",
									   ".ca",  ".info", ".example", ".page", ".site"};
	size_t n = 0, dot = 0;

	if (scheme_of(s) > 0 || strncasecmp(s, "www.", 4) == 0)
		return true;
	while (is_host_char(s[n])) {
		if (s[n] == '.' && is_host_char(s[n + 1]) && s[n + 1] != '.')
			dot = n;
		n++;
	}
	while (n > dot + 1 && s[n - 1] == '.')
		n--;
	if (dot == 0 || s[n] == '@' || dot < 2)
		return false;
	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
		if (n - dot == strlen(tops[i]) && strncasecmp(s + dot, tops[i], n - dot) == 0)
			return s[n] == '/' || s[n] == '\0' || strchr(" \t|,;)", s[n]) != NULL;
	return false;
}

static void printed(struct reading *r, struct resume *out, int line, bool contact)
{
	const char *s = r->d->lines[line].text;

	if (strchr(s, '.') == NULL)
		return;
	for (size_t i = 0; s[i] != '\0'; i++) {
		struct found f = {.line = line, .start = i, .contact = contact};
		size_t n;

		if ((i > 0 && (is_host_char(s[i - 1]) || strchr("@/_+", s[i - 1]) != NULL ||
					   (unsigned char)s[i - 1] >= 0x80)) ||
			!is_host_char(s[i]) || !starts_url(s + i))
			continue;
		n = strcspn(s + i, " \t|,;<>\"()");
		if (memchr(s + i, '@', n) != NULL && scheme_of(s + i) == 0) {
			i += n - 1;
			continue;
		}
		f.n = without_trackers(s + i, n);
		if (f.n > 4 && f.n <= URL_MAX && !(n > 1 && s[i + n - 1] == '-')) {
			f.url = arena_printf(r->arena, "%s%.*s", scheme_of(s + i) > 0 ? "" : "https://",
								 (int)f.n, s + i);
			found_add(r, out, &f);
		}
		i += n > 0 ? n - 1 : 0;
	}
}

/* ---- addresses behind words ---- */

static void behind(struct reading *r, struct resume *out, int line, bool contact)
{
	const struct line *l = &r->d->lines[line];

	for (size_t i = 0; i < l->nspans; i++) {
		const struct span *s = &l->spans[i];
		struct found f = {
			.line = line, .start = s->start, .n = s->length, .link = true, .contact = contact};

		if (s->link == NULL || scheme_of(s->link) == 0 || strlen(s->link) > URL_MAX ||
			!utf8_valid(s->link, strlen(s->link)))
			continue;
		f.url = arena_strndup(r->arena, s->link, without_trackers(s->link, strlen(s->link)));
		found_add(r, out, &f);
	}
}

void links_read(struct reading *r, struct resume *out)
{
	int lines = r->d->nlines < LINES_MAX ? r->d->nlines : LINES_MAX;

	/* Where contact data stand first: the first address of a network is the candidate's. */
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < lines; i++) {
			enum section_kind k = r->notes[i].section;
			bool contact = k == SECTION_HEAD || k == SECTION_CONTACT || r->notes[i].loose ||
						   r->d->lines[i].region != REGION_BODY;
			bool maybe = k == SECTION_SUMMARY || k == SECTION_OTHER;

			if (line_hidden(&r->d->lines[i]) || (pass == 0 ? !contact : !maybe || contact))
				continue;
			behind(r, out, i, contact);
			printed(r, out, i, contact);
		}
}
