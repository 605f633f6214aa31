/* SPDX-License-Identifier: Apache-2.0 */
/* Touchpoints: booked as they happen, with what the map counts of them. Once a command is decided, whomever it touched is judged. */
#include "plugins/journey/internal.h"

#include "plugins/survey.h"

#define GAP_MOST 36500

/* --- one touchpoint --- */

static int touch_book(struct palier_ctx *c, const struct journey_met *m)
{
	struct journey_touch e = { .set = { 0, 0 } };

	PALIER_SET(&e, journey_touch, member, m->member);
	PALIER_SET(&e, journey_touch, touchpoint, m->touchpoint);
	PALIER_SET(&e, journey_touch, channel, (int)m->channel);
	if (m->device.len)
		PALIER_SET(&e, journey_touch, device, m->device);
	if (m->emotion)
		PALIER_SET(&e, journey_touch, emotion, *m->emotion);
	return palier_effect_add(c, "journey.touch", &e);
}

/* It is counted where the member stood when it happened; whoever stands nowhere yet had just heard of the shop. */
static int touch_count(struct palier_ctx *c, const struct journey_met *m)
{
	struct journey_counted e = { .set = { 0, 0 } };
	struct journey_standing s;
	int err = journey_standing_get(palier_tables(c), m->member, &s);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, journey_counted, stage, s.stage == NO_STAGE ? STAGE_AWARENESS : (int)s.stage);
	PALIER_SET(&e, journey_counted, day, palier_today(c));
	if (s.persona.len)
		PALIER_SET(&e, journey_counted, persona, s.persona);
	PALIER_SET(&e, journey_counted, channel, (int)m->channel);
	if (m->emotion)
		PALIER_SET(&e, journey_counted, emotion, *m->emotion);
	if (m->answer) {
		PALIER_SET(&e, journey_counted, question, m->answer->kind);
		PALIER_SET(&e, journey_counted, score, m->answer->score);
	}
	if (m->returned)
		PALIER_SET(&e, journey_counted, returned, true);
	return palier_effect_add(c, "journey.counted", &e);
}

int journey_met(struct palier_ctx *c, const struct journey_met *m)
{
	int err = touch_book(c, m);

	return err == PALIER_OK ? touch_count(c, m) : err;
}

/* Where what is done at the till is done. */
static unsigned here(struct palier_ctx *c)
{
	const struct journey_config *cfg = palier_config(c);
	const struct palier_bytes till = palier_till(c);

	for (size_t i = 0; cfg && i < cfg->till_count; i++)
		if (palier_equal(cfg->tills[i].name, till))
			return cfg->tills[i].channel;
	return CHANNEL_STORE;
}

/* --- sales, returns, enrolments --- */

/* Between two days with purchases; a second purchase on the same day begins no other. */
static int gap_book(struct palier_ctx *c, struct palier_id member)
{
	struct journey_gap e = { .set = { 0, 0 } };
	struct palier_facts facts;
	int64_t days;
	int err = palier_facts(c, member, &facts);

	if (err != PALIER_OK || facts.purchases == 0)
		return err;
	days = day_number(palier_today(c)) - day_number(zone_day(facts.last_purchase_ms));
	if (days < 1 || days > GAP_MOST)
		return PALIER_OK;
	PALIER_SET(&e, journey_gap, days, days);
	return palier_effect_add(c, "journey.gap", &e);
}

int journey_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct journey_met m = { .member = s->member, .touchpoint = palier_str(TOUCH_PURCHASE), .channel = here(c) };
	int err;

	/* A ticket with returns alone is no purchase. */
	if (!palier_config(c) || s->quote || s->number.len == 0 || !s->has_member || s->line_count == 0 ||
		palier_is_bearer(c, s->member))
		return PALIER_OK;
	err = gap_book(c, s->member);
	return err == PALIER_OK ? journey_met(c, &m) : err;
}

int journey_on_return(struct palier_ctx *c, struct palier_return *r)
{
	const struct journey_met m = { .member = r->member,
		.touchpoint = palier_str(TOUCH_RETURN),
		.channel = here(c),
		.returned = true };

	if (!palier_config(c) || r->quote || !r->has_member || palier_is_bearer(c, r->member))
		return PALIER_OK;
	return journey_met(c, &m);
}

int journey_on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *p)
{
	const struct journey_met m = { .member = member, .touchpoint = palier_str(TOUCH_ENROL), .channel = here(c) };

	(void)p;
	return palier_config(c) ? journey_met(c, &m) : PALIER_OK;
}

/* --- what others have booked --- */

/* By a card it was given in the store, by a token on the customer's own device. */
static int answer_met(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	const struct survey_answer *p = ev->params;
	struct journey_met m = { .touchpoint = palier_str(TOUCH_SURVEY) };

	if (!ev->method || strcmp(ev->method->name, "survey.answer") != 0 || !ev->has_member)
		return PALIER_OK;
	m.member = ev->member;
	m.channel = p->card.len || PALIER_HAS(p, survey_answer, member) ? here(c) : CHANNEL_WEB;
	m.answer = p;
	m.emotion = p->kind == SURVEY_EMOTION ? &p->score : NULL;
	return journey_met(c, &m);
}

