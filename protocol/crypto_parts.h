/* SPDX-License-Identifier: Apache-2.0 */
/* What the crypto*.c files share. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* None of what is asked here can fail but for a broken installation or want of memory; going on would store nonsense. */
static inline void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "crypto: %s failed\n", what);
	abort();
}
