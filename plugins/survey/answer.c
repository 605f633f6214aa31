/* SPDX-License-Identifier: Apache-2.0 */
/* survey.answer: by a card at the till, or by the token of a QR code, which answers once. */
#include "plugins/survey/internal.h"

#include "plugins/ambassador.h"

static const struct {
	int64_t least, most, detractor, promoter; /* detractors up to, promoters from */
} scales[SURVEY_KINDS] = {
	[SURVEY_NPS] = { 0, 10, 6, 9 },
	[SURVEY_CSAT] = { 1, 5, 2, 4 },
	[SURVEY_EMOTION] = { -2, 2, -1, 1 },
};

int survey_side(int kind, int64_t score)
{
	return score >= scales[kind].promoter ? 1 : score <= scales[kind].detractor ? -1 : 0;
}

/* The store knows no holidays. */
uint32_t survey_due(uint32_t day)
{
	for (unsigned left = 2; left > 0;) {
		day = day_add(day, 1);
		left -= day_weekday(day) < 5;
	}
	return day;
}

/* Which survey it answers; an empty name: none was open. */
struct answering {
	struct palier_ctx *c;
	const struct survey_answer *p;
	struct palier_id member;
	struct palier_bytes ask;
};

int survey_by_token(struct palier_ctx *c, struct palier_bytes typed, struct palier_id *out_member, struct asked *out)
{
	struct palier_hash16 hash;
	struct token token;
	int err = survey_token(c, typed, &hash);

	if (err != PALIER_OK)
		return palier_refuse(c, err, "token", "this is no token of a survey");
	err = token_get(palier_tables(c), &hash, &token);
	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_ECODE_UNKNOWN, "token", "nobody has been given this token");
	if (err != PALIER_OK)
		return err;
	if (token.spent)
		return palier_refuse(c, PALIER_ECODE_SPENT, "token", "this token has answered already");
	if (token.until < palier_today(c))
		return palier_refuse(c, PALIER_ECODE_EXPIRED, "token", "this token is too old");
	err = asked_get(palier_tables(c), token.member, token.ask, out);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	out->ask = palier_copy(palier_arena(c), out->ask);
	return palier_who(c, palier_bytes_of(NULL, 0), &token.member, out_member);
}

static int by_token(struct answering *x)
{
	struct asked a = { .kind = 0 };
	int err = survey_by_token(x->c, x->p->token, &x->member, &a);

	if (err != PALIER_OK)
		return err;
	if (a.kind != x->p->kind)
		return palier_refuse(x->c, PALIER_EPARAMS, "kind", "the question was %s", survey_kind_names[a.kind]);
	x->ask = a.ask;
	return PALIER_OK;
}

static int by_card(struct answering *x)
{
	struct palier_cursor *cur;
	struct asked a;
	int err = palier_who(x->c, x->p->card, PALIER_HAS(x->p, survey_answer, member) ? &x->p->member : NULL, &x->member);

	if (err != PALIER_OK)
		return err;
	cur = asked_of(palier_tables(x->c), x->member);
	while ((err = asked_next(cur, &a)) == PALIER_OK)
		if (a.open && a.kind == x->p->kind && a.until >= palier_today(x->c)) {
			x->ask = palier_copy(palier_arena(x->c), a.ask);
			return PALIER_OK;
		}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int answer_check(struct palier_ctx *c, const struct survey_answer *p)
{
	const bool who = p->card.len > 0 || PALIER_HAS(p, survey_answer, member);

	if (!palier_config(c))
		return palier_refuse(c, PALIER_EPARAMS, "kind",
			"this shop asks nothing: its configuration has no section survey");
	if (who && p->token.len > 0)
		return palier_refuse(c, PALIER_EPARAMS, "token", "give a token or a card, not both");
	if (p->score < scales[p->kind].least || p->score > scales[p->kind].most)
		return palier_refuse(c, PALIER_EPARAMS, "score", "%s goes from %d to %d", survey_kind_names[p->kind],
			(int)scales[p->kind].least, (int)scales[p->kind].most);
	return PALIER_OK;
}

/* What the shop's programme may know of it. */
static int answer_tell(struct answering *x, uint32_t day)
{
	struct palier_person person;
	int err = x->p->kind == SURVEY_NPS ? palier_person(x->c, x->member, &person) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (person.profiling)
		err = palier_fact_publish(x->c, x->member, "nps",
			palier_str(palier_format(palier_arena(x->c), "%d", (int)x->p->score)));
	if (err == PALIER_OK && survey_side(SURVEY_NPS, x->p->score) > 0)
		err = ambassador_note(x->c, x->member, AMBASSADOR_PROMOTER, day);
	return err;
}

static int answer_book(struct answering *x, uint32_t day)
{
	struct survey_answered e = { .set = { 0, 0 } };
	int err;

	PALIER_SET(&e, survey_answered, member, x->member);
	PALIER_SET(&e, survey_answered, question, x->p->kind);
	PALIER_SET(&e, survey_answered, score, x->p->score);
	PALIER_SET(&e, survey_answered, day, day);
	if (x->ask.len)
		PALIER_SET(&e, survey_answered, ask, x->ask);
	if (x->p->kind == SURVEY_NPS && survey_side(SURVEY_NPS, x->p->score) < 0)
		PALIER_SET(&e, survey_answered, due, survey_due(day));
	err = palier_effect_add(x->c, "survey.answered", &e);
	if (err == PALIER_OK && PALIER_HAS(&e, survey_answered, due))
		err = palier_fact_publish(x->c, x->member, "recovery", PALIER_LIT("open"));
	return err == PALIER_OK ? answer_tell(x, day) : err;
}

int survey_answer_decide(struct palier_ctx *c, const void *params)
{
	struct answering x = { .c = c, .p = params };
	const uint32_t today = palier_today(c);
	uint32_t last;
	int err = answer_check(c, x.p);

	if (err != PALIER_OK)
		return err;
	err = x.p->token.len > 0 ? by_token(&x) : by_card(&x);
	if (err == PALIER_OK)
		err = last_get(palier_tables(c), x.member, x.p->kind, &last);
	if (err != PALIER_OK)
		return err;
	if (last == today)
		return palier_refuse(c, PALIER_ECODE_SPENT, "kind", "this customer has answered that today");
	err = answer_book(&x, today);
	return err == PALIER_OK ? palier_contact(c, x.member) : err;
}
