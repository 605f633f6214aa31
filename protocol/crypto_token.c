/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in tokens by OpenSSL's engine for PKCS #11 (libengine-pkcs11-openssl): engines are deprecated for providers, but Debian 12 has no provider
 * for tokens. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include "protocol/crypto_key_parts.h"

void crypto_token_close(struct engine_st *engine)
{
	if (!engine)
		return;
	ENGINE_finish(engine);
	ENGINE_free(engine);
}

/* Nobody is asked for a PIN: the URI says where it is. */
EVP_PKEY *crypto_token_key(const char *uri, struct engine_st **engine)
{
	EVP_PKEY *pkey;
	ENGINE *e;

	ENGINE_load_dynamic();
	e = ENGINE_by_id("pkcs11");
	if (!e || ENGINE_init(e) != 1) {
		ENGINE_free(e);
		return NULL;
	}
	pkey = ENGINE_load_private_key(e, uri, (UI_METHOD *)(uintptr_t)UI_null(), NULL);
	if (pkey)
		*engine = e;
	else
		crypto_token_close(e);
	return pkey;
}
