/* SPDX-License-Identifier: Apache-2.0 */
/* The section `ambassador`. */
#include "plugins/ambassador/internal.h"

#define THRESHOLD_MOST 1000000

static cfg_opt_t perk_options[] = {
	CFG_STR("offer", NULL, CFGF_NODEFAULT),
	CFG_STR("unit", NULL, CFGF_NODEFAULT),
	CFG_INT("points", 0, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t ambassador_options[] = {
	CFG_INT("threshold", 600, CFGF_NONE),
	CFG_INT("leave", 400, CFGF_NONE),
	CFG_SEC("perk", perk_options, CFGF_MULTI),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

static bool unit_read(struct palier_setup *s, cfg_t *section, struct perk *p)
{
	const char *unit = cfg_getstr(section, "unit");
	int kind;

	if (!palier_setup_named(s, "unit", unit, &kind)) {
		palier_setup_error(s, section, "unit = \"%s\": there is no such unit", unit);
		return false;
	}
	p->unit = palier_str(palier_setup_string(s, unit));
	return palier_setup_figure(s, section, "points", 1, PALIER_FIGURE_MAX, &p->points);
}

static bool perk_read(struct palier_setup *s, cfg_t *section, struct perk *p)
{
	const bool points = cfg_size(section, "unit") > 0 && cfg_size(section, "points") > 0;
	const char *offer = cfg_size(section, "offer") > 0 ? cfg_getstr(section, "offer") : NULL;
	int kind;

	if ((offer != NULL) == points || (offer && (cfg_size(section, "unit") > 0 || cfg_size(section, "points") > 0))) {
		palier_setup_error(s, section, "a perk is either an offer or points of a unit");
		return false;
	}
	if (points)
		return unit_read(s, section, p);
	if (!palier_setup_named(s, "offer", offer, &kind)) {
		palier_setup_error(s, section, "offer = \"%s\": there is no such offer", offer);
		return false;
	}
	p->offer = palier_str(palier_setup_string(s, offer));
	return true;
}

static bool perks_read(struct palier_setup *s, cfg_t *section, struct ambassador_config *cfg)
{
	struct perk *perks;
	bool ok = true;

	cfg->perk_count = cfg_size(section, "perk");
	perks = palier_setup_alloc(s, (cfg->perk_count + 1) * sizeof(*perks));
	cfg->perks = perks;
	for (size_t i = 0; i < cfg->perk_count; i++)
		ok = perk_read(s, cfg_getnsec(section, "perk", (unsigned)i), &perks[i]) && ok;
	return ok;
}

static bool label_read(struct palier_setup *s, cfg_t *section, struct ambassador_config *cfg)
{
	if (cfg_size(section, "label") == 0)
		return true;
	cfg->label = palier_label_compile(s, section, "ambassador");
	return cfg->label != NULL;
}

int ambassador_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct ambassador_config *cfg;
	bool ok;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	ok = palier_setup_figure(s, section, "threshold", 1, THRESHOLD_MOST, &cfg->threshold);
	ok = palier_setup_figure(s, section, "leave", 0, THRESHOLD_MOST, &cfg->leave) && ok;
	if (ok && cfg->leave > cfg->threshold) {
		palier_setup_error(s, section, "leave = %lld is above threshold = %lld: nobody could stay",
			(long long)cfg->leave, (long long)cfg->threshold);
		ok = false;
	}
	ok = perks_read(s, section, cfg) && ok;
	ok = label_read(s, section, cfg) && ok;
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
