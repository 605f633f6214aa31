/* SPDX-License-Identifier: Apache-2.0 */
/* What a member's deeds come to: referrals, which fade; a promoter's answer; how often the member buys; less what was undone. */
#include "plugins/ambassador/internal.h"

#define HALF_IN_180_DAYS UINT64_C(4278459964) /* 2^(-1/180) in 1/2^32 */

void fade_fill(struct fade *f)
{
	f->q16[0] = (uint32_t)REFERRAL_POINTS << 16;
	for (size_t age = 1; age <= FADE_DAYS; age++)
		f->q16[age] = (uint32_t)((f->q16[age - 1] * HALF_IN_180_DAYS) >> 32);
}

int score_allowed(struct palier_ctx *c, struct palier_id member)
{
	struct palier_person person;
	int err = palier_person(c, member, &person);

	return err == PALIER_OK && !person.profiling ? PALIER_ENOENT : err;
}

void score_add(struct palier_ctx *c, struct score *s, const struct deed *d)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 8;
		struct deed *grown = palier_alloc(palier_arena(c), room * sizeof(*grown));

		if (s->count)
			memcpy(grown, s->deeds, s->count * sizeof(*grown));
		s->deeds = grown;
		s->room = room;
	}
	s->deeds[s->count++] = *d;
}

/* What happens later today, or in a job of tomorrow, is not older than today. */
static int64_t age_of(uint32_t happened, uint32_t day)
{
	int64_t age = day_number(day) - day_number(happened);

	return age > 0 ? age : 0;
}

int64_t score_referral(const struct fade *f, const struct deed *d, uint32_t day)
{
	int64_t age = age_of(d->day, day);

	return d->struck || age > FADE_DAYS ? 0 : f->q16[age];
}

/* A referral that had counted and was undone counts no longer. */
static void referral_strike(struct score *s, const struct deed *undone)
{
	for (size_t i = 0; i < s->count; i++) {
		struct deed *d = &s->deeds[i];

		if (d->what != AMBASSADOR_REFERRAL || d->struck || d->day != undone->counted)
			continue;
		d->struck = true;
		return;
	}
}

static void deed_count(struct score *s, const struct fade *f, const struct deed *d, uint32_t day, int64_t *q16)
{
	int64_t age = age_of(d->day, day);

	switch (d->what) {
	case AMBASSADOR_REFERRAL:
		*q16 += score_referral(f, d, day);
		s->referrals += !d->struck && age <= REFERRAL_DAYS;
		break;
	case AMBASSADOR_VOID:
		s->voids += age <= FADE_DAYS;
		break;
	case AMBASSADOR_PROMOTER:
		if (age <= PROMOTER_DAYS)
			s->promoter = d->day;
		break;
	}
}

int score_count(struct palier_ctx *c, struct palier_id member, const struct fade *f, uint32_t day, struct score *s)
{
	int64_t q16 = 0;
	int err = often_quintile(c, member, day, &s->frequency);

	if (err != PALIER_OK)
		return err;
	for (size_t i = 0; i < s->count; i++)
		if (s->deeds[i].what == AMBASSADOR_VOID && s->deeds[i].counted)
			referral_strike(s, &s->deeds[i]);
	for (size_t i = 0; i < s->count; i++)
		deed_count(s, f, &s->deeds[i], day, &q16);
	s->points = (q16 >> 16) + (s->promoter ? PROMOTER_POINTS : 0) + OFTEN_POINTS * s->frequency - VOID_POINTS * s->voids;
	return PALIER_OK;
}
