/* See app.h. */
#include "app/app.h"

#include "app/ai.h"
#include "app/answers.h"
#include "app/audit.h"
#include "app/auth.h"
#include "app/candidates.h"
#include "app/export.h"
#include "app/digest.h"
#include "app/flags.h"
#include "app/follow_ups.h"
#include "app/cleanup.h"
#include "app/jobs.h"
#include "app/keys.h"
#include "app/orphans.h"
#include "app/outbox.h"
#include "app/logs.h"
#include "app/interviews.h"
#include "app/invitations.h"
#include "app/market.h"
#include "app/refining.h"
#include "app/removals.h"
#include "app/resumes.h"
#include "app/schedule_runs.h"
#include "app/schedules.h"
#include "app/sessions.h"
#include "app/stats.h"
#include "app/upkeep.h"
#include "app/teams.h"
#include "app/telegram.h"
#include "app/test_cleanup.h"
#include "app/users.h"
#include "app/webhooks.h"
#include "app/video_reading.h"
#include "app/video_parts.h"
#include "app/video_uploads.h"
#include "app/videos.h"

static char invented[64];

static int bootstrap(struct ctx *c)
{
	const char *password;

	TRY(users_bootstrap(c, &password));
	if (password != NULL)
		snprintf(invented, sizeof invented, "%s", password);
	return OK;
}

const char *app_invented_password(void)
{
	return invented[0] != '\0' ? invented : NULL;
}

static const struct feature bootstrap_feature = {.name = "bootstrap", .start = bootstrap};

const struct feature *const app_features[] = {
	&bootstrap_feature,
	&health_feature,
	&docs_feature,
	&console_feature,
	&flags_feature,
	&audit_feature,
	&logs_feature,
	&stats_feature,
	&schedules_feature,
	&schedule_runs_feature,
	&upkeep_feature,
	&digest_feature,
	&follow_ups_feature,
	&auth_feature,
	&sessions_feature,
	&keys_feature,
	&export_feature,
	&users_feature,
	&registration_feature,
	&candidates_feature,
	&parsing_feature,
	&removals_feature,
	&candidate_edit_feature,
	&candidate_reparse_feature,
	&cleanup_feature,
	&jobs_feature,
	&live_feature,
	&metrics_feature,
	&webhooks_feature,
	&webhook_send_feature,
	&job_scrape_feature,
	&job_check_feature,
	&applications_feature,
	&teams_feature,
	&resumes_feature,
	&resume_reading_feature,
	&resume_analysis_feature,
	&orphans_feature,
	&interviews_feature,
	&invitations_feature,
	&videos_feature,
	&video_parts_feature,
	&video_uploads_feature,
	&video_reading_feature,
	&answers_feature,
	&outbox_feature,
	&email_feature,
	&market_feature,
	&profiles_feature,
	&balances_feature,
	&searchables_feature,
	&invoices_feature,
	&payments_feature,
	&ratings_feature,
	&market_files_feature,
	&withdrawals_feature,
	&metrics_events_feature,
	&test_cleanup_feature,
	&ai_feature,
	&telegram_feature,
	&refining_feature,
};
const size_t app_features_count = sizeof app_features / sizeof app_features[0];
