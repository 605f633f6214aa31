/* SPDX-License-Identifier: Apache-2.0 */
/* tiers - what was earned or spent in a window lifts a member to a tier, which multiplies what is earned from then on. */
#include "plugins/tiers/internal.h"

#include "plugins/points.h"

/* So many members a slice. */
#define SLICE 200

/* --- what counts --- */

static bool is_kind(const struct palier_effect *e, const char *kind)
{
	return strcmp(e->kind->name, kind) == 0;
}

/* What this very ticket earned, as points has it. */
static int64_t earned_by(struct palier_ctx *c, const struct palier_sale *s, struct palier_bytes unit)
{
	const struct palier_event *ev = palier_event_now(c);
	int64_t earned = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = ev->effects[i].body;

		if (is_kind(&ev->effects[i], "points.move") && m->cause == POINTS_EARN && palier_equal(m->unit, unit) &&
			palier_id_equal(m->member, s->member))
			earned += m->points;
	}
	return earned;
}

/* What was paid for goods, however it was paid. */
static int64_t paid_in(const struct palier_sale *s)
{
	int64_t paid = 0;

	for (uint32_t i = 0; i < s->line_count; i++)
		if (s->lines[i].kind == LINE_ITEM)
			paid += s->lines[i].gross - s->lines[i].foreign - s->lines[i].ours;
	return paid;
}

/* --- what is shown --- */

static int shown_add(struct palier_ctx *c, struct palier_id member)
{
	uint32_t day = palier_today(c), now = zone_day(palier_received(c));
	struct tiers_shown shown;
	int err = standing_show(c, member, now > day ? now : day, &shown);

	return err == PALIER_OK ? palier_effect_add(c, "tiers.shown", &shown) : err;
}

/* The last of the event. */
static const struct tiers_shown *shown_in(const struct palier_event *ev, struct palier_id member)
{
	for (uint32_t i = ev->effect_count; i-- > 0;) {
		const struct tiers_shown *e = ev->effects[i].body;

		if (is_kind(&ev->effects[i], "tiers.shown") && palier_id_equal(e->member, member))
			return e;
	}
	return NULL;
}

static void shown_write(const char *key, const struct tiers_shown *e, struct palier_json *w)
{
	struct tier_view view = { .set = { 0, 0 } };

	if (!e->tier.len)
		return;
	PALIER_SET(&view, tier_view, name, e->tier);
	if (e->until)
		PALIER_SET(&view, tier_view, until, e->until);
	if (e->notice)
		PALIER_SET(&view, tier_view, notice, true);
	if (e->multiplier)
		PALIER_SET(&view, tier_view, multiplier, e->multiplier);
	if (e->next.len) {
		PALIER_MARK(&view, tier_view, next);
		PALIER_SET(&view.next, next_tier, name, e->next);
		PALIER_SET(&view.next, next_tier, missing, e->missing);
		if (e->unit.len)
			PALIER_SET(&view.next, next_tier, unit, e->unit);
	}
	palier_json_key(w, key);
	schema_encode(&tier_view_schema, SCHEMA_WIRE, &view, w);
}

/* TRANSLATORS: the name of a tier, and a date */
#define TEXT_NOTICE N_("%1 ends after %2, unless you reach it again")

/* What the customer calls a tier; one that is no longer configured bears its name. */
static struct palier_bytes tier_label(struct palier_ctx *c, struct palier_bytes tier, struct palier_id member)
{
	const struct tiers_config *cfg = palier_config(c);
	const struct tier *t = cfg ? tiers_named(&cfg->rules, tier) : NULL;

	return t ? palier_str(palier_label(c, t->label, &member)) : tier;
}

static int on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct tiers_shown shown;
	int err = palier_config(c) ? standing_show(c, member, zone_day(palier_received(c)), &shown) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	shown_write("tier", &shown, w);
	if (shown.notice) {
		const struct palier_bytes args[] = { tier_label(c, shown.tier, member), palier_day_text(c, shown.until) };

		palier_prompt(c, "tier", TEXT_NOTICE, args, 2);
	}
	return PALIER_OK;
}

static int on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	const struct tiers_shown *shown = ev->has_member ? shown_in(ev, ev->member) : NULL;

	(void)c;
	(void)sale;
	if (shown && reply == PALIER_REPLY_QUOTE)
		shown_write("tier_after", shown, w);
	else if (shown && reply == PALIER_REPLY_COMMIT)
		shown_write("tier", shown, w);
	return PALIER_OK;
}

/* --- a sale --- */

/* The tier before the ticket multiplies what it earns. */
static int on_earn(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *thousandths)
{
	const struct tiers_config *cfg = palier_config(c);
	struct palier_bytes tier;
	const struct tier *t;
	int err;

	if (!cfg || !s->has_member || !palier_is(cfg->unit, unit))
		return PALIER_OK;
	err = standing_tier_at(c, s->member, palier_at(c), &tier);
	if (err != PALIER_OK)
		return err;
	t = tiers_named(&cfg->rules, tier);
	*thousandths = t ? t->multiplier : 1000;
	return PALIER_OK;
}

