/* SPDX-License-Identifier: Apache-2.0 */
/* The error table as data, and its look-ups. */
#include "protocol/error.h"

#include <string.h>

/* What has no reason of its own leaves the house as "internal". */
static const struct palier_error_info table[PALIER_ERROR_ROWS] = { { "OK", 0, "", false, 0, "done" },
#define E(name, code, reason, retryable, exit_code, text) \
	/* NOLINTNEXTLINE(bugprone-branch-clone): the row INTERNAL says "internal" by itself */ \
	{ #name, code, sizeof(reason) > 1 ? reason : "internal", retryable, exit_code, text },
	PALIER_ERRORS(E)
#undef E
};

const struct palier_error_info *palier_error_info(int err)
{
	if (err > 0 || err <= -(int)PALIER_ERROR_ROWS)
		err = PALIER_EINTERNAL;
	return &table[-err];
}

int palier_error_of_reason(const char *reason, unsigned long len)
{
	for (int row = 1; row < (int)PALIER_ERROR_ROWS; row++)
		if (strlen(table[row].reason) == len && memcmp(table[row].reason, reason, len) == 0)
			return -row;
	return PALIER_EINTERNAL;
}
