/* SPDX-License-Identifier: Apache-2.0 */
/* What referral answers: a member's own code, what a code is worth, who sponsored whom, and what waits for a verdict. */
#include <inttypes.h>

#include "plugins/referral/internal.h"

#define LIST_MOST  200
#define QUEUE_PAGE 50

static int reply_nothing(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

/* --- ids: "r_1201" --- */

static struct palier_bytes id_text(struct palier_ctx *c, uint64_t id)
{
	return palier_str(palier_format(palier_arena(c), "r_%" PRIu64, id));
}

static bool id_parse(struct palier_bytes text, uint64_t *out)
{
	uint64_t id = 0;

	if (text.len < 3 || text.len > 18 || text.at[0] != 'r' || text.at[1] != '_' || text.at[2] == '0')
		return false;
	for (size_t i = 2; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		id = id * 10 + (uint64_t)(text.at[i] - '0');
	}
	*out = id;
	return true;
}

/* --- referral.issue --- */

static int code_make(struct palier_ctx *c, struct palier_id member, struct code_id *out_id, struct code_row *out_row)
{
	const struct referral_config *cfg = palier_config(c);
	struct code_issued e = { .set = { 0, 0 } };
	uint32_t until = span_last_day(cfg->expires, palier_at(c));
	int err = code_next(c, out_id);

	if (err != PALIER_OK)
		return err;
	*out_row = (struct code_row){ member, until, 0 };
	PALIER_SET(&e, code_issued, member, member);
	PALIER_SET(&e, code_issued, key, (int64_t)out_id->key);
	PALIER_SET(&e, code_issued, serial, (int64_t)out_id->serial);
	PALIER_SET(&e, code_issued, until, until);
	err = palier_effect_add(c, "referral.issued", &e);
	return err == PALIER_OK ? recommend_on_issue(c) : err;
}

/* The member's code while it lives. @return PALIER_OK; PALIER_ENOENT: there is none, or it has expired */
static int code_live(struct palier_ctx *c, struct palier_id member, uint32_t today, struct code_id *out_id,
	struct code_row *out_row)
{
	struct sponsor_row sponsor;
	int err = sponsor_get(palier_tables(c), member, &sponsor);

	if (err == PALIER_OK && sponsor.has_code)
		err = code_get(palier_tables(c), &sponsor.code, out_row);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	*out_id = sponsor.code;
	return sponsor.has_code && today <= out_row->until ? PALIER_OK : PALIER_ENOENT;
}

static int issue_decide(struct palier_ctx *c, const void *params)
{
	const struct referral_issue *p = params;
	const struct referral_config *cfg = palier_config(c);
	struct code_shown e = { .set = { 0, 0 } };
	struct palier_id member;
	struct code_id id;
	struct code_row row;
	int64_t left;
	int err = palier_who(c, p->card, PALIER_HAS(p, referral_issue, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	if (!cfg)
		return palier_refuse(c, PALIER_EREFERRAL_UNKNOWN, NULL, "this shop has no sponsorship");
	err = code_live(c, member, palier_today(c), &id, &row);
	if (err == PALIER_ENOENT)
		err = code_make(c, member, &id, &row);
	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EINTERNAL, NULL, "the store's range of codes is used up");
	if (err == PALIER_OK)
		err = cap_left(c, member, palier_today(c), &left);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, code_shown, member, member);
	PALIER_SET(&e, code_shown, key, (int64_t)id.key);
	PALIER_SET(&e, code_shown, serial, (int64_t)id.serial);
	PALIER_SET(&e, code_shown, url, palier_str(cfg->url));
	PALIER_SET(&e, code_shown, uses, (int64_t)row.uses);
	if (left != INT64_MAX)
		PALIER_SET(&e, code_shown, left, left);
	if (row.until != DAY_NEVER)
		PALIER_SET(&e, code_shown, until, row.until);
	return palier_effect_add(c, "referral.shown", &e);
}

static int shown_text(struct palier_ctx *c, const struct code_id *id, struct palier_bytes *out)
{
	char symbols[REFERRAL_SYMBOLS + 1], text[REFERRAL_TEXT + 1];
	int err = code_symbols(c, id, symbols);

	if (err != PALIER_OK)
		return err;
	referral_code_show(symbols, text);
	*out = palier_copy(palier_arena(c), palier_str(text));
	return PALIER_OK;
}

int referral_code(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out_code, struct palier_bytes *out_url)
{
	const struct referral_config *cfg = palier_config(c);
	struct code_row row;
	struct code_id id;
	int err = code_live(c, member, palier_today(c), &id, &row);

	if (err == PALIER_ENOENT)
		err = code_make(c, member, &id, &row);
	if (err == PALIER_OK)
		err = shown_text(c, &id, out_code);
	return err == PALIER_OK ? code_url(c, palier_str(cfg->url), &id, out_url) : err;
}

static const struct code_shown *shown_in(const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct code_shown *e = palier_body(&ev->effects[i], "referral.shown");

		if (e)
			return e;
	}
	return NULL;
}

