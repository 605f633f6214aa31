/* SPDX-License-Identifier: Apache-2.0 */
/* The predicates of `when { }`. Each is one row: how it is written, what it speaks of, how it is read, and when it holds. */
#include "daemon/condition.h"

#include <stdio.h>

/* What a predicate speaks of: without it the predicate fails, and so does its -not form. */
enum subject { OF_LINE, OF_BASKET, OF_CLOCK, OF_MEMBER };

struct predicate;
struct scene;

struct kind {
	const char *name;
	enum subject subject;
	bool (*read)(struct palier_setup *s, cfg_t *when, struct predicate *p);
	bool (*holds)(const struct predicate *p, const struct scene *scene);
};

/* Minutes from midnight; from > until crosses it. */
struct hours {
	unsigned from, until;
};

struct predicate {
	const struct kind *kind;
	const char *option; /* as written: the kind's name, or that with "-not" */
	bool negated;
	const char *const *texts; /* any of these */
	const struct hours *hours;
	size_t count; /* of texts or hours */
	int64_t number;
	unsigned days;    /* bit 0: Monday */
	struct span span; /* of silence */
	bool recent;      /* count the last `within` only */
	struct span within;
};

struct palier_condition {
	size_t count;
	struct predicate predicates[];
};

/* What is judged. `spend` and `items` are those of the selected lines. */
struct scene {
	struct palier_ctx *c;
	const struct palier_sale *s;
	const struct palier_id *member;
	const struct palier_line *line;
	int64_t spend, items;
};

#define TEXTS(name)  CFG_STR_LIST(name, NULL, CFGF_NODEFAULT), CFG_STR_LIST(name "-not", NULL, CFGF_NODEFAULT)
#define TEXT(name)   CFG_STR(name, NULL, CFGF_NODEFAULT), CFG_STR(name "-not", NULL, CFGF_NODEFAULT)
#define NUMBER(name) CFG_INT(name, 0, CFGF_NODEFAULT), CFG_INT(name "-not", 0, CFGF_NODEFAULT)
#define FLAG(name)   CFG_BOOL(name, cfg_false, CFGF_NODEFAULT), CFG_BOOL(name "-not", cfg_false, CFGF_NODEFAULT)

cfg_opt_t palier_when_options[] = {
	TEXTS("sku"),
	TEXTS("category"),
	TEXTS("tag"),
	TEXT("spend-min"),
	TEXT("spend-max"),
	NUMBER("quantity-min"),
	TEXTS("coupon"),
	TEXTS("days"),
	TEXTS("hours"),
	TEXT("from"),
	TEXT("until"),
	TEXTS("tier"),
	TEXTS("stage"),
	TEXTS("persona"),
	TEXTS("member-tag"),
	TEXTS("consent"),
	FLAG("first-purchase"),
	NUMBER("purchases-min"),
	NUMBER("purchases-max"),
	TEXT("spend-total-min"),
	CFG_STR("within", NULL, CFGF_NODEFAULT),
	TEXT("silent-min"),
	NUMBER("referrals-min"),
	NUMBER("nps-min"),
	TEXTS("rung"),
	CFG_END(),
};

/* --- reading ------------------------------------------------------------------------------------------------------- */

static bool read_texts(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	const char **texts;

	p->count = cfg_size(when, p->option);
	texts = palier_setup_alloc(s, p->count * sizeof(*texts));
	for (unsigned i = 0; i < p->count; i++) {
		texts[i] = palier_setup_string(s, cfg_getnstr(when, p->option, i));
		if (*texts[i] == '\0') {
			palier_setup_error(s, when, "%s: \"\" names nothing", p->option);
			return false;
		}
	}
	p->texts = texts;
	return true;
}

static bool read_amount(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	return palier_setup_amount(s, when, p->option, &p->number);
}

static bool read_number(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	p->number = cfg_getint(when, p->option);
	if (p->number >= 0)
		return true;
	palier_setup_error(s, when, "%s: expected a whole number such as 3", p->option);
	return false;
}

/* An answer to "would you recommend us" */
static bool read_score(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	p->number = cfg_getint(when, p->option);
	if (p->number >= 0 && p->number <= 10)
		return true;
	palier_setup_error(s, when, "%s: expected a score from 0 to 10", p->option);
	return false;
}

static bool read_flag(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	(void)s;
	p->number = cfg_getbool(when, p->option) ? 1 : 0;
	return true;
}

