/* SPDX-License-Identifier: Apache-2.0 */
/* What crypto_key.c and crypto_cms.c know of each other's structs. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "protocol/crypto_key.h"
#include "protocol/crypto_parts.h"

struct crypto_key {
	EVP_PKEY *pkey;
};

struct crypto_certificate {
	X509 *x509;
};

/** -1 when it is no time that palier can tell. */
int64_t crypto_time_ms(const ASN1_TIME *t);
