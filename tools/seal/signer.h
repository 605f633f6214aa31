/* SPDX-License-Identifier: Apache-2.0 */
/* With what batches are signed: the key and the certificate of the configuration, and those they have taken the place of, which still sign the
 * days up to the announcement of the new ones. */
#pragma once

#include "protocol/crypto_key.h"

#define SEAL_WHY_LEN 512

/** Behind the names of the files that a rotation has retired. */
#define SIGNER_RETIRED ".old"

struct signer {
	struct crypto_key *key;
	struct crypto_certificate *certificate;
	struct palier_hash id; /* of the key */
};

/** Read and judge both: they must belong together, be good for signing documents, and valid now.
 * @param key     a file, or "pkcs11:..."; a file of its name in $CREDENTIALS_DIRECTORY goes before
 * @param retired read those that were retired instead; that there are none is no error, key is then NULL
 * @param why     SEAL_WHY_LEN bytes
 * @return PALIER_OK; PALIER_ECONFIG; PALIER_EFORBIDDEN: others may read the key; PALIER_ECLOCK; PALIER_EIO */
int signer_open(const char *certificate, const char *key, bool retired, int64_t now_ms, struct signer *out, char *why);
void signer_close(struct signer *s);

/** Write why, a sentence. @return err */
int seal_fail(char *why, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
