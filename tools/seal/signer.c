/* SPDX-License-Identifier: Apache-2.0 */
/* Key and certificate, and whether they are good for it. */
#include "tools/seal/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/datetime.h"

#define FILE_MAX 65536 /* no key or certificate is longer */

int seal_fail(char *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, SEAL_WHY_LEN, fmt, args);
	va_end(args);
	return err;
}

/* --- files --- */

/* A key's file may be read by its owner, and by a group that was made for it; changed by its owner. */
static int file_read(const char *path, bool secret, struct palier_buffer *out, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = PALIER_OK;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return seal_fail(why, errno == ENOENT ? PALIER_ENOENT : PALIER_EIO, "%s cannot be read: %s", path,
			strerror(errno));
	palier_buffer_reserve(out, FILE_MAX);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		err = seal_fail(why, PALIER_ECONFIG, "%s is not a file", path);
	else if (secret && st.st_mode & (S_IRWXO | S_IWGRP))
		err = seal_fail(why, PALIER_EFORBIDDEN, "others may read or change the key %s (mode %03o): chmod 0400 %s",
			path, st.st_mode & 0777, path);
	else
		n = read(fd, out->at, FILE_MAX);
	if (n < 0)
		err = seal_fail(why, PALIER_EIO, "%s cannot be read: %s", path, strerror(errno));
	out->len = n > 0 ? (size_t)n : 0;
	close(fd);
	return err;
}

/* --- the key --- */

/* The service manager hands it over as a credential, when it was told to. @param path PATH_MAX bytes */
static const char *key_path(const char *key, bool retired, char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *slash = strrchr(key, '/'),
		   *ending = retired ? SIGNER_RETIRED : "";

	if (dir && *dir) {
		snprintf(path, PATH_MAX, "%s/%s%s", dir, slash ? slash + 1 : key, ending);
		if (access(path, F_OK) == 0)
			return path;
	}
	snprintf(path, PATH_MAX, "%s%s", key, ending);
	return path;
}

static int key_open(const char *key, bool retired, struct crypto_key **out, char *why)
{
	struct palier_buffer text = { 0 };
	char path[PATH_MAX];
	int err;

	if (strncmp(key, "pkcs11:", 7) == 0) {
		if (retired) /* a token keeps several keys; the configuration names one */
			return PALIER_ENOENT;
		return crypto_key_load(key, out) == PALIER_OK
		               ? PALIER_OK
		               : seal_fail(why, PALIER_ECONFIG, "no ECDSA key on P-256 that signs can be had from %s", key);
	}
	err = file_read(key_path(key, retired, path), true, &text, why);
	if (err == PALIER_OK && crypto_key_read(palier_buffer_bytes(&text), out) != PALIER_OK)
		err = seal_fail(why, PALIER_ECONFIG, "%s holds no ECDSA key on P-256 without a passphrase", path);
	if (text.cap)
		explicit_bzero(text.at, text.cap);
	palier_buffer_deinit(&text);
	return err;
}

/* --- the certificate --- */

static int certificate_open(const char *certificate, bool retired, struct crypto_certificate **out, char *why)
{
	struct palier_buffer text = { 0 };
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s%s", certificate, retired ? SIGNER_RETIRED : "");
	err = file_read(path, false, &text, why);
	if (err == PALIER_OK && crypto_certificate_read(palier_buffer_bytes(&text), out) != PALIER_OK)
		err = seal_fail(why, PALIER_ECONFIG, "%s holds no certificate", path);
	palier_buffer_deinit(&text);
	return err;
}

static int validity(const char *path, const struct crypto_certificate *c, int64_t now_ms, char *why)
{
	struct crypto_validity valid;
	char edge[32], now[32];

	crypto_certificate_validity(c, &valid);
	time_format(now_ms, now);
	if (now_ms < valid.from_ms) {
		time_format(valid.from_ms, edge);
		return seal_fail(why, PALIER_ECLOCK,
			"the clock says %s, and the certificate %s is valid from %s: set the clock right", now, path, edge);
	}
	if (now_ms >= valid.to_ms) {
		time_format(valid.to_ms, edge);
		return seal_fail(why, PALIER_ECLOCK,
			"the clock says %s, and the certificate %s has expired at %s: have a new one issued (palier key csr)",
			now, path, edge);
	}
	return PALIER_OK;
}

static int judge(const char *certificate, const char *key, const struct signer *s, int64_t now_ms, char *why)
{
	if (!crypto_certificate_fits(s->certificate, s->key))
		return seal_fail(why, PALIER_ECONFIG, "the certificate %s was not issued for the key %s", certificate, key);
	if (!crypto_certificate_signs(s->certificate))
		return seal_fail(why, PALIER_ECONFIG,
			"the certificate %s was issued for something else than signing documents", certificate);
	return validity(certificate, s->certificate, now_ms, why);
}

int signer_open(const char *certificate, const char *key, bool retired, int64_t now_ms, struct signer *out, char *why)
{
	struct signer s = { .key = NULL };
	int err = key_open(key, retired, &s.key, why);

	if (err == PALIER_OK)
		err = certificate_open(certificate, retired, &s.certificate, why);
	if (err == PALIER_OK)
		err = judge(certificate, key, &s, now_ms, why);
	if (err == PALIER_OK) {
		crypto_key_id(s.key, &s.id);
		*out = s;
		return PALIER_OK;
	}
	signer_close(&s);
	if (err == PALIER_ENOENT && retired)
		return PALIER_OK;
	return err == PALIER_ENOENT ? PALIER_ECONFIG : err;
}

void signer_close(struct signer *s)
{
	crypto_key_free(s->key);
	crypto_certificate_free(s->certificate);
	*s = (struct signer){ .key = NULL };
}
