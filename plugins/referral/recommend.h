/* SPDX-License-Identifier: Apache-2.0 */
/* The four kinds of recommendation, counted (rules.md "Sponsorship"): how new members heard of the shop (spontaneous), a gentle line on the
 * ticket (evoked), a review asked for (solicited), and what becomes of sponsors' codes (sponsorship). Only sums are kept, by day; of a member
 * no more than when the last line or review was. */
#pragma once

#include "plugins/palier_plugin.h"

/* --- configuration (recommend_config.c) --- */

#define SOURCE_MOST  64 /* bytes of its name */
#define SOURCES_MOST 32
#define SOURCE_OTHER "other" /* what none of the shop's sources is */

/** When a customer is asked for something with the ticket. */
struct asking {
	bool set;
	int64_t after; /* from this purchase on */
	struct span quiet;
};

struct recommend_config {
	struct palier_bytes *sources; /* as the shop lists them */
	size_t source_count;
	struct asking evoke, review;
	struct palier_bytes review_url;
};

/** Rows of the section `referral`. */
extern cfg_opt_t evoke_options[], review_options[];
#define RECOMMEND_OPTIONS \
	CFG_STR_LIST("heard-from", NULL, CFGF_NODEFAULT), CFG_SEC("evoke", evoke_options, CFGF_NODEFAULT), \
		CFG_SEC("review", review_options, CFGF_NODEFAULT)
/** @param section of referral @return false after palier_setup_error */
bool recommend_read(struct palier_setup *s, cfg_t *section, struct recommend_config *out);

/** Which of the shop's sources somebody means, case and accents aside. @return its name; SOURCE_OTHER */
struct palier_bytes source_of(const struct recommend_config *cfg, struct palier_bytes said);

/* --- what is counted (recommend_count.c) --- */

enum recommend_kind { KIND_SPONTANEOUS, KIND_EVOKED, KIND_SOLICITED, KIND_SPONSORSHIP };
extern const char *const recommend_kind_names[]; /* "spontaneous" "evoked" "solicited" "sponsorship" NULL */

/* In the order in which a report has them. */
enum recommend_step {
	STEP_ENROLLED,
	STEP_SAID,
	STEP_SHOWN,
	STEP_ASKED,
	STEP_ISSUED,
	STEP_CLAIMED,
	STEP_PURCHASED,
	STEP_HELD,
	STEP_EARNED,
	STEP_VOID,
	STEP_FLAGGED,
	STEP_CLAWED,
};
extern const char *const recommend_step_names[]; /* "enrolled" "said" "shown" ... NULL */
#define RECOMMEND_KINDS 4
#define RECOMMEND_STEPS 12

#define PALIER_FIELDS_recommendation_counted(F, M) \
	F(M, ENUM(recommend_kind), of, "of", PALIER_REQUIRED, PALIER_ANY, "which kind of recommendation") \
	F(M, ENUM(recommend_step), step, "step", PALIER_REQUIRED, PALIER_ANY, "what happened") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the store's date of it") \
	F(M, STRING, source, "source", 0, PALIER_RANGE(1, SOURCE_MOST), "how they heard of the shop, as the shop lists it") \
	F(M, MEMBER, asked, "asked", 0, PALIER_ANY, "who was asked, and is not asked again for a while")
PALIER_MESSAGE(recommendation_counted);

#define PALIER_FIELDS_recommendation_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "who was asked") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "whose that is now")
PALIER_MESSAGE(recommendation_merged);

#define PALIER_FIELDS_recommendation_erased(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom nothing is kept any longer")
PALIER_MESSAGE(recommendation_erased);

extern const struct palier_schema recommendation_counted_schema, recommendation_merged_schema, recommendation_erased_schema;

int recommend_counted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int recommend_uncounted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int recommend_merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int recommend_erased_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
/** Rows of referral's effects. */
#define RECOMMEND_EFFECTS \
	{ "recommendation.counted", &recommendation_counted_schema, NULL, recommend_counted_apply }, \
		{ "recommendation.uncounted", &recommendation_counted_schema, NULL, recommend_uncounted_apply }, \
		{ "recommendation.merged", &recommendation_merged_schema, NULL, recommend_merged_apply }, \
	{ \
		"recommendation.erased", &recommendation_erased_schema, NULL, recommend_erased_apply \
	}

struct referral_step;
/** Fold how far a referral has come by a step. @param seq of its event */
int recommend_step(struct palier_tables *t, uint64_t seq, const struct referral_step *e);
/** A referral has never been. */
int recommend_forget(struct palier_tables *t, uint64_t id);

/** The last day on which a member was asked so, up to `until`. @return PALIER_OK; PALIER_ENOENT: never */
int asked_last(const struct palier_tables *t, struct palier_id member, enum recommend_kind kind, uint32_t until,
	uint32_t *out);
/** Was the member ever asked anything? @return PALIER_OK; PALIER_ENOENT */
int asked_any(const struct palier_tables *t, struct palier_id member);

/** The sums of some days, and of "said" by source. */
struct recommend_sums {
	int64_t steps[RECOMMEND_KINDS][RECOMMEND_STEPS]; /* by kind */
	struct recommend_source {
		struct palier_bytes name;
		int64_t count;
	} * sources; /* most first */
	size_t source_count;
};
int recommend_sum(const struct palier_tables *t, uint32_t from, uint32_t to, struct palier_arena *a,
	struct recommend_sums *out);
/** Do the tables agree with themselves? */
int recommend_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- decided (recommend.c) --- */

int recommend_on_enroll(struct palier_ctx *c, const struct member_enroll *params);
/** After the sale's referral is decided. */
int recommend_on_sale(struct palier_ctx *c, const struct palier_sale *s);
/** A code was made. */
int recommend_on_issue(struct palier_ctx *c);
/** A code was claimed: did its sponsor read the gentle line of late? */
int recommend_on_claim(struct palier_ctx *c, struct palier_id sponsor);
int recommend_on_void(struct palier_ctx *c, const struct palier_event *undone);
int recommend_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int recommend_on_erase(struct palier_ctx *c, struct palier_id member);

/* --- asked for (recommend_report.c) --- */

int recommend_report_answer(struct palier_ctx *c, const void *params, struct palier_json *w);
