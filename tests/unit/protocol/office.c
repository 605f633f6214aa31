/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/protocol/office.h"

#include <stdlib.h>

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "protocol/crypto_key_parts.h"

#define YEAR_2026 INT64_C(1767225600000)
#define YEAR_2036 INT64_C(2082758400000)

static void extend(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *one = value[0] ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	if (!value[0])
		return;
	must(one && X509_add_ext(x509, one, -1) == 1, value);
	X509_EXTENSION_free(one);
}

static X509 *blank(const struct crypto_key *k, const char *name, int64_t from_ms, int64_t to_ms)
{
	static long serial = 1;
	X509 *x509 = X509_new();

	must(x509 && X509_set_version(x509, X509_VERSION_3) == 1 &&
			ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial) == 1 &&
			X509_NAME_add_entry_by_NID(X509_get_subject_name(x509), NID_commonName, MBSTRING_UTF8,
				(const unsigned char *)name, -1, -1, 0) == 1 &&
			ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(from_ms / 1000)) &&
			ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(to_ms / 1000)) &&
			X509_set_pubkey(x509, k->pkey) == 1,
		"X509");
	return x509;
}

static struct crypto_certificate *signed_by(X509 *x509, const struct crypto_key *k)
{
	struct crypto_certificate *c = calloc(1, sizeof(*c));

	must(c && X509_sign(x509, k->pkey, EVP_sha256()) > 0, "X509_sign");
	c->x509 = x509;
	return c;
}

void office_make(struct office *o, const char *name)
{
	X509 *x509;

	o->key = crypto_key_make();
	x509 = blank(o->key, name, YEAR_2026, YEAR_2036);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	extend(x509, NID_basic_constraints, "critical,CA:TRUE");
	extend(x509, NID_key_usage, "critical,keyCertSign,cRLSign");
	o->ca = signed_by(x509, o->key);
}

void office_free(struct office *o)
{
	crypto_key_free(o->key);
	crypto_certificate_free(o->ca);
}

struct crypto_certificate *office_certify(const struct office *o, const struct crypto_key *k, struct office_wish wish)
{
	X509 *x509 = blank(k, wish.store, wish.from_ms ? wish.from_ms : YEAR_2026, wish.to_ms ? wish.to_ms : YEAR_2036);

	X509_set_issuer_name(x509, X509_get_subject_name(o->ca->x509));
	extend(x509, NID_basic_constraints, "critical,CA:FALSE");
	extend(x509, NID_key_usage, wish.usage ? wish.usage : "critical,digitalSignature");
	extend(x509, NID_subject_alt_name, wish.names ? wish.names : "");
	extend(x509, NID_ext_key_usage, wish.purpose ? wish.purpose : "1.3.6.1.5.5.7.3.36,emailProtection");
	return signed_by(x509, o->key);
}

void office_sign(unsigned flags, const struct office_signer *signers, int count, const struct crypto_certificate *also,
	struct palier_bytes text, struct palier_buffer *out)
{
	BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	unsigned char *der = NULL;
	int n;

	must(bio && cms, "CMS_sign");
	for (int i = 0; i < count; i++)
		must(CMS_add1_signer(cms, signers[i].certificate->x509, signers[i].key->pkey, EVP_sha256(),
			     flags | CMS_PARTIAL) != NULL,
			"CMS_add1_signer");
	if (count == 0)
		must(CMS_add1_cert(cms, also->x509) == 1, "CMS_add1_cert");
	else
		must(CMS_final(cms, bio, NULL, flags | CMS_PARTIAL) == 1, "CMS_final");
	n = i2d_CMS_ContentInfo(cms, &der);
	must(n > 0, "i2d_CMS_ContentInfo");
	palier_buffer_add(out, der, (size_t)n);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
}

/* Of 2026 until 2036. */
void office_revoke(const struct office *o, const struct crypto_certificate *c, struct palier_buffer *pem)
{
	X509_CRL *list = X509_CRL_new();
	X509_REVOKED *row = X509_REVOKED_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(YEAR_2026 / 1000)),
		  *to = ASN1_TIME_set(NULL, (time_t)(YEAR_2036 / 1000));
	BIO *out = BIO_new(BIO_s_mem());
	char *at;
	long n;

	must(list && row && from && to && out && X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
			X509_CRL_set_issuer_name(list, X509_get_subject_name(o->ca->x509)) == 1 &&
			X509_CRL_set1_lastUpdate(list, from) == 1 && X509_CRL_set1_nextUpdate(list, to) == 1 &&
			X509_REVOKED_set_serialNumber(row, X509_get_serialNumber(c->x509)) == 1 &&
			X509_REVOKED_set_revocationDate(row, from) == 1 && X509_CRL_add0_revoked(list, row) == 1 &&
			X509_CRL_sign(list, o->key->pkey, EVP_sha256()) > 0 && PEM_write_bio_X509_CRL(out, list) == 1,
		"X509_CRL");
	n = BIO_get_mem_data(out, &at);
	palier_buffer_add(pem, at, (size_t)n);
	BIO_free(out);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(list);
}