static int issue_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	const struct code_shown *e = shown_in(ev);
	struct code_id id;
	struct palier_bytes code, url;
	int err;

	if (!e)
		return PALIER_EDAMAGED;
	id = (struct code_id){ (unsigned)e->key, (uint32_t)e->serial };
	err = shown_text(c, &id, &code);
	if (err == PALIER_OK)
		err = code_url(c, e->url, &id, &url);
	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "code");
	palier_json_string(w, code);
	palier_json_key(w, "url");
	palier_json_string(w, url);
	palier_json_key(w, "state");
	palier_json_string(w, PALIER_LIT("issued"));
	palier_json_key(w, "uses");
	palier_json_int(w, e->uses);
	if (PALIER_HAS(e, code_shown, left)) {
		palier_json_key(w, "left");
		palier_json_int(w, e->left);
	}
	if (PALIER_HAS(e, code_shown, until)) {
		palier_json_key(w, "expires");
		palier_json_day(w, e->until);
	}
	return PALIER_OK;
}

/* --- referral.check --- */

static void reward_fill(struct palier_ctx *c, const struct side *side, struct side_reward *out)
{
	if (side->reward.len)
		PALIER_SET(out, side_reward, reward, side->reward);
	if (side->unit.len) {
		PALIER_SET(out, side_reward, unit, side->unit);
		PALIER_SET(out, side_reward, points, side->points);
	}
	if (side->offer.len)
		PALIER_SET(out, side_reward, offer, side->offer);
	PALIER_SET(out, side_reward, label, palier_str(palier_label(c, side->label, NULL)));
}

/* Of somebody who is known here, and has a name. */
static int first_name(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out)
{
	int err = palier_first_name(c, member, out);

	if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		*out = palier_bytes_of(NULL, 0);
	else if (err != PALIER_OK)
		return err;
	return PALIER_OK;
}

static int checked_fill(struct palier_ctx *c, const struct code_row *row, bool known, struct referral_checked *view)
{
	const struct referral_config *cfg = palier_config(c);
	struct palier_bytes name = { NULL, 0 };
	int err = known ? first_name(c, row->member, &name) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	if (cfg->friend.set) {
		PALIER_MARK(view, referral_checked, friend_reward);
		reward_fill(c, &cfg->friend, &view->friend_reward);
	}
	if (name.len)
		PALIER_SET(view, referral_checked, sponsor, name);
	return PALIER_OK;
}

