/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of ladder as apply changes them. */
#pragma once

#include "plugins/ladder/internal.h"

/* By index into ladder_tables. */
enum { T_STEP, T_ASKS, T_ARM, T_POSTERIOR, T_LEVEL, T_EXPERIMENT, T_SUMS, T_DAY, T_FILTER, T_SHORTAGE, T_OUTCOME };

#define DAY_FIGURES 7 /* of a row of T_DAY */

struct palier_key member_key(struct palier_id member, struct palier_bytes rung);
struct palier_key text_key(struct palier_bytes text);
struct palier_key posterior_key(struct palier_bytes rung, bool known);
struct palier_key sums_key(uint32_t epoch, bool held);
struct palier_key day_key(struct palier_bytes rung, uint32_t day);
struct palier_key filter_key(unsigned reason, uint32_t day);

/** A row of nothing is removed. */
int step_write(struct palier_tables *t, struct palier_id member, struct palier_bytes rung, const struct step *s);
int outcome_write(struct palier_tables *t, const struct ladder_shown *e);
int outcome_drop(struct palier_tables *t, const struct ladder_shown *e);
/** Drop a member's outcomes of the days before this one; 0: all of them. */
int outcomes_drop(struct palier_tables *t, struct palier_id member, uint32_t before);
int asks_write(struct palier_tables *t, struct palier_id member, const struct asks *a);
int posterior_write(struct palier_tables *t, struct palier_bytes rung, bool known, const struct posterior *p);
int level_write(struct palier_tables *t, struct palier_bytes name, const struct level *l);
int arm_write(struct palier_tables *t, uint32_t epoch, bool held, const struct arm_sums *a);
/** @param s NULL: it is there again */
int shortage_write(struct palier_tables *t, struct palier_bytes sku, const struct shortage *s);
int arm_member_write(struct palier_tables *t, struct palier_id member, const struct arm_member *m);
/** Count a member's figures in the sums of its arm, or (sign -1) no more. @return PALIER_OK; PALIER_ERANGE */
int arm_count(struct palier_tables *t, const struct arm_member *m, int sign);
/** Add to a row of i64 figures; a row of zeros is removed. @return PALIER_OK; PALIER_ERANGE */
int figures_add(struct palier_tables *t, unsigned table, const struct palier_key *k, const int64_t *add, unsigned count);
/** Move all rows of a member, or, with `into` NULL, drop them. */
int rows_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into);
