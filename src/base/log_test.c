#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/test.h"

static char dir[64], path[96], moved[96];

static void begin(enum log_level level)
{
	snprintf(dir, sizeof dir, "/tmp/vitae-log-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/x.log", dir);
	snprintf(moved, sizeof moved, "%s/x.log.1", dir);
	CHECK_INT(log_open(path, level, 0), OK);
}

static void end(void)
{
	log_close();
	unlink(path);
	unlink(moved);
	rmdir(dir);
}

static char *content(const char *of)
{
	static char text[65536];
	FILE *f = fopen(of, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof text - 1, f);

	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	return text;
}

static int lines(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

TEST(log_line_has_the_form)
{
	char *text;

	begin(LOG_INFO);
	log_info("candidate %d stored", 7);
	text = content(path);
	CHECK(strstr(text, "Z - vitae - INFO - test_log_line_has_the_form:") != NULL);
	CHECK(strstr(text, " - candidate 7 stored\n") != NULL);
	CHECK_INT(lines(text), 1);
	end();
}

TEST(log_level_filters)
{
	begin(LOG_WARNING);
	log_debug("a");
	log_info("b");
	log_warning("c");
	log_error("d");
	CHECK_INT(lines(content(path)), 2);
	CHECK(strstr(content(path), " - ERROR - ") != NULL);
	end();
}

TEST(log_keeps_one_event_on_one_line)
{
	begin(LOG_INFO);
	log_info("a\nb\r\x1b[31mc\xff\xc2\x85"
			 "d\xe2\x80\xa8"
			 "é");
	CHECK_INT(lines(content(path)), 1);
	CHECK(strstr(content(path), "a b  [31mc?  d   é\n") != NULL);
	end();
}

TEST(log_cuts_long_messages_at_a_character)
{
	char big[9000];
	char *text;

	for (size_t i = 0; i + 1 < sizeof big; i += 2)
		memcpy(big + i, "é", 2);
	big[sizeof big - 2] = '\0';
	begin(LOG_INFO);
	log_info("%s", big);
	text = content(path);
	CHECK_INT(lines(text), 1);
	CHECK(strlen(text) <= 4096);
	CHECK(strstr(text, "é …\n") != NULL);
	end();
}

TEST(log_reopens_after_rotation)
{
	begin(LOG_INFO);
	log_info("first");
	CHECK_INT(rename(path, moved), 0);
	log_info("second");
	log_reopen();
	log_info("third");
	CHECK_INT(lines(content(moved)), 2);
	CHECK_INT(lines(content(path)), 1);
	CHECK(strstr(content(path), "third") != NULL);
	end();
}

TEST(log_refuses_a_bad_path_and_keeps_errno)
{
	CHECK_INT(log_open("/nonexistent/dir/x.log", LOG_INFO, 0), E_RULE);
	CHECK_INT(errno, ENOENT);
	begin(LOG_INFO);
	errno = EBUSY;
	log_info("x");
	CHECK_INT(errno, EBUSY);
	end();
}

static struct log_event heard;
static char heard_message[64];
static int heard_n;

static void hear(void *arg, const struct log_event *e)
{
	CHECK_STR(arg, "arg");
	heard = *e;
	snprintf(heard_message, sizeof heard_message, "%.*s", (int)e->n, e->message);
	heard_n++;
}

TEST(log_tells_a_sink_whose_work_it_is)
{
	static char arg[] = "arg";

	begin(LOG_INFO);
	log_sink(hear, arg);
	log_context_set(&(struct log_context){"id-1", "192.0.2.1", 7, 3, NULL});
	log_debug("not loud enough");
	log_info("seven");
	CHECK_INT(heard_n, 1);
	CHECK_STR(heard_message, "seven");
	CHECK_STR(heard.func, "test_log_tells_a_sink_whose_work_it_is");
	CHECK_STR(heard.context.request_id, "id-1");
	CHECK_INT(heard.context.user_id, 7);
	log_context_user(8, 4);
	log_info("eight");
	CHECK_STR(heard.context.request_id, "id-1");
	CHECK(heard.context.user_id == 8 && heard.context.team_id == 4);
	log_context_set(NULL);
	log_warning("nobody's");
	CHECK(heard.context.request_id == NULL && heard.context.team_id == 0);
	log_sink(NULL, NULL);
	log_info("unheard");
	CHECK_INT(heard_n, 3);
	end();
}

TEST(log_begins_a_full_file_anew)
{
	begin(LOG_INFO);
	log_limit(200);
	for (int i = 0; i < 4; i++)
		log_info("event %d of some length", i);
	log_limit(0);
	CHECK(strstr(content(path), "event 3") != NULL);
	CHECK(strstr(content(path), "event 0") == NULL);
	CHECK(strstr(content(moved), "event 2") != NULL || strstr(content(path), "event 2") != NULL);
	end();
}

static void *chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_info("thread %s says %d", (const char *)arg, i);
	return NULL;
}

TEST(log_lines_of_threads_do_not_mix)
{
	pthread_t threads[3];
	char names[][2] = {"a", "b", "c"};
	char *text;

	begin(LOG_INFO);
	for (int i = 0; i < 3; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, chatter, names[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	text = content(path);
	CHECK_INT(lines(text), 600);
	for (char *at = text; *at != '\0'; at = strchr(at, '\n') + 1)
		CHECK(strncmp(at, "20", 2) == 0);
	end();
}

TEST_MAIN()
