/* SPDX-License-Identifier: Apache-2.0 */
/* The section `points`: units and earn rules. */
#include "plugins/points/internal.h"

#define UNIT_NAME_MAX 32
#define RULE_NAME_MAX 64
#define DAYS_MAX      3650

const char *const points_kind_names[] = { "points", "money", NULL };
const char *const points_shortfall_names[] = { "negative", "clamp", "refuse", NULL };
static const char *const rounding_names[] = { "floor", "nearest", "up", NULL };
static const char *const proof_names[] = { "none", "pin", "otp", NULL };

static cfg_opt_t unit_options[] = {
	CFG_STR("kind", "points", CFGF_NONE),
	CFG_STR("expires", "never", CFGF_NONE),
	CFG_INT("pending", 0, CFGF_NONE),
	CFG_STR("shortfall", "negative", CFGF_NONE),
	CFG_INT("return-grace", 30, CFGF_NONE),
	CFG_BOOL("spend-same-ticket", cfg_false, CFGF_NONE),
	CFG_BOOL("earn-on-redeemed", cfg_true, CFGF_NONE),
	CFG_STR("rounding", "floor", CFGF_NONE),
	CFG_STR("proof", "none", CFGF_NONE),
	CFG_INT("proof-from", 0, CFGF_NONE),
	CFG_END(),
};

