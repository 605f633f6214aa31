/* SPDX-License-Identifier: Apache-2.0 */
/* CMS over OpenSSL. Its reader accepts much that says the same in other bytes (BER, repeated sets, attributes that nobody signed); so the form is
 * first walked here, byte by byte down to the certificate and the signed attributes, which are covered by signatures themselves. */
#include "protocol/crypto_cms.h"

#include <limits.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "protocol/crypto_key_parts.h"

#define SIGN_FLAGS (CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | CMS_NOSMIMECAP)

/* --- signing --- */

static BIO *memory(struct palier_bytes text)
{
	BIO *bio = text.len <= INT_MAX ? BIO_new_mem_buf(text.at, (int)text.len) : NULL;

	must(bio != NULL, "BIO");
	return bio;
}

void crypto_cms_sign(const struct crypto_key *k, const struct crypto_certificate *c, struct palier_bytes text, int64_t at_ms,
	struct palier_buffer *out)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, SIGN_FLAGS);
	CMS_SignerInfo *signer = cms ? CMS_add1_signer(cms, c->x509, k->pkey, EVP_sha256(), SIGN_FLAGS) : NULL;
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(at_ms / 1000));
	unsigned char *der = NULL;
	BIO *bio = memory(text);
	int n;

	must(signer && at && CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(at), at, -1) == 1 &&
			CMS_final(cms, bio, NULL, SIGN_FLAGS) == 1,
		"CMS_sign");
	n = i2d_CMS_ContentInfo(cms, &der);
	must(n > 0, "i2d_CMS_ContentInfo");
	palier_buffer_add(out, der, (size_t)n);
	OPENSSL_free(der);
	ASN1_TIME_free(at);
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
}

/* --- the form --- */

enum { DER_OCTETS = 0x04, DER_SEQUENCE = 0x30, DER_SET = 0x31, DER_CONTEXT0 = 0xA0 };

/* An element of this tag, its length written as short as it can be. */
static bool der_take(struct palier_cut *c, uint8_t tag, struct palier_cut *inside)
{
	uint64_t len;

	if (c->bad || c->left < 2 || c->at[0] != tag)
		return false;
	palier_cut_uint(c, 1);
	len = palier_cut_uint(c, 1);
	if (len > 0x82 || len == 0x80)
		return false; /* nothing here is longer than 64 KiB */
	if (len > 0x80) {
		uint64_t least = len == 0x81 ? 0x80 : 0x100;

		len = palier_cut_uint(c, len == 0x81 ? 1 : 2);
		if (len < least)
			return false;
	}
	*inside = palier_cut_of(palier_cut_raw(c, (size_t)len));
	return !c->bad;
}

/* Exactly these bytes come next. */
static bool der_skip(struct palier_cut *c, struct palier_bytes expected)
{
	struct palier_cut ahead = *c;

	if (!palier_equal(palier_cut_raw(&ahead, expected.len), expected))
		return false;
	*c = ahead;
	return true;
}

/* Object identifiers with tag and length; version numbers. */
#define OID_SIGNED_DATA  PALIER_LIT("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define OID_DATA         PALIER_LIT("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define OID_SHA256       PALIER_LIT("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define OID_ECDSA_SHA256 PALIER_LIT("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define NO_PARAMETERS    PALIER_LIT("\x05\x00")
#define VERSION_1        PALIER_LIT("\x02\x01\x01")

/* RFC 5754: SHA-256 without parameters, or with NULL, which OpenSSL writes. */
static bool der_sha256(struct palier_cut *c)
{
	struct palier_cut algorithm;

	if (!der_take(c, DER_SEQUENCE, &algorithm) || !der_skip(&algorithm, OID_SHA256))
		return false;
	return algorithm.left == 0 || (der_skip(&algorithm, NO_PARAMETERS) && algorithm.left == 0);
}

/* What is not covered by a signature of its own, and so is compared with what it must be. */
struct form {
	struct palier_bytes certificate; /* the only one, DER */
	struct palier_bytes signer;      /* its issuer and serial number, DER */
};

static enum batch_fault signer_form(struct palier_cut *c, struct form *out)
{
	struct palier_cut who, attributes, algorithm, value;

