#include "data/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/test.h"

static struct arena *mem;
static struct error error;
static struct config config;

/* Loads from one "NAME=value" (or none) and the text of a .env file (or none). */
static int load(const char *variable, const char *dotenv)
{
	char path[] = "/tmp/vitae-env-XXXXXX", copy[1000];
	char *env[] = {copy, NULL};
	int fd, rc;

	mem = arena_free(mem);
	mem = arena_new(1 << 20);
	error = (struct error){0};
	snprintf(copy, sizeof copy, "%s", variable == NULL ? "OTHER=1" : variable);
	if (dotenv == NULL)
		return config_load_from(mem, &error, env, NULL, &config);
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, dotenv, strlen(dotenv)) == (ssize_t)strlen(dotenv));
	close(fd);
	rc = config_load_from(mem, &error, env, path, &config);
	unlink(path);
	return rc;
}

/* What the refusal of one variable says. */
static const char *refusal(const char *variable)
{
	return load(variable, NULL) == OK ? "none" : error.text;
}

TEST(config_has_defaults)
{
	CHECK_INT(load(NULL, NULL), OK);
	CHECK_STR(config.host, "127.0.0.1");
	CHECK_INT(config.port, 8000);
	CHECK_STR(config.data_dir, "./data");
	CHECK(config.database_url == NULL && config.secret_key == NULL &&
		  config.admin_password == NULL);
	CHECK(!config.debug);
	CHECK_INT(config.registration, REGISTRATION_OPEN);
	CHECK_INT(config.cors_origins.n, 1);
	CHECK_STR(config.cors_origins.items[0], "http://localhost:3000");
	CHECK(config.rate_limit.count == 100 && config.rate_limit.seconds == 60);
	CHECK(config.rate_limit_strict.count == 10 && config.rate_limit_strict.seconds == 60);
	CHECK_INT(config.bcrypt_cost, 12);
	CHECK_INT(config.max_upload_mb, 10);
	CHECK(config.parsers >= 1 && config.parsers <= 64 && config.threads >= 1 &&
		  config.threads <= 16);
	CHECK_INT(config.parser_timeout, 20);
	CHECK_INT(config.log_level, LOG_INFO);
	CHECK_STR(config.log_file, "./data/vitae.log");
	CHECK(!config.trust_proxy && config.tls_cert == NULL && config.skills_file == NULL);
}

TEST(config_environment_wins_over_file)
{
	CHECK_INT(load("PORT=9000", "PORT=9001\nHOST=0.0.0.0\n"), OK);
	CHECK_INT(config.port, 9000);
	CHECK_STR(config.host, "0.0.0.0");
	CHECK_INT(load("PORT=", "HOST="), OK);
	CHECK_INT(config.port, 8000);
	CHECK_STR(config.host, "127.0.0.1");
}

TEST(config_reads_the_forms_of_dotenv)
{
	CHECK_INT(load(NULL, "\xEF\xBB\xBF# comment\r\n\r\n  export PORT = 81 # why\r\n"
						 "ADMIN_PASSWORD='a #\"b$c\\n'\n"
						 "SECRET_KEY=\"sixteen \\\"chars\\\" #\" # after\n"
						 "DATA_DIR=/srv/a#b\nUNKNOWN_THING=x\nexport\tTHREADS=3\nPORT=82"),
			  OK);
	CHECK_INT(config.port, 82);
	CHECK_STR(config.admin_password, "a #\"b$c\\n");
	CHECK_STR(config.secret_key, "sixteen \"chars\" #");
	CHECK_STR(config.data_dir, "/srv/a#b");
	CHECK_INT(config.threads, 3);
}

TEST(config_refuses_lines_that_say_nothing)
{
	CHECK_INT(load(NULL, "PORT=1\nrubbish\n"), E_RULE);
	CHECK(strstr(error.text, "line 2: expected NAME=VALUE") != NULL);
	CHECK_INT(load(NULL, "HOST=\"open\n"), E_RULE);
	CHECK(strstr(error.text, "line 1: the quotes of HOST do not fit") != NULL);
	CHECK_INT(load(NULL, "HOST='a' b\n"), E_RULE);
	CHECK_INT(load(NULL, "1X=2\n"), E_RULE);
	CHECK_INT(load(NULL, "HOST=\xFF\n"), E_RULE);
	CHECK_INT(load(NULL, ""), OK);
}

TEST(config_file_may_be_missing_or_no_file)
{
	char dir[] = "/tmp/vitae-dir-XXXXXX";
	char *env[] = {NULL};

	CHECK(mkdtemp(dir) != NULL);
	mem = arena_free(mem);
	mem = arena_new(1 << 20);
	CHECK_INT(config_load_from(mem, &error, env, dir, &config), OK);
	CHECK_INT(config_load_from(mem, &error, env, "/nonexistent/.env", &config), OK);
	rmdir(dir);
}

