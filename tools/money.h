/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts as people write them. */
#pragma once

#include "protocol/bytes.h"

/** Decimals of a currency's money (ISO 4217, minor unit): EUR 2, JPY 0, TND 3. */
unsigned money_scale(const char *currency);
/** 1250 with scale 2 is "12.50". @param out MONEY_TEXT bytes */
#define MONEY_TEXT 32
void money_format(int64_t amount_minor, unsigned scale, char *out);
