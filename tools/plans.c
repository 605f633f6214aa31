/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plans.h"

#include <confuse.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/simulate/shelf.h"

#define MONTH_DAYS 30

/* --- what is looked for; the rest of the section is passed over --- */

static cfg_opt_t nothing[] = { CFG_END() };

static cfg_opt_t step_options[] = {
	CFG_STR("touchpoint", "", CFGF_NONE),
	CFG_STR("channel", NULL, CFGF_NODEFAULT),
	CFG_STR("within", NULL, CFGF_NODEFAULT),
	CFG_STR("after", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t planned_options[] = {
	CFG_SEC("when", nothing, CFGF_NODEFAULT),
	CFG_SEC("step", step_options, CFGF_MULTI | CFGF_TITLE),
	CFG_END(),
};

/* Sections that hold sections are not passed over well. */
static cfg_opt_t when_options[] = { CFG_SEC("when", nothing, CFGF_NODEFAULT), CFG_END() };

static cfg_opt_t journey_options[] = {
	CFG_SEC("stage", when_options, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("persona", when_options, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("planned", planned_options, CFGF_MULTI | CFGF_TITLE),
	CFG_SEC("channel", nothing, CFGF_MULTI | CFGF_TITLE),
	CFG_END(),
};

static cfg_opt_t root_options[] = { CFG_SEC("journey", journey_options, CFGF_NONE), CFG_END() };

/* --- taking it --- */

static const char *kept(struct cli *cli, const char *text)
{
	return palier_cstr(&cli->arena, palier_str(text));
}

static int channel_of(const char *name)
{
	int channel = PLANNED_ANY;

	for (int i = 0; name && journey_channel_names[i]; i++)
		channel = strcmp(name, journey_channel_names[i]) == 0 ? i : channel;
	return channel;
}

static int days_of(const char *text)
{
	struct span span;

	if (!text || !span_parse(text, &span) || (span.kind != SPAN_DAYS && span.kind != SPAN_MONTHS))
		return PLANNED_EVER;
	return span.kind == SPAN_DAYS ? span.n : span.n * MONTH_DAYS;
}

/* What a step waits for: one before it, or a touchpoint; by itself the step before, and the first of them the enrolment. */
static void step_take(struct cli *cli, cfg_t *section, const struct plan_step *steps, size_t n, struct plan_step *out)
{
	const char *after = cfg_size(section, "after") > 0 ? cfg_getstr(section, "after") : NULL;

	*out = (struct plan_step){ .name = kept(cli, cfg_title(section)),
		.touchpoint = kept(cli, cfg_getstr(section, "touchpoint")),
		.channel = channel_of(cfg_size(section, "channel") > 0 ? cfg_getstr(section, "channel") : NULL),
		.within = days_of(cfg_size(section, "within") > 0 ? cfg_getstr(section, "within") : NULL),
		.after = after ? 0 : n,
		.from = kept(cli, after ? after : "enrol") };
	for (size_t i = 0; after && i < n; i++)
		if (strcmp(steps[i].name, after) == 0)
			out->after = i + 1;
}

static void plan_take(struct cli *cli, cfg_t *section, struct plan *out)
{
	size_t count = cfg_size(section, "step");
	struct plan_step *steps = palier_alloc(&cli->arena, (count + 1) * sizeof(*steps));

	for (size_t i = 0; i < count; i++)
		step_take(cli, cfg_getnsec(section, "step", (unsigned)i), steps, i, &steps[i]);
	*out = (struct plan){ kept(cli, cfg_title(section)), cfg_size(section, "when") > 0, steps, count };
}

static void journey_take(struct cli *cli, cfg_t *section, struct plans *out)
{
	unsigned count = cfg_size(section, "planned");
	struct plan *all = palier_alloc(&cli->arena, (count + 1) * sizeof(*all));

	out->at = all;
	for (unsigned i = 0; i < count; i++) {
		plan_take(cli, cfg_getnsec(section, "planned", i), &all[out->count]);
		out->count += all[out->count].count > 0;
	}
}

void plans_read(struct cli *cli, const char *config, struct plans *out)
{
	char *text = config ? shelf_text(config) : NULL;
	cfg_t *root = text ? shelf_parse(cli, config, text, "journey", root_options) : NULL;

	*out = (struct plans){ .count = 0 };
	if (root)
		journey_take(cli, cfg_getsec(root, "journey"), out);
	cfg_free(root);
	free(text);
}
