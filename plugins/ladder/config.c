/* SPDX-License-Identifier: Apache-2.0 */
/* The section `ladder`: ladders with their rungs, what goes with what, and sums that a little more reaches. */
#include "plugins/ladder/internal.h"

#define NAME_MOST   64
#define TICKET_MOST SUGGESTED
#define POINTS_MOST 1000000
#define VALUE_MOST  100000000 /* of a point: 1000.00 */

/* What has no default here is told by whether it is there. */
#define PICKS \
	CFG_STR_LIST("skus", NULL, CFGF_NODEFAULT), CFG_STR_LIST("category", NULL, CFGF_NODEFAULT), \
		CFG_STR_LIST("tag", NULL, CFGF_NODEFAULT)
#define WORTH CFG_STR("price", NULL, CFGF_NODEFAULT), CFG_STR("margin", NULL, CFGF_NODEFAULT)
#define SAID \
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT), CFG_SEC("pitch", palier_label_options, CFGF_NODEFAULT), \
		CFG_SEC("when", palier_when_options, CFGF_NODEFAULT), CFG_STR("cool-down", NULL, CFGF_NODEFAULT), \
		CFG_STR("prior", NULL, CFGF_NODEFAULT), CFG_INT("points", 0, CFGF_NONE), \
		CFG_STR("coupon", NULL, CFGF_NODEFAULT)

static cfg_opt_t rung_options[] = { PICKS, WORTH, SAID, CFG_STR("jump", NULL, CFGF_NODEFAULT), CFG_END() };

