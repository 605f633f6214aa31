/* SPDX-License-Identifier: Apache-2.0 */
/* The ladder's figures from journal files: what the daemon folds into its sums, and besides what sums cannot tell, such as whose total is out
 * of proportion. */
#include "tools/report/ladder.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/bandit.h"

#define CUSTOMER_DAYS 365

struct member {
	uint32_t epoch; /* 0: not in the experiment */
	bool held;
	int64_t climbed, spent, margin, known, estimated, visits;
	uint32_t bought; /* the last day */
};

struct fold {
	struct ladder_figures *f;
	struct names members, rungs, salts, rules;
	struct member *member; /* by number, as are those below */
	struct ladder_rung *rung;
	struct ladder_choice *choices;
	size_t choice_count;
	uint32_t epoch, salt; /* of the running experiment; its salt's number */
	struct palier_arena arena;
};

static struct member *member_of(struct fold *f, struct palier_id id)
{
	uint32_t known = f->members.count, at = names_add(&f->members, palier_bytes_of(id.b, PALIER_ID_LEN));

	if (f->members.count > known)
		f->member = list_room(f->member, at, sizeof(*f->member));
	return &f->member[at];
}

/* @param id "coffee/beans" */
static uint32_t rung_number(struct fold *f, struct palier_bytes id)
{
	uint32_t known = f->rungs.count, at = names_add(&f->rungs, id);
	const char *slash = id.len ? memchr(id.at, '/', id.len) : NULL;
	size_t n = slash ? (size_t)(slash - id.at) : id.len;

	if (f->rungs.count > known) {
		f->rung = list_room(f->rung, at, sizeof(*f->rung));
		f->rung[at].ladder = palier_cstr(&f->f->room.arena, palier_bytes_of(id.at, n));
		f->rung[at].rung = palier_cstr(&f->f->room.arena,
			palier_bytes_of(slash ? slash + 1 : id.at, slash ? id.len - n - 1 : 0));
	}
	return at;
}

/* --- suggestions --- */

/* What it was chosen from. What is no count that could be drawn with is as if it were not there. */
static void options_read(struct fold *f, const struct booked *e, uint32_t effect, struct ladder_choice *c)
{
	uint32_t row = 0, left = 0;

	while (booked_each(e, effect, "candidates", &row, &left)) {
		int64_t a = booked_int(e, row, "a"), b = booked_int(e, row, "b"), gain = booked_int(e, row, "gain");

		if (c->count == LADDER_CANDIDATES || a < 1 || b < 1 || a > BANDIT_MOST || b > BANDIT_MOST - a || gain < 1 ||
			booked_text(e, row, "rung").len == 0) {
			c->count = 0;
			return;
		}
		c->options[c->count++] = (struct ladder_option){ rung_number(f, booked_text(e, row, "rung")), (uint16_t)a,
			(uint16_t)b, gain };
	}
}

static uint64_t draw_of(const struct booked *e, uint32_t effect)
{
	struct palier_bytes text = booked_text(e, effect, "draw");
	uint64_t draw = 0;

	for (size_t i = 0; i < text.len && i < 16; i++) {
		int digit = palier_hex_digit(text.at[i]);

		draw = draw << 4 | (unsigned)(digit < 0 ? 0 : digit);
	}
	return draw;
}

static void rung_count(struct fold *f, const struct booked *e, uint32_t effect, const struct ladder_choice *c, int sign)
{
	struct ladder_rung *r = &f->rung[c->rung];

	if (c->day < f->f->from || c->day > f->f->to)
		return;
	r->shown += sign;
	r->accepted += c->accepted ? sign : 0;
	r->declined += palier_is(booked_text(e, effect, "outcome"), "declined") ? sign : 0;
	r->revenue += sign * booked_int(e, effect, "revenue");
	r->margin += sign * booked_int(e, effect, "margin");
	r->estimated += booked_bool(e, effect, "estimated") ? sign : 0;
	r->pending += booked_bool(e, effect, "pending") ? sign : 0;
	r->told += c->told ? sign : 0;
	r->told_accepted += c->told && c->accepted ? sign : 0;
}

