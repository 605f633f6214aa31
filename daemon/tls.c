/* SPDX-License-Identifier: Apache-2.0 */
/* TLS by OpenSSL, straight on the socket. */
#include "daemon/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/why.h"
#include "protocol/error.h"

#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls_door {
	SSL_CTX *context;
};

struct tls {
	SSL *ssl;
	bool would_write;
};

/* --- doors --- */

static SSL_CTX *context_new(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());

	if (!c || SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(c, CIPHERS_1_2) != 1 ||
		SSL_CTX_set_num_tickets(c, 0) != 1)
		abort(); /* an OpenSSL that cannot do this is not one that we were built with */
	/* An end without good-bye is one: a line or a body that was cut short is seen to be so. */
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
				       SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
				       SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	return c;
}

/* What OpenSSL says was wrong first. */
static const char *reason(void)
{
	unsigned long err = ERR_peek_error();
	const char *text = ERR_SYSTEM_ERROR(err) ? strerror(ERR_GET_REASON(err)) : ERR_reason_error_string(err);

	return text ? text : "it cannot be read";
}

static int no_passphrase(char *out, int size, int writing, void *who)
{
	(void)writing, (void)who;
	if (size > 0)
		out[0] = '\0';
	return -1;
}

static int wrong(enum tls_file *bad, enum tls_file which, char *why, const char *path, const char *expected)
{
	*bad = which;
	complain(why, PALIER_ECONFIG, "%s: %s; expected %s", path, reason(), expected);
	ERR_clear_error();
	return PALIER_ECONFIG;
}

static int own_read(SSL_CTX *c, const struct tls_files *f, enum tls_file *bad, char *why)
{
	SSL_CTX_set_default_passwd_cb(c, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(c, f->certificate) != 1)
		return wrong(bad, TLS_CERTIFICATE, why, f->certificate, "a certificate in PEM, what issued it behind it");
	if (SSL_CTX_use_PrivateKey_file(c, f->key, SSL_FILETYPE_PEM) != 1)
		return wrong(bad, TLS_KEY, why, f->key, "the certificate's private key in PEM, without a passphrase");
	if (SSL_CTX_check_private_key(c) != 1)
		return wrong(bad, TLS_KEY, why, f->key, "the key of that certificate");
	return PALIER_OK;
}

/* How many lists the file holds. They say who is no longer let in: one that cannot be read must not pass for an empty one. */
static int lists_read(SSL_CTX *c, const char *path)
{
	X509_STORE *store = SSL_CTX_get_cert_store(c);
	X509_LOOKUP *file = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	int n = file ? X509_load_crl_file(file, path, X509_FILETYPE_PEM) : 0;

	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return n;
}

static int clients_read(SSL_CTX *c, const struct tls_files *f, enum tls_file *bad, char *why)
{
	STACK_OF(X509_NAME) * names;

	if (!f->client_ca)
		return PALIER_OK;
	names = SSL_load_client_CA_file(f->client_ca);
	if (!names || SSL_CTX_load_verify_file(c, f->client_ca) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return wrong(bad, TLS_CLIENT_CA, why, f->client_ca, "the certificates of authorities in PEM");
	}
	SSL_CTX_set_client_CA_list(c, names);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (f->crl && lists_read(c, f->crl) <= 0)
		return wrong(bad, TLS_CRL, why, f->crl, "the lists of revoked certificates of those authorities in PEM");
	return PALIER_OK;
}

int tls_door_new(const struct tls_files *files, struct tls_door **out, enum tls_file *bad, char *why)
{
	struct tls_door *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		abort();
	ERR_clear_error();
	d->context = context_new();
	err = own_read(d->context, files, bad, why);
	if (err == PALIER_OK)
		err = clients_read(d->context, files, bad, why);
	if (err == PALIER_OK)
		*out = d;
	else
		tls_door_free(d);
	return err;
}

void tls_door_free(struct tls_door *d)
{
	if (!d)
		return;
	SSL_CTX_free(d->context);
	free(d);
}

/* --- connections --- */

struct tls *tls_new(const struct tls_door *d, int fd)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->ssl = SSL_new(d->context);
	if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1)
		abort();
	SSL_set_accept_state(t->ssl);
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	free(t);
}

/* What a call that moved nothing came to, as recv() and send() say it. */
static ssize_t outcome(struct tls *t, int result)
{
	int err = SSL_get_error(t->ssl, result);
	int system = errno;

	t->would_write = err == SSL_ERROR_WANT_WRITE;
	ERR_clear_error();
	if (err == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE)
		errno = EAGAIN;
	else
		errno = err == SSL_ERROR_SYSCALL && system ? system : EPROTO;
	return -1;
}

ssize_t tls_receive(struct tls *t, void *at, size_t n)
{
	size_t got;
	int result;

	errno = 0;
	result = SSL_read_ex(t->ssl, at, n, &got);
	if (result != 1)
		return outcome(t, result);
	t->would_write = false;
	return (ssize_t)got;
}

/* A call sends one record: go on until the socket is full. */
ssize_t tls_send(struct tls *t, const void *at, size_t n)
{
	size_t sent = 0, more;
	int result = 1;

	while (sent < n) {
		errno = 0;
		result = SSL_write_ex(t->ssl, (const char *)at + sent, n - sent, &more);
		if (result != 1)
			break;
		sent += more;
	}
	return result == 1 ? (ssize_t)sent : sent > 0 ? (outcome(t, result), (ssize_t)sent) : outcome(t, result);
}

bool tls_has_more(const struct tls *t)
{
	return SSL_pending(t->ssl) > 0;
}

bool tls_shakes(const struct tls *t)
{
	return !SSL_is_init_finished(t->ssl);
}

bool tls_would_write(const struct tls *t)
{
	return t->would_write;
}

void tls_end(struct tls *t)
{
	if (!tls_shakes(t))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
}
