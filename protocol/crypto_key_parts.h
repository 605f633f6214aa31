/* SPDX-License-Identifier: Apache-2.0 */
/* What crypto_key.c, crypto_cms.c and crypto_token.c know of each other. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "protocol/crypto_key.h"
#include "protocol/crypto_parts.h"

struct crypto_key {
	EVP_PKEY *pkey;
	struct engine_st *engine; /* that the key is of; NULL: of none */
};

struct crypto_certificate {
	X509 *x509;
};

/** -1 when it is no time that palier can tell. */
int64_t crypto_time_ms(const ASN1_TIME *t);

/** A key in a token, by OpenSSL's engine. @param engine to be closed after the key was freed; untouched on error @return NULL: it cannot be had */
EVP_PKEY *crypto_token_key(const char *uri, struct engine_st **engine);
/** @param engine NULL: none */
void crypto_token_close(struct engine_st *engine);