static void rules_count(struct fold *f, const struct booked *e, uint32_t effect, uint32_t day, int sign)
{
	struct palier_bytes name = booked_text(e, effect, "policy");
	uint32_t known = f->rules.count, at;
	struct ladder_rules *r;

	if (name.len == 0 || day < f->f->from || day > f->f->to)
		return;
	at = names_add(&f->rules, name);
	if (f->rules.count > known) {
		f->f->rules = list_room(f->f->rules, at, sizeof(*f->f->rules));
		f->f->rules[at] = (struct ladder_rules){ palier_cstr(&f->f->room.arena, name), day, day, 0 };
		f->f->rules_count = f->rules.count;
	}
	r = &f->f->rules[at];
	r->shown += sign;
	r->from = day < r->from ? day : r->from;
	r->to = day > r->to ? day : r->to;
}

static struct ladder_choice choice_read(struct fold *f, const struct booked *e, uint32_t effect)
{
	struct ladder_choice c = { .rung = rung_number(f, booked_text(e, effect, "rung")),
		.day = booked_day(e, effect, "day"),
		.experiment = f->salt,
		.accepted = palier_is(booked_text(e, effect, "outcome"), "accepted"),
		.told = !booked_bool(e, effect, "deduced") && !booked_bool(e, effect, "pending"),
		.uniform = booked_bool(e, effect, "uniform"),
		.draw = draw_of(e, effect),
		.friction = booked_int(e, effect, "friction"),
		.decision = booked_text(e, effect, "decision") };

	return c;
}

/* What comes in the place of an outcome, or is there again, was chosen from what that one was chosen from. */
static void chosen_before(const struct fold *f, struct ladder_choice *c)
{
	for (size_t i = f->choice_count; i-- > 0 && c->count == 0;) {
		const struct ladder_choice *was = &f->choices[i];

		if (!was->undone || was->rung != c->rung || !palier_equal(was->decision, c->decision))
			continue;
		memcpy(c->options, was->options, sizeof(c->options));
		c->count = was->count;
		c->draw = was->draw;
		c->friction = was->friction;
		c->uniform = was->uniform;
		c->experiment = was->experiment;
		return;
	}
}

static void shown(struct fold *f, const struct booked *e, uint32_t effect)
{
	struct ladder_choice c;

	if (booked_text(e, effect, "rung").len == 0)
		return;
	c = choice_read(f, e, effect);

	options_read(f, e, effect, &c);
	if (booked_bool(e, effect, "instead") || booked_bool(e, effect, "again"))
		chosen_before(f, &c);
	rung_count(f, e, effect, &c, 1);
	rules_count(f, e, effect, c.day, 1);
	c.decision = palier_copy(&f->arena, c.decision);
	f->choices = list_room(f->choices, f->choice_count, sizeof(*f->choices));
	f->choices[f->choice_count++] = c;
}

/* Most are taken back soon: the search begins with the last. */
static void undone(struct fold *f, const struct booked *e, uint32_t effect)
{
	struct ladder_choice c;

	if (booked_text(e, effect, "rung").len == 0)
		return;
	c = choice_read(f, e, effect);
	rung_count(f, e, effect, &c, -1);
	rules_count(f, e, effect, c.day, -1);
	for (size_t i = f->choice_count; i-- > 0;) {
		struct ladder_choice *was = &f->choices[i];

		if (was->undone || was->rung != c.rung || !palier_equal(was->decision, c.decision))
			continue;
		was->undone = true;
		return;
	}
}

