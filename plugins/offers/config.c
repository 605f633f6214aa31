/* SPDX-License-Identifier: Apache-2.0 */
/* The section `offers`: offers and limits. */
#include "plugins/offers/internal.h"

#define NAME_MOST 64
#define CODE_MOST 64
#define DAYS_MOST 180 /* on either side of a birthday, so that two birthdays never meet */
#define USES_MOST 1000000

static const char *const trigger_names[] = { "none", "birthday", "win-back", "enroll", NULL };
static const char *const code_names[] = { "single", NULL };

CAPS_OPTIONS(max_options);

/* What has no default here is told by whether it is there. */
static cfg_opt_t offer_options[] = {
	CFG_STR("trigger", "none", CFGF_NONE),
	CFG_BOOL("auto", cfg_false, CFGF_NODEFAULT),
	CFG_INT("priority", 0, CFGF_NONE),
	CFG_BOOL("stackable", cfg_true, CFGF_NONE),
	PALIER_BENEFIT_OPTIONS,
	CFG_INT("days-before", 0, CFGF_NODEFAULT),
	CFG_INT("days-after", 0, CFGF_NODEFAULT),
	CFG_STR("after", NULL, CFGF_NODEFAULT),
	CFG_STR("until", NULL, CFGF_NODEFAULT),
	CFG_STR("codes", NULL, CFGF_NODEFAULT),
	CFG_INT("uses", 1, CFGF_NODEFAULT),
	CFG_SEC("max", max_options, CFGF_NODEFAULT),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT),
	CFG_END(),
};

static cfg_opt_t limit_options[] = {
	CFG_STR("discount-max", NULL, CFGF_NODEFAULT),
	CFG_BOOL("counts-points", cfg_false, CFGF_NONE),
	CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_END(),
};

cfg_opt_t offers_options[] = {
	CFG_SEC("offer", offer_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("limit", limit_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

const struct offer *offer_of(const struct offers_config *cfg, struct palier_bytes name)
{
	for (size_t i = 0; cfg && i < cfg->offer_count; i++)
		if (palier_is(name, cfg->offers[i].name))
			return &cfg->offers[i];
	return NULL;
}

static bool is_set(cfg_t *section, const char *option)
{
	return cfg_size(section, option) > 0;
}

/* Asking libConfuse for a section that is not there is an error of its own. */
static cfg_t *section_in(cfg_t *section, const char *name)
{
	return is_set(section, name) ? cfg_getsec(section, name) : NULL;
}

/* @param out untouched where it is not set */
static bool figure_read(struct palier_setup *s, cfg_t *section, const char *option, int64_t least, int64_t most,
	int64_t *out)
{
	return !is_set(section, option) || palier_setup_figure(s, section, option, least, most, out);
}

/* An option that only means something beside another. */
static bool goes_with(struct palier_setup *s, cfg_t *section, const char *option, bool there, const char *with)
{
	if (there || !is_set(section, option))
		return true;
	palier_setup_error(s, section, "offer \"%s\": %s goes with %s", cfg_title(section), option, with);
	return false;
}

static bool silence_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	if (o->trigger != TRIGGER_WIN_BACK)
		return goes_with(s, section, "after", false, "trigger = win-back");
	if (!palier_setup_span(s, section, "after", &o->after))
		return false;
	if ((o->after.kind == SPAN_DAYS || o->after.kind == SPAN_MONTHS) && o->after.n > 0)
		return true;
	palier_setup_error(s, section,
		"offer \"%s\": a win-back needs the silence that it breaks, in days or months, such as after = \"120 days\"",
		cfg_title(section));
	return false;
}

static bool trigger_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	bool birthday, ok = palier_setup_choice(s, section, "trigger", trigger_names, &o->trigger);

	if (!ok)
		return false;
	birthday = o->trigger == TRIGGER_BIRTHDAY;
	ok = goes_with(s, section, "days-before", birthday, "trigger = birthday");
	ok = goes_with(s, section, "days-after", birthday, "trigger = birthday") && ok;
	ok = figure_read(s, section, "days-before", 0, DAYS_MOST, &o->days_before) && ok;
	ok = figure_read(s, section, "days-after", 0, DAYS_MOST, &o->days_after) && ok;
	return silence_read(s, section, o) && ok;
}

static bool coupons_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	cfg_t *when = section_in(section, "when");
	struct palier_bytes *coupons;

	o->coupon_count = when ? cfg_size(when, "coupon") : 0;
	coupons = palier_setup_alloc(s, (o->coupon_count + 1) * sizeof(*coupons));
	o->coupons = coupons;
	for (unsigned i = 0; i < o->coupon_count; i++) {
		const char *text = cfg_getnstr(when, "coupon", i);

		coupons[i] = palier_str(palier_setup_string(s, text));
		if (coupons[i].len > 0 && coupons[i].len <= CODE_MOST && palier_code_trim(coupons[i]).len == coupons[i].len)
			continue;
		palier_setup_error(s, when, "coupon \"%s\": a code has 1 to %d bytes, and no blanks around them", text,
			CODE_MOST);
		return false;
	}
	return true;
}

