/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that go out by e-mail or text message. palier sends none: the shop's mailing tool asks which are due (survey.due), has each booked
 * as sent and gets its link (survey.send); the page behind the link tells that it was opened, and asks what it is about (survey.open).
 * The link's token is no draw but follows, by the store's key, from what it asks whom and why: so the same command, sent again, gives it again, and
 * it is kept nowhere. */
#include "plugins/survey/internal.h"

#include <stdio.h>

#define DUE_LIMIT 100

/* --- tokens --- */

/* @param plan the event since which it waited @param out of TOKEN_LEN bytes */
static void token_of(struct palier_ctx *c, struct palier_id member, struct palier_bytes ask, uint64_t plan, char *out)
{
	struct palier_buffer text = { .at = NULL };
	struct palier_hash16 hash;
	struct palier_id bits;
	char number[24];

	snprintf(number, sizeof(number), "%llu", (unsigned long long)plan);
	palier_buffer_add(&text, "letter", sizeof("letter"));
	palier_buffer_add(&text, number, strlen(number) + 1);
	palier_buffer_add(&text, member.b, sizeof(member.b));
	palier_buffer_add(&text, ask.at, ask.len);
	palier_hash(c, palier_buffer_bytes(&text), &hash);
	palier_buffer_deinit(&text);
	memcpy(bits.b, hash.b, sizeof(bits.b));
	survey_token_write(bits, out);
}

/* --- what is due --- */

static enum palier_post post_of(int way)
{
	return way == SURVEY_EMAIL ? PALIER_POST_EMAIL : PALIER_POST_SMS;
}

/* As it was when the question was planned, it must be now: and there is an address. @return NULL: it may go; else why it may not */
static const char *held_back(struct palier_ctx *c, const struct plan *plan, const struct ask *a, const struct past *past)
{
	const struct survey_config *cfg = palier_config(c);
	const int64_t now = palier_at(c);

	if (now < plan->from)
		return "it is too early";
	if (now >= plan->until)
		return "it is too late";
	if (!a || a->way != plan->way)
		return "the configuration asks it no more, or otherwise";
	if (past->complains)
		return "a complaint is open";
	if (survey_quiet(cfg, a, past, palier_today(c)))
		return "something else was asked in the quiet period";
	return survey_sampled(cfg, a, plan->member) ? NULL : "the member is in a holdout";
}