TEST(config_names_the_impossible_variable)
{
	CHECK_STR(refusal("PORT=65536"), "PORT must be a whole number from 0 to 65535, not \"65536\"");
	CHECK_STR(refusal("PORT=http"), "PORT must be a whole number from 0 to 65535, not \"http\"");
	CHECK_STR(refusal("PORT=0"), "none");
	CHECK_STR(refusal("BCRYPT_COST=3"),
			  "BCRYPT_COST must be a whole number from 4 to 16, not \"3\"");
	CHECK_STR(refusal("MAX_UPLOAD_MB=1025"),
			  "MAX_UPLOAD_MB must be a whole number from 1 to 1024, not \"1025\"");
	CHECK_STR(refusal("DEBUG=maybe"), "DEBUG must be True or False, not \"maybe\"");
	CHECK_STR(refusal("REGISTRATION=shut"), "REGISTRATION must be closed or open, not \"shut\"");
	CHECK_STR(refusal("LOG_LEVEL=loud"),
			  "LOG_LEVEL must be debug or info or warning or error, not \"loud\"");
	CHECK_STR(refusal("ADMIN_EMAIL=admin"), "ADMIN_EMAIL must be an e-mail address, not \"admin\"");
	CHECK_STR(refusal("ADMIN_USERNAME=ab"),
			  "ADMIN_USERNAME must be 3 to 50 characters long, not \"ab\"");
	CHECK_STR(refusal("HOST=a\nb"), "HOST must not contain control characters");
	CHECK_STR(refusal("DATABASE_URL=mysql://x"),
			  "DATABASE_URL must begin with sqlite: or postgresql://");
	CHECK_STR(refusal("TLS_CERT=/c.pem"),
			  "TLS_CERT and TLS_KEY belong together: TLS_KEY is missing");
	CHECK_INT(load(NULL, "PARSERS=65"), E_RULE);
	CHECK_STR(error.text, "PARSERS must be a whole number from 1 to 64, not \"65\"");
}

TEST(config_never_echoes_a_secret)
{
	CHECK_STR(refusal("SECRET_KEY=hush"), "SECRET_KEY must be 16 to 1000 characters long");
	CHECK_STR(refusal("ADMIN_PASSWORD=hush"), "ADMIN_PASSWORD must be 8 to 100 characters long");
}

TEST(config_booleans)
{
	static const char *const yes[] = {"DEBUG=True", "DEBUG=true", "DEBUG=1", "DEBUG=yes",
									  "DEBUG=on"};
	static const char *const no[] = {"DEBUG=False", "DEBUG=false", "DEBUG=0", "DEBUG=no",
									 "DEBUG=off"};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		CHECK_INT(load(yes[i], NULL), OK);
		CHECK(config.debug);
		CHECK_INT(load(no[i], NULL), OK);
		CHECK(!config.debug);
	}
}

TEST(config_origins)
{
	CHECK_INT(load("CORS_ORIGINS=https://App.example.com, http://[::1]:80,http://a:65535,", NULL),
			  OK);
	CHECK_INT(config.cors_origins.n, 3);
	CHECK_STR(config.cors_origins.items[0], "https://app.example.com");
	CHECK_INT(load("CORS_ORIGINS=", NULL), OK);
	CHECK_INT(config.cors_origins.n, 0);
	CHECK(strstr(refusal("CORS_ORIGINS=*"), "CORS_ORIGINS: \"*\" is refused, because") != NULL);
}

TEST(config_refuses_what_is_no_origin)
{
	static const char *const bad[] = {
		"http://a/",  "http://a/b",       "a.example",      "ftp://a",     "http://",
		"http://a:",  "http://a:0",       "http://a:65536", "http://a:-1", "null",
		"http://a b", "http://*.example", "http://u@a",     "http://[::1", "http://é",
	};
	char variable[100];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(variable, sizeof variable, "CORS_ORIGINS=%s", bad[i]);
		CHECK_INT(load(variable, NULL), E_RULE);
		CHECK(strstr(error.text, "CORS_ORIGINS") != NULL);
	}
}

TEST(config_rates)
{
	static const char *const bad[] = {"RATE_LIMIT=5",     "RATE_LIMIT=5/",    "RATE_LIMIT=/60",
									  "RATE_LIMIT=-1/60", "RATE_LIMIT=5/0",   "RATE_LIMIT=5/60/1",
									  "RATE_LIMIT=a/b",   "RATE_LIMIT=5/-60", "RATE_LIMIT=off"};

	CHECK_INT(load("RATE_LIMIT=7/3600", NULL), OK);
	CHECK(config.rate_limit.count == 7 && config.rate_limit.seconds == 3600);
	CHECK_INT(load("RATE_LIMIT_STRICT=0", NULL), OK);
	CHECK(config.rate_limit_strict.count == 0 && config.rate_limit.count == 100);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(strstr(refusal(bad[i]), "RATE_LIMIT must be REQUESTS/SECONDS") != NULL);
}