	if (!der_skip(c, VERSION_1) || !der_take(c, DER_SEQUENCE, &who))
		return BATCH_SIGNATURE_FORM;
	out->signer = palier_bytes_of(who.at, who.left);
	if (!der_sha256(c))
		return BATCH_SIGNATURE_ALGORITHM;
	if (c->left == 0 || c->at[0] != DER_CONTEXT0)
		return BATCH_SIGNATURE_BARE;
	if (!der_take(c, DER_CONTEXT0, &attributes) || !der_take(c, DER_SEQUENCE, &algorithm))
		return BATCH_SIGNATURE_FORM;
	if (!der_skip(&algorithm, OID_ECDSA_SHA256) || algorithm.left)
		return BATCH_SIGNATURE_ALGORITHM;
	return der_take(c, DER_OCTETS, &value) && c->left == 0 ? BATCH_FINE : BATCH_SIGNATURE_FORM;
}

static enum batch_fault data_form(struct palier_cut *c, struct form *out)
{
	struct palier_cut algorithms, content, certificates = { 0 }, signers, one;

	if (!der_skip(c, VERSION_1) || !der_take(c, DER_SET, &algorithms) || !der_take(c, DER_SEQUENCE, &content) ||
		!der_skip(&content, OID_DATA))
		return BATCH_SIGNATURE_FORM;
	if (content.left)
		return BATCH_SIGNATURE_ATTACHED;
	if (c->left && c->at[0] == DER_CONTEXT0 && !der_take(c, DER_CONTEXT0, &certificates))
		return BATCH_SIGNATURE_FORM;
	if (!der_take(c, DER_SET, &signers) || c->left)
		return BATCH_SIGNATURE_FORM;
	if (signers.left == 0)
		return BATCH_SIGNATURE_NONE;
	if (!der_take(&signers, DER_SEQUENCE, &one))
		return BATCH_SIGNATURE_FORM;
	if (signers.left)
		return BATCH_SIGNATURE_SEVERAL;
	if (!der_sha256(&algorithms) || algorithms.left)
		return BATCH_SIGNATURE_ALGORITHM;
	out->certificate = palier_bytes_of(certificates.at, certificates.left);
	if (!der_take(&certificates, DER_SEQUENCE, &(struct palier_cut){ 0 }) || certificates.left)
		return BATCH_SIGNATURE_FORM;
	return signer_form(&one, out);
}

static enum batch_fault form_read(struct palier_bytes signature, struct form *out)
{
	struct palier_cut all = palier_cut_of(signature), info, content, data;

	if (!der_take(&all, DER_SEQUENCE, &info))
		return BATCH_SIGNATURE_FORM;
	if (all.left)
		return BATCH_SIGNATURE_TRAILED;
	if (!der_skip(&info, OID_SIGNED_DATA) || !der_take(&info, DER_CONTEXT0, &content) || info.left ||
		!der_take(&content, DER_SEQUENCE, &data) || content.left)
		return BATCH_SIGNATURE_FORM;
	return data_form(&data, out);
}

/* Is what was read written again in the same bytes? Signed attributes are hashed as OpenSSL writes them, not as they came. */
static bool is_der(CMS_ContentInfo *cms, struct palier_bytes signature)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	bool same = n > 0 && (size_t)n == signature.len && memcmp(der, signature.at, signature.len) == 0;

	OPENSSL_free(der);
	return same;
}

/* Byte for byte: OpenSSL compares names without regard to case. */
static bool is_signer(const struct crypto_certificate *c, struct palier_bytes signer)
{
	unsigned char *issuer = NULL, *serial = NULL;
	int n = i2d_X509_NAME(X509_get_issuer_name(c->x509), &issuer);
	int m = i2d_ASN1_INTEGER(X509_get0_serialNumber(c->x509), &serial);
	bool same = n > 0 && m > 0 && signer.len == (size_t)n + (size_t)m && memcmp(signer.at, issuer, (size_t)n) == 0 &&
	            memcmp(signer.at + n, serial, (size_t)m) == 0;

	OPENSSL_free(issuer);
	OPENSSL_free(serial);
	return same;
}

/* --- whose it is --- */

static bool issued_by(const struct crypto_certificate *c, const struct cms_trust *trust, int64_t at_ms)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good;

	must(store && ctx, "X509_STORE");
	for (size_t i = 0; i < trust->authority_count; i++)
		must(X509_STORE_add_cert(store, trust->authorities[i]->x509) == 1, "X509_STORE_add_cert");
	must(X509_STORE_CTX_init(ctx, store, c->x509, NULL) == 1, "X509_STORE_CTX_init");
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)(at_ms / 1000));
	good = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return good;
}