static cfg_opt_t rungs_options[] = {
	CFG_SEC("rung", rung_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

static cfg_opt_t with_options[] = { PICKS, CFG_END() };

static cfg_opt_t complement_options[] = { PICKS, WORTH, SAID, CFG_SEC("with", with_options, CFGF_NODEFAULT), CFG_END() };

static cfg_opt_t threshold_options[] = {
	CFG_STR("spend", NULL, CFGF_NODEFAULT),
	CFG_STR("within", NULL, CFGF_NODEFAULT),
	CFG_STR("margin-share", "30", CFGF_NONE),
	SAID,
	CFG_END(),
};

static cfg_opt_t category_options[] = { CFG_STR("margin-share", NULL, CFGF_NODEFAULT), CFG_END() };

cfg_opt_t ladder_options[] = {
	CFG_INT("per-ticket", 1, CFGF_NONE),
	CFG_STR("cool-down", "30 days", CFGF_NONE),
	CFG_INT("holdout", 10, CFGF_NONE),
	CFG_INT("half-life", BANDIT_HALF_LIFE, CFGF_NONE),
	CFG_STR("friction", "0.00", CFGF_NONE),
	CFG_STR("point-value", NULL, CFGF_NODEFAULT),
	CFG_STR("redemption", "100", CFGF_NONE),
	CFG_STR("until", NULL, CFGF_NODEFAULT),
	CFG_SEC("ladder", rungs_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("complement", complement_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("threshold", threshold_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("category", category_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END(),
};

/* --- finding --- */

const struct rung *rung_find(const struct ladder_config *cfg, struct palier_bytes id, const struct ladder **ladder)
{
	for (size_t i = 0; cfg && i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count; k++)
			if (palier_equal(id, cfg->ladders[i].rungs[k].id)) {
				*ladder = &cfg->ladders[i];
				return &cfg->ladders[i].rungs[k];
			}
	return NULL;
}

static bool any_of(const char *const *names, struct palier_bytes text)
{
	for (; names && *names; names++)
		if (palier_is(text, *names))
			return true;
	return false;
}

bool picks_line(const struct picks *p, const struct basket_line *line)
{
	if (any_of(p->skus, line->sku) || (PALIER_HAS(line, basket_line, category) && any_of(p->categories, line->category)))
		return true;
	for (uint32_t i = 0; i < line->tags.count; i++)
		if (any_of(p->tags, line->tags.at[i]))
			return true;
	return false;
}

/* --- reading --- */

static bool is_set(cfg_t *section, const char *option)
{
	return cfg_size(section, option) > 0;
}

static bool names_read(struct palier_setup *s, cfg_t *section, const char *option, const char *const **out)
{
	unsigned n = cfg_size(section, option);
	const char **names = palier_setup_alloc(s, (n + 1) * sizeof(*names));

	for (unsigned i = 0; i < n; i++) {
		names[i] = palier_setup_string(s, cfg_getnstr(section, option, i));
		if (*names[i] != '\0')
			continue;
		palier_setup_error(s, section, "%s: \"\" names nothing", option);
		return false;
	}
	*out = names;
	return true;
}

static bool picks_read(struct palier_setup *s, cfg_t *section, struct picks *out)
{
	bool ok = names_read(s, section, "skus", &out->skus);

	ok = names_read(s, section, "category", &out->categories) && ok;
	ok = names_read(s, section, "tag", &out->tags) && ok;
	if (!ok || *out->skus || *out->categories || *out->tags)
		return ok;
	palier_setup_error(s, section, "which products? Name their skus, category or tag");
	return false;
}

/* Both amounts are of one piece; the margin alone says what a sale gains. */
static bool worth_read(struct palier_setup *s, cfg_t *section, struct rung *r)
{
	bool ok = palier_setup_amount(s, section, "price", &r->price);

	ok = palier_setup_amount(s, section, "margin", &r->margin) && ok;
	if (ok && r->price >= 0 && r->margin > r->price) {
		palier_setup_error(s, section, "a margin is not above its price");
		return false;
	}
	if (!ok || ((!is_set(section, "price") || r->price >= 0) && (!is_set(section, "margin") || r->margin >= 0)))
		return ok;
	palier_setup_error(s, section, "a price or margin is not below zero");
	return false;
}

static const char *id_of(struct palier_setup *s, const char *ladder, const char *name)
{
	size_t n = strlen(ladder) + strlen(name) + 2;
	char *id = palier_setup_alloc(s, n);

	snprintf(id, n, "%s/%s", ladder, name);
	return id;
}

static bool name_is_plain(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MOST && !strchr(name, '/') && !strchr(name, ' ');
}

/* A code that means nothing to the offers would be refused at the till. */
static bool coupon_read(struct palier_setup *s, cfg_t *section, struct rung *r)
{
	const char *code = cfg_getstr(section, "coupon");

	if (!code)
		return true;
	r->coupon = palier_setup_string(s, code);
	if (palier_setup_coupon_off(s, code, 0, &r->discount))
		return true;
	palier_setup_error(s, section, "coupon = \"%s\": no offer has it among the codes of its when", code);
	return false;
}

static bool said_read(struct palier_setup *s, cfg_t *section, const struct span *cool_down, struct rung *r)
{
	cfg_t *when = is_set(section, "when") ? cfg_getsec(section, "when") : NULL;
	bool ok = true;

	r->label = palier_label_compile(s, section, r->name);
	r->pitch = palier_wording_compile(s, section, "pitch", "");
	r->when = palier_condition_compile(s, when);
	r->when_text = policy_when(s, when);
	r->cool_down = *cool_down;
	if (is_set(section, "cool-down"))
		ok = palier_setup_span(s, section, "cool-down", &r->cool_down);
	ok = palier_setup_decimal(s, section, "prior", 2, &r->prior) && ok;
	ok = palier_setup_figure(s, section, "points", 0, POINTS_MOST, &r->points) && ok;
	if (r->prior > 10000) {
		palier_setup_error(s, section, "prior: how often it is taken elsewhere, such as \"12.5\", in per cent");
		return false;
	}
	return coupon_read(s, section, r) && ok && r->label && r->pitch && r->when;
}

static bool rung_begin(struct palier_setup *s, cfg_t *section, const char *ladder, struct rung *r)
{
	const char *name = cfg_title(section);

	*r = (struct rung){ .name = palier_setup_string(s, name), .ladder = ladder, .price = -1, .margin = -1, .prior = -1 };
	if (!name_is_plain(name)) {
		palier_setup_error(s, section, "\"%s\": a name has 1 to %d bytes, without blanks and slashes", name,
			NAME_MOST);
		return false;
	}
	r->id = palier_str(id_of(s, ladder, name));
	return true;
}

static bool jumps_read(struct palier_setup *s, cfg_t *section, struct ladder *l)
{
	for (size_t i = 0; i < l->count; i++) {
		cfg_t *rung = cfg_getnsec(section, "rung", (unsigned)i);
		const char *to = cfg_getstr(rung, "jump");
		size_t at = i + 1;

		if (!to)
			continue;
		while (at < l->count && strcmp(l->rungs[at].name, to) != 0)
			at++;
		if (at >= l->count) {
			palier_setup_error(s, rung, "jump = %s: no rung above \"%s\" is called so", to, l->rungs[i].name);
			return false;
		}
		l->rungs[i].jump = &l->rungs[at];
	}
	return true;
}

static bool ladder_read(struct palier_setup *s, cfg_t *section, const struct span *cool_down, struct ladder *l)
{
	bool ok = true;

	l->kind = LADDER_RUNGS;
	l->name = palier_setup_string(s, cfg_title(section));
	l->count = cfg_size(section, "rung");
	l->rungs = palier_setup_alloc(s, (l->count + 1) * sizeof(*l->rungs));
	if (!name_is_plain(l->name) || l->count < 2) {
		palier_setup_error(s, section, "ladder \"%s\" needs a plain name and at least two rungs, from low to high",
			l->name);
		return false;
	}
	for (size_t i = 0; i < l->count; i++) {
		cfg_t *rung = cfg_getnsec(section, "rung", (unsigned)i);

		ok = rung_begin(s, rung, l->name, &l->rungs[i]) && picks_read(s, rung, &l->rungs[i].picks) &&
		     worth_read(s, rung, &l->rungs[i]) && said_read(s, rung, cool_down, &l->rungs[i]) && ok;
	}
	return ok && jumps_read(s, section, l);
}

/* Of the other kinds the ladder has one rung, and its kind as name. */
static bool single_begin(struct palier_setup *s, cfg_t *section, enum ladder_kind kind, struct ladder *l)
{
	l->kind = kind;
	l->name = kind == LADDER_COMPLEMENT ? "complement" : "threshold";
	l->count = 1;
	l->rungs = palier_setup_alloc(s, sizeof(*l->rungs));
	return rung_begin(s, section, l->name, l->rungs);
}

static bool complement_read(struct palier_setup *s, cfg_t *section, const struct span *cool_down, struct ladder *l)
{
	if (!single_begin(s, section, LADDER_COMPLEMENT, l))
		return false;
	if (!is_set(section, "with")) {
		palier_setup_error(s, section, "complement \"%s\": with which products does it go? with { skus = {...} }",
			l->rungs->name);
		return false;
	}
	return picks_read(s, cfg_getsec(section, "with"), &l->with) && picks_read(s, section, &l->rungs->picks) &&
	       worth_read(s, section, l->rungs) && said_read(s, section, cool_down, l->rungs);
}

static bool threshold_read(struct palier_setup *s, cfg_t *section, const struct span *cool_down, struct ladder *l)
{
	if (!single_begin(s, section, LADDER_THRESHOLD, l) || !palier_setup_amount(s, section, "spend", &l->spend) ||
		!palier_setup_amount(s, section, "within", &l->within) ||
		!palier_setup_decimal(s, section, "margin-share", 2, &l->margin_share))
		return false;
	if (l->spend <= 0 || l->within <= 0 || l->within >= l->spend || l->margin_share <= 0 || l->margin_share > 10000) {
		palier_setup_error(s, section,
			"threshold \"%s\": expected spend = \"30.00\"  within = \"5.00\"  margin-share = \"30\" (per cent), within below spend",
			l->rungs->name);
		return false;
	}
	return said_read(s, section, cool_down, l->rungs);
}

static bool names_differ(struct palier_setup *s, cfg_t *section, const struct ladder_config *cfg)
{
	for (size_t i = 0; i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count; k++) {
			const struct ladder *other;
			const struct rung *r = &cfg->ladders[i].rungs[k];

			if (rung_find(cfg, r->id, &other) == r)
				continue;
			palier_setup_error(s, section, "two of them are called %s", r->id.at);
			return false;
		}
	return true;
}

/* Once all prices are known. */
static void discounts_find(const struct palier_setup *s, const struct ladder_config *cfg)
{
	for (size_t i = 0; i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count; k++) {
			struct rung *r = &cfg->ladders[i].rungs[k];

			if (r->coupon)
				(void)palier_setup_coupon_off(s, r->coupon,
					worth_price(cfg, &cfg->ladders[i], r, &r->discount_guessed), &r->discount);
		}
}

static bool ladders_read(struct palier_setup *s, cfg_t *section, const struct span *cool_down, struct ladder_config *cfg)
{
	unsigned rungs = cfg_size(section, "ladder"), with = cfg_size(section, "complement"),
		 sums = cfg_size(section, "threshold");
	struct ladder *ladders = palier_setup_alloc(s, (rungs + with + sums + 1) * sizeof(*ladders));
	bool ok = true;

	cfg->ladders = ladders;
	for (unsigned i = 0; i < rungs; i++)
		ok = ladder_read(s, cfg_getnsec(section, "ladder", i), cool_down, &ladders[cfg->count++]) && ok;
	for (unsigned i = 0; i < with; i++)
		ok = complement_read(s, cfg_getnsec(section, "complement", i), cool_down, &ladders[cfg->count++]) && ok;
	for (unsigned i = 0; i < sums; i++)
		ok = threshold_read(s, cfg_getnsec(section, "threshold", i), cool_down, &ladders[cfg->count++]) && ok;
	return ok && names_differ(s, section, cfg);
}

static bool margins_read(struct palier_setup *s, cfg_t *section, struct ladder_config *cfg)
{
	unsigned count = cfg_size(section, "category");
	struct category_margin *margins = palier_setup_alloc(s, (count + 1) * sizeof(*margins));

	for (unsigned i = 0; i < count; i++) {
		cfg_t *category = cfg_getnsec(section, "category", i);
		struct category_margin *m = &margins[cfg->margin_count++];

		m->name = palier_setup_string(s, cfg_title(category));
		if (!palier_setup_decimal(s, category, "margin-share", 2, &m->share))
			return false;
		if (m->share > 0 && m->share <= 10000)
			continue;
		palier_setup_error(s, category,
			"category \"%s\": expected margin-share = \"35\", what of a price is left, in per cent", m->name);
		return false;
	}
	cfg->margins = margins;
	return true;
}

static bool test_read(struct palier_setup *s, cfg_t *section, struct ladder_config *cfg)
{
	int64_t holdout = 0, half_life = cfg_getint(section, "half-life");
	const char *until = cfg_getstr(section, "until");
	bool ok = palier_setup_figure(s, section, "holdout", 0, 50, &holdout);

	ok = palier_setup_figure(s, section, "per-ticket", 1, TICKET_MOST, &cfg->per_ticket) && ok;
	ok = palier_setup_amount(s, section, "friction", &cfg->friction) && ok;
	cfg->holdout = (unsigned)holdout * 100;
	cfg->fading = half_life > 0 && half_life < 1000 ? bandit_fading((unsigned)half_life) : 0;
	if (!cfg->fading) {
		palier_setup_error(s, section, "half-life = %lld: expected 30, 60, 90, 180 or 365 days",
			(long long)half_life);
		ok = false;
	}
	if (until && !day_parse(palier_str(until), &cfg->until)) {
		palier_setup_error(s, section, "until = \"%s\": expected the test's last day, such as 2026-12-31", until);
		ok = false;
	}
	return ok;
}

static bool points_read(struct palier_setup *s, cfg_t *section, struct ladder_config *cfg)
{
	if (!palier_setup_decimal(s, section, "point-value", POINT_DECIMALS, &cfg->point_value) ||
		!palier_setup_decimal(s, section, "redemption", 2, &cfg->redemption))
		return false;
	if (cfg->point_value >= 0 && cfg->point_value <= VALUE_MOST && cfg->redemption >= 0 && cfg->redemption <= 10000)
		return true;
	palier_setup_error(s, section,
		"expected point-value = \"0.01\", what a point is worth, and redemption = \"70\", how many are redeemed, in per cent");
	return false;
}

int ladder_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct ladder_config *cfg;
	struct span cool_down = { .kind = SPAN_DAYS, .n = 30 };

	if (!section)
		return PALIER_OK;
	cfg = palier_setup_alloc(s, sizeof(*cfg));
	if (!palier_setup_span(s, section, "cool-down", &cool_down) || !test_read(s, section, cfg) ||
		!points_read(s, section, cfg) || !margins_read(s, section, cfg) ||
		!ladders_read(s, section, &cool_down, cfg))
		return PALIER_ECONFIG;
	discounts_find(s, cfg);
	policy_name(cfg, cfg->policy);
	*out = cfg;
	return PALIER_OK;
}
