/* SPDX-License-Identifier: Apache-2.0 */
/* CJML 2.0: the planned journeys, then one actual journey a customer, each touchpoint with what it is against the plan. Every id is the
 * document's only one: a touchpoint's and a phase's begin with their journey's. */
#include "tools/report/export.h"
#include "tools/report/journey_parts.h"

#define SHOP "shop"

struct writing {
	const struct journey *j;
	const struct export_key *key;
	const struct plans *plans;
	FILE *out;
	struct planned_held held; /* of the line in hand */
	bool shop;                /* it has been named */
	char journey[EXPORT_NAME + 8];
	unsigned touchpoints; /* of the journey in hand, by now */
};

static void element(const struct writing *x, const char *name, const char *text)
{
	fprintf(x->out, "<%s>", name);
	export_xml(x->out, text);
	fprintf(x->out, "</%s>\n", name);
}

static void party(const struct writing *x, const char *role, bool customer, const char *label)
{
	fprintf(x->out, "<%s>\n<refersTo actorIDref=\"", role);
	if (customer)
		fprintf(x->out, "%s.customer\"/>\n", x->journey);
	else
		fputs(SHOP "\"/>\n", x->out);
	fprintf(x->out, "<%sLabel>", role);
	export_xml(x->out, label);
	fprintf(x->out, "</%sLabel>\n</%s>\n", role, role);
}

static void channel(const struct writing *x, int channel)
{
	if (channel == PLANNED_ANY)
		return;
	fputs("<channel>\n", x->out);
	element(x, "channelName", journey_channel_names[channel]);
	fputs("</channel>\n", x->out);
}

/* Who speaks to whom, and where; an action has but one who does it. */
static void parties(const struct writing *x, const char *touchpoint, int where)
{
	bool own = planned_by_customer(touchpoint);

	party(x, "initiator", own, touchpoint);
	if (planned_is_action(touchpoint))
		return;
	party(x, "receiver", !own, touchpoint);
	channel(x, where);
}

static const char *kind_of(const char *touchpoint)
{
	return planned_is_action(touchpoint) ? "Action" : "CommunicationPoint";
}

/* The shop is named by the first journey, and referred to by the others. */
static void actors(struct writing *x)
{
	fprintf(x->out,
		"<actors>\n<endUser actorID=\"%s.customer\"/>\n<serviceProvider actorID%s=\"" SHOP "\"/>\n</actors>\n",
		x->journey, x->shop ? "ref" : "");
	x->shop = true;
}

/* --- planned --- */

static void step_write(struct writing *x, const struct plan_step *step)
{
	const char *kind = kind_of(step->touchpoint);

	fprintf(x->out, "<planned%s>\n<touchpointID>%s.T%u</touchpointID>\n", kind, x->journey, ++x->touchpoints);
	parties(x, step->touchpoint, step->channel);
	element(x, "comment", step->name);
	fprintf(x->out, "</planned%s>\n", kind);
}

static void plan_write(struct writing *x, size_t number)
{
	const struct plan *plan = &x->plans->at[number];

	snprintf(x->journey, sizeof(x->journey), "P%zu", number + 1);
	x->touchpoints = 0;
	fprintf(x->out, "<plannedJourney>\n<journeyID>%s</journeyID>\n", x->journey);
	element(x, "journeyTitle", plan->name);
	actors(x);
	fputs("<touchpoints>\n", x->out);
	for (size_t n = 0; n < plan->count; n++)
		step_write(x, &plan->steps[n]);
	fputs("</touchpoints>\n</plannedJourney>\n", x->out);
}

/* --- actual --- */

/* The first plan that has begun. @return the plans' count: none has */
static size_t plan_of(struct writing *x, const struct journey_line *line)
{
	size_t number = 0;

	for (; number < x->plans->count; number++) {
		planned_hold(x->j, &x->plans->at[number], line, &x->held);
		if (x->held.begun)
			break;
	}
	return number;
}

/* @return what the touch is against the plan; NULL: nothing of it */
static const char *compliance_of(const struct writing *x, const struct plan *plan, const struct journey_line *line,
	size_t touch)
{
	for (size_t n = 0; plan && n < plan->count; n++)
		if (x->held.steps[n].touch == touch)
			return planned_deviation_names[x->held.steps[n].deviation];
	return plan && planned_beside(x->j, &x->held, line, touch) ? planned_deviation_names[PLANNED_EXTRA] : NULL;
}