static bool read_days(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	const char *text;
	unsigned day;

	for (unsigned i = 0; i < cfg_size(when, p->option); i++) {
		text = cfg_getnstr(when, p->option, i);
		for (day = 0; day < 7 && strcmp(names[day], text) != 0; day++)
			;
		if (day == 7) {
			palier_setup_error(s, when, "%s: \"%s\" is no day; expected mon, tue, wed, thu, fri, sat or sun",
				p->option, text);
			return false;
		}
		p->days |= 1u << day;
	}
	return true;
}

/* "08:00" to 480. @return what follows, or NULL */
static const char *parse_minute(const char *text, unsigned *out)
{
	unsigned digits[4];

	for (unsigned i = 0, at = 0; i < 4; i++, at++) {
		if (i == 2 && text[at++] != ':')
			return NULL;
		digits[i] = (unsigned)(unsigned char)text[at] - '0';
		if (digits[i] > 9)
			return NULL;
	}
	*out = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3];
	return digits[2] > 5 || *out > 24 * 60 ? NULL : text + 5;
}

static bool read_hours(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	struct hours *hours;
	const char *text, *rest;

	p->count = cfg_size(when, p->option);
	hours = palier_setup_alloc(s, p->count * sizeof(*hours));
	for (unsigned i = 0; i < p->count; i++) {
		text = cfg_getnstr(when, p->option, i);
		rest = parse_minute(text, &hours[i].from);
		rest = rest && *rest == '-' ? parse_minute(rest + 1, &hours[i].until) : NULL;
		if (!rest || *rest != '\0' || hours[i].from == hours[i].until || hours[i].from == 24 * 60) {
			palier_setup_error(s, when,
				"%s: \"%s\" are no hours; expected such as \"08:00-12:00\" or \"22:00-02:00\"", p->option,
				text);
			return false;
		}
	}
	p->hours = hours;
	return true;
}

/* A moment of the store's calendar as one number: no zone is asked until a sale is judged. */
static int64_t moment(uint32_t day, unsigned minute)
{
	return day_number(day) * 24 * 60 + minute;
}

static bool read_moment(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	const char *text = cfg_getstr(when, p->option), *rest;
	size_t n = strlen(text);
	unsigned minute = 0;
	uint32_t day;
	bool ok = day_parse(palier_bytes_of(text, n < 10 ? n : 10), &day);

	if (ok && n > 10) {
		rest = text[10] == ' ' || text[10] == 'T' ? parse_minute(text + 11, &minute) : NULL;
		ok = rest && *rest == '\0' && minute < 24 * 60;
	}
	if (ok)
		p->number = moment(day, minute);
	else
		palier_setup_error(s, when, "%s: \"%s\" is no date; expected such as \"2026-09-22\" or \"2026-09-22 18:30\"",
			p->option, text);
	return ok;
}

static bool read_consent(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	if (!read_texts(s, when, p))
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->texts[i], "email") != 0 && strcmp(p->texts[i], "sms") != 0 &&
			strcmp(p->texts[i], "profiling") != 0) {
			palier_setup_error(s, when, "%s: \"%s\" is no consent; expected email, sms or profiling", p->option,
				p->texts[i]);
			return false;
		}
	return true;
}

static bool read_silence(struct palier_setup *s, cfg_t *when, struct predicate *p)
{
	if (!palier_setup_span(s, when, p->option, &p->span))
		return false;
	if (p->span.kind == SPAN_DAYS || p->span.kind == SPAN_MONTHS)
		return true;
	palier_setup_error(s, when, "%s: expected days or months, such as \"120 days\"", p->option);
	return false;
}

/* --- judging ------------------------------------------------------------------------------------------------------- */

static bool any_of(const struct predicate *p, struct palier_bytes text)
{
	for (size_t i = 0; i < p->count; i++)
		if (palier_is(text, p->texts[i]))
			return true;
	return false;
}

static bool any_in(const struct predicate *p, const struct palier_bytes *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (any_of(p, texts[i]))
			return true;
	return false;
}

static bool holds_sku(const struct predicate *p, const struct scene *scene)
{
	return any_of(p, scene->line->in->sku);
}

static bool holds_category(const struct predicate *p, const struct scene *scene)
{
	return any_of(p, scene->line->in->category);
}

static bool holds_tag(const struct predicate *p, const struct scene *scene)
{
	return any_in(p, scene->line->in->tags.at, scene->line->in->tags.count);
}

static bool holds_spend_min(const struct predicate *p, const struct scene *scene)
{
	return scene->spend >= p->number;
}

static bool holds_spend_max(const struct predicate *p, const struct scene *scene)
{
	return scene->spend <= p->number;
}