static void filtered(struct fold *f, const struct booked *e, uint32_t effect)
{
	uint32_t day = booked_day(e, effect, "day"), row = 0, left = 0;
	int sign = booked_bool(e, effect, "undone") ? -1 : 1;

	while (day >= f->f->from && day <= f->f->to && booked_each(e, effect, "reasons", &row, &left))
		ladder_reason_count(f->f, booked_text(e, row, "reason"), sign * booked_int(e, row, "count"));
}

/* --- the experiment --- */

static void experiment(struct fold *f, const struct booked *e, uint32_t effect)
{
	f->epoch = (uint32_t)booked_int(e, effect, "epoch");
	f->salt = names_add(&f->salts, booked_text(e, effect, "salt"));
	f->f->share = (unsigned)palier_least(booked_int(e, effect, "share"), 10000);
	f->f->start = booked_day(e, effect, "start");
	f->f->until = booked_day(e, effect, "until");
}

/* What comes after the planned end does not count. */
static void visited(struct fold *f, const struct booked *e, uint32_t effect)
{
	uint32_t epoch = (uint32_t)booked_int(e, effect, "epoch");
	int64_t visits = booked_int(e, effect, "visits");
	struct palier_id id;
	struct member *m;

	if (!booked_id(e, effect, "member", &id) || (f->f->until && booked_happened(e) > f->f->until))
		return;
	m = member_of(f, id);
	if (m->epoch != epoch && visits <= 0)
		return;
	if (m->epoch != epoch) {
		*m = (struct member){ .epoch = epoch, .held = booked_bool(e, effect, "held"), .bought = m->bought };
	}
	m->spent += booked_int(e, effect, "spend");
	m->margin += booked_int(e, effect, "margin");
	m->known += booked_int(e, effect, "known");
	m->estimated += booked_int(e, effect, "estimated");
	m->climbed += booked_int(e, effect, "climbed");
	m->visits += visits;
	if (m->visits <= 0)
		m->epoch = 0;
}

/* Of two members who are one, one is left, in the arm that it was in. */
static void moved(struct fold *f, const struct booked *e, uint32_t effect)
{
	struct palier_id id;

	if (booked_id(e, effect, "from", &id))
		member_of(f, id)->epoch = 0;
}

static void bought(struct fold *f, const struct booked *e)
{
	struct member *m = member_of(f, e->member);
	uint32_t day = booked_happened(e);

	m->bought = m->bought > day ? m->bought : day;
}

static int event_fold(void *who, const struct booked *e)
{
	static const struct {
		const char *kind;
		void (*fold)(struct fold *f, const struct booked *e, uint32_t effect);
	} kinds[] = { { "ladder.shown", shown }, { "ladder.undone", undone }, { "ladder.filtered", filtered },
		{ "ladder.experiment", experiment }, { "ladder.visited", visited }, { "ladder.moved", moved } };
	struct fold *f = who;
	uint32_t at = 0, effect;

	if (!f->f->store[0])
		snprintf(f->f->store, sizeof(f->f->store), "%.*s", PALIER_ARG(e->store));
	while ((effect = booked_effect(e, &at))) {
		struct palier_bytes kind = booked_text(e, effect, "kind");

		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (palier_is(kind, kinds[i].kind))
				kinds[i].fold(f, e, effect);
	}
	if (e->has_member && booked_is(e, "sale.commit") && e->day <= f->f->to)
		bought(f, e);
	return PALIER_OK;
}

/* --- the end --- */

static bool is_counted(const struct fold *f, uint32_t member)
{
	return f->epoch && f->member[member].epoch == f->epoch;
}

static void turnover_sum(struct fold *f)
{
	struct ladder_turnover *t = &f->f->turnover;

	for (uint32_t i = 0; i < f->members.count; i++) {
		if (!is_counted(f, i))
			continue;
		t->spent += f->member[i].spent;
		t->known += f->member[i].known;
		t->estimated += f->member[i].estimated;
	}
	f->f->by_margin = ladder_margin_known(t);
}

static int64_t money_of(const struct fold *f, uint32_t member)
{
	return f->f->by_margin ? f->member[member].margin : f->member[member].spent;
}

