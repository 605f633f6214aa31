/* SPDX-License-Identifier: Apache-2.0 */
/* Events as rows of the database: which effect becomes a row of which table is one list, in fold.c. Rows are gathered a table at a time and sent
 * by COPY, so that memory stays small however long a batch is. */
#pragma once

#include "tools/hq/db.h"
#include "tools/report/events.h"

#define FOLD_TABLES 26 /* room for all */

struct fold {
	struct db *db;
	struct palier_bytes store;              /* whose batch */
	char day[11];                           /* its business day */
	struct palier_buffer rows[FOLD_TABLES]; /* not sent yet */

	/* of the event under way */
	const struct booked *e;
	char member[PALIER_ID_TEXT + 1 + 64], at[32];
	uint32_t effect, n; /* its token, and which of the event's it is */
	int sign;
};

/** What a session needs before its first batch. @return PALIER_OK; PALIER_ESTORE */
int fold_open(struct fold *f, struct db *db);
/** Begin a batch; what is left of another is forgotten. */
void fold_begin(struct fold *f, struct palier_bytes store, uint32_t business_day);
/** @return PALIER_OK; PALIER_ESTORE */
int fold_event(struct fold *f, const struct booked *e);
/** Send what is left, and bring the summaries up to date. @return PALIER_OK; PALIER_ESTORE */
int fold_end(struct fold *f);
void fold_deinit(struct fold *f);

/** Remove the rows of a batch that is not there: another server may have kept them from a loader that died. @return PALIER_OK; PALIER_ESTORE */
int fold_sweep(struct fold *f, uint64_t first_seq, uint64_t last_seq);
