/* SPDX-License-Identifier: Apache-2.0 */
/* When to speak of recommendation, and what to count of it. A customer is asked for one thing on a ticket, and only while standing at the
 * till: not in a quote, not by what happened offline, not where goods come back. */
#include "plugins/referral/internal.h"

#define EVOKED_DAYS 90 /* so long a claim may come of a line */

static const struct recommend_config *config_of(const struct palier_ctx *c)
{
	const struct referral_config *cfg = palier_config(c);

	return cfg ? &cfg->recommend : NULL;
}

static struct recommendation_counted counting(const struct palier_ctx *c, enum recommend_kind kind, enum recommend_step step)
{
	struct recommendation_counted e = { .set = { 0, 0 } };

	PALIER_SET(&e, recommendation_counted, of, (int)kind);
	PALIER_SET(&e, recommendation_counted, step, (int)step);
	PALIER_SET(&e, recommendation_counted, day, palier_today(c));
	return e;
}

/* --- spontaneous --- */

int recommend_on_enroll(struct palier_ctx *c, const struct member_enroll *params)
{
	const struct recommend_config *cfg = config_of(c);
	struct recommendation_counted e = counting(c, KIND_SPONTANEOUS, STEP_ENROLLED);
	int err;

	if (!cfg)
		return PALIER_OK;
	err = palier_effect_add(c, "recommendation.counted", &e);
	if (err != PALIER_OK || !PALIER_HAS(params, member_enroll, heard_from) || params->heard_from.len == 0)
		return err;
	e = counting(c, KIND_SPONTANEOUS, STEP_SAID);
	PALIER_SET(&e, recommendation_counted, source, source_of(cfg, params->heard_from));
	return palier_effect_add(c, "recommendation.counted", &e);
}

/* --- evoked and solicited --- */

static bool goods_come_back(const struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (strncmp(ev->effects[i].kind->name, "return.", 7) == 0 ||
			strcmp(ev->effects[i].kind->name, "sale.returned") == 0)
			return true;
	return false;
}

/* Is this the moment to ask a customer for anything? */
static bool may_ask(struct palier_ctx *c, const struct palier_sale *s)
{
	struct palier_person person;

	return !s->quote && s->number.len > 0 && s->has_member && !s->claimed && !palier_offline(c) && !goods_come_back(c) &&
	       palier_person(c, s->member, &person) == PALIER_OK && person.since != 0;
}

/* Is it so many purchases, and long enough since the last time? */
static int asking_due(struct palier_ctx *c, const struct asking *a, enum recommend_kind kind, struct palier_id member,
	bool *out)
{
	struct palier_facts facts = { .purchases = 0 };
	uint32_t last;
	int err = a->set ? palier_facts(c, member, &facts) : PALIER_OK;

	*out = false;
	if (err != PALIER_OK || !a->set || facts.purchases + 1 < a->after)
		return err;
	err = asked_last(palier_tables(c), member, kind, DAY_NEVER, &last);
	if (err == PALIER_OK)
		*out = palier_today(c) > span_last_day(a->quiet, zone_midnight(last));
	if (err == PALIER_ENOENT)
		*out = true;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int asked_book(struct palier_ctx *c, enum recommend_kind kind, enum recommend_step step, struct palier_id member)
{
	struct recommendation_counted e = counting(c, kind, step);

	PALIER_SET(&e, recommendation_counted, asked, member);
	return palier_effect_add(c, "recommendation.counted", &e);
}

/* Is something being looked into, or did something fall through, that the member has a part in? */
static int any_doubt(struct palier_ctx *c, struct palier_id member, enum referral_side side, bool *out)
{
	uint64_t *ids;
	uint32_t count = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), member, side, &ids, &count);

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		struct referral r;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err == PALIER_OK && (r.flagged || r.phase == PHASE_VOID))
			*out = true;
	}
	return err;
}

static int evoke_due(struct palier_ctx *c, const struct recommend_config *cfg, struct palier_id member, bool *out)
{
	bool doubt = false;
	int err = asking_due(c, &cfg->evoke, KIND_EVOKED, member, out);

	if (err == PALIER_OK && *out)
		err = any_doubt(c, member, SIDE_FRIEND, &doubt);
	if (err == PALIER_OK && *out)
		err = any_doubt(c, member, SIDE_SPONSOR, &doubt);
	*out = *out && !doubt;
	return err;
}

