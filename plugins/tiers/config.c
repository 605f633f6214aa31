/* SPDX-License-Identifier: Apache-2.0 */
/* The section `tiers`. */
#include "plugins/tiers/internal.h"

#define NAME_MAX       32
#define TIERS_MAX      64
#define WINDOW_DAYS    1096 /* longer than that, sums are not kept day by day */
#define WINDOW_MONTHS  36
#define RETURN_MAX     3650
#define MULTIPLIER_ONE 1000

static const char *const measure_names[] = { "earned", "spend", NULL };

static cfg_opt_t tier_options[] = {
	CFG_STR("from", NULL, CFGF_NODEFAULT),
	CFG_STR("multiplier", "1", CFGF_NONE),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t tiers_options[] = {
	CFG_STR("unit", "points", CFGF_NONE),
	CFG_STR("on", "earned", CFGF_NONE),
	CFG_STR("window", "12 months", CFGF_NONE),
	CFG_STR("grace", "1 month", CFGF_NONE),
	CFG_STR("step", "one", CFGF_NONE),
	CFG_INT("return-window", 30, CFGF_NONE),
	CFG_SEC("tier", tier_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

/* --- reading --- */

static bool name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX;
}

static bool window_read(struct palier_setup *s, cfg_t *section, struct tiers_rules *rules)
{
	const char *text = cfg_getstr(section, "window");
	int most;

	rules->window = strcmp(text, "calendar-year") == 0 ? WINDOW_CALENDAR_YEAR
	                : strcmp(text, "lifetime") == 0    ? WINDOW_LIFETIME
	                                                   : WINDOW_ROLLING;
	if (rules->window != WINDOW_ROLLING)
		return true;
	if (!palier_setup_span(s, section, "window", &rules->span))
		return false;
	most = rules->span.kind == SPAN_DAYS ? WINDOW_DAYS : WINDOW_MONTHS;
	if ((rules->span.kind != SPAN_DAYS && rules->span.kind != SPAN_MONTHS) || rules->span.n < 1 ||
		rules->span.n > most) {
		palier_setup_error(s, section,
			"window = \"%s\": expected 1 to %d months, 1 to %d days, calendar-year or lifetime", text,
			WINDOW_MONTHS, WINDOW_DAYS);
		return false;
	}
	return true;
}

static bool grace_read(struct palier_setup *s, cfg_t *section, struct tiers_rules *rules)
{
	if (!palier_setup_span(s, section, "grace", &rules->grace))
		return false;
	if (rules->grace.kind == SPAN_DAYS || rules->grace.kind == SPAN_MONTHS)
		return true;
	palier_setup_error(s, section, "grace = \"%s\": expected days or months, such as \"1 month\"; \"0 days\" is none",
		cfg_getstr(section, "grace"));
	return false;
}

/* Where money counts and nothing is multiplied, no unit is needed. */
static bool unit_read(struct palier_setup *s, cfg_t *section, struct tiers_config *cfg)
{
	const char *unit = cfg_getstr(section, "unit");
	bool needed = cfg->measure == MEASURE_EARNED;
	int kind;

	for (size_t i = 0; i < cfg->rules.tier_count; i++)
		needed = needed || cfg->rules.tiers[i].multiplier != MULTIPLIER_ONE;
	if (needed && !palier_setup_named(s, "unit", unit, &kind)) {
		palier_setup_error(s, section, "unit = \"%s\": there is no such unit", unit);
		return false;
	}
	cfg->unit = palier_str(palier_setup_string(s, unit));
	return true;
}

/* Points, or money. */
static bool from_read(struct palier_setup *s, cfg_t *section, int measure, struct tier *t)
{
	bool ok;

	if (!cfg_getstr(section, "from")) {
		palier_setup_error(s, section, "tier \"%s\" does not say from where on it holds: from = 0, say",
			cfg_title(section));
		return false;
	}
	ok = measure == MEASURE_SPEND ? palier_setup_amount(s, section, "from", &t->from)
	                              : palier_setup_decimal(s, section, "from", 0, &t->from);
	if (ok && t->from < 0)
		palier_setup_error(s, section, "tier \"%s\": from = %s cannot be negative", cfg_title(section),
			cfg_getstr(section, "from"));
	return ok && t->from >= 0;
}

static bool multiplier_read(struct palier_setup *s, cfg_t *section, struct tier *t)
{
	t->multiplier = MULTIPLIER_ONE;
	if (!palier_setup_decimal(s, section, "multiplier", 3, &t->multiplier))
		return false;
	if (t->multiplier > 0)
		return true;
	palier_setup_error(s, section, "tier \"%s\": multiplier = \"%s\" must be more than 0", cfg_title(section),
		cfg_getstr(section, "multiplier"));
	return false;
}

/* @param below the tier before it in the file, or NULL */
static bool tier_read(struct palier_setup *s, cfg_t *section, int measure, const struct tier *below, struct tier *t)
{
	bool ok = name_ok(cfg_title(section));

	if (!ok)
		palier_setup_error(s, section, "the name of a tier has 1 to %d characters", NAME_MAX);
	t->name = palier_str(palier_setup_string(s, cfg_title(section)));
	ok &= multiplier_read(s, section, t);
	t->label = palier_label_compile(s, section, t->name.at);
	ok &= t->label != NULL;
	if (!from_read(s, section, measure, t))
		return false;
	if (below && t->from <= below->from) {
		palier_setup_error(s, section, "tier \"%s\" must begin above tier \"%s\": the lowest stands first",
			cfg_title(section), below->name.at);
		return false;
	}
	return ok;
}

static bool tiers_read(struct palier_setup *s, cfg_t *section, struct tiers_config *cfg)
{
	struct tier *tiers;
	bool ok = true;

	cfg->rules.tier_count = cfg_size(section, "tier");
	if (cfg->rules.tier_count == 0 || cfg->rules.tier_count > TIERS_MAX) {
		palier_setup_error(s, section, "tiers needs 1 to %d sections such as tier \"silver\" { from = 1000 }",
			TIERS_MAX);
		return false;
	}
	tiers = palier_setup_alloc(s, cfg->rules.tier_count * sizeof(*tiers));
	cfg->rules.tiers = tiers;
	for (size_t i = 0; i < cfg->rules.tier_count && ok; i++)
		ok = tier_read(s, cfg_getnsec(section, "tier", (unsigned)i), cfg->measure, i > 0 ? &tiers[i - 1] : NULL,
			&tiers[i]);
	return ok;
}

int tiers_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct tiers_config *cfg;
	bool ok;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	ok = window_read(s, section, &cfg->rules);
	ok &= grace_read(s, section, &cfg->rules);
	ok &= palier_setup_figure(s, section, "return-window", 0, RETURN_MAX, &cfg->return_window);
	ok &= palier_setup_choice(s, section, "step", tiers_fall_names, &cfg->rules.fall);
	/* What `from` means depends on it. */
	ok = palier_setup_choice(s, section, "on", measure_names, &cfg->measure) && tiers_read(s, section, cfg) &&
	     unit_read(s, section, cfg) && ok;
	if (!ok)
		return PALIER_ECONFIG;
	if (cfg->measure == MEASURE_EARNED)
		cfg->rules.measured = cfg->unit;
	*out = cfg;
	return PALIER_OK;
}
