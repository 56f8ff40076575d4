/*
 * See smtp.h. libcurl passes each line of the server to on_line before it goes on: that is where
 * "354, go ahead" is seen, and the message has not begun yet.
 */
#include "io/smtp.h"

#include <ctype.h>
#include <string.h>

#include "io/fetch_curl.h"
#include "io/mime.h"

struct session {
	struct transfer t; /* first */
	const struct smtp_server *server;
	int (*handing_over)(void *arg);
	void *arg;
	int refused;           /* what handing_over said */
	bool handed, answered; /* 354 came; an answer to the message came */
	bool authenticated;
	int code;                     /* of the last line, 0: none came */
	char said[SMTP_SAID_MAX + 1]; /* it */
	struct file_source source;
};

/* ---- what the server says ---- */

static void keep_line(struct session *s, const char *p, size_t n)
{
	char *line;

	while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == '\n'))
		n--;
	line = utf8_clean(s->t.arena, p, n < SMTP_SAID_MAX ? n : SMTP_SAID_MAX);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = ' ';
	snprintf(s->said, sizeof s->said, "%s", line);
}

static bool has_code(const char *p, size_t n)
{
	return n >= 3 && isdigit((unsigned char)p[0]) && isdigit((unsigned char)p[1]) &&
		   isdigit((unsigned char)p[2]);
}

static size_t on_line(char *p, size_t size, size_t count, void *arg)
{
	struct session *s = arg;
	size_t n = size * count;

	if (!has_code(p, n) || strncmp(p, "221", 3) == 0)
		return n; /* "221, bye" follows every fault, and is none */
	s->code = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	keep_line(s, p, n);
	s->authenticated = s->authenticated || s->code == 235;
	if (s->handed)
		s->answered = true;
	if (s->code == 354 && !s->handed && s->handing_over != NULL) {
		s->refused = s->handing_over(s->arg);
		if (s->refused < 0)
			return 0;
		s->handed = true;
	}
	return n;
}

/* From here to the server's answer the end of this one does not cut it: that would only make a
 * message doubtful. */
static bool is_delicate(void *arg)
{
	const struct session *s = arg;

	return s->handed && !s->answered;
}

/* ---- the message ---- */

static struct curl_slist *header(struct session *s, struct curl_slist *list, const char *name,
								 const char *value)
{
	if (value == NULL)
		return list;
	return curl_slist_append(list, arena_printf(s->t.arena, "%s: %s", name, value));
}

static void add_headers(struct session *s, const struct smtp_mail *m)
{
	struct arena *a = s->t.arena;
	struct curl_slist *list = NULL;

	list = header(s, list, "Date", mime_date(a, m->date));
	list = header(s, list, "From", mime_mailbox(a, m->from_name, m->from));
	list = header(s, list, "To", mime_mailbox(a, m->to_name, m->to));
	list = header(s, list, "Reply-To", m->reply_to);
	list = header(s, list, "Subject", mime_text(a, m->subject));
	list = header(s, list, "Message-ID", m->message_id);
	list = header(s, list, "In-Reply-To", m->in_reply_to);
	list = header(s, list, "References", m->references);
	arena_defer(a, transfer_free_slist, list);
	curl_easy_setopt(s->t.curl, CURLOPT_HTTPHEADER, list);
}

static void add_text(struct session *s, curl_mime *to, const char *text, const char *type)
{
	curl_mimepart *part = curl_mime_addpart(to);

	curl_mime_data(part, mime_lines(s->t.arena, text), CURL_ZERO_TERMINATED);
	curl_mime_type(part, type);
	curl_mime_encoder(part, "quoted-printable");
}

static void add_file(struct session *s, curl_mime *to, const struct smtp_file *f)
{
	curl_mimepart *part = curl_mime_addpart(to);

	s->source = (struct file_source){.fd = f->fd, .size = f->size};
	curl_mime_data_cb(part, f->size, transfer_read_file, NULL, NULL, &s->source);
	curl_mime_type(part, f->type);
	curl_mime_encoder(part, "base64");
	curl_mime_headers(
		part, header(s, NULL, "Content-Disposition", mime_attachment(s->t.arena, f->name)), 1);
}

static void add_body(struct session *s, const struct smtp_mail *m)
{
	curl_mime *whole = curl_mime_init(s->t.curl), *both = whole;
	curl_mimepart *part;

	arena_defer(s->t.arena, transfer_free_mime, whole);
	if (m->html != NULL) {
		both = curl_mime_init(s->t.curl);
		part = curl_mime_addpart(whole);
		curl_mime_subparts(part, both);
		curl_mime_type(part, "multipart/alternative");
	}
	add_text(s, both, m->text, "text/plain; charset=UTF-8");
	if (m->html != NULL)
		add_text(s, both, m->html, "text/html; charset=UTF-8");
	if (m->file != NULL)
		add_file(s, whole, m->file);
	curl_easy_setopt(s->t.curl, CURLOPT_MIMEPOST, whole);
}

/* ---- the session ---- */

static int port_of(const struct smtp_server *s)
{
	static const int usual[] = {
		[SMTP_SECURITY_NONE] = 25, [SMTP_SECURITY_STARTTLS] = 587, [SMTP_SECURITY_TLS] = 465};

	return s->port > 0 ? s->port : usual[s->tls];
}

