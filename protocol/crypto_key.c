/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates over OpenSSL. */
#include "protocol/crypto_key.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509v3.h>

#include "protocol/crypto_key_parts.h"

#define CURVE         "prime256v1" /* P-256, as OpenSSL calls it */
#define SIGNATURE_MAX 128          /* bytes: two figures of 33, and what frames them */

static bool is_p256(const EVP_PKEY *pkey)
{
	char curve[32];
	size_t len = 0;

	return pkey && EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve), &len) == 1 &&
	       strcmp(curve, CURVE) == 0;
}

/* What a BIO in memory has been given. */
static void take(BIO *from, struct palier_buffer *out)
{
	char *at = NULL;
	long n = BIO_get_mem_data(from, &at);

	palier_buffer_add(out, at, n > 0 ? (size_t)n : 0);
	BIO_free(from);
}

static BIO *memory(struct palier_bytes text)
{
	BIO *bio = text.len <= INT_MAX ? BIO_new_mem_buf(text.at, (int)text.len) : NULL;

	must(bio != NULL, "BIO");
	return bio;
}

/* --- keys --- */

/* @return PALIER_OK; PALIER_EINVAL, and the key is let go */
static int key_of(EVP_PKEY *pkey, struct crypto_key **out)
{
	ERR_clear_error();
	if (!is_p256(pkey)) {
		EVP_PKEY_free(pkey);
		return PALIER_EINVAL;
	}
	*out = calloc(1, sizeof(**out));
	must(*out != NULL, "calloc");
	(*out)->pkey = pkey;
	return PALIER_OK;
}

struct crypto_key *crypto_key_make(void)
{
	struct crypto_key *k = NULL;

	must(key_of(EVP_EC_gen(CURVE), &k) == PALIER_OK, "EVP_EC_gen");
	return k;
}

/* OpenSSL's own callback takes this for what somebody typed: nobody sits there. */
static char no_passphrase[] = "";

int crypto_key_read(struct palier_bytes pem, struct crypto_key **out)
{
	BIO *bio = memory(pem);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_passphrase);

	BIO_free(bio);
	return key_of(pkey, out);
}

/* @param pkey NULL: there is none in it @return false: OpenSSL knows no such store */
static bool store_read(const char *uri, EVP_PKEY **pkey)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);

	*pkey = NULL;
	while (store && !*pkey && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			*pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	OSSL_STORE_close(store);
	return store != NULL;
}

/* A token may find a key and not sign with it: better known now than in the midst of a batch. */
static bool can_sign(EVP_PKEY *pkey)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char signature[SIGNATURE_MAX];
	size_t n = sizeof(signature);
	bool can;

	must(md != NULL, "EVP_MD_CTX");
	can = EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, pkey) == 1 &&
	      EVP_DigestSign(md, signature, &n, (const unsigned char *)CURVE, sizeof(CURVE) - 1) == 1;
	EVP_MD_CTX_free(md);
	return can;
}

int crypto_key_load(const char *uri, struct crypto_key **out)
{
	struct engine_st *engine = NULL;
	struct crypto_key *k = NULL;
	EVP_PKEY *pkey;
	int err;

	if (!store_read(uri, &pkey) && strncmp(uri, "pkcs11:", 7) == 0)
		pkey = crypto_token_key(uri, &engine);
	err = key_of(pkey, &k);
	if (err != PALIER_OK) {
		crypto_token_close(engine);
		return err;
	}
	k->engine = engine;
	if (!can_sign(pkey)) {
		crypto_key_free(k);
		ERR_clear_error();
		return PALIER_EINVAL;
	}
	*out = k;
	return PALIER_OK;
}

void crypto_key_free(struct crypto_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	crypto_token_close(k->engine);
	free(k);
}

void crypto_key_write(const struct crypto_key *k, struct palier_buffer *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1, "PKCS #8");
	take(bio, out);
}

