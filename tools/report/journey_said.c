/* SPDX-License-Identifier: Apache-2.0 */
/* The journey in words. */
#include "tools/report/journey_parts.h"
#include "tools/report/journey_report.h"

const char *const journey_stage_english[] = { "Awareness", "Interaction", "Comparison", "Purchase", "Ascension", "Loyalty",
	"Recommendation", "Ambassador" };
static const char *const channels[] = { "In the shop", "Website", "Telephone", "Social media", "E-mail" };
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
static const char *const parts[] = { "morning", "afternoon", "evening" };
static const char *const splits[] = { "Shop", "Till", "Cashier", "Channel", "Weekday" };

const char *journey_stage_said(const struct words *w, unsigned stage)
{
	return words_say(w, journey_stage_english[stage]);
}

const char *journey_channel_said(const struct words *w, unsigned channel)
{
	return words_say(w, channels[channel]);
}

/* What palier calls it, and what people do. @return NULL: it is not in the table */
static const char *said_of(const char *const (*table)[2], const char *name)
{
	for (; (*table)[0]; table++)
		if (strcmp((*table)[0], name) == 0)
			return (*table)[1];
	return NULL;
}

const char *journey_touchpoint_said(const struct words *w, const char *touchpoint)
{
	static const char *const touches[][2] = { { "purchase", "Purchase" }, { "return", "Return" },
		{ "enrol", "Enrolment" }, { "survey", "Survey" }, { "referral", "Sponsorship" }, { "advice", "Advice" },
		{ "call", "Call" }, { "event", "Event" }, { "quote", "Quotation" }, { "review", "Review" },
		{ "trial", "Trial" }, { "visit", "Visit" }, { "case-opened", "Complaint" },
		{ "case-closed", "Complaint settled" }, { "email-sent", "E-mail sent" }, { "email-opened", "E-mail opened" },
		{ "sms-sent", "Text message sent" }, { "START", "(beginning)" }, { "END", "(end)" }, { NULL, NULL } };
	const char *said = said_of(touches, touchpoint);

	return said ? words_say(w, said) : touchpoint;
}

const char *journey_activity_said(const struct journey *j, const struct words *w, uint16_t activity)
{
	return journey_touchpoint_said(w, journey_activity(j, activity));
}

static const char *const segments[][2] = { { "prospect", "Prospect" }, { "enrolled", "Enrolled, not bought yet" },
	{ "first purchase", "First purchase" }, { "repeat", "Second or third purchase" }, { "regular", "Regular" },
	{ "at risk", "At risk" }, { "lapsed", "Gone quiet" }, { "won back", "Won back" }, { NULL, NULL } };

size_t journey_segment_place(const char *segment)
{
	size_t place = 0;

	while (segments[place][0] && strcmp(segments[place][0], segment) != 0)
		place++;
	return place;
}

const char *journey_segment_said(const struct words *w, const char *segment)
{
	const char *said = said_of(segments, segment);

	return said ? words_say(w, said) : segment;
}

const char *journey_split_said(const struct journey *j, const struct words *w, const struct journey_friction *f)
{
	const char *said_days[7], *said_parts[3], *said_channels[CHANNELS];
	const struct journey_split_words words = { said_days, said_parts, said_channels };

	for (unsigned i = 0; i < 7; i++)
		said_days[i] = words_say(w, weekdays[i]);
	for (unsigned i = 0; i < 3; i++)
		said_parts[i] = words_say(w, parts[i]);
	for (unsigned i = 0; i < CHANNELS; i++)
		said_channels[i] = words_say(w, channels[i]);
	return WORDS_FILL(w, "%1: %2", words_say(w, splits[f->split]), journey_split_name(j, f, &words, w->arena));
}

/* --- what stands out --- */

typedef void (*sentence_visit)(void *who, const char *sentence);

/* The stage after which the smallest part goes on. @return JOURNEY_STAGES: none can be judged */
static unsigned narrowest(const struct journey_ways *map)
{
	unsigned least = JOURNEY_STAGES;

	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		const struct journey_stage_figures *f = &map->stages[i], *l = &map->stages[least % JOURNEY_STAGES];

		if (f->n >= JOURNEY_ENOUGH && (least == JOURNEY_STAGES || (__int128)f->x * l->n < (__int128)l->x * f->n))
			least = i;
	}
	return least;
}