/* A friend is spoken of only with a code to bring along, and not to whom something is being looked into. */
static int evoke(struct palier_ctx *c, struct palier_id member)
{
	const struct side *friend = &((const struct referral_config *)palier_config(c))->friend;
	struct palier_bytes args[2], url;
	uint32_t count = 1;
	int err = referral_code(c, member, &args[0], &url);

	if (err == PALIER_ENOENT) /* no code is left to be given: no reason to stop a sale */
		return PALIER_OK;
	if (err == PALIER_OK && friend->set)
		args[count++] = palier_str(palier_label(c, friend->label, &member));
	if (err == PALIER_OK && friend->set)
		/* TRANSLATORS: on the ticket: the customer's code, and what it brings a friend, "500 points" */
		err = palier_message(c, N_("If you like it here, tell a friend. Your code: %1. For your friend: %2"), args,
			count);
	else if (err == PALIER_OK)
		/* TRANSLATORS: on the ticket: the customer's code */
		err = palier_message(c, N_("If you like it here, tell a friend. Your code: %1"), args, count);
	if (err == PALIER_OK)
		err = palier_qr(c, "sponsor", url);
	return err == PALIER_OK ? asked_book(c, KIND_EVOKED, STEP_SHOWN, member) : err;
}

static int solicit(struct palier_ctx *c, const struct recommend_config *cfg, struct palier_id member)
{
	int err = palier_message(c, N_("A word from you helps others find us: scan the code to leave a review."), NULL, 0);

	if (err == PALIER_OK)
		err = palier_qr(c, "review", cfg->review_url);
	return err == PALIER_OK ? asked_book(c, KIND_SOLICITED, STEP_ASKED, member) : err;
}

int recommend_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct recommend_config *cfg = config_of(c);
	bool due = false;
	int err;

	if (!cfg || !may_ask(c, s))
		return PALIER_OK;
	err = evoke_due(c, cfg, s->member, &due);
	if (err != PALIER_OK || due)
		return err == PALIER_OK ? evoke(c, s->member) : err;
	err = asking_due(c, &cfg->review, KIND_SOLICITED, s->member, &due);
	return err == PALIER_OK && due ? solicit(c, cfg, s->member) : err;
}

int recommend_on_issue(struct palier_ctx *c)
{
	const struct recommendation_counted e = counting(c, KIND_SPONSORSHIP, STEP_ISSUED);

	return palier_effect_add(c, "recommendation.counted", &e);
}

int recommend_on_claim(struct palier_ctx *c, struct palier_id sponsor)
{
	struct recommendation_counted e = counting(c, KIND_EVOKED, STEP_CLAIMED);
	uint32_t last;
	int err = asked_last(palier_tables(c), sponsor, KIND_EVOKED, e.day, &last);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (e.day > day_add(last, EVOKED_DAYS))
		return PALIER_OK;
	return palier_effect_add(c, "recommendation.counted", &e);
}

/* --- undone, merged, erased --- */

/* Of a member who is erased nothing is kept any longer. */
static int count_undo(struct palier_ctx *c, const struct recommendation_counted *counted)
{
	struct recommendation_counted e = *counted;
	struct palier_id now;
	int err = PALIER_HAS(&e, recommendation_counted, asked) ? palier_member_now(c, e.asked, &now) : PALIER_ENOENT;

	if (err == PALIER_OK)
		e.asked = now;
	else if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		e.set.has &= ~(UINT64_C(1) << recommendation_counted_bit_asked);
	else
		return err;
	return palier_effect_add(c, "recommendation.uncounted", &e);
}

/* A code that the ticket named is in the world. */
int recommend_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < undone->effect_count && err == PALIER_OK; i++) {
		const struct recommendation_counted *counted = palier_body(&undone->effects[i], "recommendation.counted");

		if (counted && counted->step != STEP_ISSUED)
			err = count_undo(c, counted);
	}
	return err;
}

int recommend_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct recommendation_merged e = { .set = { 0, 0 } };
	int err = asked_any(palier_tables(c), from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, recommendation_merged, from, from);
	PALIER_SET(&e, recommendation_merged, into, into);
	return palier_effect_add(c, "recommendation.merged", &e);
}

int recommend_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct recommendation_erased e = { .set = { 0, 0 } };
	int err = asked_any(palier_tables(c), member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, recommendation_erased, member, member);
	return palier_effect_add(c, "recommendation.erased", &e);
}