/* A question that went out by message is a mail of the shop's like any other. */
static int letter_met(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	const struct survey_sent *sent = NULL;
	struct journey_met m = { .touchpoint = palier_str(TOUCH_EMAIL_SENT), .channel = CHANNEL_EMAIL };

	for (uint32_t i = 0; i < ev->effect_count && !sent; i++)
		sent = palier_body(&ev->effects[i], "survey.sent");
	if (!sent)
		return PALIER_OK;
	m.member = sent->member;
	if (sent->way == SURVEY_SMS) {
		m.touchpoint = palier_str(TOUCH_SMS_SENT);
		m.channel = CHANNEL_PHONE;
	}
	return journey_met(c, &m);
}

/* Whoever has brought one more friend has met the shop by it. */
static int friends_met(struct palier_ctx *c, struct palier_id member)
{
	const struct journey_met m = { .member = member, .touchpoint = palier_str(TOUCH_REFERRAL), .channel = here(c) };
	struct journey_brought e = { .set = { 0, 0 } };
	struct journey_standing s;
	struct palier_bytes fact;
	int64_t friends = 0;
	int err = palier_fact(c, member, "referrals", &fact);

	if (err == PALIER_OK && !decimal_parse(palier_cstr(palier_arena(c), fact), 0, &friends))
		friends = 0;
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = journey_standing_get(palier_tables(c), member, &s);
	if (err != PALIER_OK || friends == s.friends)
		return err;
	PALIER_SET(&e, journey_brought, member, member);
	PALIER_SET(&e, journey_brought, friends, friends);
	err = palier_effect_add(c, "journey.brought", &e);
	return err == PALIER_OK && friends > s.friends ? journey_met(c, &m) : err;
}

/* --- whom the command touched --- */

struct touched {
	struct palier_id *at;
	size_t count, room;
};

/* As who they are now, each once. */
static int touched_add(struct palier_ctx *c, struct touched *all, struct palier_id member)
{
	int err = palier_member_now(c, member, &member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	for (size_t i = 0; i < all->count; i++)
		if (palier_id_equal(all->at[i], member))
			return PALIER_OK;
	if (palier_is_bearer(c, member))
		return PALIER_OK;
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 8;
		struct palier_id *grown = palier_alloc(palier_arena(c), room * sizeof(*grown));

		if (all->count)
			memcpy(grown, all->at, all->count * sizeof(*grown));
		all->at = grown;
		all->room = room;
	}
	all->at[all->count++] = member;
	return PALIER_OK;
}

static bool own_fact(struct palier_bytes name)
{
	return palier_is(name, "stage") || palier_is(name, "persona");
}

static int facts_touched(struct palier_ctx *c, struct touched *all)
{
	struct palier_bytes name;
	struct palier_id member;
	int err = PALIER_OK;

	for (uint32_t i = 0; err == PALIER_OK && palier_fact_told(c, i, &member, &name); i++)
		if (!own_fact(name))
			err = touched_add(c, all, member);
	return err;
}

/* Does it change what is known of the event's member? Core's and our own effects that do. */
static bool moves_member(const struct palier_event *ev)
{
	static const char *const kinds[] = { "journey.touch", "journey.undone", "journey.moved", "member.profile",
		"member.merged" };

	for (uint32_t i = 0; i < ev->effect_count; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			if (strcmp(ev->effects[i].kind->name, kinds[k]) == 0)
				return true;
	return false;
}

/* The reply says where the member stands, also when it is given again later. */
static int stood_book(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	struct journey_stood e = { .set = { 0, 0 } };
	struct journey_standing s;
	int err;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct journey_entry *entry = palier_body(&ev->effects[i], "journey.stage");

		if (entry && palier_id_equal(entry->member, ev->member))
			return PALIER_OK;
	}
	err = journey_standing_find(palier_tables(c), ev->member, &s);
	if (err != PALIER_OK || s.stage == NO_STAGE)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, journey_stood, member, ev->member);
	PALIER_SET(&e, journey_stood, stage, (int)s.stage);
	return palier_effect_add(c, "journey.stood", &e);
}

static bool is_commit(const struct palier_event *ev)
{
	return ev->has_member && ev->method && strcmp(ev->method->name, "sale.commit") == 0;
}

int journey_on_decided(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	struct touched all = { .count = 0 };
	int err = palier_config(c) ? answer_met(c) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = letter_met(c);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (ev->has_member && moves_member(ev))
		err = touched_add(c, &all, ev->member);
	if (err == PALIER_OK)
		err = facts_touched(c, &all);
	for (size_t i = 0; i < all.count && err == PALIER_OK; i++) {
		err = friends_met(c, all.at[i]);
		if (err == PALIER_OK)
			err = journey_judge(c, all.at[i]);
	}
	return err == PALIER_OK && is_commit(ev) ? stood_book(c) : err;
}