static void id_of(const EVP_PKEY *pkey, struct palier_hash *out)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);

	must(n > 0, "i2d_PUBKEY");
	crypto_sha256(palier_bytes_of(der, (size_t)n), out);
	OPENSSL_free(der);
}

void crypto_key_id(const struct crypto_key *k, struct palier_hash *out)
{
	id_of(k->pkey, out);
}

static void request_extension(STACK_OF(X509_EXTENSION) * list, int nid, const char *value)
{
	X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(one && sk_X509_EXTENSION_push(list, one) > 0, "X509V3_EXT");
}

#define DOCUMENT_SIGNING "1.3.6.1.5.5.7.3.36" /* id-kp-documentSigning, RFC 9336 */

void crypto_key_request(const struct crypto_key *k, const char *store, const char *name, struct palier_buffer *out)
{
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	X509_REQ *request = X509_REQ_new();
	X509_NAME *subject = X509_NAME_new();
	BIO *bio = BIO_new(BIO_s_mem());

	must(extensions && request && subject && bio, "X509_REQ");
	request_extension(extensions, NID_key_usage, "critical,digitalSignature");
	request_extension(extensions, NID_ext_key_usage, DOCUMENT_SIGNING ",emailProtection");
	must((!name[0] || X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8,
				  (const unsigned char *)name, -1, -1, 0) == 1) &&
			X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)store, -1,
				-1, 0) == 1 &&
			X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
			X509_REQ_set_subject_name(request, subject) == 1 && X509_REQ_set_pubkey(request, k->pkey) == 1 &&
			X509_REQ_add_extensions(request, extensions) == 1 &&
			X509_REQ_sign(request, k->pkey, EVP_sha256()) > 0 && PEM_write_bio_X509_REQ(bio, request) == 1,
		"X509_REQ");
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_NAME_free(subject);
	X509_REQ_free(request);
	take(bio, out);
}

void crypto_key_sign(const struct crypto_key *k, struct palier_bytes text, struct palier_buffer *out)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t n = SIGNATURE_MAX;

	palier_buffer_reserve(out, n);
	must(md && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, k->pkey) == 1 &&
			EVP_DigestSign(md, (unsigned char *)out->at + out->len, &n, (const unsigned char *)text.at,
				text.len) == 1,
		"EVP_DigestSign");
	out->len += n;
	EVP_MD_CTX_free(md);
}

/* --- certificates --- */

/* A DER that OpenSSL would write otherwise says the same in other bytes: not accepted. */
static X509 *x509_of_der(struct palier_bytes der)
{
	const unsigned char *at = (const unsigned char *)der.at;
	X509 *x509 = der.len <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
	unsigned char *again = NULL;
	int n = x509 ? i2d_X509(x509, &again) : 0;

	if (n <= 0 || (size_t)n != der.len || memcmp(again, der.at, der.len) != 0) {
		X509_free(x509);
		x509 = NULL;
	}
	OPENSSL_free(again);
	return x509;
}

int crypto_certificate_read(struct palier_bytes text, struct crypto_certificate **out)
{
	X509 *x509;

	if (text.len && text.at[0] == 0x30) {
		x509 = x509_of_der(text);
	} else {
		BIO *bio = memory(text);

		x509 = PEM_read_bio_X509(bio, NULL, NULL, no_passphrase);
		BIO_free(bio);
	}
	ERR_clear_error();
	if (!x509 || !X509_get0_pubkey(x509)) {
		X509_free(x509);
		return PALIER_EINVAL;
	}
	*out = calloc(1, sizeof(**out));
	must(*out != NULL, "calloc");
	(*out)->x509 = x509;
	return PALIER_OK;
}

void crypto_certificate_free(struct crypto_certificate *c)
{
	if (c)
		X509_free(c->x509);
	free(c);
}

void crypto_certificate_write(const struct crypto_certificate *c, struct palier_buffer *out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_X509(bio, c->x509) == 1, "PEM_write_bio_X509");
	take(bio, out);
}

