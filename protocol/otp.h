/* SPDX-License-Identifier: Apache-2.0 */
/* One-time codes as authenticator apps show them: HOTP (RFC 4226), TOTP (RFC 6238), and the text in which a secret travels. */
#pragma once

#include "protocol/crypto.h"

/* What every authenticator takes for granted. */
#define OTP_DIGITS     6
#define OTP_STEP_MS    INT64_C(30000)
#define OTP_SECRET_LEN 20 /* RFC 4226, 4: as long as the hash */

#define OTP_DIGITS_MAX 9
/** RFC 4226, 5.3: the code of a counter. @param digits 6 to OTP_DIGITS_MAX @param out that many digits, and a NUL */
void otp_code(enum crypto_mac mac, struct palier_bytes secret, uint64_t counter, unsigned digits, char *out);
/** RFC 6238, 4.2: the step of a moment since 1970. */
uint64_t otp_step(int64_t at_ms);
/** Whose step is this code, of `step` and its neighbours? All are looked at, each in constant time.
 * @return PALIER_OK; PALIER_ENOENT */
int otp_find(struct palier_bytes secret, uint64_t step, struct palier_bytes code, uint64_t *out);

#define OTP_BASE32_LEN(n) (((n)*8 + 4) / 5)
/** RFC 4648, 6, without padding, which authenticators do not want. @param out OTP_BASE32_LEN(n) characters and a NUL */
void otp_base32(const uint8_t *in, size_t n, char *out);
