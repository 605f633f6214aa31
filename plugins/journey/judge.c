/* SPDX-License-Identifier: Apache-2.0 */
/* Where a member stands now, also when what tells it happened before: on the highest stage whose condition holds, in the first segment that fits, and, with consent to profiling, like the
 * first persona whose condition holds. */
#include "plugins/journey/internal.h"

#define OFTEN_DAYS 365 /* today among them */
#define OFTEN      4   /* purchases in these days: a regular */
#define PROMOTER   9

struct judged {
	struct palier_ctx *c;
	const struct journey_config *cfg;
	struct palier_id member;
	struct palier_person person;
	struct palier_facts facts;
	uint32_t today;
	int64_t year; /* purchases in the last 365 days */
	struct journey_standing s;
};

/* --- stages --- */

static int64_t fact_figure(const struct judged *j, const char *name)
{
	struct palier_bytes fact;
	int64_t n = 0;

	if (palier_fact(j->c, j->member, name, &fact) == PALIER_OK &&
		!decimal_parse(palier_cstr(palier_arena(j->c), fact), 0, &n))
		n = 0;
	return n;
}

static bool fact_there(const struct judged *j, const char *name)
{
	struct palier_bytes fact;

	return palier_fact(j->c, j->member, name, &fact) == PALIER_OK && fact.len > 0;
}

/* As it is where the shop does not say otherwise. */
static bool holds_by_itself(const struct judged *j, unsigned stage)
{
	switch (stage) {
	case STAGE_INTERACTION:
		return j->person.since != 0 || (j->s.met & MET_ANYHOW);
	case STAGE_COMPARISON:
		return j->s.met & MET_FOR_ADVICE;
	case STAGE_PURCHASE:
		return j->facts.purchases > 0;
	case STAGE_ASCENSION:
		return fact_figure(j, "height") > 1;
	case STAGE_LOYALTY:
		return j->year >= OFTEN;
	case STAGE_RECOMMENDATION: /* in a model without ambassadors they are the ones who recommend */
		return fact_figure(j, "referrals") > 0 || fact_figure(j, "nps") >= PROMOTER ||
		       (!j->cfg->stages[STAGE_AMBASSADOR] && fact_there(j, "ambassador"));
	case STAGE_AMBASSADOR:
		return fact_there(j, "ambassador");
	default:
		return true;
	}
}

static bool stage_holds(const struct judged *j, unsigned stage)
{
	const struct palier_condition *enter = j->cfg->enter[stage];

	if (!j->cfg->stages[stage])
		return false;
	return enter ? palier_condition_holds(j->c, enter, NULL, &j->member, NULL) : holds_by_itself(j, stage);
}

/* Where it was last said to stand: what a void undid, or a merge joined, has yet to be told. */
static unsigned stage_told(const struct judged *j)
{
	struct palier_bytes fact;
	unsigned stage = 0;

	if (palier_fact(j->c, j->member, "stage", &fact) != PALIER_OK)
		return NO_STAGE;
	while (stage < NO_STAGE && !palier_is(fact, journey_stage_names[stage]))
		stage++;
	return stage;
}

static int stage_judge(struct judged *j)
{
	struct journey_entry e = { .set = { 0, 0 } };
	unsigned stage = STAGE_AMBASSADOR, told = stage_told(j);
	int err;

	while (stage > STAGE_AWARENESS && !stage_holds(j, stage)) /* on the first stands whoever stands on no other */
		stage--;
	if (stage == j->s.stage && stage == told)
		return PALIER_OK;
	PALIER_SET(&e, journey_entry, member, j->member);
	if (told != NO_STAGE)
		PALIER_SET(&e, journey_entry, from, (int)told);
	PALIER_SET(&e, journey_entry, stage, (int)stage);
	PALIER_SET(&e, journey_entry, day, palier_today(j->c));
	err = palier_effect_add(j->c, "journey.stage", &e);
	return err == PALIER_OK ? palier_fact_publish(j->c, j->member, "stage", palier_str(journey_stage_names[stage]))
	                        : err;
}

/* --- segments --- */

/* How many days without a purchase are a risk, and how many are too many: the shop's own, once it knows them. */
static int silence_of(const struct judged *j, struct journey_silence_row *out)
{
	int err = journey_silence_get(palier_tables(j->c), out);

	if (err == PALIER_OK && out->gaps < GAPS_LEAST) {
		out->lapsed = j->cfg->lapsed;
		out->risk = j->cfg->lapsed * 2 / 3;
	}
	return err;
}