static int begin(struct session *s)
{
	const struct smtp_server *server = s->server;
	CURL *c;

	s->t.timeout_ms = server->timeout_ms > 0 ? server->timeout_ms : SMTP_TIMEOUT_MS;
	s->t.trusted = true;
	s->t.keep = is_delicate;
	s->t.keep_arg = s;
	s->t.host = arena_printf(s->t.arena, "%s:%d", server->host, port_of(server));
	TRY(transfer_init(&s->t));
	c = s->t.curl;
	curl_easy_setopt(c, CURLOPT_URL,
					 arena_printf(s->t.arena, "%s://%s",
								  server->tls == SMTP_SECURITY_TLS ? "smtps" : "smtp", s->t.host));
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(s->t.timeout_ms / 1000 + 1));
	curl_easy_setopt(c, CURLOPT_PROXY, ""); /* of requests; mail servers are asked directly */
	curl_easy_setopt(c, CURLOPT_USE_SSL,
					 (long)(server->tls == SMTP_SECURITY_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
	if (server->username != NULL) {
		curl_easy_setopt(c, CURLOPT_USERNAME, server->username);
		curl_easy_setopt(c, CURLOPT_PASSWORD, server->password != NULL ? server->password : "");
	}
	return OK;
}

static size_t discard(char *p, size_t size, size_t n, void *arg)
{
	(void)p, (void)arg;
	return size * n;
}

/* What a server says about a refused login could echo what was sent: only its codes are kept. */
static const char *login_sentence(struct session *s)
{
	size_t n = strspn(s->said, "0123456789. -");

	return arena_printf(s->t.arena,
						"%s refused the login (%.*s): look at SMTP_USERNAME and SMTP_PASSWORD",
						s->t.host, (int)(n < 12 ? n : 12), s->said);
}

static void judge(struct session *s, CURLcode code, struct smtp_result *out)
{
	bool said_no = s->code >= 400 && code != CURLE_OK;

	out->refused_login = code == CURLE_LOGIN_DENIED;
	if (code == CURLE_OK) {
		out->outcome = SMTP_SENT;
		out->said = arena_strdup(s->t.arena, s->said);
	} else if (out->refused_login) {
		out->outcome = SMTP_LATER; /* the operator's to mend, no fault of the message */
		out->said = login_sentence(s);
	} else if (s->handed && !s->answered) {
		transfer_result(&s->t, code);
		out->outcome = SMTP_MAYBE;
		out->said = arena_strdup(s->t.arena, s->t.error->text);
	} else if (said_no) {
		out->outcome = s->code >= 500 ? SMTP_REFUSED : SMTP_LATER;
		out->said = arena_strdup(s->t.arena, s->said);
	} else {
		transfer_result(&s->t, code);
		out->outcome = SMTP_LATER;
		out->said = arena_strdup(s->t.arena, s->t.error->text);
	}
}

int smtp_send(struct arena *a, struct error *error, const struct smtp_server *server,
			  const struct smtp_mail *m, int (*handing_over)(void *arg), void *arg,
			  struct smtp_result *out)
{
	struct session *s = ARENA_NEW(a, struct session);
	struct curl_slist *to = curl_slist_append(NULL, arena_printf(a, "<%s>", m->to));
	struct smtp_result result = {0};
	CURLcode code;

	*s = (struct session){.t = {.arena = a, .error = error},
						  .server = server,
						  .handing_over = handing_over,
						  .arg = arg};
	arena_defer(a, transfer_free_slist, to);
	TRY(begin(s));
	curl_easy_setopt(s->t.curl, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", m->from));
	curl_easy_setopt(s->t.curl, CURLOPT_MAIL_RCPT, to);
	add_headers(s, m);
	add_body(s, m);
	code = curl_easy_perform(s->t.curl);
	if (s->refused < 0)
		return s->refused;
	if (s->t.stopped)
		return transfer_result(&s->t, code);
	judge(s, code, &result);
	*out = result;
	return OK;
}

int smtp_try(struct arena *a, struct error *error, const struct smtp_server *server)
{
	struct session *s = ARENA_NEW(a, struct session);
	CURLcode code;

	*s = (struct session){.t = {.arena = a, .error = error}, .server = server};
	TRY(begin(s));
	curl_easy_setopt(s->t.curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(s->t.curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(s->t.curl, CURLOPT_WRITEFUNCTION, discard);
	code = curl_easy_perform(s->t.curl);
	if (code == CURLE_LOGIN_DENIED)
		return fail(&s->t, E_UPSTREAM, "%s", login_sentence(s));
	if (code == CURLE_USE_SSL_FAILED)
		return fail(&s->t, E_UPSTREAM, "%s does not offer STARTTLS: look at SMTP_TLS", s->t.host);
	if (code != CURLE_OK && s->code >= 400)
		return fail(&s->t, E_UPSTREAM, "%s answered: %s", s->t.host, s->said);
	TRY(transfer_result(&s->t, code));
	if (server->username != NULL && !s->authenticated)
		return fail(&s->t, E_UPSTREAM,
					"%s asks for no login: look at SMTP_TLS, or leave SMTP_USERNAME unset",
					s->t.host);
	return OK;
}