static bool holds_quantity_min(const struct predicate *p, const struct scene *scene)
{
	return scene->items >= p->number;
}

static bool holds_coupon(const struct predicate *p, const struct scene *scene)
{
	for (uint32_t i = 0; i < scene->s->coupon_count; i++)
		for (size_t n = 0; n < p->count; n++)
			if (palier_code_same(palier_code_trim(scene->s->coupons[i]), palier_str(p->texts[n])))
				return true;
	return false;
}

static bool holds_days(const struct predicate *p, const struct scene *scene)
{
	return p->days >> day_weekday(palier_today(scene->c)) & 1;
}

static bool holds_hours(const struct predicate *p, const struct scene *scene)
{
	unsigned now = zone_minute(palier_at(scene->c));

	for (size_t i = 0; i < p->count; i++) {
		const struct hours *h = &p->hours[i];

		if (h->from < h->until ? now >= h->from && now < h->until : now >= h->from || now < h->until)
			return true;
	}
	return false;
}

static int64_t now_of(const struct scene *scene)
{
	return moment(palier_today(scene->c), zone_minute(palier_at(scene->c)));
}

static bool holds_from(const struct predicate *p, const struct scene *scene)
{
	return now_of(scene) >= p->number;
}

static bool holds_until(const struct predicate *p, const struct scene *scene)
{
	return now_of(scene) < p->number;
}

static bool fact_of(const struct scene *scene, const char *name, struct palier_bytes *out)
{
	return palier_fact(scene->c, *scene->member, name, out) == PALIER_OK;
}

/* tier, stage, persona: the published fact bears the predicate's name. */
static bool holds_fact(const struct predicate *p, const struct scene *scene)
{
	struct palier_bytes fact;

	return fact_of(scene, p->kind->name, &fact) && any_of(p, fact);
}

/* A member stands on one rung of each ladder: of each, the fact rung/NAME. */
static bool holds_rung(const struct predicate *p, const struct scene *scene)
{
	struct palier_bytes fact;
	char name[128];

	for (unsigned i = 0; i < p->count; i++) {
		snprintf(name, sizeof(name), "rung/%s", p->texts[i]);
		if (fact_of(scene, name, &fact))
			return true;
	}
	return false;
}

/* @return false when nothing was published */
static bool fact_number(const struct scene *scene, const char *name, int64_t *out)
{
	struct palier_bytes fact;
	char text[24];

	if (!fact_of(scene, name, &fact) || fact.len == 0 || fact.len >= sizeof(text))
		return false;
	memcpy(text, fact.at, fact.len);
	text[fact.len] = '\0';
	return decimal_parse(text, 0, out);
}

static bool holds_referrals_min(const struct predicate *p, const struct scene *scene)
{
	int64_t n = 0;

	fact_number(scene, "referrals", &n);
	return n >= p->number;
}

static bool holds_nps_min(const struct predicate *p, const struct scene *scene)
{
	int64_t n;

	return fact_number(scene, "nps", &n) && n >= p->number;
}

static bool holds_member_tag(const struct predicate *p, const struct scene *scene)
{
	struct palier_strings tags;

	return member_tags(scene->c, *scene->member, &tags) == PALIER_OK && any_in(p, tags.at, tags.count);
}

static bool holds_consent(const struct predicate *p, const struct scene *scene)
{
	struct consent given;

	if (member_consents(scene->c, *scene->member, &given) != PALIER_OK)
		return false;
	return (given.email && any_of(p, PALIER_LIT("email"))) || (given.sms && any_of(p, PALIER_LIT("sms"))) ||
	       (given.profiling && any_of(p, PALIER_LIT("profiling")));
}

/* The day n days or months before: what a span reaches back to. */
static uint32_t day_before(uint32_t day, struct span span)
{
	return span.kind == SPAN_MONTHS ? day_add_months(day, -span.n) : day_add(day, -span.n);
}

/* A sale is judged as of when it happened; a member for what he is, without one, as of now. */
static uint32_t today_of(const struct scene *scene)
{
	return scene->s ? palier_today(scene->c) : zone_day(palier_received(scene->c));
}

static bool facts_of(const struct predicate *p, const struct scene *scene, struct palier_facts *out)
{
	uint32_t today;

	if (!p->recent)
		return palier_facts(scene->c, *scene->member, out) == PALIER_OK;
	today = today_of(scene);
	return palier_facts_between(scene->c, *scene->member, day_before(today, p->within), today, out) == PALIER_OK;
}

static bool holds_first_purchase(const struct predicate *p, const struct scene *scene)
{
	struct palier_facts facts;

	return facts_of(p, scene, &facts) && (facts.purchases == 0) == (p->number == 1);
}

