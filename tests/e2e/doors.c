/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/e2e/doors.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto.h"

#define YEAR_MS (365 * INT64_C(86400000))

const char *shop_file(const struct shop *s, const char *name)
{
	static char path[8][256];
	static unsigned turn;
	char *out = path[turn++ % 8];

	snprintf(out, sizeof(path[0]), "%s/%s", s->dir, name);
	return out;
}

int shop_shell(const struct shop *s, char **out, const char *format, ...)
{
	char line[4096];
	int n = snprintf(line, sizeof(line), "cd '%s' && ", s->dir);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	return program_run(s, (const char *const[]){ "sh", "-c", line, NULL }, out);
}

/* --- certificates --- */

static void buffer_write(const struct shop *s, const char *name, const char *suffix, struct palier_buffer *text)
{
	char file[64];

	snprintf(file, sizeof(file), "%s%s", name, suffix);
	unlink(shop_file(s, file));
	file_write(shop_file(s, file), text->at, text->len);
	palier_buffer_deinit(text);
}

static struct crypto_certificate *certify(const struct shop *s, const struct office *o, const char *name,
	struct office_wish wish)
{
	struct crypto_key *k = crypto_key_make();
	int64_t now = (int64_t)time(NULL) * 1000;
	struct palier_buffer key = { 0 }, pem = { 0 };
	struct crypto_certificate *c;

	wish.store = wish.store ? wish.store : name;
	wish.from_ms = wish.from_ms ? wish.from_ms : now - YEAR_MS;
	wish.to_ms = wish.to_ms ? wish.to_ms : now + YEAR_MS;
	c = office_certify(o, k, wish);
	crypto_key_write(k, &key);
	crypto_certificate_write(c, &pem);
	buffer_write(s, name, ".key", &key);
	buffer_write(s, name, ".pem", &pem);
	crypto_key_free(k);
	return c;
}

/* Its own authority: an office with a key of its own. */
static void bare_write(const struct shop *s)
{
	struct palier_buffer key = { 0 }, pem = { 0 };
	struct office bare;

	office_make(&bare, "hq");
	crypto_key_write(bare.key, &key);
	crypto_certificate_write(bare.ca, &pem);
	buffer_write(s, "bare", ".key", &key);
	buffer_write(s, "bare", ".pem", &pem);
	office_free(&bare);
}

void doors_renew(const struct shop *s)
{
	struct palier_buffer pem = { 0 };
	struct office o;

	office_make(&o, "Doors");
	crypto_certificate_free(certify(s, &o, "door",
		(struct office_wish){ .names = "IP:127.0.0.1,DNS:localhost", .purpose = "serverAuth" }));
	crypto_certificate_write(o.ca, &pem);
	buffer_write(s, "doors-ca", ".pem", &pem);
	office_free(&o);
}

void doors_certify(const struct shop *s)
{
	const int64_t now = (int64_t)time(NULL) * 1000;
	const struct office_wish client = { .purpose = "clientAuth" },
				 old = { .purpose = "clientAuth", .from_ms = now - 2 * YEAR_MS, .to_ms = now - YEAR_MS };
	struct palier_buffer list = { 0 }, pem = { 0 };
	struct crypto_certificate *gone;
	struct office o, other;

	office_make(&o, "Office");
	office_make(&other, "Office");
	doors_renew(s);
	crypto_certificate_free(certify(s, &o, "hq", client));
	crypto_certificate_free(certify(s, &o, "old", old));
	crypto_certificate_free(certify(s, &o, "server", (struct office_wish){ .purpose = "serverAuth" }));
	crypto_certificate_free(certify(s, &o, "store", (struct office_wish){ .store = "lyon-03" }));
	crypto_certificate_free(certify(s, &other, "other", client));
	gone = certify(s, &o, "gone", client);
	bare_write(s);
	office_revoke(&o, gone, &list);
	buffer_write(s, "office", ".crl", &list);
	crypto_certificate_write(o.ca, &pem);
	buffer_write(s, "office-ca", ".pem", &pem);
	crypto_certificate_free(gone);
	assert_int_equal(chmod(shop_file(s, "store.key"), 0400), 0);
	office_free(&o);
	office_free(&other);
}

/* --- clients --- */

int door_connect(const struct shop *s, const char *door)
{
	const struct timeval deadline = { DEADLINE_MS / 1000, 0 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)shop_port(s, door)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
	return fd;
}

static char *text_of(struct palier_buffer *b)
{
	palier_buffer_add(b, "", 1);
	return b->at;
}

char *door_say(const struct shop *s, const char *door, const void *at, size_t n)
{
	struct palier_buffer said = { 0 };
	int fd = door_connect(s, door);
	ssize_t got = 1;

	for (size_t sent = 0; sent < n && got > 0; sent += got > 0 ? (size_t)got : 0)
		got = send(fd, (const char *)at + sent, n - sent, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	do {
		palier_buffer_reserve(&said, 4096);
		got = recv(fd, said.at + said.len, 4096, 0);
		said.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(fd);
	return text_of(&said);
}

static SSL_CTX *client_new(const struct shop *s, const struct tls_way *way)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	char pem[64], key[64];

	assert_non_null(c);
	SSL_CTX_set_security_level(c, 0); /* the test's own side refuses nothing */
	SSL_CTX_set_min_proto_version(c, way->version ? way->version : TLS1_VERSION);
	SSL_CTX_set_max_proto_version(c, way->version);
	if (!way->identity)
		return c;
	snprintf(pem, sizeof(pem), "%s.pem", way->identity);
	snprintf(key, sizeof(key), "%s.key", way->identity);
	assert_int_equal(SSL_CTX_use_certificate_file(c, shop_file(s, pem), SSL_FILETYPE_PEM), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(c, shop_file(s, key), SSL_FILETYPE_PEM), 1);
	return c;
}

static void certificate_note(SSL *ssl, char *out)
{
	X509 *x509 = SSL_get1_peer_certificate(ssl);
	struct palier_hash sum;
	unsigned n;

	assert_non_null(x509);
	assert_int_equal(X509_digest(x509, EVP_sha256(), sum.b, &n), 1);
	palier_hex(sum.b, SHA256_LEN, out);
	X509_free(x509);
}

char *tls_say(const struct shop *s, const struct tls_way *way, const char *text, const char *enough, char *certificate)
{
	struct palier_buffer said = { 0 };
	SSL_CTX *c = client_new(s, way);
	SSL *ssl = SSL_new(c);
	int fd = door_connect(s, way->door), n = 0;

	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1 && SSL_write(ssl, text, (int)strlen(text)) > 0) {
		if (certificate)
			certificate_note(ssl, certificate);
		do {
			palier_buffer_reserve(&said, 4097);
			n = SSL_read(ssl, said.at + said.len, 4096);
			said.len += n > 0 ? (size_t)n : 0;
			said.at[said.len] = '\0';
		} while (n > 0 && !strstr(said.at, enough));
	}
	SSL_free(ssl);
	SSL_CTX_free(c);
	close(fd);
	return text_of(&said);
}
