/*
 * See config.h. The table below is the only list of settings: loading, the search for misspelt
 * names and `vitae config` go through it. A name counts as misspelt when it is one or two slips (a
 * letter more, less, wrong, or two swapped) from ours. In the environment, which belongs to
 * everybody, only names that begin like ours are judged.
 */
#include "data/config.h"

#include <string.h>
#include <unistd.h>

#include "data/config_inner.h"
#include "data/network.h"

enum {
	NAME_MAX_BYTES = 64,
	SHORT_NAME = 5,
	PARSERS_MAX = 64,
	THREADS_MAX = 64,
	THREADS_AUTO_MAX = 16
};

static const char *const registration_choices[] = {"closed", "open", NULL};
static const char *const format_choices[] = {"text", "json", NULL};
static const char *const parser_choices[] = {"builtin", "openai", "auto", NULL};
static const char *const smtp_choices[] = {"none", "starttls", "tls", NULL};
static const char *const level_choices[] = {"debug", "info", "warning", "error", NULL};

#define AT(member) .offset = offsetof(struct config, member)

static const struct setting settings[] = {
	{"HOST", SET_STR, AT(host), "127.0.0.1", 1, 255, .doc = "Address to listen on"},
	{"PORT", SET_INT, AT(port), "8000", 0, 65535, .doc = "Port to listen on; 0 for any free one"},
	{"DATA_DIR", SET_STR, AT(data_dir), "./data", 1, 1000,
	 .doc = "Directory of database and files"},
	{"DATABASE_URL", SET_STR, AT(database_url), NULL, 1, 2000, .secret = true,
	 .automatic = "SQLite in DATA_DIR", .doc = "Database, with its password"},
	{"FILES_URL", SET_STR, AT(files_url), NULL, 1, 1000, .automatic = "in DATA_DIR",
	 .doc = "Where files are kept: file:///folder, or s3://bucket/prefix"},
	{"S3_ENDPOINT", SET_URL, AT(s3_endpoint), NULL, 1, 1000, .automatic = "Amazon's",
	 .doc = "Address of the store that speaks S3; buckets are then part of the path"},
	{"S3_REGION", SET_STR, AT(s3_region), "us-east-1", 1, 100, .doc = "Its region"},
	{"S3_ACCESS_KEY_ID", SET_STR, AT(s3_access_key_id), NULL, 1, 200, .automatic = "none",
	 .doc = "Name of the key for it"},
	{"S3_SECRET_ACCESS_KEY", SET_STR, AT(s3_secret_access_key), NULL, 1, 1000, .secret = true,
	 .automatic = "none", .doc = "The key"},
	{"S3_TIMEOUT", SET_INT, AT(s3_timeout), "30", 1, 600,
	 .doc = "Seconds for one request to it, of 8 MB at most"},
	{"SECRET_KEY", SET_STR, AT(secret_key), NULL, 16, 1000, .secret = true,
	 .automatic = "made and kept in DATA_DIR",
	 .doc = "Key that signs tokens, 16 characters or more"},
	{"DEBUG", SET_BOOL, AT(debug), "False", .doc = "Development mode: /docs, plain-text cookies"},
	{"CONSOLE", SET_BOOL, AT(console), "True", .doc = "Whether / opens the pages for browsers"},
	{"ADMIN_USERNAME", SET_STR, AT(admin_username), "admin", 3, 50,
	 .doc = "First administrator's name"},
	{"ADMIN_EMAIL", SET_EMAIL, AT(admin_email), "admin@example.com", 1, 254,
	 .doc = "First administrator's address"},
	{"ADMIN_PASSWORD", SET_STR, AT(admin_password), NULL, 8, 100, .secret = true,
	 .automatic = "invented and printed once", .doc = "First administrator's password"},
	{"REGISTRATION", SET_CHOICE, AT(registration), "open", .choices = registration_choices,
	 .doc = "Whether strangers may register: open or closed"},
	{"FEATURE_AI_RESUME", SET_BOOL, AT(feature_ai_resume), "True",
	 .doc = "Whether a model may write résumé bullets"},
	{"FEATURE_AI_COVER_LETTER", SET_BOOL, AT(feature_ai_cover_letter), "True",
	 .doc = "Whether a model may write cover letters"},
	{"FEATURE_JOB_SCRAPING", SET_BOOL, AT(feature_job_scraping), "True",
	 .doc = "Whether jobs may be collected from boards"},
	{"CORS_ORIGINS", SET_ORIGINS, AT(cors_origins), "http://localhost:3000",
	 .doc = "Origins whose pages may call the API, with commas between"},
	{"RATE_LIMIT", SET_RATE, AT(rate_limit), "100/60",
	 .doc = "Requests/seconds for each caller; 0: off"},
	{"RATE_LIMIT_STRICT", SET_RATE, AT(rate_limit_strict), "10/60",
	 .doc = "The same for each of the routes that take passwords or delete"},
	{"LOGIN_FAILURES", SET_RATE, AT(login_failures), "10/900",
	 .doc = "Wrong passwords/seconds for one account, from places it does not know; 0: any number"},
	{"RATE_LIMIT_ROUTES", SET_ROUTES, AT(rate_limit_routes), NULL, .automatic = "none",
	 .doc = "Limits of single routes: \"POST /api/v1/auth/login=5/60, …\""},
	{"BCRYPT_COST", SET_INT, AT(bcrypt_cost), "12", 4, 16, .doc = "Cost of a password's hash"},
	{"MAX_UPLOAD_MB", SET_INT, AT(max_upload_mb), "10", 1, 1024,
	 .doc = "Largest uploaded document"},
	{"MAX_VIDEO_MB", SET_INT, AT(max_video_mb), "500", 1, 1048576, .doc = "Largest uploaded video"},
	{"DELETE_ALL_RESUMES_TOKEN", SET_STR, AT(delete_resumes_token),
	 "CONFIRM_DELETE_ALL_RESUMES_2025", 1, 200, .secret = true,
	 .doc = "Token that POST /api/v1/cleanup-all-resumes asks for"},
	{"DELETE_ALL_VIDEOS_TOKEN", SET_STR, AT(delete_videos_token), "CONFIRM_DELETE_ALL_VIDEOS_2025",
	 1, 200, .secret = true, .doc = "Token that POST /api/v1/cleanup-all-videos asks for"},
	{"MAX_CONNECTIONS", SET_INT, AT(max_connections), "2048", 1, 100000,
	 .doc = "Open connections at once"},
	{"METRICS_TOKEN", SET_STR, AT(metrics_token), NULL, 1, 200, .secret = true, .automatic = "none",
	 .doc = "Bearer token that GET /metrics asks for"},
	{"WEBHOOK_RETRY_SECONDS", SET_INT, AT(webhook_retry_seconds), "5", 0, 3600,
	 .doc = "Pause before the first repetition of a webhook; the others grow from it"},
	{"MAX_LISTENERS", SET_INT, AT(max_listeners), "10000", 1, 100000,
	 .doc = "Open WebSockets and event streams at once"},
	{"THREADS", SET_INT, AT(threads), NULL, 1, THREADS_MAX,
	 .automatic = "two for each processor, 16 at most", .doc = "Threads that answer requests"},
	{"PARSERS", SET_INT, AT(parsers), NULL, 1, PARSERS_MAX, .automatic = "the number of processors",
	 .doc = "Parser processes"},
	{"PARSER_TIMEOUT", SET_INT, AT(parser_timeout), "20", 1, 600,
	 .doc = "Seconds for one document"},
	{"PARSER_MEMORY_MB", SET_INT, AT(parser_memory_mb), "256", 32, 4096,
	 .doc = "Memory of one parser process"},
	{"OCR_LANGUAGES", SET_STR, AT(ocr_languages), "Latin,eng", 1, 200,
	 .doc = "Language of scanned documents, the first that Tesseract has; deu+fra is two at once"},
	{"OCR_TIMEOUT", SET_INT, AT(ocr_timeout), "120", 1, 3600,
	 .doc = "Seconds for one scanned document"},
	{"SKILLS_FILE", SET_STR, AT(skills_file), NULL, 1, 1000, .automatic = "the built-in list",
	 .doc = "Skills and their other names"},
	{"TLS_CERT", SET_STR, AT(tls_cert), NULL, 1, 1000, .automatic = "no TLS",
	 .doc = "File of the certificate chain, PEM"},
	{"TLS_KEY", SET_STR, AT(tls_key), NULL, 1, 1000, .automatic = "no TLS",
	 .doc = "File of the private key, PEM"},
	{"LOG_LEVEL", SET_CHOICE, AT(log_level), "info", .choices = level_choices,
	 .doc = "Least level logged: debug, info, warning or error"},
	{"LOG_FILE", SET_STR, AT(log_file), NULL, 1, 1000, .automatic = "DATA_DIR/vitae.log",
	 .doc = "Log file"},
	{"BACKUP_DIR", SET_STR, AT(backup_dir), NULL, 1, 1000, .automatic = "DATA_DIR/backups",
	 .doc = "Directory of the backups that a schedule makes"},
	{"LOG_FILE_MB", SET_INT, AT(log_file_mb), "100", 0, 1000000,
	 .doc = "Size at which the log file becomes LOG_FILE.1 and is begun anew; 0: never"},
	{"LOG_STDOUT", SET_BOOL, AT(log_stdout), "False",
	 .doc = "Whether the log goes to standard output too"},
	{"LOG_FORMAT", SET_CHOICE, AT(log_format), "text", .choices = format_choices,
	 .doc = "Form of the log on standard output: text or json"},
	{"LOG_DAYS", SET_INT, AT(log_days), "30", 0, 36500,
	 .doc = "Days for which GET /logs knows an event; 0: for ever"},
	{"LOG_ROWS", SET_INT, AT(log_rows), "2000000", 0, 1000000000,
	 .doc = "Events that GET /logs knows at most; 0: no limit"},
	{"TRUST_PROXY", SET_ADDRESSES, AT(trusted_proxies), NULL, .automatic = "none",
	 .doc = "Addresses of proxies whose X-Forwarded-For is believed"},
	{"FETCH_ALLOW", SET_HOSTS, AT(fetch_allow), NULL, .automatic = "none",
	 .doc = "Private hosts, addresses and networks that addresses given by users may lead to"},
	{"FETCH_PROXY", SET_STR, AT(fetch_proxy), NULL, 1, 1000, .secret = true, .automatic = "none",
	 .doc = "Proxy for requests to other servers: http://, https:// or socks5h://"},
	{"JOB_SOURCES", SET_STR, AT(job_sources), NULL, 1, 1000, .automatic = "the built-in list",
	 .doc = "File of the places where jobs are looked for; `vitae jobs sources` prints one"},
	{"JOB_TIMEOUT", SET_INT, AT(job_timeout), "60", 1, 600,
	 .doc = "Seconds for one search for jobs, all sources together"},
	{"JOB_PAUSE_MS", SET_INT, AT(job_pause_ms), "1000", 0, 60000,
	 .doc = "Milliseconds between two requests to one site"},
	{"JOB_CONTACT", SET_STR, AT(job_contact), NULL, 1, 200, .automatic = "none",
	 .doc = "Address or page that the sites asked for jobs are told in the User-Agent"},
	{"CHROMIUM", SET_STR, AT(chromium), NULL, 1, 1000, .automatic = "chromium in PATH",
	 .doc = "Program of the browser that renders pages of jobs"},
	{"CA_FILE", SET_STR, AT(ca_file), NULL, 1, 1000, .automatic = "the system's",
	 .doc = "File of the certificates that other servers are trusted by, PEM"},
	{"OPENAI_API_KEY", SET_STR, AT(openai_api_key), NULL, 1, 1000, .secret = true,
	 .automatic = "none", .doc = "Key of the language model's server"},
	{"OPENAI_BASE_URL", SET_URL, AT(openai_base_url), NULL, 1, 1000,
	 .automatic = "https://api.openai.com/v1, if there is a key",
	 .doc = "Any server that speaks OpenAI's API; it may need no key"},
	{"OPENAI_MODEL", SET_STR, AT(openai_model), "gpt-4o-mini", 1, 200,
	 .doc = "Name of the model there"},
	{"OPENAI_TIMEOUT", SET_INT, AT(openai_timeout), "60", 1, 600,
	 .doc = "Seconds for one answer, tries included"},
	{"OPENAI_CONCURRENCY", SET_INT, AT(openai_concurrency), "3", 1, 64,
	 .doc = "Answers asked for at once"},
	{"PARSER", SET_CHOICE, AT(parser), "auto", .choices = parser_choices,
	 .doc = "Who reads résumés: builtin; openai, whose model looks over all of them; auto: over "
			"those that are unsure"},
	{"TELEGRAM_BOT_TOKEN", SET_STR, AT(telegram_bot_token), NULL, 1, 200, .secret = true,
	 .automatic = "no messages",
	 .doc = "Token of the bot that tells of sent mail, uploads and scheduled jobs"},
	{"TELEGRAM_CHAT_ID", SET_STR, AT(telegram_chat_id), NULL, 1, 100, .automatic = "no messages",
	 .doc = "Chat that it writes to"},
	{"TELEGRAM_API_URL", SET_URL, AT(telegram_api_url), "https://api.telegram.org", 1, 1000,
	 .doc = "Where Telegram's API is"},
	{"SMTP_HOST", SET_STR, AT(smtp_host), NULL, 1, 255, .automatic = "no mail is sent",
	 .doc = "Mail server that takes outgoing mail"},
	{"SMTP_PORT", SET_INT, AT(smtp_port), "0", 0, 65535,
	 .doc = "Its port; 0: 587, 465 or 25, as SMTP_TLS says"},
	{"SMTP_USERNAME", SET_STR, AT(smtp_username), NULL, 1, 320, .automatic = "no login",
	 .doc = "Login at the mail server"},
	{"SMTP_PASSWORD", SET_STR, AT(smtp_password), NULL, 1, 1000, .secret = true,
	 .automatic = "none", .doc = "Its password"},
	{"SMTP_FROM", SET_EMAIL, AT(smtp_from), NULL, 1, 254,
	 .automatic = "SMTP_USERNAME, if it is an address", .doc = "Sender's address of all mail"},
	{"SMTP_TLS", SET_CHOICE, AT(smtp_tls), "starttls", .choices = smtp_choices,
	 .doc = "How the mail server is reached: none, starttls or tls"},
	{"SMTP_RATE", SET_RATE, AT(smtp_rate), "60/60",
	 .doc = "Messages/seconds handed to the mail server; 0: as fast as it takes them"},
	{"SMTP_TIMEOUT", SET_INT, AT(smtp_timeout), "60", 1, 600, .doc = "Seconds for one message"},
	{"SMTP_RETRY", SET_INT, AT(smtp_retry), "30", 1, 86400,
	 .doc = "Seconds to the second attempt; the next ones wait twice as long, an hour at most"},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* ---- misspelt names ---- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Slips between two names, case ignored (optimal string alignment); NAME_MAX_BYTES if one is too
 * long. */
static size_t slips(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned char d[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];

	if (n >= NAME_MAX_BYTES || m >= NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (size_t i = 0; i <= n; i++) {
		for (size_t k = 0; k <= m; k++) {
			size_t best = i == 0 ? k : i;

			if (i > 0 && k > 0) {
				uint32_t x = utf8_fold((unsigned char)a[i - 1]);
				uint32_t y = utf8_fold((unsigned char)b[k - 1]);

				best = least(d[i - 1][k], d[i][k - 1]) + 1u;
				best = least(best, d[i - 1][k - 1] + (size_t)(x != y));
				if (i > 1 && k > 1 && x != y && x == utf8_fold((unsigned char)b[k - 2]) &&
					y == utf8_fold((unsigned char)a[i - 2]))
					best = least(best, d[i - 2][k - 2] + 1u);
			}
			d[i][k] = (unsigned char)best;
		}
	}
	return d[n][m];
}

/* The setting that name seems to mean; NULL if it is a known name, or none of ours. */
static const struct setting *meant(const char *name)
{
	const struct setting *best = NULL;
	size_t fewest = 3;

	for (size_t i = 0; i < SETTINGS; i++) {
		size_t n = strcmp(settings[i].name, name) == 0 ? 0 : slips(settings[i].name, name);
		size_t allowed = strlen(settings[i].name) <= SHORT_NAME ? 1 : 2;

		if (strcmp(settings[i].name, name) == 0)
			return NULL;
		if (n <= allowed && n < fewest) {
			best = &settings[i];
			fewest = n;
		}
	}
	return best;
}

static bool begins_like_ours(const char *name)
{
	static const char *const prefixes[] = {
		"RATE_LIMIT", "BCRYPT_", "ADMIN_",    "MAX_UPLOAD", "CORS_",  "TLS_",      "PARSER",
		"OCR_",       "REGISTR", "TRUST_",    "FEATURE_",   "FETCH_", "MAX_VIDEO", "DELETE_ALL_",
		"SMTP_",      "OPENAI_", "TELEGRAM_", "JOB_",       "FILES_", "S3_"};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		if (text_starts(name, prefixes[i]))
			return true;
	}
	return false;
}

static int check_name(struct loader *l, const char *name, const char *where)
{
	const struct setting *s = meant(name);

	if (s == NULL)
		return OK;
	return fail(l, E_RULE, "%s in %s is not a setting: did you mean %s?", name, where, s->name);
}

static int check_names(struct loader *l, char *const *env, const struct pairs *file)
{
	for (size_t i = 0; i < file->n; i++)
		TRY(check_name(l, file->items[i].name, ".env"));
	for (; env != NULL && *env != NULL; env++) {
		size_t n = strcspn(*env, "=");

		if (n < NAME_MAX_BYTES && begins_like_ours(*env))
			TRY(check_name(l, arena_strndup(l->arena, *env, n), "the environment"));
	}
	return OK;
}

/* ---- loading ---- */

static const char *in_env(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	}
	return NULL;
}

