/* SPDX-License-Identifier: Apache-2.0 */
/* The section `survey`. */
#include "plugins/survey/internal.h"

#define NAME_MOST 32
#define URL_MOST  256
#define NTH_MOST  100000
#define WHOLE     10000 /* hundredths of a per cent */

static const char *const after_names[] = { "purchase", "return", "tier", "recovery", NULL };

static cfg_opt_t ask_options[] = {
	CFG_STR("kind", NULL, CFGF_NODEFAULT),
	CFG_STR("after", "purchase", CFGF_NONE),
	CFG_INT("nth", 1, CFGF_NODEFAULT),
	CFG_INT("every", 1, CFGF_NODEFAULT),
	CFG_STR("by", "ticket", CFGF_NONE),
	CFG_STR("sample", "100", CFGF_NONE),
	CFG_STR("holdout", "0", CFGF_NONE),
	CFG_STR("quiet", NULL, CFGF_NODEFAULT),
	CFG_STR("delay", NULL, CFGF_NODEFAULT),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_SEC("question", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t survey_options[] = {
	CFG_STR("quiet", "90 days", CFGF_NONE),
	CFG_STR("url", "", CFGF_NONE),
	CFG_SEC("ask", ask_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

static bool is_set(cfg_t *section, const char *option)
{
	return cfg_size(section, option) > 0;
}

static bool days_read(struct palier_setup *s, cfg_t *section, const char *option, struct span *out)
{
	struct span span;

	if (!palier_setup_span(s, section, option, &span))
		return false;
	if (span.kind != SPAN_DAYS && span.kind != SPAN_MONTHS) {
		palier_setup_error(s, section, "%s = \"%s\": expected days or months, such as \"90 days\"", option,
			cfg_getstr(section, option));
		return false;
	}
	*out = span;
	return true;
}

/* A survey that is called "nps" asks that. */
static bool kind_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	if (is_set(section, "kind"))
		return palier_setup_choice(s, section, "kind", survey_kind_names, &a->kind);
	for (a->kind = 0; a->kind < SURVEY_KINDS; a->kind++)
		if (palier_is(a->name, survey_kind_names[a->kind]))
			return true;
	palier_setup_error(s, section, "ask \"%s\" does not say what it asks: kind = nps, csat or emotion",
		cfg_title(section));
	return false;
}

static bool turn_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	const bool nth = is_set(section, "nth"), every = is_set(section, "every");

	if (a->after != AFTER_PURCHASE && (nth || every)) {
		palier_setup_error(s, section, "ask \"%s\": nth and every go with after = purchase", cfg_title(section));
		return false;
	}
	if (nth && every) {
		palier_setup_error(s, section, "ask \"%s\": nth asks once and every asks again: give one of them",
			cfg_title(section));
		return false;
	}
	a->nth = every ? 0 : 1;
	return (!nth || palier_setup_figure(s, section, "nth", 1, NTH_MOST, &a->nth)) &&
	       (!every || palier_setup_figure(s, section, "every", 1, NTH_MOST, &a->every));
}

static bool sample_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	if (!palier_setup_decimal(s, section, "sample", 2, &a->sample) ||
		!palier_setup_decimal(s, section, "holdout", 2, &a->holdout))
		return false;
	if (a->sample <= 0 || a->sample > WHOLE)
		palier_setup_error(s, section, "ask \"%s\": sample is a percentage of members, from 0.01 to 100",
			cfg_title(section));
	else if (a->holdout < 0 || a->holdout >= WHOLE)
		palier_setup_error(s, section, "ask \"%s\": holdout is a percentage of members, from 0 to 99.99",
			cfg_title(section));
	else
		return true;
	return false;
}

/* Whether somebody would recommend the shop is asked twice a year at most. */
static bool own_quiet_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	a->quiet = (struct span){ SPAN_DAYS, a->kind == SURVEY_NPS ? 180 : 0 };
	return !is_set(section, "quiet") || days_read(s, section, "quiet", &a->quiet);
}

static bool delay_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	a->delay = (struct span){ SPAN_DAYS, 30 };
	if (!is_set(section, "delay") || a->after == AFTER_RECOVERY)
		return !is_set(section, "delay") || days_read(s, section, "delay", &a->delay);
	palier_setup_error(s, section, "ask \"%s\": delay goes with after = recovery", cfg_title(section));
	return false;
}

static bool ask_read(struct palier_setup *s, cfg_t *section, struct ask *a)
{
	bool ok;

	a->name = palier_str(palier_setup_string(s, cfg_title(section)));
	if (a->name.len == 0 || a->name.len > NAME_MOST) {
		palier_setup_error(s, section, "the name of a survey has 1 to %d bytes", NAME_MOST);
		return false;
	}
	ok = kind_read(s, section, a);
	ok = palier_setup_choice(s, section, "after", after_names, &a->after) && turn_read(s, section, a) && ok;
	ok = palier_setup_choice(s, section, "by", survey_way_names, &a->way) && ok;
	ok = sample_read(s, section, a) && ok;
	ok = own_quiet_read(s, section, a) && ok;
	ok = delay_read(s, section, a) && ok;
	a->when = palier_condition_compile(s, is_set(section, "when") ? cfg_getsec(section, "when") : NULL);
	if (!is_set(section, "question"))
		return ok && a->when;
	a->question = palier_wording_compile(s, section, "question", cfg_title(section));
	return ok && a->when && a->question;
}

static bool url_read(struct palier_setup *s, cfg_t *section, struct survey_config *cfg)
{
	const char *url = cfg_getstr(section, "url");

	cfg->url = palier_str(palier_setup_string(s, url));
	if (cfg->url.len == 0 || (cfg->url.len <= URL_MOST && cfg->url.at[cfg->url.len - 1] == '/'))
		return true;
	palier_setup_error(s, section, "url = \"%s\": expected an address that ends with a slash, of at most %d bytes", url,
		URL_MOST);
	return false;
}

int survey_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct survey_config *cfg;
	struct ask *asks;
	bool ok;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	cfg->ask_count = cfg_size(section, "ask");
	asks = palier_setup_alloc(s, (cfg->ask_count + 1) * sizeof(*asks));
	cfg->asks = asks;
	ok = days_read(s, section, "quiet", &cfg->quiet);
	ok = url_read(s, section, cfg) && ok;
	for (size_t i = 0; i < cfg->ask_count; i++)
		ok = ask_read(s, cfg_getnsec(section, "ask", (unsigned)i), &asks[i]) && ok;
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
