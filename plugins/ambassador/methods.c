/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered: who recommends the shop most, what one member's score rests on, and, in the member view, that an ambassador is here. */
#include "plugins/ambassador/internal.h"

#include <stdlib.h>

#define LIST_LIMIT 50

static uint32_t today(struct palier_ctx *c)
{
	return zone_day(palier_received(c));
}

static struct palier_bytes number_text(struct palier_ctx *c, int64_t n)
{
	return palier_str(palier_format(palier_arena(c), "%lld", (long long)n));
}

/* --- the ranking --- */

struct ranked {
	struct palier_id member;
	int64_t points, referrals;
};

struct ranking {
	struct palier_ctx *c;
	struct fade fade;
	uint32_t day;
	struct ranked *rows;
	size_t count, room;
};

static int higher_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->points != y->points ? (x->points < y->points ? 1 : -1) : memcmp(x->member.b, y->member.b, PALIER_ID_LEN);
}

static void ranked_add(struct ranking *r, struct palier_id member, const struct score *s)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		struct ranked *grown = palier_alloc(palier_arena(r->c), room * sizeof(*grown));

		if (r->count)
			memcpy(grown, r->rows, r->count * sizeof(*grown));
		r->rows = grown;
		r->room = room;
	}
	r->rows[r->count++] = (struct ranked){ member, s->points, s->referrals };
}