static bool codes_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	int kind = 0;
	bool ok = palier_setup_choice(s, section, "codes", code_names, &kind);

	o->single = is_set(section, "codes");
	o->uses = 1;
	ok = goes_with(s, section, "uses", o->single, "codes = single") && ok;
	ok = figure_read(s, section, "uses", 1, USES_MOST, &o->uses) && ok;
	return coupons_read(s, section, o) && ok;
}

/* A span counts from something that begins for one customer; a code that all share, and what applies by itself, ends with `when`. */
static bool until_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	bool begins = o->single || o->trigger == TRIGGER_ENROLL ||
	              (o->trigger == TRIGGER_NONE && !o->automatic && o->coupon_count == 0);

	return goes_with(s, section, "until", begins,
		       "trigger = enroll, codes = single, or an offer that is only granted; others end by when { until }") &&
	       palier_setup_span(s, section, "until", &o->until);
}

static bool auto_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	bool written = is_set(section, "auto");

	o->automatic = !offer_of_coupon(o) && (o->trigger != TRIGGER_NONE || (written && cfg_getbool(section, "auto")));
	if (!o->automatic || !written || cfg_getbool(section, "auto"))
		return true;
	palier_setup_error(s, section,
		"offer \"%s\": auto = false leaves its trigger nothing to do; name its codes, or leave auto out",
		cfg_title(section));
	return false;
}

static bool title_read(struct palier_setup *s, cfg_t *section, const char *what, const char **out)
{
	size_t len = strlen(cfg_title(section));

	if (len == 0 || len > NAME_MOST) {
		palier_setup_error(s, section, "the name of %s must have 1 to %d bytes", what, NAME_MOST);
		return false;
	}
	*out = palier_setup_string(s, cfg_title(section));
	return true;
}

/* A welcome is said once, unless the configuration counts otherwise. */
static bool max_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	if (!caps_read(s, section, &o->caps))
		return false;
	if (o->trigger == TRIGGER_ENROLL && o->caps.member == 0)
		o->caps.member = 1;
	return true;
}

static bool offer_read(struct palier_setup *s, cfg_t *section, struct offer *o)
{
	bool ok = title_read(s, section, "an offer", &o->name);

	ok = trigger_read(s, section, o) && ok;
	ok = codes_read(s, section, o) && ok;
	ok = auto_read(s, section, o) && ok;
	ok = until_read(s, section, o) && ok;
	ok = max_read(s, section, o) && ok;
	o->priority = cfg_getint(section, "priority");
	o->stackable = cfg_getbool(section, "stackable");
	o->when = palier_condition_compile(s, section_in(section, "when"));
	o->benefit = o->when ? palier_benefit_compile(s, section, o->when) : NULL;
	o->label = palier_label_compile(s, section, cfg_title(section));
	return ok && o->when && o->benefit && o->label;
}

static bool limit_read(struct palier_setup *s, cfg_t *section, struct limit *l)
{
	const char *name;
	bool ok = title_read(s, section, "a limit", &name);

	l->most = -1;
	ok = palier_setup_decimal(s, section, "discount-max", 2, &l->most) && ok;
	if (ok && (l->most < 0 || l->most >= LIMIT_WHOLE)) {
		palier_setup_error(s, section,
			"limit \"%s\": discount-max is a percentage from 0 to less than 100, such as discount-max = \"5\"",
			cfg_title(section));
		ok = false;
	}
	l->counts_points = cfg_getbool(section, "counts-points");
	l->when = palier_condition_compile(s, section_in(section, "when"));
	return ok && l->when != NULL;
}

int offers_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct offers_config *cfg;
	struct offer *offers;
	struct limit *limits;
	bool ok = true;

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	cfg->offer_count = cfg_size(section, "offer");
	cfg->limit_count = cfg_size(section, "limit");
	offers = palier_setup_alloc(s, (cfg->offer_count + 1) * sizeof(*offers));
	limits = palier_setup_alloc(s, (cfg->limit_count + 1) * sizeof(*limits));
	cfg->offers = offers;
	cfg->limits = limits;
	for (size_t i = 0; i < cfg->offer_count; i++)
		ok = offer_read(s, cfg_getnsec(section, "offer", (unsigned)i), &offers[i]) && ok;
	for (size_t i = 0; i < cfg->offer_count && ok; i++) {
		palier_setup_name(s, "offer", offers[i].name, 0);
		for (uint32_t k = 0; k < offers[i].coupon_count; k++)
			palier_setup_coupon(s, offers[i].coupons[k].at, offers[i].benefit);
	}
	for (size_t i = 0; i < cfg->limit_count; i++)
		ok = limit_read(s, cfg_getnsec(section, "limit", (unsigned)i), &limits[i]) && ok;
	if (!ok)
		return PALIER_ECONFIG;
	*out = cfg;
	return PALIER_OK;
}