void crypto_certificate_key_id(const struct crypto_certificate *c, struct palier_hash *out)
{
	id_of(X509_get0_pubkey(c->x509), out);
}

void crypto_certificate_fingerprint(const struct crypto_certificate *c, struct palier_hash *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509(c->x509, &der);

	must(n > 0, "i2d_X509");
	crypto_sha256(palier_bytes_of(der, (size_t)n), out);
	OPENSSL_free(der);
}

/* One common name, and no other before or behind it. */
bool crypto_certificate_names(const struct crypto_certificate *c, struct palier_bytes store)
{
	const X509_NAME *subject = X509_get_subject_name(c->x509);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	bool same;
	int n;

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	same = n >= 0 && palier_equal(palier_bytes_of(text, (size_t)n), store);
	if (n >= 0)
		OPENSSL_free(text);
	return same;
}

bool crypto_certificate_signs(const struct crypto_certificate *c)
{
	EXTENDED_KEY_USAGE *purposes;
	int critical = 0;
	bool may = false;

	if (!(X509_get_key_usage(c->x509) & KU_DIGITAL_SIGNATURE)) /* all bits, where there is no such extension */
		return false;
	purposes = X509_get_ext_d2i(c->x509, NID_ext_key_usage, &critical, NULL);
	if (!purposes)
		return critical == -1; /* none; else there are several, or it cannot be read */
	for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++) {
		char oid[64] = "";

		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(purposes, i), 1);
		may = may || strcmp(oid, DOCUMENT_SIGNING) == 0 ||
		      strcmp(oid, "1.3.6.1.5.5.7.3.4") == 0 /* emailProtection */ ||
		      strcmp(oid, "2.5.29.37.0") == 0 /* anyExtendedKeyUsage */;
	}
	EXTENDED_KEY_USAGE_free(purposes);
	return may;
}

bool crypto_certificate_equal(const struct crypto_certificate *a, const struct crypto_certificate *b)
{
	struct palier_hash one, other;

	crypto_certificate_fingerprint(a, &one);
	crypto_certificate_fingerprint(b, &other);
	return memcmp(one.b, other.b, SHA256_LEN) == 0;
}

bool crypto_certificate_p256(const struct crypto_certificate *c)
{
	return is_p256(X509_get0_pubkey(c->x509));
}

bool crypto_certificate_fits(const struct crypto_certificate *c, const struct crypto_key *k)
{
	return EVP_PKEY_eq(X509_get0_pubkey(c->x509), k->pkey) == 1;
}

bool crypto_certificate_signed(const struct crypto_certificate *c, struct palier_bytes text, struct palier_bytes signature)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good;

	must(md != NULL, "EVP_MD_CTX");
	good = crypto_certificate_p256(c) &&
	       EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, X509_get0_pubkey(c->x509)) == 1 &&
	       EVP_DigestVerify(md, (const unsigned char *)signature.at, signature.len, (const unsigned char *)text.at,
		       text.len) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	return good;
}

int64_t crypto_time_ms(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : -1;
}

void crypto_certificate_validity(const struct crypto_certificate *c, struct crypto_validity *out)
{
	out->from_ms = crypto_time_ms(X509_get0_notBefore(c->x509));
	out->to_ms = crypto_time_ms(X509_get0_notAfter(c->x509));
}

void crypto_certificate_names_text(const struct crypto_certificate *c, bool issuer, char *out, size_t size)
{
	const X509_NAME *name = issuer ? X509_get_issuer_name(c->x509) : X509_get_subject_name(c->x509);
	BIO *bio = BIO_new(BIO_s_mem());
	struct palier_buffer text = { 0 };

	must(bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0, "X509_NAME_print_ex");
	take(bio, &text);
	snprintf(out, size, "%.*s", (int)text.len, text.len ? text.at : "");
	palier_buffer_deinit(&text);
}
