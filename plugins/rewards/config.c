/* SPDX-License-Identifier: Apache-2.0 */
/* The section `rewards`: what may be bought with points. */
#include "plugins/rewards/internal.h"

#define NAME_MOST   32     /* as a redemption may name it */
#define SHARE_WHOLE 100000 /* thousandths of a per cent */

enum { KIND_NONE = -1, KIND_AMOUNT, KIND_PERCENT, KIND_PRODUCT, KIND_CREDIT };
static const char *const kind_names[] = { "amount", "percent", "product", "credit", NULL };

CAPS_OPTIONS(max_options);

static cfg_opt_t reward_options[] = {
	CFG_STR("unit", NULL, CFGF_NODEFAULT),
	CFG_INT("cost", 0, CFGF_NODEFAULT),
	PALIER_BENEFIT_OPTIONS,
	CFG_STR("to", NULL, CFGF_NODEFAULT),
	CFG_INT("min-points", 0, CFGF_NONE),
	CFG_STR("max-share", NULL, CFGF_NODEFAULT),
	CFG_SEC("max", max_options, CFGF_NODEFAULT),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t rewards_options[] = {
	CFG_SEC("reward", reward_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

const struct reward *reward_of(const struct rewards_config *cfg, struct palier_bytes name)
{
	for (size_t i = 0; cfg && i < cfg->count; i++)
		if (palier_is(name, cfg->rewards[i].name))
			return &cfg->rewards[i];
	return NULL;
}

static bool name_read(struct palier_setup *s, cfg_t *section, struct reward *r)
{
	size_t len = strlen(cfg_title(section));

	r->name = palier_setup_string(s, cfg_title(section));
	if (len > 0 && len <= NAME_MOST)
		return true;
	palier_setup_error(s, section, "the name of a reward must have 1 to %d characters", NAME_MOST);
	return false;
}

/* @param money must it be stored value? */
static bool unit_read(struct palier_setup *s, cfg_t *section, const char *option, bool money, struct palier_bytes *out)
{
	const char *name = cfg_getstr(section, option);
	int kind;

	if (!name)
		palier_setup_error(s, section, "reward \"%s\" does not say which unit it %s: %s is missing",
			cfg_title(section), money ? "loads" : "costs", option);
	else if (!palier_setup_named(s, "unit", name, &kind))
		palier_setup_error(s, section, "reward \"%s\": there is no unit \"%s\"", cfg_title(section), name);
	else if (money && kind == 0)
		palier_setup_error(s, section, "reward \"%s\": to = \"%s\" is no unit of kind = money", cfg_title(section),
			name);
	else {
		*out = palier_str(palier_setup_string(s, name));
		return true;
	}
	return false;
}

static bool cost_read(struct palier_setup *s, cfg_t *section, struct reward *r)
{
	if (cfg_size(section, "cost") == 0) {
		palier_setup_error(s, section, "reward \"%s\" does not say what it costs: cost is missing",
			cfg_title(section));
		return false;
	}
	return palier_setup_figure(s, section, "cost", 1, PALIER_FIGURE_MAX, &r->cost);
}

/* A reward that loads stored value. */
static bool credit_read(struct palier_setup *s, cfg_t *section, struct reward *r)
{
	static const char *const others[] = { "of", "cap", "get", "skus" };
	bool ok = unit_read(s, section, "to", true, &r->to);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (cfg_size(section, others[i]) > 0) {
			palier_setup_error(s, section, "reward \"%s\": %s means nothing with kind = credit",
				cfg_title(section), others[i]);
			ok = false;
		}
	if (ok && palier_equal(r->to, r->unit)) {
		palier_setup_error(s, section, "reward \"%s\" costs and loads the same unit", cfg_title(section));
		ok = false;
	}
	if (!palier_setup_amount(s, section, "value", &r->value))
		return false;
	if (r->value > 0)
		return ok;
	palier_setup_error(s, section, "reward \"%s\": value must say how much it loads, more than 0", cfg_title(section));
	return false;
}

/* @param kind untouched where it is none */
static bool kind_read(struct palier_setup *s, cfg_t *section, struct reward *r, int *kind)
{
	if (cfg_size(section, "kind") == 0) {
		palier_setup_error(s, section,
			"reward \"%s\" does not say what it gives: kind is missing (amount, percent, product or credit)",
			cfg_title(section));
		return false;
	}
	if (!palier_setup_choice(s, section, "kind", kind_names, kind))
		return false;
	if (*kind == KIND_CREDIT)
		return credit_read(s, section, r);
	r->benefit = palier_benefit_compile(s, section, r->when);
	if (cfg_size(section, "to") == 0)
		return r->benefit != NULL;
	palier_setup_error(s, section, "reward \"%s\": to goes with kind = credit", cfg_title(section));
	return false;
}

static bool share_read(struct palier_setup *s, cfg_t *section, int kind, struct reward *r)
{
	const char *text = cfg_getstr(section, "max-share");

	if (!text)
		return true;
	if (!palier_setup_decimal(s, section, "max-share", 3, &r->share))
		return false;
	if (r->share <= 0 || r->share > SHARE_WHOLE) {
		palier_setup_error(s, section,
			"reward \"%s\": max-share = \"%s\": expected a percentage, more than 0 and at most 100",
			cfg_title(section), text);
		return false;
	}
	if (kind == KIND_AMOUNT)
		return true;
	palier_setup_error(s, section, "reward \"%s\": max-share goes with kind = amount", cfg_title(section));
	return false;
}

/* A percentage is had once, so that its cost must reach the minimum. */
static bool minimum_read(struct palier_setup *s, cfg_t *section, struct reward *r)
{
	if (!palier_setup_figure(s, section, "min-points", 0, PALIER_FIGURE_MAX, &r->min_points))
		return false;
	if (!r->benefit || palier_benefit_multiplies(r->benefit) || r->min_points <= r->cost)
		return true;
	palier_setup_error(s, section, "reward \"%s\" can never be had: it costs less than min-points", cfg_title(section));
	return false;
}

static bool reward_read(struct palier_setup *s, cfg_t *section, struct reward *r)
{
	bool ok = name_read(s, section, r);
	int kind = KIND_NONE;

	ok = unit_read(s, section, "unit", false, &r->unit) && ok;
	ok = cost_read(s, section, r) && ok;
	r->when = palier_condition_compile(s, cfg_size(section, "when") > 0 ? cfg_getsec(section, "when") : NULL);
	ok = kind_read(s, section, r, &kind) && ok;
	ok = share_read(s, section, kind, r) && ok;
	ok = minimum_read(s, section, r) && ok;
	ok = caps_read(s, section, &r->caps) && ok;
	r->label = palier_label_compile(s, section, r->name);
	return ok && r->when && r->label;
}

/* Of equals the one that stands first in the file comes first. */
static void sort_in(const struct reward **sorted, size_t count, const struct reward *r)
{
	for (; count > 0 && sorted[count - 1]->cost > r->cost; count--)
		sorted[count] = sorted[count - 1];
	sorted[count] = r;
}

int rewards_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct rewards_config *cfg;
	const struct reward **sorted;
	struct reward *rewards;
	bool ok = true;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	cfg->count = cfg_size(section, "reward");
	rewards = palier_setup_alloc(s, (cfg->count + 1) * sizeof(*rewards));
	sorted = palier_setup_alloc(s, (cfg->count + 1) * sizeof(struct reward *));
	for (size_t i = 0; i < cfg->count; i++) {
		ok = reward_read(s, cfg_getnsec(section, "reward", (unsigned)i), &rewards[i]) && ok;
		palier_setup_name(s, "reward", rewards[i].name, 0);
		if (rewards[i].unit.len)
			palier_setup_price(s, rewards[i].name, rewards[i].unit.at, rewards[i].cost);
		sort_in(sorted, i, &rewards[i]);
	}
	cfg->rewards = rewards;
	cfg->by_cost = sorted;
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