static void say_path(const struct journey_report *r, const struct words *w, sentence_visit visit, void *who)
{
	unsigned stage = narrowest(&r->map);
	const struct journey_stage_figures *f = &r->map.stages[stage % JOURNEY_STAGES];

	if (stage == JOURNEY_STAGES)
		return;
	visit(who, WORDS_FILL(w, "The path narrows most after \"%1\": %2 of %3 went on within %4 days.",
			   journey_stage_said(w, stage), words_rate(w, f->x, f->n), words_number(w, f->n),
			   words_number(w, r->j->period.window)));
}

static void say_friction(const struct journey_report *r, const struct words *w, sentence_visit visit, void *who)
{
	const struct journey_friction *worst = NULL;

	for (size_t i = 0; i < r->map.friction_count && !worst; i++)
		if (r->map.frictions[i].d.value < 0)
			worst = &r->map.frictions[i];
	if (worst)
		visit(who, WORDS_FILL(w, "It grates most here: %1, at \"%2\". %3 go on there, %4 elsewhere.",
				   journey_split_said(r->j, w, worst), journey_stage_said(w, worst->stage),
				   words_rate(w, worst->x1, worst->n1), words_rate(w, worst->x0, worst->n0)));
	else if (r->map.tests)
		visit(who, words_say(w, "Nowhere do noticeably fewer customers go on than elsewhere."));
}

static void say_customers(const struct journey_report *r, const struct words *w, sentence_visit visit, void *who)
{
	const struct journey_kpi *k = &r->kpi;

	visit(who, WORDS_FILL(w, "Customers known: %1. Bought in these days: %2.", words_number(w, r->map.members),
			   words_number(w, k->buyers)));
	if (k->buyers >= JOURNEY_ENOUGH)
		visit(who, WORDS_FILL(w, "Of those who bought, %1 came back on another of these days.",
				   words_rate(w, k->repeaters, k->buyers)));
	if (k->active + k->at_risk + k->lapsed >= JOURNEY_ENOUGH)
		visit(who, WORDS_FILL(w, "Silent for %1 days or more: %2 customers; for %3 days or more: %4.",
				   words_number(w, k->risk_days), words_number(w, k->at_risk),
				   words_number(w, k->lapsed_days), words_number(w, k->lapsed)));
}

/* The planned step of which the largest part went otherwise. */
static void say_planned(const struct journey_report *r, const struct words *w, sentence_visit visit, void *who)
{
	const struct planned_figures *worst = NULL;
	int64_t of = 1, most = 0;
	size_t at = 0;

	for (size_t i = 0; i < r->plans.count; i++)
		for (size_t n = 0; n < r->plans.at[i].count; n++) {
			const struct planned_figures *f = &r->planned[i];
			int64_t judged = planned_judged(f, n), wrong = judged - f->steps[n][PLANNED_DONE];

			if (judged < JOURNEY_ENOUGH || (__int128)wrong * of <= (__int128)most * judged)
				continue;
			worst = f;
			at = n;
			most = wrong;
			of = judged;
		}
	if (worst)
		visit(who,
			WORDS_FILL(w,
				"Of what was planned, \"%1\" goes otherwise most: late, badly or not at all for %2 of %3.",
				worst->plan->steps[at].name, words_rate(w, most, of), words_number(w, of)));
}

static void say_score(const struct journey_report *r, const struct words *w, sentence_visit visit, void *who)
{
	const struct journey_score *s = &r->kpi.score;
	int64_t n = s->promoters + s->passives + s->detractors;
	double error;

	if (!journey_score_told(s))
		return;
	visit(who,
		WORDS_FILL(w, "Would they recommend the shop? %1 points, from %2 answers.",
			words_tenths(w, journey_tenths(stats_nps(s->promoters, s->passives, s->detractors, &error).value)),
			words_number(w, n)));
}

void journey_report_sentences(const struct journey_report *r, const struct words *w,
	void (*visit)(void *who, const char *sentence), void *who)
{
	say_customers(r, w, visit, who);
	say_path(r, w, visit, who);
	say_friction(r, w, visit, who);
	say_planned(r, w, visit, who);
	say_score(r, w, visit, who);
	if (!r->j->journeyed)
		visit(who, words_say(w, "The journal holds no journey: stages and touchpoints are made out of sales."));
}
