/* tls_test: a certificate of its own for localhost, for the tests of src/io. */
#pragma once
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"

static struct {
	char cert[64], key[64];
} pem;

static inline void write_file(char path[64], const char *name, const gnutls_datum_t *text)
{
	FILE *f;

	snprintf(path, 64, "/tmp/tls_test_%d_%s", (int)getpid(), name);
	f = fopen(path, "wx");
	CHECK(f != NULL);
	CHECK(fwrite(text->data, 1, text->size, f) == text->size);
	fclose(f);
}

static inline void make_certificate(void)
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
