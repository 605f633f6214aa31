/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of rewards share: the compiled configuration, the effects and the tables. */
#pragma once

#include "plugins/caps.h"
#include "plugins/points.h"

/* --- configuration (config.c) --- */

struct reward {
	const char *name;
	const struct palier_label *label;
	struct palier_bytes unit;
	int64_t cost;
	const struct palier_benefit *benefit; /* what it takes off; NULL: it loads stored value instead, */
	struct palier_bytes to;               /* of this unit, */
	int64_t value;                        /* so much each time */
	int64_t min_points;
	int64_t share; /* of what is left of its lines, in thousandths of a per cent; 0: all */
	struct caps caps;
	const struct palier_condition *when;
};

struct rewards_config {
	const struct reward *rewards; /* in the order of the file */
	size_t count;
	const struct reward *const *by_cost; /* the same, the cheapest first */
};

extern cfg_opt_t rewards_options[];
int rewards_configure(struct palier_setup *s, cfg_t *section, const void **out);
/** @param cfg NULL: there is no section @return NULL when nothing is called so */
const struct reward *reward_of(const struct rewards_config *cfg, struct palier_bytes name);

/* --- effects and tables (uses.c) --- */

extern const struct palier_effect_kind rewards_effects[];
extern const struct palier_table rewards_tables[];
extern const struct caps_tables rewards_counts;

#define REWARD_USE(F, M) \
	F(M, STRING, reward, "reward", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the reward") \
	F(M, INT, times, "times", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how often")

#define PALIER_FIELDS_reward_used(F, M) \
	REWARD_USE(F, M) \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "by whom") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the store's date on which it counts") \
	F(M, STRING, to, "to", 0, PALIER_RANGE(1, 32), "of stored value: the unit loaded") \
	F(M, INT, value, "value", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "and with how much")
PALIER_MESSAGE(reward_used);

#define PALIER_FIELDS_reward_held(F, M) \
	REWARD_USE(F, M) \
	F(M, STRING, to, "to", 0, PALIER_RANGE(1, 32), "of stored value: the unit that it will load") \
	F(M, INT, value, "value", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "and with how much")
PALIER_MESSAGE(reward_held);

#define PALIER_FIELDS_reward_freed(F, M) \
	REWARD_USE(F, M) \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "by whom, as who it is now") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the date on which it had counted")
PALIER_MESSAGE(reward_freed);

#define PALIER_FIELDS_reward_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose uses") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "count as this member's from now on")
PALIER_MESSAGE(reward_merged);

#define PALIER_FIELDS_reward_erased(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose uses are no longer counted")
PALIER_MESSAGE(reward_erased);

/* Carries a quote's answer from pricing to the reply; a quote is never booked, so no journal has it. */
#define PALIER_FIELDS_reward_quoted(F, M) \
	F(M, LIST(reward_view), rewards, "rewards", 0, PALIER_ANY, "what the balance affords after the ones chosen") \
	F(M, LIST(free_view), unused, "free", 0, PALIER_ANY, "free products that may still be added")
PALIER_MESSAGE(reward_quoted);

int rewards_on_hold(struct palier_ctx *c, const struct palier_hold *h);
int rewards_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held);
int rewards_on_void(struct palier_ctx *c, const struct palier_event *undone);
int rewards_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int rewards_on_erase(struct palier_ctx *c, struct palier_id member);
int rewards_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/** How often a reward may still be had by the sale's member, or by `member` outside a sale. */
int reward_uses_left(struct palier_ctx *c, const struct reward *r, const struct palier_id *member, int64_t *out);
/** Load what the event's uses load: after all of its rewards were paid for, so that none is paid with it.
 * @param from the first of its effects to look at */
int rewards_load(struct palier_ctx *c, const struct palier_sale *s, uint32_t from);

/* --- redeeming (redeem.c) --- */

int rewards_on_price(struct palier_ctx *c, struct palier_sale *s);

/* --- what is shown (views.c) --- */

/** Keep what a quote says of rewards. @param unused free products that may still be added */
int rewards_quote(struct palier_ctx *c, const struct palier_sale *s, const struct free_view *unused, uint32_t count);
int rewards_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int rewards_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
