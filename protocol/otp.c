/* SPDX-License-Identifier: Apache-2.0 */
/* HOTP, TOTP and base32. */
#include "protocol/otp.h"

#include <assert.h>

#include "protocol/error.h"

/* RFC 4226, 5.3: four bytes from where the last one points, without their sign. */
static uint32_t truncated(const uint8_t *hash, size_t len)
{
	size_t at = hash[len - 1] & 0x0f;

	return (uint32_t)(hash[at] & 0x7f) << 24 | (uint32_t)hash[at + 1] << 16 | (uint32_t)hash[at + 2] << 8 | hash[at + 3];
}

void otp_code(enum crypto_mac mac, struct palier_bytes secret, uint64_t counter, unsigned digits, char *out)
{
	uint8_t text[8], hash[CRYPTO_MAC_MAX];
	uint32_t code, modulus = 1;
	size_t len;

	assert(digits <= OTP_DIGITS_MAX);
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(counter >> (56 - 8 * i));
	len = crypto_hmac(mac, secret, palier_bytes_of(text, sizeof(text)), hash);
	for (unsigned i = 0; i < digits; i++)
		modulus *= 10;
	code = truncated(hash, len) % modulus;
	for (unsigned i = digits; i > 0; i--, code /= 10)
		out[i - 1] = (char)('0' + code % 10);
	out[digits] = '\0';
}

uint64_t otp_step(int64_t at_ms)
{
	return at_ms < 0 ? 0 : (uint64_t)(at_ms / OTP_STEP_MS);
}

int otp_find(struct palier_bytes secret, uint64_t step, struct palier_bytes code, uint64_t *out)
{
	int err = PALIER_ENOENT;

	if (code.len != OTP_DIGITS)
		return PALIER_ENOENT;
	for (uint64_t at = step ? step - 1 : 0; at <= step + 1; at++) {
		char right[OTP_DIGITS_MAX + 1];

		otp_code(CRYPTO_SHA1, secret, at, OTP_DIGITS, right);
		if (crypto_equal(right, code.at, OTP_DIGITS)) {
			*out = at;
			err = PALIER_OK;
		}
	}
	return err;
}

void otp_base32(const uint8_t *in, size_t n, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++) {
		held = held << 8 | in[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = alphabet[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = alphabet[held << (5 - bits) & 31];
	*out = '\0';
}
