/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that wait for a directive: in the database, each cause once a store. */
#pragma once

#include "protocol/directive.h"
#include "tools/hq/config.h"
#include "tools/hq/db.h"

/** Read and check one. Strings are borrowed from the text where they hold no escape. @param a owns what is made
 * @return PALIER_OK; PALIER_EPARAMS, and *why says what and where */
int order_read(struct palier_bytes text, struct palier_arena *a, struct office_order *out, struct palier_problem *why);
/** Let it wait. @param added false: that cause has been ordered @return PALIER_OK; PALIER_ESTORE */
int order_queue(struct db *db, const char *store, const char *cause, const char *body, bool *added);

/** Queue what follows from what the stores have booked and told: schema/derive.sql. All or nothing.
 * @return PALIER_OK; PALIER_EIO, errno says why; PALIER_ESTORE */
int orders_derive(struct db *db, const struct hq_config *c);
