/*
 * config: every setting, from one table.
 *
 * Each variable is looked for in the environment, then in `.env` of the working directory
 * (KEY=VALUE, quotes, comments, an `export ` in front), then the default holds. An empty value
 * counts as not set; only lists can be made empty. An impossible value, or a name that is nearly
 * one of ours, stops with a sentence that names the variable. Read once at the start and constant
 * from then on; the strings belong to the arena.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "data/schema.h"

/* count requests within seconds; count 0: no limit. */
struct rate_limit {
	int64_t count, seconds;
};

struct rate_route {
	const char *method, *path; /* "POST", "/api/v1/auth/login" as in the route tables */
	struct rate_limit limit;
};

struct rate_routes {
	struct rate_route *items;
	size_t n;
};

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum parser_choice { PARSER_BUILTIN, PARSER_OPENAI, PARSER_AUTO };
enum smtp_security { SMTP_SECURITY_NONE, SMTP_SECURITY_STARTTLS, SMTP_SECURITY_TLS };
enum registration { REGISTRATION_CLOSED, REGISTRATION_OPEN };

struct config {
	const char *host;
	int64_t port; /* 0: any free one */
	const char *data_dir;
	const char *database_url; /* NULL: SQLite in data_dir */
	const char *files_url;    /* NULL: files in data_dir; file:///folder, s3://bucket/prefix */
	const char *s3_endpoint;  /* NULL: Amazon's */
	const char *s3_region;
	const char *s3_access_key_id, *s3_secret_access_key; /* there with s3:// */
	int64_t s3_timeout;                                  /* seconds */
	const char *secret_key;                              /* NULL: made and kept in data_dir */
	bool debug;
	bool console; /* whether the pages for browsers exist */
	const char *admin_username, *admin_email;
	const char *admin_password; /* NULL: invented and printed once */
	enum registration registration;
	bool feature_ai_resume, feature_ai_cover_letter, feature_job_scraping;
	struct strings cors_origins; /* "http://localhost:3000" */
	struct rate_limit rate_limit, rate_limit_strict;
	struct rate_limit login_failures; /* of one account, from places it does not know */
	struct rate_routes rate_limit_routes;
	int64_t bcrypt_cost;
	int64_t max_upload_mb, max_video_mb;
	const char *delete_resumes_token, *delete_videos_token; /* of the cleanup endpoints */
	int64_t max_connections, max_listeners;
	int64_t webhook_retry_seconds;
	const char *metrics_token; /* NULL: /metrics is open */
	int64_t threads;           /* of requests */
	int64_t parsers;           /* processes */
	int64_t parser_timeout;    /* seconds */
	int64_t parser_memory_mb;
	const char *ocr_languages;      /* of scans, as Tesseract names them: "Latin,eng" */
	int64_t ocr_timeout;            /* seconds for one scanned document */
	const char *skills_file;        /* NULL: the built-in taxonomy */
	const char *tls_cert, *tls_key; /* paths; both or neither */
	enum log_level log_level;
	const char *backup_dir; /* NULL: DATA_DIR/backups */
	const char *log_file;
	int64_t log_file_mb; /* of the file, before it is begun anew; 0: no limit */
	bool log_stdout;     /* copies events to standard output */
	enum log_format log_format;
	int64_t log_days,
		log_rows; /* how long, and how many, events are kept as rows; 0: for ever, all */
	struct strings trusted_proxies; /* numeric addresses whose X-Forwarded-For is believed */
	bool trust_proxy;               /* whether there are any */
	struct strings fetch_allow;     /* names, addresses, networks */
	const char *fetch_proxy;        /* NULL: none */
	const char *job_sources;        /* file of job sources; NULL: the built-in list */
	const char *chromium;           /* program that renders pages; NULL: the first in PATH */
	int64_t job_timeout;            /* seconds of a search for jobs */
	int64_t job_pause_ms;           /* between two requests to one site */
	const char *job_contact;        /* told to the sites that are asked; NULL: none */
	const char *ca_file;            /* NULL: the system's */
	const char *openai_api_key;     /* NULL: none */
	const char *openai_base_url;    /* NULL: the public one, if there is a key */
	const char *openai_model;
	int64_t openai_timeout; /* seconds */
	int64_t openai_concurrency;
	enum parser_choice parser;
	const char *telegram_bot_token, *telegram_chat_id; /* NULL: none */
	const char *telegram_api_url;
	const char *smtp_host; /* NULL: no mail is sent */
	int64_t smtp_port;     /* 0: the usual one */
	const char *smtp_username, *smtp_password, *smtp_from;
	enum smtp_security smtp_tls;
	struct rate_limit smtp_rate;      /* of messages */
	int64_t smtp_timeout, smtp_retry; /* seconds */
};

/* Reads the environment and ./.env. OK, or E_RULE with a sentence for the operator. */
int config_load(struct arena *a, struct error *error, struct config *out);
/* The same from other places: env as environ; dotenv a path, NULL or missing: none. */
int config_load_from(struct arena *a, struct error *error, char *const *env, const char *dotenv,
					 struct config *out);
/* Prints each variable with its value (secrets masked), default and meaning. */
void config_print(const struct config *c, FILE *out);
/* Whether url is a place for files: a folder, or a bucket for which there are keys. */
bool config_files_url_ok(const struct config *c, const char *url);
/* Whether peer (a numeric address) is one of trusted_proxies. */
bool config_trusts(const struct config *c, const char *peer);