static enum batch_fault trusted(const struct crypto_certificate *c, const struct cms_trust *trust, int64_t at_ms)
{
	for (size_t i = 0; i < trust->pinned_count; i++)
		if (crypto_certificate_equal(c, trust->pinned[i]))
			return BATCH_FINE;
	if (!issued_by(c, trust, at_ms))
		return BATCH_CERTIFICATE_UNKNOWN;
	return crypto_certificate_names(c, trust->store) ? BATCH_FINE : BATCH_CERTIFICATE_STORE;
}

/* What does not depend on whom one trusts. */
static enum batch_fault certificate_fault(const struct crypto_certificate *c, int64_t at_ms)
{
	struct crypto_validity valid;

	if (!crypto_certificate_p256(c))
		return BATCH_SIGNATURE_ALGORITHM;
	if (!crypto_certificate_signs(c))
		return BATCH_CERTIFICATE_PURPOSE;
	crypto_certificate_validity(c, &valid);
	if (at_ms < valid.from_ms)
		return BATCH_CERTIFICATE_EARLY;
	return at_ms >= valid.to_ms ? BATCH_CERTIFICATE_EXPIRED : BATCH_FINE;
}

/* --- verifying --- */

/* The one signed attribute that tells the time. @return -1: there is none, or more than one */
static int64_t signed_at(CMS_ContentInfo *cms)
{
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	const ASN1_OBJECT *oid = OBJ_nid2obj(NID_pkcs9_signingTime);
	const ASN1_TIME *at = CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_UTCTIME);

	if (!at)
		at = CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_GENERALIZEDTIME);
	return crypto_time_ms(at);
}

static bool signature_fits(CMS_ContentInfo *cms, struct palier_bytes text, const struct crypto_certificate *c)
{
	STACK_OF(X509) *certificates = sk_X509_new_null();
	BIO *bio = memory(text);
	bool good;

	must(certificates && sk_X509_push(certificates, c->x509) > 0, "sk_X509");
	good = CMS_verify(cms, certificates, NULL, bio, NULL,
		       CMS_BINARY | CMS_DETACHED | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;
	BIO_free(bio);
	sk_X509_free(certificates);
	return good;
}

static enum batch_fault verify(CMS_ContentInfo *cms, struct palier_bytes text, const struct crypto_certificate *c,
	const struct cms_trust *trust, struct cms_signed *out)
{
	int64_t at_ms = signed_at(cms);
	enum batch_fault fault = BATCH_FINE;

	if (at_ms < 0)
		return BATCH_SIGNATURE_BARE;
	if (trust)
		fault = trusted(c, trust, at_ms);
	if (fault == BATCH_FINE || fault == BATCH_CERTIFICATE_UNKNOWN) {
		enum batch_fault own = certificate_fault(c, at_ms); /* says more than that the chain does not hold */

		fault = own == BATCH_FINE ? fault : own;
	}
	if (fault == BATCH_FINE && !signature_fits(cms, text, c))
		fault = BATCH_SIGNATURE_WRONG;
	if (fault != BATCH_FINE)
		return fault;
	crypto_certificate_key_id(c, &out->key_id);
	out->at_ms = at_ms;
	return BATCH_FINE;
}

enum batch_fault crypto_cms_verify(struct palier_bytes text, struct palier_bytes signature, const struct cms_trust *trust,
	struct cms_signed *out)
{
	const unsigned char *at = (const unsigned char *)signature.at;
	struct crypto_certificate *c = NULL;
	CMS_ContentInfo *cms = NULL;
	struct form form;
	enum batch_fault fault = form_read(signature, &form);

	if (fault != BATCH_FINE)
		return fault;
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)signature.len); /* the form is no longer than 64 KiB */
	if (!cms || !is_der(cms, signature) || crypto_certificate_read(form.certificate, &c) != PALIER_OK ||
		!is_signer(c, form.signer))
		fault = BATCH_SIGNATURE_FORM;
	else
		fault = verify(cms, text, c, trust, out);
	CMS_ContentInfo_free(cms);
	crypto_certificate_free(c);
	ERR_clear_error();
	return fault;
}