/* Did the last purchase end a silence as long as a lapse? That is a matter of profiling: without consent nobody looks, and who came back has
 * simply bought again. */
static int won_back(const struct judged *j, int64_t lapsed, bool *out)
{
	const uint32_t last = zone_day(j->facts.last_purchase_ms);
	struct palier_facts silence = { 0 };
	int err = PALIER_OK;

	*out = j->person.profiling && zone_day(j->facts.first_purchase_ms) < last;
	if (*out)
		err = palier_facts_between(j->c, j->member, day_add(last, 1 - (int)lapsed), day_add(last, -1), &silence);
	*out = *out && silence.purchases == 0;
	return err;
}

static int segment_of(const struct judged *j, const struct journey_silence_row *limits, unsigned *out)
{
	const int64_t silent = day_number(j->today) - day_number(zone_day(j->facts.last_purchase_ms));
	bool back = false;
	int err = PALIER_OK;

	if (j->facts.purchases == 0)
		*out = j->person.since ? SEGMENT_ENROLLED : SEGMENT_PROSPECT;
	else if (silent >= limits->lapsed)
		*out = SEGMENT_LAPSED;
	else if (silent >= limits->risk)
		*out = SEGMENT_AT_RISK;
	else {
		err = won_back(j, limits->lapsed, &back);
		*out = back                      ? SEGMENT_WON_BACK
		       : j->facts.purchases == 1 ? SEGMENT_FIRST
		       : j->year >= OFTEN        ? SEGMENT_REGULAR
		                                 : SEGMENT_REPEAT;
	}
	return err;
}

static int segment_judge(struct judged *j)
{
	struct journey_sorted e = { .set = { 0, 0 } };
	struct journey_silence_row limits;
	unsigned segment = NO_SEGMENT;
	int err = silence_of(j, &limits);

	if (err == PALIER_OK)
		err = segment_of(j, &limits, &segment);
	if (err != PALIER_OK || segment == j->s.segment)
		return err;
	PALIER_SET(&e, journey_sorted, member, j->member);
	PALIER_SET(&e, journey_sorted, segment, (int)segment);
	PALIER_SET(&e, journey_sorted, day, j->today);
	return palier_effect_add(j->c, "journey.segment", &e);
}

/* --- personas --- */

static struct palier_bytes persona_of(const struct judged *j)
{
	for (size_t i = 0; j->person.profiling && i < j->cfg->persona_count; i++)
		if (palier_condition_holds(j->c, j->cfg->personas[i].when, NULL, &j->member, NULL))
			return j->cfg->personas[i].name;
	return palier_bytes_of(NULL, 0);
}

static int persona_judge(struct judged *j)
{
	struct journey_persona e = { .set = { 0, 0 } };
	struct palier_bytes persona = persona_of(j);
	int err;

	if (palier_equal(persona, j->s.persona))
		return PALIER_OK;
	PALIER_SET(&e, journey_persona, member, j->member);
	if (persona.len)
		PALIER_SET(&e, journey_persona, persona, persona);
	err = palier_effect_add(j->c, "journey.persona", &e);
	return err == PALIER_OK ? palier_fact_publish(j->c, j->member, "persona", persona) : err;
}

/* @return PALIER_OK; PALIER_ENOENT: there is nobody to judge */
static int judged_fill(struct judged *j)
{
	struct palier_facts year;
	int err = palier_person(j->c, j->member, &j->person);

	if (err == PALIER_OK)
		err = palier_facts(j->c, j->member, &j->facts);
	if (err == PALIER_OK)
		err = palier_facts_between(j->c, j->member, day_add(j->today, 1 - OFTEN_DAYS), j->today, &year);
	if (err != PALIER_OK)
		return err;
	j->year = year.purchases;
	return journey_standing_get(palier_tables(j->c), j->member, &j->s);
}

int journey_judge(struct palier_ctx *c, struct palier_id member)
{
	struct judged j = { .c = c, .cfg = palier_config(c), .member = member, .today = zone_day(palier_received(c)) };
	int err = judged_fill(&j);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = stage_judge(&j);
	if (err == PALIER_OK)
		err = persona_judge(&j);
	return err == PALIER_OK ? segment_judge(&j) : err;
}
