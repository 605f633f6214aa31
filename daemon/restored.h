/* SPDX-License-Identifier: Apache-2.0 */
/* The event that marks a restore. */
#pragma once

#include "daemon/router.h"

/** At the first start after a restore, book ledger.restored, durably. @return PALIER_OK, also when there was none; an error with *why */
int restored_book(struct router *r, struct ledger *l, char *why);