/* What a rule counts by is told by which of its options is there: none of them has a default. */
static cfg_opt_t earn_options[] = {
	CFG_STR("unit", NULL, CFGF_NODEFAULT),
	CFG_STR("per", NULL, CFGF_NODEFAULT),
	CFG_INT("points", 1, CFGF_NODEFAULT),
	CFG_INT("per-item", 1, CFGF_NODEFAULT),
	CFG_INT("per-visit", 1, CFGF_NODEFAULT),
	CFG_STR("multiplier", NULL, CFGF_NODEFAULT),
	CFG_INT("priority", 0, CFGF_NONE),
	CFG_BOOL("stackable", cfg_true, CFGF_NONE),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t points_options[] = {
	CFG_SEC("unit", unit_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("earn", earn_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

const struct points_unit *points_unit_of(const struct points_config *cfg, struct palier_bytes name)
{
	for (size_t i = 0; cfg && i < cfg->unit_count; i++)
		if (palier_equal(cfg->units[i].name, name))
			return &cfg->units[i];
	return NULL;
}

static bool title_read(struct palier_setup *s, cfg_t *section, const char *what, size_t most, const char **out)
{
	size_t len = strlen(cfg_title(section));

	if (len == 0 || len > most) {
		palier_setup_error(s, section, "the name of %s must have 1 to %zu characters", what, most);
		return false;
	}
	*out = palier_setup_string(s, cfg_title(section));
	return true;
}

static bool unit_read(struct palier_setup *s, cfg_t *section, struct points_unit *u)
{
	const char *name;
	int64_t pending = 0, grace = 0;
	bool ok = title_read(s, section, "a unit", UNIT_NAME_MAX, &name);

	if (ok)
		u->name = palier_str(name);
	ok &= palier_setup_choice(s, section, "kind", points_kind_names, &u->kind);
	ok &= palier_setup_choice(s, section, "shortfall", points_shortfall_names, &u->shortfall);
	ok &= palier_setup_choice(s, section, "rounding", rounding_names, &u->rounding);
	ok &= palier_setup_choice(s, section, "proof", proof_names, &u->proof);
	ok &= palier_setup_span(s, section, "expires", &u->expires);
	ok &= palier_setup_figure(s, section, "pending", 0, DAYS_MAX, &pending);
	ok &= palier_setup_figure(s, section, "return-grace", 0, DAYS_MAX, &grace);
	ok &= palier_setup_figure(s, section, "proof-from", 0, PALIER_FIGURE_MAX, &u->proof_from);
	u->pending = (int)pending;
	u->return_grace = (int)grace;
	u->spend_same_ticket = cfg_getbool(section, "spend-same-ticket");
	u->earn_on_redeemed = cfg_getbool(section, "earn-on-redeemed");
	if (u->spend_same_ticket && !u->earn_on_redeemed) {
		palier_setup_error(s, section,
			"spend-same-ticket needs earn-on-redeemed = true: else what a ticket earns would depend on what is spent of it");
		ok = false;
	}
	return ok;
}

/* Which of the four ways of counting the rule is; exactly one must be there. */
static bool rule_kind_read(struct palier_setup *s, cfg_t *section, enum rule_kind *out)
{
	static const char *const options[] = { "per", "per-item", "per-visit", "multiplier" };
	unsigned found = 0;

	for (unsigned i = 0; i < 4; i++)
		if (cfg_size(section, options[i]) > 0) {
			*out = (enum rule_kind)i;
			found++;
		}
	if (found != 1) {
		palier_setup_error(s, section,
			"earn \"%s\" needs exactly one of per, per-item, per-visit, multiplier; it has %u",
			cfg_title(section), found);
		return false;
	}
	if (*out != RULE_AMOUNT && cfg_size(section, "points") > 0) {
		palier_setup_error(s, section, "earn \"%s\": points goes with per; %s counts by itself", cfg_title(section),
			options[*out]);
		return false;
	}
	return true;
}

static bool rule_figures_read(struct palier_setup *s, cfg_t *section, struct points_rule *r)
{
	switch (r->kind) {
	case RULE_AMOUNT:
		r->points = 1;
		if (!palier_setup_amount(s, section, "per", &r->per))
			return false;
		if (r->per <= 0) {
			palier_setup_error(s, section, "earn \"%s\": per = \"%s\" must be more than 0", cfg_title(section),
				cfg_getstr(section, "per"));
			return false;
		}
		return cfg_size(section, "points") == 0 ||
		       palier_setup_figure(s, section, "points", 1, PALIER_FIGURE_MAX, &r->points);
	case RULE_ITEM:
		return palier_setup_figure(s, section, "per-item", 1, PALIER_FIGURE_MAX, &r->points);
	case RULE_VISIT:
		return palier_setup_figure(s, section, "per-visit", 1, PALIER_FIGURE_MAX, &r->points);
	case RULE_MULTIPLIER:
		break;
	}
	if (!palier_setup_decimal(s, section, "multiplier", 3, &r->points))
		return false;
	if (r->points < 0) {
		palier_setup_error(s, section, "earn \"%s\": a multiplier cannot be negative", cfg_title(section));
		return false;
	}
	return true;
}

static bool rule_unit_read(struct palier_setup *s, cfg_t *section, const struct points_config *cfg, struct points_rule *r)
{
	const char *name = cfg_getstr(section, "unit");

	if (!name) {
		palier_setup_error(s, section, "earn \"%s\" does not say which unit it earns", cfg_title(section));
		return false;
	}
	r->unit = points_unit_of(cfg, palier_str(name));
	if (!r->unit)
		palier_setup_error(s, section, "earn \"%s\": there is no unit \"%s\"", cfg_title(section), name);
	return r->unit != NULL;
}

static bool rule_read(struct palier_setup *s, cfg_t *section, const struct points_config *cfg, struct points_rule *r)
{
	bool ok = title_read(s, section, "an earn rule", RULE_NAME_MAX, &r->name);

	ok &= rule_unit_read(s, section, cfg, r);
	ok &= rule_kind_read(s, section, &r->kind) && rule_figures_read(s, section, r);
	r->priority = cfg_getint(section, "priority");
	r->stackable = cfg_getbool(section, "stackable");
	/* Asking libConfuse for a section that is not there is an error of its own. */
	r->when = palier_condition_compile(s, cfg_size(section, "when") > 0 ? cfg_getsec(section, "when") : NULL);
	return ok && r->when != NULL;
}

int points_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct points_config *cfg;
	struct points_unit *units;
	struct points_rule *rules;
	bool ok = true;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	cfg->unit_count = cfg_size(section, "unit");
	cfg->rule_count = cfg_size(section, "earn");
	units = palier_setup_alloc(s, (cfg->unit_count + 1) * sizeof(*units));
	rules = palier_setup_alloc(s, (cfg->rule_count + 1) * sizeof(*rules));
	cfg->units = units;
	cfg->rules = rules;
	for (size_t i = 0; i < cfg->unit_count; i++)
		ok &= unit_read(s, cfg_getnsec(section, "unit", (unsigned)i), &units[i]);
	for (size_t i = 0; i < cfg->rule_count; i++)
		ok &= rule_read(s, cfg_getnsec(section, "earn", (unsigned)i), cfg, &rules[i]);
	if (!ok)
		return PALIER_ECONFIG;
	for (size_t i = 0; i < cfg->unit_count; i++)
		palier_setup_name(s, "unit", cfg_title(cfg_getnsec(section, "unit", (unsigned)i)), units[i].kind);
	*out = cfg;
	return PALIER_OK;
}