static const char *in_file(const struct pairs *file, const char *name)
{
	for (size_t i = file->n; i-- > 0;) {
		if (strcmp(file->items[i].name, name) == 0)
			return file->items[i].value;
	}
	return NULL;
}

static bool may_be_empty(const struct setting *s)
{
	return s->type == SET_ORIGINS || s->type == SET_ADDRESSES || s->type == SET_HOSTS ||
		   s->type == SET_ROUTES;
}

static const char *found(const struct setting *s, char *const *env, const struct pairs *file)
{
	const char *v = in_env(env, s->name);

	if (v == NULL)
		v = in_file(file, s->name);
	if (v != NULL && (*v != '\0' || may_be_empty(s)))
		return v;
	return s->preset;
}

static int64_t within(int64_t v, int64_t most)
{
	return v < 1 ? 1 : v > most ? most : v;
}

/* Defaults that the table cannot write down. */
static void complete(struct loader *l, struct config *c)
{
	int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->parsers == 0)
		c->parsers = within(processors, PARSERS_MAX);
	if (c->threads == 0)
		c->threads = within(2 * processors, THREADS_AUTO_MAX);
	if (c->log_file == NULL)
		c->log_file = arena_printf(l->arena, "%s/vitae.log", c->data_dir);
	c->trust_proxy = c->trusted_proxies.n > 0;
}

