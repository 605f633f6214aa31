/* SPDX-License-Identifier: Apache-2.0 */
/* The section `referral`. */
#include <stdio.h>

#include "plugins/referral/internal.h"

#define URL_MOST    100
#define CLAIMS_MOST 1000000

static cfg_opt_t side_options[] = {
	CFG_STR("unit", NULL, CFGF_NODEFAULT),
	CFG_INT("points", 0, CFGF_NODEFAULT),
	CFG_STR("offer", NULL, CFGF_NODEFAULT),
	CFG_STR("reward", NULL, CFGF_NODEFAULT),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t cap_options[] = {
	CFG_INT("sponsor", 0, CFGF_NONE),
	CFG_STR("per", "1 month", CFGF_NONE),
	CFG_END(),
};

cfg_opt_t referral_options[] = {
	CFG_STR("url", "", CFGF_NONE),
	CFG_STR("minimum", "0", CFGF_NONE),
	CFG_STR("hold", "30 days", CFGF_NONE),
	CFG_STR("code-expires", "12 months", CFGF_NONE),
	CFG_STR("new", "30 days", CFGF_NONE),
	CFG_INT("claims-per-day", 5, CFGF_NONE),
	CFG_SEC("cap", cap_options, CFGF_NODEFAULT),
	CFG_SEC("sponsor", side_options, CFGF_NODEFAULT),
	CFG_SEC("friend", side_options, CFGF_NODEFAULT),
	RECOMMEND_OPTIONS,
	CFG_END(),
};

/* Asking libConfuse for a section that is not there is an error of its own. */
static cfg_t *section_in(cfg_t *section, const char *name)
{
	return cfg_size(section, name) > 0 ? cfg_getsec(section, name) : NULL;
}

static const char *text_in(cfg_t *section, const char *option)
{
	return cfg_size(section, option) > 0 ? cfg_getstr(section, option) : NULL;
}

/* --- the sides --- */

static bool points_read(struct palier_setup *s, cfg_t *section, const char *unit, struct side *out)
{
	int kind = 0;

	if (!palier_setup_named(s, "unit", unit, &kind)) {
		palier_setup_error(s, section, "%s: there is no unit \"%s\"", cfg_name(section), unit);
		return false;
	}
	if (cfg_size(section, "points") == 0) {
		palier_setup_error(s, section, "%s: points must say how many of the unit", cfg_name(section));
		return false;
	}
	out->unit = palier_str(palier_setup_string(s, unit));
	return palier_setup_figure(s, section, "points", 1, PALIER_FIGURE_MAX, &out->points);
}

static bool offer_read(struct palier_setup *s, cfg_t *section, const char *offer, struct side *out)
{
	int kind = 0;

	if (!palier_setup_named(s, "offer", offer, &kind)) {
		palier_setup_error(s, section, "%s: there is no offer \"%s\"", cfg_name(section), offer);
		return false;
	}
	out->offer = palier_str(palier_setup_string(s, offer));
	return true;
}

static bool reward_read(struct palier_setup *s, cfg_t *section, const char *reward, struct side *out)
{
	const char *unit;

	if (!palier_setup_priced(s, reward, &unit, &out->points)) {
		palier_setup_error(s, section, "%s: there is no reward \"%s\"", cfg_name(section), reward);
		return false;
	}
	out->unit = palier_str(palier_setup_string(s, unit));
	out->reward = palier_str(palier_setup_string(s, reward));
	return true;
}

/* What it is called where it has no label: the offer or the reward, or "500 points". */
static const char *side_name(struct palier_setup *s, const struct side *side)
{
	const struct palier_bytes name = side->offer.len ? side->offer : side->reward.len ? side->reward : side->unit;
	char text[128];

	if (side->offer.len || side->reward.len)
		snprintf(text, sizeof(text), "%.*s", PALIER_ARG(name));
	else
		snprintf(text, sizeof(text), "%lld %.*s", (long long)side->points, PALIER_ARG(name));
	return palier_setup_string(s, text);
}

static bool side_read(struct palier_setup *s, cfg_t *section, const char *name, struct side *out)
{
	cfg_t *side = section_in(section, name);
	const char *unit = side ? text_in(side, "unit") : NULL, *offer = side ? text_in(side, "offer") : NULL;
	const char *reward = side ? text_in(side, "reward") : NULL;
	bool ok;

	if (!side)
		return true;
	if (!unit + !offer + !reward != 2 || (!unit && cfg_size(side, "points") > 0)) {
		palier_setup_error(s, side, "%s: give unit and points, or offer, or reward", name);
		return false;
	}
	ok = unit    ? points_read(s, side, unit, out)
	     : offer ? offer_read(s, side, offer, out)
	             : reward_read(s, side, reward, out);
	if (!ok)
		return false;
	out->set = true;
	out->label = palier_label_compile(s, side, side_name(s, out));
	return out->label != NULL;
}

/* --- the rest --- */

/* Only these keep a QR code in its alphanumeric mode, which is what makes it small (ISO/IEC 18004 7.3.4). */
static bool url_read(struct palier_setup *s, cfg_t *section, struct referral_config *cfg)
{
	static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	const char *url = cfg_getstr(section, "url");

	cfg->url = palier_setup_string(s, url);
	if (strlen(url) <= URL_MOST && url[strspn(url, plain)] == '\0')
		return true;
	palier_setup_error(s, section,
		"url = \"%s\": expected at most %d of A-Z, 0-9 and $%%*+-./: in capitals, so that its QR stays small", url,
		URL_MOST);
	return false;
}

static bool minimum_read(struct palier_setup *s, cfg_t *section, struct referral_config *cfg)
{
	if (!palier_setup_amount(s, section, "minimum", &cfg->minimum))
		return false;
	if (cfg->minimum >= 0)
		return true;
	palier_setup_error(s, section, "minimum cannot be negative");
	return false;
}

/* A wait that never ends would never pay. */
static bool hold_read(struct palier_setup *s, cfg_t *section, struct referral_config *cfg)
{
	if (!palier_setup_span(s, section, "hold", &cfg->hold))
		return false;
	if (cfg->hold.kind == SPAN_DAYS || cfg->hold.kind == SPAN_MONTHS)
		return true;
	palier_setup_error(s, section, "hold is a time in days or months, such as hold = \"30 days\"");
	return false;
}

static bool cap_read(struct palier_setup *s, cfg_t *section, struct referral_config *cfg)
{
	cfg_t *cap = section_in(section, "cap");

	if (!cap)
		return true;
	return palier_setup_figure(s, cap, "sponsor", 0, PALIER_FIGURE_MAX, &cfg->cap) &&
	       palier_setup_span(s, cap, "per", &cfg->per);
}

int referral_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct referral_config *cfg;
	bool ok;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	ok = url_read(s, section, cfg);
	ok = minimum_read(s, section, cfg) && ok;
	ok = hold_read(s, section, cfg) && ok;
	ok = palier_setup_span(s, section, "code-expires", &cfg->expires) && ok;
	ok = palier_setup_span(s, section, "new", &cfg->newness) && ok;
	ok = palier_setup_figure(s, section, "claims-per-day", 0, CLAIMS_MOST, &cfg->claims_per_day) && ok;
	ok = cap_read(s, section, cfg) && ok;
	ok = side_read(s, section, "sponsor", &cfg->sponsor) && ok;
	ok = side_read(s, section, "friend", &cfg->friend) && ok;
	ok = recommend_read(s, section, &cfg->recommend) && ok;
	if (ok && !cfg->sponsor.set && !cfg->friend.set) {
		palier_setup_error(s, section, "say what a side gets: sponsor { } or friend { }, or both");
		ok = false;
	}
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