static int check_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct referral_check *p = params;
	struct referral_checked view = { .set = { 0, 0 } };
	struct code_row row;
	struct code_id id;
	bool known;
	int err = palier_config(c) ? code_judge(c, p->code, &id, &known, &row) : PALIER_ECODE_UNKNOWN;

	PALIER_SET(&view, referral_checked, valid, err == PALIER_OK);
	if (err == PALIER_ECODE_MALFORMED || err == PALIER_ECODE_UNKNOWN)
		palier_miss(c);
	if (err == PALIER_ECODE_MALFORMED || err == PALIER_ECODE_UNKNOWN || err == PALIER_ECODE_EXPIRED)
		PALIER_SET(&view, referral_checked, reason, palier_str(palier_error_info(err)->reason));
	else if (err == PALIER_OK)
		err = checked_fill(c, &row, known, &view);
	if (err != PALIER_OK && !PALIER_HAS(&view, referral_checked, reason))
		return err;
	schema_encode(&referral_checked_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

/* --- referral.list --- */

static int row_write(struct palier_ctx *c, const struct referral *r, bool sponsor, struct palier_json *w)
{
	struct referral_row row = { .set = { 0, 0 } };
	struct palier_bytes name = { NULL, 0 };
	int err = sponsor || r->has_sponsor ? first_name(c, sponsor ? r->friend : r->sponsor, &name) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&row, referral_row, referral, id_text(c, r->id));
	PALIER_SET(&row, referral_row, side, palier_str(sponsor ? "sponsor" : "friend"));
	if (name.len)
		PALIER_SET(&row, referral_row, name, name);
	PALIER_SET(&row, referral_row, state, palier_str(referral_state(r)));
	if (r->flags && palier_supervised(c))
		PALIER_SET(&row, referral_row, flags, flag_names(c, r->flags));
	PALIER_SET(&row, referral_row, since, r->since_ms);
	if (r->phase == PHASE_HELD && !r->flagged)
		PALIER_SET(&row, referral_row, due, r->due);
	schema_encode(&referral_row_schema, SCHEMA_WIRE, &row, w);
	return PALIER_OK;
}

/* Both sides, the newest claim first. */
static int rows_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const struct palier_tables *t = palier_tables(c);
	uint64_t *own, *others;
	uint32_t own_left = 0, others_left = 0;
	int err = sides_of(t, palier_arena(c), member, SIDE_FRIEND, &own, &own_left);

	if (err == PALIER_OK)
		err = sides_of(t, palier_arena(c), member, SIDE_SPONSOR, &others, &others_left);
	for (unsigned i = 0; i < LIST_MOST && err == PALIER_OK && own_left + others_left > 0; i++) {
		bool sponsor = own_left == 0 || (others_left > 0 && others[others_left - 1] > own[own_left - 1]);
		uint64_t id = sponsor ? others[--others_left] : own[--own_left];
		struct referral r;

		err = referral_get(t, id, &r);
		if (err == PALIER_OK)
			err = row_write(c, &r, sponsor, w);
	}
	return err;
}

static int list_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct referral_list *p = params;
	struct palier_id member;
	int err = palier_who(c, p->card, PALIER_HAS(p, referral_list, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "referrals");
	palier_json_array(w);
	err = rows_write(c, member, w);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}

/* --- referral.queue and referral.review --- */

static int queued_write(struct palier_ctx *c, uint64_t id, struct palier_json *w)
{
	struct flagged_row row = { .set = { 0, 0 } };
	struct referral r;
	int err = referral_get(palier_tables(c), id, &r);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	PALIER_SET(&row, flagged_row, referral, id_text(c, id));
	if (r.has_sponsor)
		PALIER_SET(&row, flagged_row, sponsor, r.sponsor);
	PALIER_SET(&row, flagged_row, friend, r.friend);
	PALIER_SET(&row, flagged_row, flags, flag_names(c, r.flags));
	PALIER_SET(&row, flagged_row, since, r.since_ms);
	schema_encode(&flagged_row_schema, SCHEMA_WIRE, &row, w);
	return PALIER_OK;
}

