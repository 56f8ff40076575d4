/* See word.h. */
#include <glib.h>
#include <gsf/gsf-utils.h>
#include <libxml/parser.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "parse/word/codepage.h"
#include "parse/word/word.h"

/* libgsf warns of every damaged file through glib; the reader's own error says it better. */
static void ignore_log(const gchar *domain, GLogLevelFlags level, const gchar *message,
					   gpointer data)
{
	(void)domain, (void)level, (void)message, (void)data;
}

void word_warm_up(void)
{
	static bool warm;

	if (warm)
		return;
	warm = true;
	codepage_warm_up();
	/* libzip turns time stamps into local time, for which libc looks at a file each time unless the
	 * zone is named. */
	setenv("TZ", "UTC0", 1);
	tzset();
	xmlInitParser();
	g_log_set_default_handler(ignore_log, NULL);
	gsf_init();
}