TEST(config_rates_of_routes)
{
	CHECK_INT(load("RATE_LIMIT_ROUTES=POST /api/v1/auth/login=5/60, GET  /api/v1/candidates/{id}=0",
				   NULL),
			  OK);
	CHECK_INT(config.rate_limit_routes.n, 2);
	CHECK_STR(config.rate_limit_routes.items[0].method, "POST");
	CHECK_STR(config.rate_limit_routes.items[0].path, "/api/v1/auth/login");
	CHECK_INT(config.rate_limit_routes.items[0].limit.count, 5);
	CHECK_STR(config.rate_limit_routes.items[1].path, "/api/v1/candidates/{id}");
	CHECK_INT(config.rate_limit_routes.items[1].limit.count, 0);
	CHECK_STR(refusal("RATE_LIMIT_ROUTES=FETCH /x=1/2"),
			  "RATE_LIMIT_ROUTES must be a list like \"POST /api/v1/auth/login=5/60\", not \"FETCH "
			  "/x=1/2\"");
	CHECK(strcmp(refusal("RATE_LIMIT_ROUTES=/x=1/2"), "none") != 0);
	CHECK(strcmp(refusal("RATE_LIMIT_ROUTES=GET x=1/2"), "none") != 0);
	CHECK(strcmp(refusal("RATE_LIMIT_ROUTES=GET /x"), "none") != 0);
	CHECK(strcmp(refusal("RATE_LIMIT_ROUTES=GET /x=1"), "none") != 0);
}

TEST(config_trusted_proxies)
{
	CHECK_INT(load("TRUST_PROXY=10.0.0.1, ::1", NULL), OK);
	CHECK(config.trust_proxy && config_trusts(&config, "10.0.0.1") &&
		  config_trusts(&config, "::1"));
	CHECK(config_trusts(&config, "::ffff:10.0.0.1") && config_trusts(&config, "0:0::1"));
	CHECK(!config_trusts(&config, "10.0.0.2") && !config_trusts(&config, "x"));
	CHECK(!config_trusts(&config, NULL));
	CHECK_STR(refusal("TRUST_PROXY=nginx"),
			  "TRUST_PROXY must be a list of numeric addresses, not \"nginx\"");
}

TEST(config_notices_misspelt_names)
{
	CHECK_INT(load(NULL, "PROT=9000\n"), E_RULE);
	CHECK_STR(error.text, "PROT in .env is not a setting: did you mean PORT?");
	CHECK_INT(load(NULL, "port=9000\n"), E_RULE);
	CHECK_INT(load(NULL, "SECRETKEY=x\n"), E_RULE);
	CHECK_STR(error.text, "SECRETKEY in .env is not a setting: did you mean SECRET_KEY?");
	CHECK_INT(load(NULL, "SMTP_HOST=mail\nPATH=/bin\nNODE_ENV=x\n"), OK);
	CHECK_STR(refusal("RATE_LIMITS=1/1"),
			  "RATE_LIMITS in the environment is not a setting: did you mean RATE_LIMIT?");
	CHECK_STR(refusal("BCRYPT_COTS=5"),
			  "BCRYPT_COTS in the environment is not a setting: did you mean BCRYPT_COST?");
	CHECK_STR(refusal("HOSTS=x"), "none");
	CHECK_STR(refusal("PROT=1"), "none");
}

TEST(config_prints_itself_and_masks_secrets)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	CHECK_INT(load("SECRET_KEY=0123456789abcdef", "ADMIN_PASSWORD=opensesame\nRATE_LIMIT=0\n"
												  "RATE_LIMIT_ROUTES='GET /a=1/2'\nDEBUG=1\n"),
			  OK);
	config_print(&config, f);
	fclose(f);
	CHECK(strstr(text, "0123456789abcdef") == NULL && strstr(text, "opensesame") == NULL);
	CHECK(strstr(text, "SECRET_KEY=********\n") != NULL &&
		  strstr(text, "ADMIN_PASSWORD=********\n") != NULL);
	CHECK(strstr(text, "TLS_CERT=\n") != NULL);
	CHECK(strstr(text, "# Port to listen on; 0 for any free one (default: 8000)\nPORT=8000\n") !=
		  NULL);
	CHECK(strstr(text, "\nDEBUG=True\n") != NULL && strstr(text, "\nRATE_LIMIT=0\n") != NULL);
	CHECK(strstr(text, "\nRATE_LIMIT_ROUTES=GET /a=1/2\n") != NULL);
	CHECK(strstr(text, "\nREGISTRATION=open\n") != NULL &&
		  strstr(text, "\nLOG_LEVEL=info\n") != NULL);
	CHECK(strstr(text, "(null)") == NULL);
	free(text);
}

TEST_MAIN()
