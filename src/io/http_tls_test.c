#include <gnutls/gnutls.h>

#include "io/http_test.h"
#include "io/tls_test.h"

/* One request over TLS with the client's priorities; the reply, or "" if no agreement was found. */
static const char *ask_tls(const char *priorities, const char *request)
{
	static char reply[4096];
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	int fd = client_open();
	size_t n = 0;
	ssize_t got;

	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	CHECK(gnutls_priority_set_direct(session, priorities, NULL) == 0);
	gnutls_transport_set_int(session, fd);
	if (gnutls_handshake(session) == 0) {
		CHECK(gnutls_record_send(session, request, strlen(request)) > 0);
		while (n < sizeof reply - 1 &&
			   (got = gnutls_record_recv(session, reply + n, sizeof reply - 1 - n)) > 0)
			n += (size_t)got;
	}
	reply[n] = '\0';
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	close(fd);
	return reply;
}

static void start_tls(void)
{
	struct http_options o = {.host = "127.0.0.1", .loops = 2};

	make_certificate();
	o.tls_cert = pem.cert;
	o.tls_key = pem.key;
	rig_start_with(&o, &http_tuning_default);
	unlink(pem.cert);
	unlink(pem.key);
}

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

TEST(tls_serves)
{
	start_tls();
	CHECK(has(ask_tls("NORMAL", "GET /hello HTTP/1.1\r\n" CLOSE), "\r\n\r\nhello"));
	CHECK(has(ask_tls("NORMAL", "GET /thread HTTP/1.1\r\n" CLOSE), "from a thread"));
	CHECK(has(ask_tls("NORMAL", "GET /file HTTP/1.1\r\n" CLOSE), "\r\n\r\n34567"));
	CHECK(has(ask_tls("NORMAL:-VERS-ALL:+VERS-TLS1.2", "GET /hello HTTP/1.1\r\n" CLOSE), "hello"));
	rig_stop();
}

TEST(old_tls_is_refused)
{
	start_tls();
	CHECK_STR(
		ask_tls("NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", "GET /hello HTTP/1.1\r\n" CLOSE), "");
	CHECK_STR(ask_tls("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
					  "GET /hello HTTP/1.1\r\n" CLOSE),
			  "");
	CHECK_STR(
		ask_tls("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", "GET /hello HTTP/1.1\r\n" CLOSE), "");
	CHECK_INT(rig->heads, 0);
	rig_stop();
}

TEST(plain_http_on_a_tls_port_is_closed)
{
	int fd;

	start_tls();
	fd = client_open();
	CHECK(client_send(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
	CHECK(!text_starts(client_read(fd), "HTTP"));
	close(fd);
	CHECK_INT(rig->heads, 0);
	rig_stop();
}

TEST_MAIN()
