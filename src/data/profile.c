/* See profile.h. The bounds are what the server takes from a parser, which is a stranger to it. */
#include "data/profile.h"

enum {
	PAGES_MAX = 100000,
	LABEL_MAX = 200,
	VALUE_MAX = 2000,
	QUOTE_MAX = 4000,
	FINDINGS_MAX = 100
};

static const struct field evidence_fields[] = {
	FIELD(struct evidence, page, 0, .max = PAGES_MAX,
		  .doc = "Page, from 1; 0 where the format has no pages", .example = "1"),
	FIELD(struct evidence, x0, 0, .doc = "Left edge in points from the page's left",
		  .example = "72.0"),
	FIELD(struct evidence, y0, 0, .doc = "Upper edge in points from the page's top",
		  .example = "54.5"),
	FIELD(struct evidence, x1, 0, .doc = "Right edge in points", .example = "180.2"),
	FIELD(struct evidence, y1, 0, .doc = "Lower edge in points", .example = "68.5"),
	FIELD(struct evidence, line, 0, .min = 0, .max = PROFILE_TEXT_MAX,
		  .doc = "Line of the document's text, from 1; 0: unknown", .example = "1"),
	FIELD(struct evidence, text, F_NULL, .max = QUOTE_MAX, .doc = "The words of the document",
		  .example = "\"Ada Lovelace\""),
};
const struct schema evidence_schema =
	SCHEMA("Evidence", struct evidence, evidence_fields, .doc = "Where a value was read");

#define EVIDENCE_EXAMPLE                                                                   \
	"{\"page\": 1, \"x0\": 72.0, \"y0\": 54.5, \"x1\": 180.2, \"y1\": 68.5, \"line\": 1, " \
	"\"text\": \"Ada Lovelace\"}"

static const struct field value_fields[] = {
	FIELD(struct value, value, F_NULL, .max = VALUE_MAX, .doc = "What was found; null if nothing",
		  .example = "\"Ada Lovelace\""),
	FIELD(struct value, confidence, 0, .min = 0, .max = 1, .doc = "How sure the reading is, 0 to 1",
		  .example = "0.97"),
	FIELD_OBJECT(struct value, evidence, 0, &evidence_schema, .doc = "Where it was read",
				 .example = EVIDENCE_EXAMPLE),
};
static const struct schema value_schema =
	SCHEMA("Value", struct value, value_fields, .doc = "One thing read from the document");

#define VALUE_EXAMPLE \
	"{\"value\": \"Ada Lovelace\", \"confidence\": 0.97, \"evidence\": " EVIDENCE_EXAMPLE "}"

static const struct field skill_fields[] = {
	FIELD(struct skill, name, F_REQUIRED, .min = 1, .max = LABEL_MAX,
		  .doc = "The skill as the document names it", .example = "\"golang\""),
	FIELD(struct skill, canonical, F_NULL, .max = LABEL_MAX,
		  .doc = "The taxonomy's name; null if it lacks the skill", .example = "\"Go\""),
	FIELD(struct skill, category, F_NULL, .max = LABEL_MAX,
		  .doc = "The taxonomy's category; null if it lacks the skill", .example = "\"language\""),
	FIELD(struct skill, confidence, 0, .min = 0, .max = 1, .doc = "How sure the reading is, 0 to 1",
		  .example = "0.9"),
	FIELD_OBJECT(struct skill, evidence, 0, &evidence_schema, .doc = "Where it was read",
				 .example = EVIDENCE_EXAMPLE),
};
static const struct schema skill_schema =
	SCHEMA("Skill", struct skill, skill_fields, .doc = "A skill read from the document");

static const struct field finding_fields[] = {
	FIELD(struct finding, kind, F_REQUIRED, .min = 1, .max = LABEL_MAX, .doc = "Its kind, one word",
		  .example = "\"hidden_text\""),
	FIELD(struct finding, message, F_REQUIRED, .min = 1, .max = VALUE_MAX,
		  .doc = "A sentence for a recruiter",
		  .example = "\"The document contains text that is not visible.\""),
};
const struct schema finding_schema =
	SCHEMA("Finding", struct finding, finding_fields, .doc = "Something odd about the document");

static const struct field profile_fields[] = {
	FIELD_OBJECT(struct profile, name, 0, &value_schema, .doc = "The person's name",
				 .example = VALUE_EXAMPLE),
	FIELD_OBJECT(struct profile, email, 0, &value_schema, .doc = "E-mail address",
				 .example = "{\"value\": \"ada@example.com\", \"confidence\": 0.99}"),
	FIELD_OBJECT(struct profile, phone, 0, &value_schema, .doc = "Phone number",
				 .example = "{\"value\": \"+44 20 7946 0958\", \"confidence\": 0.95}"),
	FIELD_OBJECT(struct profile, domain_knowledge, 0, &value_schema,
				 .doc = "Fields of business that the person knows",
				 .example = "{\"value\": \"Banking, insurance\", \"confidence\": 0.7}"),
	FIELD(struct profile, skills, 0, .of = &skill_schema, .max = PROFILE_SKILLS_MAX,
		  .doc = "Skills in the order of the document",
		  .example = "[{\"name\": \"golang\", \"canonical\": \"Go\", \"confidence\": 0.9}]"),
	FIELD(struct profile, findings, 0, .of = &finding_schema, .max = FINDINGS_MAX,
		  .doc = "What a recruiter should know about the document itself",
		  .example = "[{\"kind\": \"scanned\", \"message\": \"The pages are images.\"}]"),
	FIELD(struct profile, language, F_NULL, .max = 8, .doc = "Language of the document, ISO 639-1",
		  .example = "\"en\""),
	FIELD(struct profile, resume_probability, 0, .min = 0, .max = 1,
		  .doc = "How probable it is that the document is a resume, 0 to 1", .example = "0.98"),
	FIELD(struct profile, pages, 0, .max = PAGES_MAX, .doc = "Pages; 0 where the format has none",
		  .example = "2"),
	FIELD(struct profile, resume, F_NULL, .max = PROFILE_JSON_MAX,
		  .doc = "The whole content in the JSON Resume schema; null if there is none",
		  .example = "{\"basics\": {\"name\": \"Ada Lovelace\"}}"),
	FIELD(struct profile, text, F_NULL, .max = PROFILE_TEXT_MAX,
		  .doc = "The document's text in reading order",
		  .example = "\"Ada Lovelace\\nMathematician\""),
	FIELD(struct profile, lines, F_NULL, .max = PROFILE_TEXT_MAX,
		  .doc = "What each line of the text is: h heading, i item, c cell, t anything else",
		  .example = "\"ht\""),
};
const struct schema profile_schema =
	SCHEMA("Profile", struct profile, profile_fields, .doc = "What was read from a document");

static const struct field parse_reply_fields[] = {
	FIELD(struct parse_reply, error, F_NULL, .max = VALUE_MAX,
		  .doc = "Why the document cannot be read, for a recruiter; null if it could be",
		  .example = "\"The document is protected by a password.\""),
	FIELD(struct parse_reply, scanned, 0,
		  .doc = "Whether the text is in pictures of the pages, which this parser does not read",
		  .example = "false"),
	FIELD_OBJECT(struct parse_reply, profile, 0, &profile_schema, .doc = "What was read",
				 .example = "{\"name\": " VALUE_EXAMPLE "}"),
};
const struct schema parse_reply_schema =
	SCHEMA("ParseReply", struct parse_reply, parse_reply_fields, .doc = "A parser's answer");
