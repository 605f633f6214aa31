/* SPDX-License-Identifier: Apache-2.0 */
/* Why something large could not be done: one line for a person, that says what is wrong and what to do. */
#pragma once

#include "protocol/error.h"

#define WHY_LEN 768 /* bytes of every `char *why` in this folder */

/** Write the reason. @return err, to be returned at once */
int complain(char *why, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
