/* SPDX-License-Identifier: Apache-2.0 */
/* Currencies' minor units. */
#include "tools/money.h"

#include <stdio.h>
#include <stdlib.h>

static const struct currency {
	const char *code;
	unsigned scale;
} other_than_two[] = {
	{ "BHD", 3 },
	{ "BIF", 0 },
	{ "CLP", 0 },
	{ "DJF", 0 },
	{ "GNF", 0 },
	{ "IQD", 3 },
	{ "ISK", 0 },
	{ "JOD", 3 },
	{ "JPY", 0 },
	{ "KMF", 0 },
	{ "KRW", 0 },
	{ "KWD", 3 },
	{ "LYD", 3 },
	{ "OMR", 3 },
	{ "PYG", 0 },
	{ "RWF", 0 },
	{ "TND", 3 },
	{ "UGX", 0 },
	{ "VND", 0 },
	{ "VUV", 0 },
	{ "XAF", 0 },
	{ "XOF", 0 },
	{ "XPF", 0 },
};

unsigned money_scale(const char *currency)
{
	for (size_t i = 0; i < sizeof(other_than_two) / sizeof(other_than_two[0]); i++)
		if (strcmp(other_than_two[i].code, currency) == 0)
			return other_than_two[i].scale;
	return 2;
}

void money_format(int64_t amount_minor, unsigned scale, char *out)
{
	const char *sign = amount_minor < 0 ? "-" : "";
	long long whole = llabs(amount_minor), one = 1;

	for (unsigned i = 0; i < scale; i++)
		one *= 10;
	if (scale)
		snprintf(out, MONEY_TEXT, "%s%lld.%0*lld", sign, whole / one, (int)scale, whole % one);
	else
		snprintf(out, MONEY_TEXT, "%s%lld", sign, whole);
}
