/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons. */
#include "daemon/why.h"

#include <stdarg.h>
#include <stdio.h>

int complain(char *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, WHY_LEN, fmt, args);
	va_end(args);
	return err;
}
