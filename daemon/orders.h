/* SPDX-License-Identifier: Apache-2.0 */
/* What a directive orders, one at a time. */
#pragma once

#include "daemon/sales.h"

/** Carry an order out, by core and the plugins whose it is. What this store knows otherwise (a member who is erased, a card that is somebody
 * else's, a sale that it never booked) is passed over, where it matters with an alert: a directive is refused for what it says, not for where
 * it arrives.
 * @return PALIER_OK; a refusal */
int order_do(struct palier_ctx *c, const struct office_order *o);

/** Write the office's files that are missing or are not what was sent last, into `office` of the ledger's directory. What cannot be written is
 * logged, and written by the next start. */
void programmes_write(struct ledger *l);