static void touch_begin(struct writing *x, const char *kind, const char *phase, const char *compliance)
{
	fprintf(x->out, "<actual%s>\n<touchpointID>%s.T%u</touchpointID>\n", kind, x->journey, ++x->touchpoints);
	if (phase)
		fprintf(x->out, "<belongsTo phaseIDref=\"%s.%s\"/>\n", x->journey, phase);
	if (compliance)
		element(x, "compliance", compliance);
}

static void touch_write(struct writing *x, const struct journey_touch *t, const char *phase, const char *compliance)
{
	const char *name = journey_activity(x->j, t->activity), *kind = kind_of(name);
	char at[32];

	touch_begin(x, kind, phase, compliance);
	parties(x, name, t->channel);
	time_format((int64_t)t->at_s * 1000 + t->at_ms, at);
	fprintf(x->out, "<timestamps>\n<timeCompleted>%s</timeCompleted>\n</timestamps>\n", at);
	if (t->value != VALUE_NONE)
		fprintf(x->out, "<touchpointExperience>\n<experienceRating>%d</experienceRating>\n</touchpointExperience>\n",
			t->value - 2);
	fprintf(x->out, "</actual%s>\n", kind);
}

/* What was to come and did not has a place, but no time. */
static void missing_write(struct writing *x, const struct plan *plan)
{
	for (size_t n = 0; plan && n < plan->count; n++) {
		const struct plan_step *step = &plan->steps[n];
		const char *kind = kind_of(step->touchpoint);

		if (x->held.steps[n].deviation != PLANNED_MISSING)
			continue;
		touch_begin(x, kind, NULL, planned_deviation_names[PLANNED_MISSING]);
		parties(x, step->touchpoint, step->channel);
		fprintf(x->out, "</actual%s>\n", kind);
	}
}

/* The stages are the phases. */
static void phases_write(const struct writing *x, const struct journey_line *line)
{
	bool seen[JOURNEY_STAGES] = { false };

	for (size_t i = 0; i < line->count; i++)
		if (line->at[i].what & IS_STAGE)
			seen[line->at[i].activity] = true;
	fputs("<journeyPhases>\n", x->out);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++)
		if (seen[i])
			fprintf(x->out, "<journeyPhase phaseID=\"%s.%s\">\n<phaseName>%s</phaseName>\n</journeyPhase>\n",
				x->journey, journey_stage_names[i], journey_stage_names[i]);
	fputs("</journeyPhases>\n", x->out);
}

static void journey_write(struct writing *x, const struct journey_line *line)
{
	size_t number = plan_of(x, line);
	const struct plan *plan = number < x->plans->count ? &x->plans->at[number] : NULL;
	const char *phase = NULL;

	fprintf(x->out, "<actualJourney>\n<journeyID>%s</journeyID>\n", x->journey);
	if (plan)
		fprintf(x->out, "<plannedReference>P%zu</plannedReference>\n", number + 1);
	phases_write(x, line);
	actors(x);
	fputs("<touchpoints>\n", x->out);
	for (size_t i = 0; i < line->count; i++) {
		if (line->at[i].what & IS_STAGE)
			phase = journey_stage_names[line->at[i].activity];
		if (journey_shows(x->j, &line->at[i]))
			touch_write(x, &line->at[i], phase, compliance_of(x, plan, line, i));
	}
	missing_write(x, plan);
	fputs("</touchpoints>\n</actualJourney>\n", x->out);
}

static void line_write(void *who, const struct journey_line *line)
{
	struct writing *x = who;
	char name[EXPORT_NAME];
	size_t i = 0;

	while (i < line->count && !journey_shows(x->j, &line->at[i]))
		i++;
	if (i == line->count)
		return;
	export_customer(x->j, x->key, line->number, name);
	snprintf(x->journey, sizeof(x->journey), "A%s", name);
	x->touchpoints = 0;
	journey_write(x, line);
}

int export_cjml(const struct journey *j, const struct export_key *key, const struct plans *plans, FILE *out)
{
	struct writing x = { .j = j, .key = key, .plans = plans, .out = out };

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CJML version=\"2.0\">\n", out);
	for (size_t i = 0; i < plans->count; i++)
		plan_write(&x, i);
	journey_each(j, line_write, &x);
	fputs("</CJML>\n", out);
	planned_held_deinit(&x.held);
	return fflush(out) == 0 && !ferror(out) ? PALIER_OK : PALIER_EIO;
}