static int queue_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct referral_queue *p = params;
	struct palier_cursor *cur;
	uint64_t id = 0;
	int err = PALIER_OK;

	if (PALIER_HAS(p, referral_queue, after) && !id_parse(p->after, &id))
		return palier_refuse(c, PALIER_EPARAMS, "after", "%.*s is no referral", PALIER_ARG(p->after));
	cur = flagged_after(palier_tables(c), id);
	palier_json_object(w);
	palier_json_key(w, "referrals");
	palier_json_array(w);
	for (unsigned i = 0; i < QUEUE_PAGE && err == PALIER_OK; i++) {
		err = flagged_next(cur, &id);
		if (err == PALIER_OK)
			err = queued_write(c, id, w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int review_decide(struct palier_ctx *c, const void *params)
{
	const struct referral_review *p = params;
	const struct happened h = { .cause = CAUSE_REVIEW, .day = palier_today(c) };
	struct referral r;
	uint64_t id;
	int err = id_parse(p->referral, &id) ? referral_get(palier_tables(c), id, &r) : PALIER_ENOENT;

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EREFERRAL_UNKNOWN, "referral", "there is no referral %.*s",
			PALIER_ARG(p->referral));
	if (err == PALIER_OK && !r.flagged)
		return palier_refuse(c, PALIER_EREFERRAL_UNKNOWN, "referral", "referral %.*s waits for no verdict",
			PALIER_ARG(p->referral));
	if (err != PALIER_OK)
		return err;
	r.flagged = false;
	if (p->verdict == VERDICT_REJECT)
		r.phase = PHASE_VOID;
	else
		(void)referral_falls_due(&r, h.day);
	return referral_step(c, &r, &h);
}

const struct palier_service referral_services[] = {
	{ &method_referral_issue, NULL, issue_decide, issue_reply },
	{ &method_referral_check, check_answer, NULL, NULL },
	{ &method_referral_list, list_answer, NULL, NULL },
	{ &method_referral_queue, queue_answer, NULL, NULL },
	{ &method_referral_review, NULL, review_decide, reply_nothing },
	{ &method_referral_rotate, NULL, referral_rotate_decide, reply_nothing },
	{ &method_recommendation_report, recommend_report_answer, NULL, NULL },
	{ 0 },
};

/* --- what is shown beside --- */

/* The friend is told what is still to come. */
static int friend_prompt(struct palier_ctx *c, struct palier_id member)
{
	const struct referral_config *cfg = palier_config(c);
	uint64_t *ids;
	uint32_t count = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), member, SIDE_FRIEND, &ids, &count);

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		const struct palier_bytes args[] = { palier_money_text(c, cfg->minimum),
			palier_str(cfg->friend.set ? palier_label(c, cfg->friend.label, &member) : "") };
		struct referral r;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err == PALIER_OK && cfg->friend.set && !r.flagged && r.phase <= PHASE_PURCHASED)
			palier_prompt(c, "referral", TEXT_MINIMUM, args, 2);
	}
	return err;
}

int referral_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const struct referral_config *cfg = palier_config(c);
	struct referral_card view = { .set = { 0, 0 } };
	struct code_row row;
	struct code_id id;
	int err = cfg ? code_live(c, member, zone_day(palier_received(c)), &id, &row) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = shown_text(c, &id, &view.code);
	if (err == PALIER_OK)
		err = code_url(c, palier_str(cfg->url), &id, &view.url);
	if (err == PALIER_OK) {
		PALIER_MARK(&view, referral_card, code);
		PALIER_MARK(&view, referral_card, url);
		palier_json_key(w, "referral");
		schema_encode(&referral_card_schema, SCHEMA_WIRE, &view, w);
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	return cfg ? friend_prompt(c, member) : PALIER_OK;
}

/* The last that this very sale did to its member's own referral. */
static const struct referral_step *touched(const struct palier_event *ev)
{
	for (uint32_t i = ev->effect_count; i-- > 0;) {
		const struct referral_step *e = palier_body(&ev->effects[i], "referral.step");

		if (e && ev->has_member && palier_id_equal(e->friend, ev->member))
			return e;
	}
	return NULL;
}

int referral_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	const struct referral_step *e = reply == PALIER_REPLY_COMMIT ? touched(ev) : NULL;

	(void)c;
	(void)sale;
	if (!e)
		return PALIER_OK;
	palier_json_key(w, "referral");
	palier_json_object(w);
	palier_json_key(w, "state");
	palier_json_string(w, palier_str(e->flagged ? "flagged" : referral_phase_names[e->phase]));
	palier_json_end_object(w);
	return PALIER_OK;
}