static void cap_find(struct fold *f)
{
	int64_t *totals = calloc(f->members.count + 1, sizeof(*totals));
	size_t n = 0;

	if (!totals)
		abort();
	for (uint32_t i = 0; i < f->members.count; i++)
		if (is_counted(f, i))
			totals[n++] = money_of(f, i);
	f->f->cap = ladder_cap_of(totals, n);
	free(totals);
}

static void arms_sum(struct fold *f)
{
	turnover_sum(f);
	cap_find(f);
	for (uint32_t i = 0; i < f->members.count; i++) {
		struct ladder_arm *arm = f->member[i].held ? &f->f->held : &f->f->offered;
		int64_t money = money_of(f, i), counted = palier_least(money, f->f->cap);

		if (!is_counted(f, i))
			continue;
		f->f->capped += money > f->f->cap;
		arm->money.n++;
		arm->money.sum += counted;
		arm->money.squares += (double)counted * (double)counted;
		arm->climbed += f->member[i].climbed > 0;
	}
}

/* What is accepted of a rung, with the doubt that is due where little is known. */
static double rate_of(const struct ladder_rung *r)
{
	return (double)(r->told_accepted + 1) / (double)(r->told + BANDIT_PRIOR);
}

/* In hindsight: what the best of the candidates would have brought more, as the rates are by now. */
static void regret_sum(struct fold *f)
{
	for (size_t i = 0; i < f->choice_count; i++) {
		const struct ladder_choice *c = &f->choices[i];
		double best = 0, chosen = 0;

		if (c->undone || !c->told || c->count == 0 || c->day < f->f->from || c->day > f->f->to)
			continue;
		for (uint8_t k = 0; k < c->count; k++) {
			double value = rate_of(&f->rung[c->options[k].rung]) * (double)c->options[k].gain;

			best = value > best ? value : best;
			chosen = c->options[k].rung == c->rung ? value : chosen;
		}
		f->rung[c->rung].regret += best - chosen;
	}
}

static int rung_order(const void *a, const void *b)
{
	const struct ladder_rung *x = a, *y = b;
	int order = strcmp(x->ladder, y->ladder);

	return order ? order : strcmp(x->rung, y->rung);
}

static void figures_end(struct fold *f, struct progress *bar)
{
	uint32_t since = day_add(f->f->to, -CUSTOMER_DAYS);
	size_t kept = 0;

	arms_sum(f);
	for (uint32_t i = 0; i < f->members.count; i++)
		f->f->customers += f->member[i].bought > since;
	regret_sum(f);
	ladder_choices_of(f->choices, f->choice_count, &f->salts, &f->rungs, f->f->from, f->f->to, bar, &f->f->choices);
	for (uint32_t i = 0; i < f->rungs.count; i++)
		if (f->rung[i].shown > 0)
			f->rung[kept++] = f->rung[i];
	f->f->rungs = f->rung;
	f->f->rung_count = kept;
	if (kept > 1)
		qsort(f->rung, kept, sizeof(*f->rung), rung_order);
}

int ladder_fold(const struct event_files *files, struct progress *bar, struct ladder_figures *out, char *why)
{
	struct progress weighing = { .what = "weighing" };
	struct fold f = { .f = out };
	int err;

	out->folded = true;
	err = events_each(files, bar, event_fold, &f, why);
	if (err == PALIER_OK)
		figures_end(&f, bar ? &weighing : NULL);
	else
		free(f.rung);
	names_deinit(&f.members);
	names_deinit(&f.rungs);
	names_deinit(&f.salts);
	names_deinit(&f.rules);
	free(f.member);
	free(f.choices);
	palier_arena_deinit(&f.arena);
	return err;
}

void ladder_figures_deinit(struct ladder_figures *f)
{
	free(f->rungs);
	free(f->rules);
	names_deinit(&f->room);
	*f = (struct ladder_figures){ .from = 0 };
}
