/* SPDX-License-Identifier: Apache-2.0 */
/* The section `journey`: stages, personas and planned journeys. */
#include "plugins/journey/internal.h"

#define NAME_MOST   64
#define WITHIN_MOST 3660 /* days */
#define MONTH_DAYS  30

const char *const journey_stage_names[] = { "awareness", "interaction", "comparison", "purchase", "ascension", "loyalty",
	"recommendation", "ambassador", NULL };
const char *const journey_segment_names[] = { "prospect", "enrolled", "first purchase", "repeat", "regular", "at risk",
	"lapsed", "won back", NULL };

/* The models of five and six stages, as they are mostly drawn, on ours: awareness, consideration, purchase, (growth,) retention, advocacy. */
static const char *const model_names[] = { "eight", "six", "five", NULL };
static const unsigned models[][JOURNEY_STAGES + 1] = {
	{ STAGE_AWARENESS, STAGE_INTERACTION, STAGE_COMPARISON, STAGE_PURCHASE, STAGE_ASCENSION, STAGE_LOYALTY,
		STAGE_RECOMMENDATION, STAGE_AMBASSADOR, NO_STAGE },
	{ STAGE_AWARENESS, STAGE_COMPARISON, STAGE_PURCHASE, STAGE_ASCENSION, STAGE_LOYALTY, STAGE_RECOMMENDATION,
		NO_STAGE },
	{ STAGE_AWARENESS, STAGE_COMPARISON, STAGE_PURCHASE, STAGE_LOYALTY, STAGE_RECOMMENDATION, NO_STAGE },
};

