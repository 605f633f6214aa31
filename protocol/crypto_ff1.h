/* SPDX-License-Identifier: Apache-2.0 */
/* Format-preserving encryption: numerals become as many numerals of the same radix (NIST SP 800-38G, FF1 over AES). */
#pragma once

#include "protocol/bytes.h"

#define FF1_NUMERALS_MAX 32
#define FF1_TWEAK_MAX    32

/** @param key      16, 24 or 32 bytes: AES-128, -192 or -256
 * @param radix     2 to 256
 * @param tweak     at most FF1_TWEAK_MAX bytes
 * @param numerals  each below radix; replaced
 * @param n         2 to FF1_NUMERALS_MAX; neither half may reach beyond 56 bits (radix ^ ceil(n / 2) <= 2 ^ 56), and the standard
 *                  wants at least a million texts (radix ^ n) */
void crypto_ff1_encrypt(struct palier_bytes key, unsigned radix, struct palier_bytes tweak, uint8_t *numerals, size_t n);
void crypto_ff1_decrypt(struct palier_bytes key, unsigned radix, struct palier_bytes tweak, uint8_t *numerals, size_t n);