/* @param out_address where it goes @param out_why NULL: it is due; else why not */
static int due_judge(struct palier_ctx *c, const struct plan *plan, struct palier_bytes *out_address, const char **out_why)
{
	const struct ask *a = survey_find(palier_config(c), plan->ask);
	struct palier_person person;
	struct past past;
	int err = palier_person(c, plan->member, &person);

	if (err == PALIER_OK)
		err = survey_past(c, plan->member, &past);
	if (err != PALIER_OK)
		return err;
	*out_why = person.profiling ? held_back(c, plan, a, &past) : "there is no consent to profiling";
	err = palier_address(c, plan->member, post_of(plan->way), out_address);
	if (err == PALIER_ENOENT && !*out_why)
		*out_why = "there is no address, or no consent to it";
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static void due_write(const struct plan *plan, struct palier_json *w)
{
	struct survey_due_row row = { .set = { 0, 0 } };

	PALIER_SET(&row, survey_due_row, member, plan->member);
	PALIER_SET(&row, survey_due_row, ask, plan->ask);
	PALIER_SET(&row, survey_due_row, kind, plan->kind);
	PALIER_SET(&row, survey_due_row, since, plan->from);
	PALIER_SET(&row, survey_due_row, until, plan->until);
	schema_encode(&survey_due_row_schema, SCHEMA_WIRE, &row, w);
}

/* What waits is of the last days, so that all of it can be looked at. */
static int dues_write(struct palier_ctx *c, int way, int64_t left, struct palier_json *w)
{
	struct palier_cursor *cur = plans_all(palier_tables(c));
	struct palier_bytes address;
	struct plan plan;
	const char *why;
	int err = PALIER_OK;

	while (left > 0 && (err = plan_next(cur, &plan)) == PALIER_OK) {
		if (plan.way != way)
			continue;
		err = due_judge(c, &plan, &address, &why);
		if (err != PALIER_OK)
			return err;
		if (!why) {
			due_write(&plan, w);
			left--;
		}
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int survey_due_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct survey_due *p = params;
	int err;

	if (p->channel == SURVEY_TICKET)
		return palier_refuse(c, PALIER_EPARAMS, "channel",
			"with the ticket a question goes by itself: email or sms");
	palier_json_object(w);
	palier_json_key(w, "due");
	palier_json_array(w);
	err = dues_write(c, p->channel, PALIER_HAS(p, survey_due, limit) ? p->limit : DUE_LIMIT, w);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}

/* --- sending one --- */

/* The plan of this survey for this member. @return PALIER_OK; refused */
static int plan_find(struct palier_ctx *c, const struct survey_send *p, struct plan *out)
{
	struct palier_bytes address;
	struct palier_id member;
	const char *why;
	int err = palier_who(c, palier_bytes_of(NULL, 0), &p->member, &member);

	if (err == PALIER_OK)
		err = plan_get(palier_tables(c), member, out);
	if (err == PALIER_ENOENT || (err == PALIER_OK && !palier_equal(out->ask, p->ask)))
		return palier_refuse(c, PALIER_EPARAMS, "ask", "this survey does not wait to be sent to this member");
	if (err != PALIER_OK)
		return err;
	out->ask = palier_copy(palier_arena(c), out->ask);
	err = due_judge(c, out, &address, &why);
	return err == PALIER_OK && why ? palier_refuse(c, PALIER_EPARAMS, "ask", "it is not to be sent: %s", why) : err;
}

int survey_send_decide(struct palier_ctx *c, const void *params)
{
	const struct survey_config *cfg = palier_config(c);
	struct survey_sent e = { .set = { 0, 0 } };
	char token[TOKEN_LEN];
	struct plan plan = { .seq = 0 };
	uint32_t until = 0;
	int err = plan_find(c, params, &plan);

	if (err != PALIER_OK)
		return err;
	token_of(c, plan.member, plan.ask, plan.seq, token);
	err = survey_ask(c, plan.member, survey_find(cfg, plan.ask), plan.purchases, token, &until);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, survey_sent, member, plan.member);
	PALIER_SET(&e, survey_sent, ask, plan.ask);
	PALIER_SET(&e, survey_sent, question, plan.kind);
	PALIER_SET(&e, survey_sent, way, plan.way);
	PALIER_SET(&e, survey_sent, until, until);
	PALIER_SET(&e, survey_sent, plan, (int64_t)plan.seq);
	if (cfg->url.len)
		PALIER_SET(&e, survey_sent, url, cfg->url);
	return palier_effect_add(c, "survey.sent", &e);
}

/* The shop's own words for a survey; empty: it has none. @param member NULL: nobody in particular */
static struct palier_bytes words_of(struct palier_ctx *c, struct palier_bytes ask, const struct palier_id *member)
{
	const struct ask *a = survey_find(palier_config(c), ask);

	return a && a->question ? palier_str(palier_label(c, a->question, member)) : palier_bytes_of(NULL, 0);
}

static struct palier_bytes link_of(struct palier_ctx *c, const struct survey_sent *e)
{
	char token[TOKEN_LEN];

	token_of(c, e->member, e->ask, (uint64_t)e->plan, token);
	return palier_str(palier_format(palier_arena(c), "%.*s%.*s", PALIER_ARG(e->url), TOKEN_LEN, token));
}

static void text_member(struct palier_json *w, const char *key, struct palier_bytes text)
{
	if (text.len == 0)
		return;
	palier_json_key(w, key);
	palier_json_string(w, text);
}

static void day_member(struct palier_json *w, const char *key, uint32_t day)
{
	palier_json_key(w, key);
	palier_json_day(w, day);
}

/* Who it is, as that is known now: sent again later, nobody is written to who has said no meanwhile. */
static int person_write(struct palier_ctx *c, const struct survey_sent *e, struct palier_json *w)
{
	struct palier_bytes name = { NULL, 0 }, address = { NULL, 0 };
	struct palier_id member;
	int err = palier_member_now(c, e->member, &member);

	text_member(w, "language", palier_language(c, err == PALIER_OK ? &member : NULL));
	if (err == PALIER_OK)
		err = palier_first_name(c, member, &name);
	if (err == PALIER_OK)
		err = palier_address(c, member, post_of(e->way), &address);
	text_member(w, "name", name);
	text_member(w, "to", address);
	return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
}

int survey_send_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	const struct survey_sent *e = NULL;
	char member[PALIER_ID_TEXT + 1];

	for (uint32_t i = 0; i < ev->effect_count && !e; i++)
		e = palier_body(&ev->effects[i], "survey.sent");
	if (!e)
		return PALIER_EDAMAGED;
	palier_id_format(e->member, member);
	text_member(w, "member", palier_str(member));
	text_member(w, "channel", palier_str(survey_way_names[e->way]));
	text_member(w, "ask", e->ask);
	text_member(w, "kind", palier_str(survey_kind_names[e->question]));
	text_member(w, "question", words_of(c, e->ask, &e->member));
	text_member(w, "link", link_of(c, e));
	day_member(w, "until", e->until);
	return person_write(c, e, w);
}

/* --- what the customer opens --- */

int survey_open_decide(struct palier_ctx *c, const void *params)
{
	const struct survey_open *p = params;
	struct survey_opened e = { .set = { 0, 0 } };
	struct palier_id member;
	struct asked a;
	int err = survey_by_token(c, p->token, &member, &a);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, survey_opened, member, member);
	PALIER_SET(&e, survey_opened, ask, a.ask);
	PALIER_SET(&e, survey_opened, question, a.kind);
	PALIER_SET(&e, survey_opened, until, a.until);
	if (a.opened)
		PALIER_SET(&e, survey_opened, again, true);
	return palier_effect_add(c, "survey.opened", &e);
}

int survey_open_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	const struct survey_opened *e = NULL;

	for (uint32_t i = 0; i < ev->effect_count && !e; i++)
		e = palier_body(&ev->effects[i], "survey.opened");
	if (!e)
		return PALIER_EDAMAGED;
	text_member(w, "kind", palier_str(survey_kind_names[e->question]));
	text_member(w, "question", words_of(c, e->ask, &e->member));
	day_member(w, "until", e->until);
	return PALIER_OK;
}