static bool holds_purchases_min(const struct predicate *p, const struct scene *scene)
{
	struct palier_facts facts;

	return facts_of(p, scene, &facts) && facts.purchases >= p->number;
}

static bool holds_purchases_max(const struct predicate *p, const struct scene *scene)
{
	struct palier_facts facts;

	return facts_of(p, scene, &facts) && facts.purchases <= p->number;
}

static bool holds_spend_total_min(const struct predicate *p, const struct scene *scene)
{
	struct palier_facts facts;

	return facts_of(p, scene, &facts) && facts.spend >= p->number;
}

/* Who never bought is not silent: there is nobody to win back. */
static bool holds_silent_min(const struct predicate *p, const struct scene *scene)
{
	struct palier_facts facts;

	return facts_of(p, scene, &facts) && facts.purchases > 0 &&
	       zone_day(facts.last_purchase_ms) <= day_before(today_of(scene), p->span);
}

static const struct kind kinds[] = {
	{ "sku", OF_LINE, read_texts, holds_sku },
	{ "category", OF_LINE, read_texts, holds_category },
	{ "tag", OF_LINE, read_texts, holds_tag },
	{ "spend-min", OF_BASKET, read_amount, holds_spend_min },
	{ "spend-max", OF_BASKET, read_amount, holds_spend_max },
	{ "quantity-min", OF_BASKET, read_number, holds_quantity_min },
	{ "coupon", OF_BASKET, read_texts, holds_coupon },
	{ "days", OF_CLOCK, read_days, holds_days },
	{ "hours", OF_CLOCK, read_hours, holds_hours },
	{ "from", OF_CLOCK, read_moment, holds_from },
	{ "until", OF_CLOCK, read_moment, holds_until },
	{ "tier", OF_MEMBER, read_texts, holds_fact },
	{ "stage", OF_MEMBER, read_texts, holds_fact },
	{ "persona", OF_MEMBER, read_texts, holds_fact },
	{ "member-tag", OF_MEMBER, read_texts, holds_member_tag },
	{ "consent", OF_MEMBER, read_consent, holds_consent },
	{ "first-purchase", OF_MEMBER, read_flag, holds_first_purchase },
	{ "purchases-min", OF_MEMBER, read_number, holds_purchases_min },
	{ "purchases-max", OF_MEMBER, read_number, holds_purchases_max },
	{ "spend-total-min", OF_MEMBER, read_amount, holds_spend_total_min },
	{ "silent-min", OF_MEMBER, read_silence, holds_silent_min },
	{ "referrals-min", OF_MEMBER, read_number, holds_referrals_min },
	{ "nps-min", OF_MEMBER, read_score, holds_nps_min },
	{ "rung", OF_MEMBER, read_texts, holds_rung },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* --- compiling ----------------------------------------------------------------------------------------------------- */

static bool counts_purchases(const struct kind *kind)
{
	return kind->holds == holds_purchases_min || kind->holds == holds_purchases_max ||
	       kind->holds == holds_spend_total_min;
}

static bool compile_predicate(struct palier_setup *s, cfg_t *when, const struct kind *kind, bool negated,
	struct palier_condition *out)
{
	char option[32];
	struct predicate *p = &out->predicates[out->count];

	snprintf(option, sizeof(option), "%s%s", kind->name, negated ? "-not" : "");
	if (cfg_size(when, option) == 0)
		return true;
	p->kind = kind;
	p->option = palier_setup_string(s, option);
	p->negated = negated;
	out->count++;
	return kind->read(s, when, p);
}

/* Core keeps the days of three years. */
static bool compile_within(struct palier_setup *s, cfg_t *when, struct palier_condition *w)
{
	struct span span = { SPAN_NEVER, 0 };
	bool used = false;

	if (cfg_size(when, "within") == 0)
		return true;
	if (!palier_setup_span(s, when, "within", &span))
		return false;
	if (!(span.kind == SPAN_DAYS && span.n > 0 && span.n <= 1095) &&
		!(span.kind == SPAN_MONTHS && span.n > 0 && span.n <= 36)) {
		palier_setup_error(s, when, "within: expected days or months of the last three years, such as \"90 days\"");
		return false;
	}
	for (size_t i = 0; i < w->count; i++)
		if (counts_purchases(w->predicates[i].kind)) {
			w->predicates[i].recent = used = true;
			w->predicates[i].within = span;
		}
	if (!used)
		palier_setup_error(s, when,
			"within needs something to count: purchases-min, purchases-max or spend-total-min");
	return used;
}

static const struct predicate *find(const struct palier_condition *w, const char *option)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->predicates[i].option, option) == 0)
			return &w->predicates[i];
	return NULL;
}

