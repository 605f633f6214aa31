/* SPDX-License-Identifier: Apache-2.0 */
/* A friend claims a sponsor's code, at enrolment or with the first sale. */
#include "plugins/referral/internal.h"

int code_judge(struct palier_ctx *c, struct palier_bytes text, struct code_id *out_id, bool *out_known,
	struct code_row *out_row)
{
	struct code_row row = { .until = DAY_NEVER };
	struct code_id id;
	int err = code_open(c, text, &id);

	if (err != PALIER_OK)
		return err;
	err = code_get(palier_tables(c), &id, &row);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	*out_known = err == PALIER_OK;
	if (palier_today(c) > row.until)
		return PALIER_ECODE_EXPIRED;
	*out_id = id;
	*out_row = row;
	return PALIER_OK;
}

/* Is a customer who enrolled on that day still new? "30 days": less than so many. */
static bool is_recent(struct span newness, uint32_t since, uint32_t today)
{
	switch (newness.kind) {
	case SPAN_DAYS:
		return today < day_add(since, newness.n);
	case SPAN_MONTHS:
		return today < day_add_months(since, newness.n);
	case SPAN_END_OF_MONTH:
		return today <= day_month_end(since);
	case SPAN_END_OF_YEAR:
		return today <= day_year_end(since);
	case SPAN_NEVER:
		break;
	}
	return true;
}

/* @return PALIER_OK; PALIER_EPARAMS: only the card is known; PALIER_ENOT_A_NEW_CUSTOMER */
static int friend_judge(struct palier_ctx *c, struct palier_id friend)
{
	const struct referral_config *cfg = palier_config(c);
	struct palier_person person;
	struct palier_facts facts;
	int err = palier_person(c, friend, &person);

	if (err == PALIER_OK)
		err = palier_facts(c, friend, &facts);
	if (err != PALIER_OK)
		return err;
	if (person.since == 0)
		return PALIER_EPARAMS;
	return facts.purchases == 0 && is_recent(cfg->newness, person.since, palier_today(c)) ? PALIER_OK
	                                                                                      : PALIER_ENOT_A_NEW_CUSTOMER;
}

int friend_was_new(struct palier_ctx *c, struct palier_id other, const struct referral *r, bool *out)
{
	const struct referral_config *cfg = palier_config(c);
	struct palier_person person;
	struct palier_facts facts;
	int err = palier_person(c, other, &person);

	if (err == PALIER_OK)
		err = palier_facts(c, other, &facts);
	if (err != PALIER_OK)
		return err;
	*out = (facts.purchases == 0 || facts.first_purchase_ms >= r->since_ms) &&
	       (!cfg || person.since == 0 || is_recent(cfg->newness, person.since, r->claimed));
	return PALIER_OK;
}

/* Nobody sponsors himself, whatever he calls himself. */
static int self_judge(struct palier_ctx *c, struct palier_id friend, struct palier_id sponsor)
{
	struct palier_contact shared;
	int err;

	if (palier_member_was(c, sponsor, friend))
		return PALIER_ESELF_REFERRAL;
	err = palier_contact_shared(c, sponsor, friend, &shared);
	if (err != PALIER_OK)
		return err;
	return shared.phone && shared.email ? PALIER_ESELF_REFERRAL : PALIER_OK;
}

/* A friend claims once, whatever became of it. */
static int claimed_judge(struct palier_ctx *c, struct palier_id friend)
{
	uint64_t *ids;
	uint32_t count = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), friend, SIDE_FRIEND, &ids, &count);

	return err == PALIER_OK && count > 0 ? PALIER_ECODE_SPENT : err;
}

/* @param out its code, and its sponsor as far as known
 * @return PALIER_OK, or why not, which is not refused yet */
static int claim_judge(struct palier_ctx *c, const struct palier_id *friend, struct palier_bytes code, struct referral *out)
{
	struct code_row row;
	int err;

	if (!palier_config(c))
		return PALIER_ECODE_UNKNOWN;
	err = code_judge(c, code, &out->code, &out->has_sponsor, &row);
	if (err == PALIER_OK && !friend)
		err = PALIER_EPARAMS;
	if (err == PALIER_OK)
		err = claimed_judge(c, *friend);
	if (err == PALIER_OK && out->has_sponsor) {
		out->sponsor = row.member;
		err = self_judge(c, *friend, row.member);
	}
	return err == PALIER_OK ? friend_judge(c, *friend) : err;
}

static bool is_reason(int err)
{
	switch (err) {
	case PALIER_EPARAMS:
	case PALIER_ECODE_MALFORMED:
	case PALIER_ECODE_UNKNOWN:
	case PALIER_ECODE_EXPIRED:
	case PALIER_ECODE_SPENT:
	case PALIER_ESELF_REFERRAL:
	case PALIER_ENOT_A_NEW_CUSTOMER:
		return true;
	default:
		return false;
	}
}

static const char *reason_text(int err)
{
	switch (err) {
	case PALIER_EPARAMS:
		return "a sponsor's code is claimed by a member: enrol the customer first";
	case PALIER_ECODE_UNKNOWN:
		return "this shop knows no such code";
	case PALIER_ECODE_SPENT:
		return "this customer has claimed a sponsor's code already";
	default:
		return palier_error_info(err)->text;
	}
}

static int claim_refuse(struct palier_ctx *c, int err, const struct palier_id *friend, struct palier_bytes sale)
{
	const struct palier_alert alert = { .what = palier_error_info(err)->reason, .member = friend, .sale = sale };

	return palier_offline(c) ? palier_alert(c, &alert) : palier_refuse(c, err, "referral", "%s", reason_text(err));
}

/* Somebody should know of it before anybody is paid. */
static int flagged_alert(struct palier_ctx *c, const struct referral *r, struct palier_bytes sale)
{
	const struct palier_alert alert = { .what = "referral_flagged", .member = &r->friend, .sale = sale };

	return r->flagged ? palier_alert(c, &alert) : PALIER_OK;
}

int referral_claim(struct palier_ctx *c, const struct palier_id *friend, struct palier_bytes code, struct palier_bytes sale)
{
	const struct happened h = { .cause = CAUSE_CLAIM, .day = palier_today(c) };
	struct referral r = { .id = palier_event_now(c)->seq,
		.since_ms = palier_at(c),
		.claimed = h.day,
		.phase = PHASE_CLAIMED };
	int err = claim_judge(c, friend, code, &r);

	if (is_reason(err))
		return claim_refuse(c, err, friend, sale);
	if (err != PALIER_OK)
		return err;
	r.friend = *friend;
	err = referral_flags(c, &r, &r.flags);
	r.flagged = r.flags != 0;
	if (err == PALIER_OK)
		err = referral_step(c, &r, &h);
	if (err == PALIER_OK && r.has_sponsor)
		err = recommend_on_claim(c, r.sponsor);
	return err == PALIER_OK ? flagged_alert(c, &r, sale) : err;
}

int referral_on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params)
{
	if (!PALIER_HAS(params, member_enroll, referral))
		return PALIER_OK;
	return referral_claim(c, &member, params->referral, palier_bytes_of(NULL, 0));
}
