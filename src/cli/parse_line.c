/* See parse_line.h. */
#include "cli/parse_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "data/profile.h"
#include "data/schema.h"

enum { LINE_MAX_BYTES = 32 * 1024 * 1024, ARENA_MAX = 128 * 1024 * 1024, ATTEMPTS = 2 };

struct result {
	const char *file, *name, *email, *phone;
	struct strings skills;
	const char *domain_knowledge, *error;
	struct json profile;
};

static const struct field result_fields[] = {
	FIELD(struct result, file, 0, .doc = "As named on the command line", .example = "\"ada.pdf\""),
	FIELD(struct result, name, F_NULL, .doc = "Name", .example = "\"Ada Lovelace\""),
	FIELD(struct result, email, F_NULL, .doc = "E-mail address", .example = "\"ada@example.com\""),
	FIELD(struct result, phone, F_NULL, .doc = "Telephone number",
		  .example = "\"+44 20 7946 0000\""),
	FIELD(struct result, skills, 0, .doc = "Skills as the document names them",
		  .example = "[\"C\"]"),
	FIELD(struct result, domain_knowledge, F_NULL, .doc = "Field of work",
		  .example = "\"Banking\""),
	FIELD(struct result, error, F_NULL, .doc = "Why there is nothing",
		  .example = "\"It is empty\""),
	FIELD(struct result, profile, F_NULL, .doc = "The whole profile", .example = "{}"),
};
static const struct schema full_schema = SCHEMA("ParsedProfile", struct result, result_fields);
/* The same without its last field. */
static const struct schema plain_schema = {
	.name = "Parsed",
	.size = sizeof(struct result),
	.fields = result_fields,
	.n = sizeof result_fields / sizeof result_fields[0] - 1,
};

struct reading {
	struct arena *arena;
	struct error *error;
	struct worker *worker, *ocr;
	const char *path;
};

/* Does not wait for a pipe or device that somebody named. */
static int open_document(struct reading *r, int *out)
{
	CLEANUP(cli_fd_done) int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(r, E_RULE, "The file cannot be opened: %s", strerrordesc_np(errno));
	if (S_ISDIR(st.st_mode))
		return fail(r, E_RULE, "This is a folder, not a file");
	if (!S_ISREG(st.st_mode))
		return fail(r, E_RULE, "This is not an ordinary file");
	if (st.st_size == 0)
		return fail(r, E_RULE, "The file is empty");
	*out = fd;
	fd = -1;
	return OK;
}

static int ask(struct reading *r, struct worker *w, int fd, struct parse_reply *reply)
{
	const char *slash = strrchr(r->path, '/');
	const char *name = slash != NULL ? slash + 1 : r->path;
	int rc = OK;

	for (int i = 0; i < ATTEMPTS; i++) {
		rc = worker_parse(w, r->arena, r->error, fd, name, reply);
		if (rc != E_UPSTREAM && rc != E_TIMEOUT)
			return rc;
	}
	if (rc == E_TIMEOUT)
		return fail(r, E_TIMEOUT,
					"The document takes too long to read; save it anew as PDF or DOCX");
	return fail(r, E_UPSTREAM,
				"The document could not be read: its content stopped the reader twice; "
				"save it anew as PDF or DOCX");
}

/* Where vitae-ocr cannot run, the first reply stands. */
static int recognise(struct reading *r, int fd, struct parse_reply *reply)
{
	struct parse_reply *again = ARENA_NEW(r->arena, struct parse_reply);
	int rc = ask(r, r->ocr, fd, again);

	if (rc == E_UNAVAILABLE)
		return OK;
	TRY(rc);
	*reply = *again;
	return OK;
}

static int read_document(struct reading *r, struct parse_reply *reply)
{
	CLEANUP(cli_fd_done) int fd = -1;

	TRY(open_document(r, &fd));
	TRY(ask(r, r->worker, fd, reply));
	if (reply->scanned && r->ocr != NULL)
		TRY(recognise(r, fd, reply));
	return reply->error == NULL ? OK : fail(r, E_RULE, "%s", reply->error);
}

static struct strings skill_names(struct arena *a, const struct list *skills)
{
	const struct skill *s = skills->items;
	struct strings out = {ARENA_ARRAY(a, skills->n, const char *), skills->n};

	for (size_t i = 0; i < skills->n; i++)
		out.items[i] = s[i].name;
	return out;
}

static int fill(struct reading *r, const struct profile *p, bool with_profile, struct result *out)
{
	struct buf b;

	out->name = p->name.value;
	out->email = p->email.value;
	out->phone = p->phone.value;
	out->domain_knowledge = p->domain_knowledge.value;
	out->skills = skill_names(r->arena, &p->skills);
	if (!with_profile)
		return OK;
	buf_init(&b, r->arena, LINE_MAX_BYTES / 2);
	if (schema_print(&profile_schema, p, &b) != OK)
		return fail(r, E_TOO_LARGE, "The profile is too large to be printed");
	out->profile.text = buf_str(&b);
	return OK;
}

bool parse_line(struct worker *w, struct worker *ocr, const char *path, bool with_profile,
				struct buf *line)
{
	CLEANUP(cli_arena_done) struct arena *a = arena_new(ARENA_MAX);
	struct error error = {0};
	struct reading r = {a, &error, w, ocr, path};
	struct parse_reply *reply = ARENA_NEW(a, struct parse_reply);
	struct result result = {.file = path};
	int rc = read_document(&r, reply);

	if (rc == OK)
		rc = fill(&r, &reply->profile, with_profile, &result);
	if (rc != OK)
		result = (struct result){.file = path, .error = error.text};
	buf_init(line, NULL, LINE_MAX_BYTES);
	schema_print(with_profile ? &full_schema : &plain_schema, &result, line);
	buf_addc(line, '\n');
	return rc == OK;
}