static int say(struct palier_ctx *c, struct palier_id member, const struct standing *before, const struct standing *after)
{
	const struct tiers_config *cfg = palier_config(c);
	const struct tiers_step *top = &after->step;
	const struct palier_bytes args[] = { tier_label(c, top->tier, member),
		top->notice ? palier_day_text(c, top->notice) : palier_bytes_of(NULL, 0) };

	if (top->notice)
		return palier_message(c, TEXT_NOTICE, args, 2);
	if (step_worth(&cfg->rules, top) <= step_worth(&cfg->rules, &before->step))
		return PALIER_OK;
	/* TRANSLATORS: the name of the tier that the customer has just reached */
	return palier_message(c, N_("Welcome to %1!"), args, 1);
}

static int on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct tiers_config *cfg = palier_config(c);
	struct standing before, after;
	int64_t figure;
	int err;

	if (!cfg || !s->has_member)
		return PALIER_OK;
	figure = cfg->rules.measured.len ? earned_by(c, s, cfg->rules.measured) : paid_in(s);
	err = standing_count(c, s->member, figure, s->number, &before, &after);
	if (err == PALIER_OK)
		err = say(c, s->member, &before, &after);
	return err == PALIER_OK ? shown_add(c, s->member) : err;
}

/* --- what comes back --- */

/* Take from what the sale counted the part that comes back with this return. */
static int part_take(struct palier_ctx *c, const struct palier_return *r, const struct palier_event *sale,
	const struct tiers_counted *e)
{
	int64_t back = palier_share(e->figure, r->after, r->base) - palier_share(e->figure, r->before, r->base);

	return back > 0 ? standing_return(c, r->member, sale, e, back) : PALIER_OK;
}

static bool counts(const struct palier_effect *e, struct palier_bytes sale)
{
	const struct tiers_counted *counted = e->body;

	return is_kind(e, "tiers.counted") && counted->figure > 0 && palier_equal(counted->sale, sale);
}

static int on_return(struct palier_ctx *c, struct palier_return *r)
{
	const bool shown = r->has_member && shown_in(palier_event_now(c), r->member);
	int err = PALIER_OK;

	for (unsigned n = 0; n < 2 && r->has_member; n++) {
		const struct palier_event *ev = r->booked[n];

		for (uint32_t i = 0; ev && i < ev->effect_count && err == PALIER_OK; i++)
			if (counts(&ev->effects[i], r->sale))
				err = part_take(c, r, ev, ev->effects[i].body);
	}
	/* A return that waited for this very sale: what the reply says of the tier is no longer so. */
	return err == PALIER_OK && shown && palier_config(c) ? shown_add(c, r->member) : err;
}

/* What this effect put among what happened is as if it had not been. @param n which of those that it took back; 0: what it counted */
static int entry_drop(struct palier_ctx *c, const struct palier_event *undone, struct palier_id whose, uint32_t n)
{
	struct palier_id member;
	int err = palier_member_now(c, whose, &member);

	if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		return PALIER_OK;
	return err == PALIER_OK ? standing_drop(c, member, undone, n) : err;
}

/* The last first. */
static int on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct palier_effect *e = &undone->effects[i];
		const struct tiers_counted *counted = e->body;
		const struct tiers_returned *returned = e->body;

		if (is_kind(e, "tiers.counted"))
			err = entry_drop(c, undone, counted->member, 0);
		else if (is_kind(e, "tiers.returned"))
			err = entry_drop(c, undone, returned->member, (uint32_t)returned->n);
	}
	return err;
}

/* --- members --- */

/* Whoever enrols begins on the tier from 0, if there is one. */
static int on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params)
{
	struct standing st, after;
	int err = palier_config(c) ? standing_read(c, member, &st) : PALIER_ENOENT;

	(void)params;
	if (err == PALIER_OK && !st.booked && st.step.tier.len)
		return standing_count(c, member, 0, palier_bytes_of(NULL, 0), &st, &after);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct tiers_forgotten e = { .set = { 0, 0 } };
	struct standing st;
	int err = standing_read(c, member, &st);

	if (err != PALIER_OK || !st.booked)
		return err;
	PALIER_SET(&e, tiers_forgotten, member, member);
	return palier_effect_add(c, "tiers.forgotten", &e);
}

static int due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	int err = palier_config(c) ? PALIER_OK : PALIER_ENOENT;

	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = standing_judge(c, *from, close);
	}
	return err;
}

PALIER_PLUGIN(tiers) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "tiers",
	.options = tiers_options,
	.configure = tiers_configure,
	.tables = tiers_tables,
	.effects = tiers_effects,
	.on_sale = on_sale,
	.on_earn = on_earn,
	.on_return = on_return,
	.on_void = on_void,
	.on_enroll = on_enroll,
	.on_merge = standing_merge,
	.on_erase = on_erase,
	.due = due,
	.on_lookup = on_lookup,
	.on_reply = on_reply,
	.check = tiers_check,
};
