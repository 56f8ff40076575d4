#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "io/http_test.h"

static struct {
	char cert[64], key[64];
} pem;

static void write_file(char path[64], const char *name, const gnutls_datum_t *text)
{
	FILE *f;

	snprintf(path, 64, "/tmp/http_tls_test_%d_%s", (int)getpid(), name);
	f = fopen(path, "wx");
	CHECK(f != NULL);
	CHECK(fwrite(text->data, 1, text->size, f) == text->size);
	fclose(f);
}

static void make_certificate(void)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t text;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&cert);
	CHECK(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
									   GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, "\1", 1);
	gnutls_x509_crt_set_dn(cert, "CN=localhost", NULL);
	gnutls_x509_crt_set_activation_time(cert, time(NULL) - 3600);
	gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 3600);
	gnutls_x509_crt_set_key(cert, key);
	CHECK(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0) == 0);
	CHECK(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &text) == 0);
	write_file(pem.cert, "cert", &text);
	gnutls_free(text.data);
	CHECK(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text) == 0);
	write_file(pem.key, "key", &text);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

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
