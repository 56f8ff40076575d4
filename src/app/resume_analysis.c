/*
 * resume_analysis: what an applicant wants to know of a résumé: what programs read in it, how good
 * it is and why, and how it fits a vacancy. The file has been read right after its upload, as a
 * rule; else it is read now, by the parser of these requests' own thread.
 */
#include "app/jobs.h"
#include "app/resume_match.h"
#include "app/resume_rows.h"

/* ---- schemas ---- */

struct analyze_in {
	int64_t resume_id;
	const char *job_description;
	struct opt_int job_id;
};
static const struct field analyze_in_fields[] = {
	FIELD(struct analyze_in, resume_id, F_PATH, .min = 1, .doc = "Resume ID", .example = "1"),
	FIELD(struct analyze_in, job_description, F_NULL, .max = MATCH_TEXT_MAX,
		  .doc = "Text of a vacancy to hold it against",
		  .example = "\"Backend engineer with Python and Kubernetes\""),
	FIELD(struct analyze_in, job_id, F_NULL, .min = 1, .doc = "The same, of a stored vacancy",
		  .example = "null"),
};
static const struct schema analyze_in_schema =
	SCHEMA("ResumeAnalyze", struct analyze_in, analyze_in_fields);

struct analysis {
	int64_t resume_id, score;
	const char *summary;
	struct list sections;
	struct profile profile;
	struct resume_match match; /* all zero: none */
};
static const struct field analysis_fields[] = {
	FIELD(struct analysis, resume_id, 0, .doc = "The résumé", .example = "1"),
	FIELD(struct analysis, score, 0, .doc = "0 to 100: the sum of the sections", .example = "74"),
	FIELD(struct analysis, summary, 0, .doc = "The score in words, and where to begin",
		  .example = "\"Good: 74 of 100. Start here: Say more of what you can do.\""),
	FIELD(struct analysis, sections, 0, .of = &section_score_schema,
		  .doc = "The score by sections, each with its reasons", .example = "[]"),
	FIELD_OBJECT(struct analysis, profile, 0, &profile_schema, .doc = "What programs read in it",
				 .example = "{}"),
	FIELD_OBJECT(struct analysis, match, F_NULL, &resume_match_schema,
				 .doc = "How it fits the vacancy; null if none was given", .example = "null"),
};
static const struct schema analysis_schema =
	SCHEMA("ResumeAnalysis", struct analysis, analysis_fields);

/* ---- rules ---- */

/* Reads now what has not been read yet. */
static int take_reading(struct ctx *c, int64_t id, struct resume_reading *out)
{
	TRY(resume_reading(c, id, out));
	return out->read ? OK : resume_read_now(c, id, out);
}

/* Title and text of the vacancy; *text is NULL if none is named. */
static int take_vacancy(struct ctx *c, const struct analyze_in *in, const char **title,
						const char **text)
{
	bool stored = in->job_id.set && !in->job_id.null;

	*title = NULL;
	*text = text_is_blank(in->job_description) ? NULL : in->job_description;
	if (!stored)
		return OK;
	if (*text != NULL)
		return ctx_fault(c, "body", "job_id", "Name either job_id or job_description",
						 "value_error");
	return jobs_text(c, in->job_id.v, title, text);
}

/* ---- handlers ---- */

static int analyze(struct ctx *c)
{
	const struct analyze_in *in = c->in;
	struct analysis *out = c->out;
	struct resume_reading *reading = ARENA_NEW(c->arena, struct resume_reading);
	struct resume_subject subject;
	struct resume_score score;
	const char *title, *text;
	struct resume own;

	TRY(resumes_get(c, in->resume_id, &own));
	TRY(take_vacancy(c, in, &title, &text));
	TRY(take_reading(c, own.id, reading));
	resume_subject_init(c->arena, &reading->profile, &subject);
	subject.scanned = reading->scanned;
	subject.error_message = reading->error_message;
	subject.now = c->now;
	resume_check(c->arena, &subject, &score);
	if (text != NULL)
		resume_match(c->arena, &subject, title, text, &out->match);
	out->resume_id = own.id;
	out->score = score.score;
	out->summary = score.summary;
	out->sections = score.sections;
	out->profile = reading->profile;
	out->profile.text = NULL;
	return OK;
}

/* ---- tables ---- */

static const short errors[] = {404, 0};

static const struct route routes[] = {
	{"POST", "/api/v1/resumes/{resume_id}/analyze", analyze, &analyze_in_schema, &analysis_schema,
	 .role = ROLE_VIEWER, .body = BODY_JSON, .status = 200, .flags = ROUTE_PARSER, .tag = "resumes",
	 .doc = "What programs read in it, how good it is, and how it fits a vacancy\nThe score is the "
			"sum of the sections, each with the reason for every point it lacks. With "
			"job_description or job_id: which of the skills asked for are there, by whatever name, "
			"and where; which are missing; and what to do.",
	 .errors = errors},
};

const struct feature resume_analysis_feature = {
	.name = "resume_analysis", .routes = routes, .nroutes = 1};
