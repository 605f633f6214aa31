/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of referral share: the compiled configuration, the tables, the effects, and how a referral goes on.
 *
 * A referral is one friend's claim of one code. Its id is the seq of the event that claimed it. */
#pragma once

#include "plugins/ambassador.h"
#include "plugins/offers.h"
#include "plugins/points.h"
#include "protocol/referral.h"

/* --- configuration (config.c) --- */

/** What a side gets: points of a unit, or an offer. A reward is what it costs. */
struct side {
	bool set;                 /* the side gets something */
	struct palier_bytes unit; /* empty: an offer */
	int64_t points;
	struct palier_bytes offer;  /* empty: points */
	struct palier_bytes reward; /* whose cost the points are; empty: none */
	const struct palier_label *label;
};

struct referral_config {
	const char *url; /* what stands before the code */
	int64_t minimum; /* what the friend must buy for, at once */
	struct span hold, expires, newness;
	int64_t cap; /* rewards a sponsor is paid in `per`; 0: no cap */
	struct span per;
	int64_t claims_per_day; /* 0: no limit */
	struct side sponsor, friend;
};

extern cfg_opt_t referral_options[];
int referral_configure(struct palier_setup *s, cfg_t *section, const void **out);

/* --- codes and their keys (codes.c) --- */

/** What a code says. */
struct code_id {
	unsigned key;
	uint32_t serial;
};

/** @param text as scanned or typed @return PALIER_OK; PALIER_ECODE_MALFORMED; PALIER_ECODE_UNKNOWN: it is not genuine */
int code_open(struct palier_ctx *c, struct palier_bytes text, struct code_id *out);
/** @param symbols REFERRAL_SYMBOLS characters and a NUL */
int code_symbols(struct palier_ctx *c, const struct code_id *id, char *symbols);
/** The next code of the store's range, made with the newest key. @return PALIER_OK; refused: the range is used up */
int code_next(struct palier_ctx *c, struct code_id *out);
/** What a code's QR says. @param base what stands before the code */
int code_url(struct palier_ctx *c, struct palier_bytes base, const struct code_id *id, struct palier_bytes *out);
/** Was the serial given to this store to be made here? */
int code_is_ours(struct palier_ctx *c, const struct code_id *id, bool *out);
int referral_rotate_decide(struct palier_ctx *c, const void *params);
int referral_code_text(struct palier_ctx *c, struct palier_bytes code, struct palier_bytes *out);

/* --- methods (methods.c) --- */

extern const struct palier_service referral_services[];