/* Two bounds between which nothing lies. */
static bool check_bounds(struct palier_setup *s, cfg_t *when, const struct palier_condition *w)
{
	static const struct bounds {
		const char *least, *most;
		int gap; /* 1: the upper one is exclusive */
	} all[] = { { "from", "until", 1 }, { "spend-min", "spend-max", 0 }, { "purchases-min", "purchases-max", 0 } };
	bool ok = true;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const struct predicate *least = find(w, all[i].least), *most = find(w, all[i].most);

		if (least && most && least->number + all[i].gap > most->number) {
			palier_setup_error(s, when, "nothing lies between %s and %s", all[i].least, all[i].most);
			ok = false;
		}
	}
	return ok;
}

const struct palier_condition *palier_condition_compile(struct palier_setup *s, cfg_t *when)
{
	struct palier_condition *w = palier_setup_alloc(s, sizeof(*w) + (when ? 2 * KINDS : 0) * sizeof(*w->predicates));
	bool ok = true;

	if (!when)
		return w;
	for (size_t i = 0; i < KINDS; i++) {
		ok = compile_predicate(s, when, &kinds[i], false, w) && ok;
		ok = compile_predicate(s, when, &kinds[i], true, w) && ok;
	}
	ok = compile_within(s, when, w) && ok;
	return ok && check_bounds(s, when, w) ? w : NULL;
}

/* --- holding ------------------------------------------------------------------------------------------------------- */

static bool judge(const struct predicate *p, const struct scene *scene)
{
	return p->kind->holds(p, scene) != p->negated;
}

static bool line_selected(const struct palier_condition *w, struct scene *scene, const struct palier_line *line)
{
	if (line->kind != LINE_ITEM)
		return false;
	scene->line = line;
	for (size_t i = 0; i < w->count; i++)
		if (w->predicates[i].kind->subject == OF_LINE && !judge(&w->predicates[i], scene))
			return false;
	return true;
}

/* @return whether any line is selected, and the sums are figures */
static bool select_lines(const struct palier_condition *w, struct scene *scene, bool *matched)
{
	bool any = false;

	for (uint32_t i = 0; i < scene->s->line_count; i++) {
		const struct palier_line *line = &scene->s->lines[i];
		bool selected = line_selected(w, scene, line);

		if (matched)
			matched[i] = selected;
		if (!selected)
			continue;
		if (!palier_add_i64(&scene->spend, line->gross - line->foreign) ||
			!palier_add_i64(&scene->items, line->items))
			return false;
		any = true;
	}
	return any;
}

bool palier_condition_holds(struct palier_ctx *c, const struct palier_condition *w, const struct palier_sale *s,
	const struct palier_id *member, bool *matched)
{
	struct scene scene = { .c = c, .s = s, .member = member };

	if (s && !select_lines(w, &scene, matched))
		return false;
	for (size_t i = 0; i < w->count; i++) {
		const struct predicate *p = &w->predicates[i];
		enum subject subject = p->kind->subject;

		if ((subject <= OF_BASKET && !s) || (subject == OF_MEMBER && !member))
			return false;
		if (subject != OF_LINE && !judge(p, &scene))
			return false;
	}
	return true;
}

bool palier_condition_may_hold(struct palier_ctx *c, const struct palier_condition *w, const struct palier_id *member)
{
	const struct scene scene = { .c = c, .member = member };

	for (size_t i = 0; i < w->count; i++) {
		const struct predicate *p = &w->predicates[i];

		if (p->kind->subject == OF_MEMBER && !member)
			return false;
		if (p->kind->subject >= OF_CLOCK && !judge(p, &scene))
			return false;
	}
	return true;
}

bool palier_condition_of_member(const struct palier_condition *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->predicates[i].kind->subject == OF_MEMBER)
			return true;
	return false;
}

uint32_t palier_condition_last_day(const struct palier_condition *w)
{
	const struct predicate *until = find(w, "until");

	return until ? day_of_number((until->number - 1) / (24 * 60)) : DAY_NEVER;
}

bool palier_condition_over(struct palier_ctx *c, const struct palier_condition *w)
{
	const struct scene scene = { .c = c };
	const struct predicate *until = find(w, "until");

	return until && !judge(until, &scene);
}

bool condition_selects(const struct palier_condition *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->predicates[i].kind->subject == OF_LINE)
			return true;
	return false;
}