static const char language_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/+,";

/* It becomes part of an address: nothing else may stand in it. */
static bool is_bot_token(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits > 0 && s[digits] == ':' && s[digits + 1] != '\0' &&
		   strspn(s + digits + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								  "_-") == strlen(s + digits + 1);
}

/* Letters, digits, dots and hyphens, 3 to 63 of them (Amazon's rule for names of buckets). */
static bool is_bucket(const char *s, size_t n)
{
	return n >= 3 && n <= 63 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") >= n;
}

static bool is_folder_url(const char *url)
{
	return text_starts(url, "file:///") && url[strlen("file:///")] != '\0';
}

static bool is_bucket_url(const char *url)
{
	return text_starts(url, "s3://") && is_bucket(url + 5, strcspn(url + 5, "/"));
}

bool config_files_url_ok(const struct config *c, const char *url)
{
	return is_folder_url(url) || (is_bucket_url(url) && c->s3_access_key_id != NULL &&
								  c->s3_secret_access_key != NULL);
}

static int check_files(struct loader *l, const struct config *c)
{
	const char *url = c->files_url;

	if (url == NULL || config_files_url_ok(c, url))
		return OK;
	if (!is_bucket_url(url))
		return fail(l, E_RULE,
					"FILES_URL must be a folder, file:///srv/files, or a bucket, "
					"s3://bucket/prefix");
	return fail(l, E_RULE, "FILES_URL names a bucket, for which %s is needed",
				c->s3_access_key_id == NULL ? "S3_ACCESS_KEY_ID" : "S3_SECRET_ACCESS_KEY");
}