/* Who does not agree to it has no score. */
static int member_rank(struct ranking *r, struct palier_id member, struct score *s)
{
	int err = score_allowed(r->c, member);

	if (err == PALIER_OK)
		err = score_count(r->c, member, &r->fade, r->day, s);
	if (err == PALIER_OK)
		ranked_add(r, member, s);
	*s = (struct score){ .deeds = s->deeds, .room = s->room };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Of all who have done something: their deeds lie together, a member's side by side. */
static int ranking_read(struct ranking *r)
{
	struct palier_cursor *cur = deeds_of(palier_tables(r->c), NULL);
	struct score s = { .count = 0 };
	struct palier_id member, of = { { 0 } };
	struct deed d;
	int end = PALIER_OK, err = PALIER_OK;

	fade_fill(&r->fade);
	while (err == PALIER_OK && (end = deed_next(cur, &member, &d)) == PALIER_OK) {
		if (s.count > 0 && !palier_id_equal(of, member))
			err = member_rank(r, of, &s);
		of = member;
		score_add(r->c, &s, &d);
	}
	if (err == PALIER_OK && end == PALIER_ENOENT && s.count > 0)
		err = member_rank(r, of, &s);
	if (err == PALIER_OK && end != PALIER_ENOENT)
		err = end;
	if (err == PALIER_OK && r->count > 1)
		qsort(r->rows, r->count, sizeof(*r->rows), higher_first);
	return err;
}

static int row_write(struct ranking *r, const struct ranked *row, struct palier_json *w)
{
	struct ambassador_row view = { .set = { 0, 0 } };
	struct palier_bytes name;
	struct standing st;
	int err = palier_first_name(r->c, row->member, &name);

	if (err == PALIER_OK)
		err = ambassador_standing(palier_tables(r->c), row->member, &st);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&view, ambassador_row, member, row->member);
	if (name.len)
		PALIER_SET(&view, ambassador_row, name, name);
	PALIER_SET(&view, ambassador_row, score, row->points);
	PALIER_SET(&view, ambassador_row, referrals, row->referrals);
	PALIER_SET(&view, ambassador_row, ambassador, ambassador_holds(&st, r->day));
	if (view.ambassador && st.until)
		PALIER_SET(&view, ambassador_row, until, st.until);
	schema_encode(&ambassador_row_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

static int list_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct ambassador_list *p = params;
	size_t limit = PALIER_HAS(p, ambassador_list, limit) ? (size_t)p->limit : LIST_LIMIT;
	struct ranking *r = palier_alloc(palier_arena(c), sizeof(*r));
	int err;

	r->c = c;
	r->day = today(c);
	err = palier_config(c) ? ranking_read(r) : PALIER_OK;
	palier_json_object(w);
	palier_json_key(w, "ambassadors");
	palier_json_array(w);
	for (size_t i = 0; i < r->count && i < limit && err == PALIER_OK; i++)
		err = row_write(r, &r->rows[i], w);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}

/* --- one member --- */

struct showing {
	struct palier_ctx *c;
	struct ranking *ranking;
	struct palier_id member;
	struct score score;
	struct ambassador_view view;
};

static void part_add(struct showing *s, const char *part, int64_t points, uint32_t day, struct palier_bytes why)
{
	struct ambassador_part *row = &s->view.parts.at[s->view.parts.count++];

	PALIER_SET(row, ambassador_part, part, palier_str(part));
	PALIER_SET(row, ambassador_part, points, points);
	if (day)
		PALIER_SET(row, ambassador_part, day, day);
	PALIER_SET(row, ambassador_part, why, why);
}

/* @param q16 what the newer ones counted: rounded as their sum is, so that the parts add up to the score */
static void referral_show(struct showing *s, const struct deed *d, int64_t *q16)
{
	int64_t before = *q16 >> 16, counts = score_referral(&s->ranking->fade, d, s->ranking->day);
	struct palier_bytes args[2];

	if (counts == 0)
		return;
	*q16 += counts;
	args[0] = number_text(s->c, (*q16 >> 16) - before);
	args[1] = number_text(s->c, REFERRAL_POINTS);
	part_add(s, "referral", (*q16 >> 16) - before, d->day,
		/* TRANSLATORS: two numbers of points */
		palier_text(s->c, N_("Brought a friend who came back; its points fade: %1 of %2 are left."), args, 2));
}

static void promoter_show(struct showing *s, const struct deed *d)
{
	struct palier_bytes until = palier_day_text(s->c, day_add(d->day, PROMOTER_DAYS));

	if (d->day != s->score.promoter)
		return;
	s->score.promoter = 0; /* of several on that day, one counts */
	part_add(s, "promoter", PROMOTER_POINTS, d->day,
		/* TRANSLATORS: a date */
		palier_text(s->c, N_("Would recommend us, says the survey: counts until %1."), &until, 1));
}

static void frequency_show(struct showing *s)
{
	struct palier_bytes step = number_text(s->c, s->score.frequency);

	if (s->score.frequency > 0)
		part_add(s, "frequency", (int64_t)OFTEN_POINTS * s->score.frequency, 0,
			/* TRANSLATORS: a number from 1 to 5 */
			palier_text(s->c, N_("How often they buy, among all members: %1 of 5."), &step, 1));
}

static void parts_show(struct showing *s)
{
	int64_t q16 = 0;

	PALIER_MARK(&s->view, ambassador_view, parts);
	s->view.parts.at = palier_alloc(palier_arena(s->c), (s->score.count + 1) * sizeof(*s->view.parts.at));
	for (size_t i = s->score.count; i-- > 0;) {
		const struct deed *d = &s->score.deeds[i];

		switch (d->what) {
		case AMBASSADOR_REFERRAL:
			referral_show(s, d, &q16);
			break;
		case AMBASSADOR_PROMOTER:
			promoter_show(s, d);
			break;
		case AMBASSADOR_VOID:
			if (day_add(d->day, FADE_DAYS) >= s->ranking->day)
				part_add(s, "void", -VOID_POINTS, d->day,
					palier_text(s->c, N_("A referral of theirs was undone."), NULL, 0));
			break;
		}
	}
	frequency_show(s);
}

/* As many as would do if they came today. */
static struct palier_bytes missing_text(struct palier_ctx *c, const struct score *s)
{
	const struct ambassador_config *cfg = palier_config(c);
	int64_t missing = cfg->threshold - s->points, more = 0;
	struct palier_bytes count;

	if (missing > 0)
		more = (missing + REFERRAL_POINTS - 1) / REFERRAL_POINTS;
	if (more == 0 && s->referrals == 0)
		more = 1;
	if (more == 0)
		return palier_text(c, N_("Becomes an ambassador when the day is closed."), NULL, 0);
	count = number_text(c, more);
	return palier_text_n(c,
		NN_("%1 more friend who comes back makes an ambassador.",
			"%1 more friends who come back make an ambassador."),
		more, &count, 1);
}

static struct palier_bytes why_text(struct palier_ctx *c, const struct score *s, const struct standing *st, bool is_one)
{
	const struct ambassador_config *cfg = palier_config(c);

	if (is_one && st->until) {
		const struct palier_bytes args[] = { palier_day_text(c, st->until), number_text(c, cfg->leave) };

		/* TRANSLATORS: a date, and a number of points */
		return palier_text(c, N_("Ambassador until %1: points have faded, unless they come back to %2."), args, 2);
	}
	if (is_one) {
		struct palier_bytes since = palier_day_text(c, st->since);

		/* TRANSLATORS: a date */
		return palier_text(c, N_("Ambassador since %1."), &since, 1);
	}
	return missing_text(c, s);
}

static int64_t rank_of(const struct ranking *r, struct palier_id member)
{
	size_t at = 0, rank = 0;

	while (at < r->count && !palier_id_equal(r->rows[at].member, member))
		at++;
	if (at == r->count)
		return 0;
	while (r->rows[rank].points > r->rows[at].points)
		rank++;
	return (int64_t)rank + 1;
}

static int score_show(struct showing *s)
{
	struct palier_cursor *cur = deeds_of(palier_tables(s->c), &s->member);
	struct palier_id member;
	struct deed d;
	int err;

	while ((err = deed_next(cur, &member, &d)) == PALIER_OK)
		score_add(s->c, &s->score, &d);
	if (err == PALIER_ENOENT)
		err = score_count(s->c, s->member, &s->ranking->fade, s->ranking->day, &s->score);
	if (err != PALIER_OK)
		return err;
	s->view.score = s->score.points;
	s->view.referrals = s->score.referrals;
	parts_show(s);
	return PALIER_OK;
}

static int member_show(struct showing *s)
{
	int64_t rank;
	struct standing st;
	bool is_one;
	int err = ambassador_standing(palier_tables(s->c), s->member, &st);

	if (err == PALIER_OK)
		err = ranking_read(s->ranking);
	if (err == PALIER_OK)
		err = score_show(s);
	if (err != PALIER_OK)
		return err;
	rank = rank_of(s->ranking, s->member);
	if (rank > 0)
		PALIER_SET(&s->view, ambassador_view, rank, rank);
	is_one = ambassador_holds(&st, s->ranking->day);
	s->view.ambassador = is_one;
	if (is_one)
		PALIER_SET(&s->view, ambassador_view, since, st.since);
	if (is_one && st.until)
		PALIER_SET(&s->view, ambassador_view, until, st.until);
	s->view.why = why_text(s->c, &s->score, &st, is_one);
	return PALIER_OK;
}

static int show_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct ambassador_show *p = params;
	struct showing s = { .c = c, .ranking = palier_alloc(palier_arena(c), sizeof(*s.ranking)) };
	int err = palier_who(c, p->card, PALIER_HAS(p, ambassador_show, member) ? &p->member : NULL, &s.member);

	if (err != PALIER_OK)
		return err;
	s.ranking->c = c;
	s.ranking->day = today(c);
	PALIER_SET(&s.view, ambassador_view, member, s.member);
	PALIER_MARK(&s.view, ambassador_view, score);
	PALIER_MARK(&s.view, ambassador_view, ambassador);
	PALIER_MARK(&s.view, ambassador_view, referrals);
	PALIER_MARK(&s.view, ambassador_view, why);
	err = score_allowed(c, s.member);
	if (!palier_config(c))
		s.view.why = palier_text(c, N_("This shop has no ambassadors."), NULL, 0);
	else if (err == PALIER_ENOENT)
		s.view.why = palier_text(c, N_("No score is kept: there is no consent to profiling."), NULL, 0);
	else if (err == PALIER_OK)
		err = member_show(&s);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	schema_encode(&ambassador_view_schema, SCHEMA_WIRE, &s.view, w);
	return PALIER_OK;
}

const struct palier_service ambassador_services[] = {
	{ &method_ambassador_list, list_answer, NULL, NULL },
	{ &method_ambassador_show, show_answer, NULL, NULL },
	{ 0 },
};

/* --- the member view --- */

int ambassador_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const struct ambassador_config *cfg = palier_config(c);
	struct palier_bytes args[2];
	struct standing st;
	int err = cfg ? ambassador_standing(palier_tables(c), member, &st) : PALIER_ENOENT;

	(void)w;
	if (err == PALIER_OK)
		err = ambassador_holds(&st, today(c)) ? score_allowed(c, member) : PALIER_ENOENT;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	args[0] = palier_day_text(c, st.since);
	if (!cfg->label) {
		/* TRANSLATORS: a date */
		palier_prompt(c, "ambassador", N_("Ambassador since %1: say thank you."), args, 1);
		return PALIER_OK;
	}
	args[1] = palier_str(palier_label(c, cfg->label, &member));
	/* TRANSLATORS: a date, and what this shop calls an ambassador */
	palier_prompt(c, "ambassador", N_("%2 since %1: say thank you."), args, 2);
	return PALIER_OK;
}