static cfg_opt_t when_options[] = {
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t step_options[] = {
	CFG_STR("touchpoint", NULL, CFGF_NODEFAULT),
	CFG_STR("channel", NULL, CFGF_NODEFAULT),
	CFG_STR("within", NULL, CFGF_NODEFAULT),
	CFG_STR("after", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t planned_options[] = {
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_SEC("step", step_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

static cfg_opt_t channel_options[] = {
	CFG_STR_LIST("tills", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t journey_options[] = {
	CFG_STR("model", "eight", CFGF_NONE),
	CFG_STR("lapsed", "90 days", CFGF_NONE),
	CFG_SEC("stage", when_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("persona", when_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("planned", planned_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("channel", channel_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

static bool is_set(cfg_t *section, const char *option)
{
	return cfg_size(section, option) > 0;
}

static const struct palier_condition *when_read(struct palier_setup *s, cfg_t *section)
{
	return palier_condition_compile(s, is_set(section, "when") ? cfg_getsec(section, "when") : NULL);
}

/* Days, or months of 30. */
static bool days_read(struct palier_setup *s, cfg_t *section, const char *option, int least, int *out)
{
	struct span span;
	int days;

	if (!palier_setup_span(s, section, option, &span))
		return false;
	days = span.kind == SPAN_DAYS ? span.n : span.kind == SPAN_MONTHS ? span.n * MONTH_DAYS : -1;
	if (days >= least && days <= WITHIN_MOST) {
		*out = days;
		return true;
	}
	palier_setup_error(s, section, "%s = \"%s\": expected from %d to %d days, such as \"90 days\"", option,
		cfg_getstr(section, option), least, WITHIN_MOST);
	return false;
}

static bool name_read(struct palier_setup *s, cfg_t *section, const char *what, struct palier_bytes *out)
{
	*out = palier_str(palier_setup_string(s, cfg_title(section)));
	if (out->len > 0 && out->len <= NAME_MOST)
		return true;
	palier_setup_error(s, section, "the name of a %s has 1 to %d bytes", what, NAME_MOST);
	return false;
}

/* --- stages --- */

static bool model_read(struct palier_setup *s, cfg_t *section, struct journey_config *cfg)
{
	int model;

	if (!palier_setup_choice(s, section, "model", model_names, &model))
		return false;
	for (const unsigned *stage = models[model]; *stage != NO_STAGE; stage++)
		cfg->stages[*stage] = true;
	return true;
}

static bool stage_read(struct palier_setup *s, cfg_t *section, cfg_t *journey, struct journey_config *cfg)
{
	unsigned stage = 0;

	while (stage < JOURNEY_STAGES && strcmp(cfg_title(section), journey_stage_names[stage]) != 0)
		stage++;
	if (stage == JOURNEY_STAGES)
		palier_setup_error(s, section,
			"there is no stage \"%s\": awareness, interaction, comparison, purchase, ascension, loyalty, "
			"recommendation or ambassador",
			cfg_title(section));
	else if (!cfg->stages[stage])
		palier_setup_error(s, section, "the model %s has no stage \"%s\"", cfg_getstr(journey, "model"),
			cfg_title(section));
	else if (!is_set(section, "when"))
		palier_setup_error(s, section, "stage \"%s\" does not say when it is entered", cfg_title(section));
	else
		cfg->enter[stage] = when_read(s, section);
	return stage < JOURNEY_STAGES && cfg->enter[stage];
}

/* --- personas --- */

static bool personas_read(struct palier_setup *s, cfg_t *section, struct journey_config *cfg)
{
	struct persona *all;
	bool ok = true;

	cfg->persona_count = cfg_size(section, "persona");
	all = palier_setup_alloc(s, (cfg->persona_count + 1) * sizeof(*all));
	cfg->personas = all;
	for (size_t i = 0; i < cfg->persona_count; i++) {
		cfg_t *persona = cfg_getnsec(section, "persona", (unsigned)i);

		ok = name_read(s, persona, "persona", &all[i].name) && ok;
		all[i].when = when_read(s, persona);
		ok = ok && all[i].when;
	}
	return ok;
}

/* --- planned journeys --- */

/* What a step waits for: one before it, or a touchpoint; by itself the step before, and the first of them the enrolment. */
static void after_read(struct palier_setup *s, cfg_t *section, const struct plan *plan, size_t n, struct plan_step *step)
{
	const char *after = is_set(section, "after") ? cfg_getstr(section, "after") : NULL;

	step->from = palier_str(palier_setup_string(s, after ? after : TOUCH_ENROL));
	step->after = after ? 0 : n;
	for (size_t i = 0; after && i < n; i++)
		if (palier_is(plan->steps[i].name, after))
			step->after = i + 1;
}

static bool step_read(struct palier_setup *s, cfg_t *section, const struct plan *plan, size_t n, struct plan_step *step)
{
	bool ok = name_read(s, section, "step", &step->name);

	step->channel = NO_CHANNEL;
	step->within = -1;
	step->touchpoint =
		palier_str(palier_setup_string(s, is_set(section, "touchpoint") ? cfg_getstr(section, "touchpoint") : ""));
	if (step->touchpoint.len == 0 || step->touchpoint.len > NAME_MOST) {
		palier_setup_error(s, section, "step \"%s\" does not say which touchpoint it is: touchpoint = \"call\"",
			cfg_title(section));
		ok = false;
	}
	if (is_set(section, "channel"))
		ok = palier_setup_choice(s, section, "channel", journey_channel_names, &step->channel) && ok;
	if (is_set(section, "within"))
		ok = days_read(s, section, "within", 0, &step->within) && ok;
	after_read(s, section, plan, n, step);
	if (step->from.len > 0 && step->from.len <= NAME_MOST)
		return ok;
	palier_setup_error(s, section, "after: expected an earlier step, or a touchpoint such as enrol");
	return false;
}

static bool plan_read(struct palier_setup *s, cfg_t *section, struct plan *plan)
{
	struct plan_step *steps;
	bool ok = name_read(s, section, "planned journey", &plan->name);

	plan->count = cfg_size(section, "step");
	steps = palier_setup_alloc(s, (plan->count + 1) * sizeof(*steps));
	plan->steps = steps;
	plan->when = when_read(s, section);
	for (size_t i = 0; i < plan->count; i++)
		ok = step_read(s, cfg_getnsec(section, "step", (unsigned)i), plan, i, &steps[i]) && ok;
	if (plan->count > 0)
		return ok && plan->when;
	palier_setup_error(s, section, "planned \"%s\" has no step", cfg_title(section));
	return false;
}

static bool plans_read(struct palier_setup *s, cfg_t *section, struct journey_config *cfg)
{
	struct plan *all;
	bool ok = true;

	cfg->plan_count = cfg_size(section, "planned");
	all = palier_setup_alloc(s, (cfg->plan_count + 1) * sizeof(*all));
	cfg->plans = all;
	for (size_t i = 0; i < cfg->plan_count; i++)
		ok = plan_read(s, cfg_getnsec(section, "planned", (unsigned)i), &all[i]) && ok;
	return ok;
}

/* --- tills elsewhere --- */

static const struct journey_till *till_find(const struct journey_till *tills, size_t count, struct palier_bytes name)
{
	for (size_t i = 0; i < count; i++)
		if (palier_equal(tills[i].name, name))
			return &tills[i];
	return NULL;
}

static bool channel_read(struct palier_setup *s, cfg_t *section, struct journey_config *cfg, struct journey_till *tills)
{
	unsigned channel = 0;

	while (channel < CHANNELS && strcmp(cfg_title(section), journey_channel_names[channel]) != 0)
		channel++;
	if (channel == CHANNELS || !is_set(section, "tills")) {
		palier_setup_error(s, section, "channel \"%s\": expected store, web, phone, social or email, and its tills",
			cfg_title(section));
		return false;
	}
	for (unsigned i = 0; i < cfg_size(section, "tills"); i++) {
		const struct palier_bytes name = palier_str(palier_setup_string(s, cfg_getnstr(section, "tills", i)));

		if (till_find(tills, cfg->till_count, name)) {
			palier_setup_error(s, section, "till \"%s\" is in two channels", name.at);
			return false;
		}
		tills[cfg->till_count++] = (struct journey_till){ name, channel };
	}
	return true;
}

static bool channels_read(struct palier_setup *s, cfg_t *section, struct journey_config *cfg)
{
	struct journey_till *tills;
	size_t most = 0;
	bool ok = true;

	for (unsigned i = 0; i < cfg_size(section, "channel"); i++)
		most += cfg_size(cfg_getnsec(section, "channel", i), "tills");
	tills = palier_setup_alloc(s, (most + 1) * sizeof(*tills));
	cfg->tills = tills;
	for (unsigned i = 0; i < cfg_size(section, "channel"); i++)
		ok = channel_read(s, cfg_getnsec(section, "channel", i), cfg, tills) && ok;
	return ok;
}

int journey_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct journey_config *cfg;
	bool ok;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	if (!model_read(s, section, cfg))
		return PALIER_ECONFIG;
	ok = days_read(s, section, "lapsed", 2, &cfg->lapsed);
	for (unsigned i = 0; i < cfg_size(section, "stage"); i++)
		ok = stage_read(s, cfg_getnsec(section, "stage", i), section, cfg) && ok;
	ok = personas_read(s, section, cfg) && ok;
	ok = plans_read(s, section, cfg) && ok;
	ok = channels_read(s, section, cfg) && ok;
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