/* Rules over more than one value, or of another floor. */
static int check_whole(struct loader *l, const struct config *c)
{
	const char *url = c->database_url;

	if (strspn(c->ocr_languages, language_letters) != strlen(c->ocr_languages))
		return fail(
			l, E_RULE,
			"OCR_LANGUAGES must be names of languages with + or , between, such as deu+eng");
	if (c->telegram_bot_token != NULL && !is_bot_token(c->telegram_bot_token))
		return fail(l, E_RULE, "TELEGRAM_BOT_TOKEN must be a bot's token, like 123456:ABC-def_1");
	if ((c->tls_cert == NULL) != (c->tls_key == NULL))
		return fail(l, E_RULE, "TLS_CERT and TLS_KEY belong together: %s is missing",
					c->tls_cert == NULL ? "TLS_CERT" : "TLS_KEY");
	if (url != NULL && !text_starts(url, "sqlite:") && !text_starts(url, "postgresql:") &&
		!text_starts(url, "postgres:"))
		return fail(l, E_RULE, "DATABASE_URL must begin with sqlite: or postgresql://");
	return check_files(l, c);
}

int config_load_from(struct arena *a, struct error *error, char *const *env, const char *dotenv,
					 struct config *out)
{
	struct loader l = {a, error};
	struct config c = {0};
	struct pairs file = {0};

	TRY(dotenv_read(&l, dotenv, &file));
	TRY(check_names(&l, env, &file));
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *text = found(&settings[i], env, &file);

		if (text != NULL)
			TRY(setting_parse(&l, &settings[i], text, &c));
	}
	TRY(check_whole(&l, &c));
	complete(&l, &c);
	*out = c;
	return OK;
}

int config_load(struct arena *a, struct error *error, struct config *out)
{
	return config_load_from(a, error, environ, ".env", out);
}

void config_print(const struct config *c, FILE *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		fprintf(out, "# %s (default: %s)\n%s=", s->doc,
				s->preset != NULL ? s->preset : s->automatic, s->name);
		setting_print(s, c, out);
		fputc('\n', out);
	}
}

bool config_trusts(const struct config *c, const char *peer)
{
	struct in6_addr theirs, ours;

	if (peer == NULL || !address_read(peer, &theirs))
		return false;
	for (size_t i = 0; i < c->trusted_proxies.n; i++) {
		if (address_read(c->trusted_proxies.items[i], &ours) &&
			memcmp(&theirs, &ours, sizeof ours) == 0)
			return true;
	}
	return false;
}
