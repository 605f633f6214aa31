/* SPDX-License-Identifier: Apache-2.0 */
/* The page of the ladder: in short, the rungs, the experiment, how many a test takes, other ways of choosing, how it is counted. */
#include "tools/report/ladder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/bandit.h"
#include "tools/report/chart.h"

#define CHARTED 24 /* rungs in the picture, those shown most often */

/* --- figures as text --- */

const char *ladder_money(const struct ladder_figures *f, const struct words *w, double minor)
{
	bool french = strcmp(w->language, "fr") == 0;
	int64_t of = 1, v = llround(fabs(minor));
	const char *amount;

	for (unsigned i = 0; i < f->scale; i++)
		of *= 10;
	amount = words_number(w, v / of);
	if (f->scale > 0)
		amount = palier_format(w->arena, "%s%c%0*lld", amount, french ? ',' : '.', (int)f->scale,
			(long long)(v % of));
	return palier_format(w->arena, "%s%s%s%s", minor < 0 && v > 0 ? "-" : "", amount, f->currency[0] ? "\u00a0" : "",
		f->currency);
}

static const char *rate(const struct words *w, double share)
{
	return words_rate(w, llround(share * 10000), 10000);
}

/* A difference of shares: "+2.0 points". */
static const char *points(const struct words *w, double share)
{
	long long tenths = llround(fabs(share) * 1000);

	return palier_format(w->arena, "%s%lld%c%lld", share < 0 && tenths ? "-" : "+", tenths / 10,
		strcmp(w->language, "fr") == 0 ? ',' : '.', tenths % 10);
}

static const char *number(const struct words *w, double n)
{
	return words_number(w, n < 1e15 ? llround(n) : INT64_C(1000000000000000));
}

const char *ladder_margin(const struct ladder_figures *f, const struct words *w, const struct ladder_rung *r)
{
	const char *margin = ladder_money(f, w, (double)r->margin);

	return r->estimated > 0 ? palier_format(w->arena, "\u2248\u00a0%s", margin) : margin;
}

static const char *gain(const struct ladder_figures *f, const struct words *w, double minor)
{
	return palier_format(w->arena, "%s%s", minor >= 0 ? "+" : "", ladder_money(f, w, minor));
}

static const char *rung_name(const struct words *w, const struct ladder_rung *r)
{
	return palier_format(w->arena, "%s/%s", r->ladder, r->rung);
}

/* --- what the experiment says --- */

struct speaker {
	const struct ladder_figures *f;
	const struct ladder_uplift *u;
	const struct words *w;
	void (*say)(void *who, const char *sentence);
	void *who;
};

static double mean_of(const struct ladder_arm *a)
{
	return a->money.n ? (double)a->money.sum / (double)a->money.n : 0;
}

static double climbed_share(const struct ladder_arm *a)
{
	return a->money.n ? (double)a->climbed / (double)a->money.n : 0;
}

static void sizes_say(const struct speaker *s)
{
	const struct ladder_figures *f = s->f;

	s->say(s->who, WORDS_FILL(s->w, "%1 members are shown suggestions, %2 are not; planned: %3 are not.",
			       words_number(s->w, f->offered.money.n), words_number(s->w, f->held.money.n),
			       words_rate(s->w, f->share, 10000)));
}

static void verdict_say(const struct speaker *s, enum ladder_verdict v, const char *more, const char *less,
	const char *neither)
{
	s->say(s->who, words_say(s->w, v == LADDER_MORE ? more : v == LADDER_LESS ? less : neither));
}

static void climbed_say(const struct speaker *s)
{
	const struct words *w = s->w;
	const struct stats_interval *d = &s->u->climbed;

	if (s->u->share == LADDER_TOO_FEW) {
		s->say(s->who, words_say(w, "Too few members came to say whether more of them climb."));
		return;
	}
	s->say(s->who,
		WORDS_FILL(w,
			"With suggestions %1 bought from a rung above their own, without %2: a difference of %3 points (95%: between %4 and %5).",
			rate(w, climbed_share(&s->f->offered)), rate(w, climbed_share(&s->f->held)), points(w, d->value),
			points(w, d->low), points(w, d->high)));
	verdict_say(s, s->u->share, "So suggestions make more customers climb.",
		"So with suggestions fewer customers climb.",
		"Whether suggestions make more customers climb, one cannot tell.");
}

const char *ladder_measure(const struct ladder_turnover *t, const struct words *w)
{
	const char *known = words_rate(w, t->known, t->spent);

	if (!ladder_margin_known(t))
		return WORDS_FILL(w,
			"What members spent is compared, not the margin: that is known for %1 of the turnover, and it takes %2. Name the margin of more rungs, or the margin-share of categories.",
			known, words_rate(w, LADDER_KNOWN, 100));
	if (t->estimated > 0)
		return WORDS_FILL(w,
			"What is compared is the margin. It is known for %1 of the turnover; for %2 it is estimated, as what the category usually leaves.",
			known, words_rate(w, t->estimated, t->spent));
	return WORDS_FILL(w, "What is compared is the margin. It is known for %1 of the turnover.", known);
}

static const char *brought_text(const struct speaker *s)
{
	const struct words *w = s->w;
	const struct stats_interval *d = &s->u->brought;

	return WORDS_FILL(w,
		s->f->by_margin
			? "With suggestions a member brought a margin of %1, without %2: a difference of %3 (95%: between %4 and %5)."
			: "With suggestions a member spent %1, without %2: a difference of %3 (95%: between %4 and %5).",
		ladder_money(s->f, w, mean_of(&s->f->offered)), ladder_money(s->f, w, mean_of(&s->f->held)),
		gain(s->f, w, d->value), gain(s->f, w, d->low), gain(s->f, w, d->high));
}

static void brought_say(const struct speaker *s)
{
	const struct words *w = s->w;

	if (s->u->money == LADDER_TOO_FEW) {
		s->say(s->who, WORDS_FILL(w, "Too few for money: its means are told from %1 members on each side.",
				       words_number(w, LADDER_ARM)));
		return;
	}
	s->say(s->who, brought_text(s));
	if (s->f->by_margin)
		verdict_say(s, s->u->money, "So suggestions bring the shop more.",
			"So with suggestions the shop gains less.",
			"Whether suggestions bring the shop more, one cannot tell.");
	else
		verdict_say(s, s->u->money, "So suggestions make customers spend more.",
			"So with suggestions customers spend less.",
			"Whether suggestions make customers spend more, one cannot tell.");
	if (s->f->folded)
		s->say(s->who, WORDS_FILL(w, "Totals above %1 count as that: %2 were.",
				       ladder_money(s->f, w, (double)s->f->cap), words_number(w, s->f->capped)));
}

void ladder_sentences(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w,
	void (*say)(void *who, const char *sentence), void *who)
{
	const struct speaker s = { f, u, w, say, who };

	if (u->share == LADDER_NO_TEST) {
		say(who, words_say(w, "Nobody is held out, or nobody came yet: what suggestions bring cannot be told."));
		return;
	}
	sizes_say(&s);
	if (u->share != LADDER_BROKEN && f->turnover.spent > 0)
		say(who, ladder_measure(&f->turnover, w));
	if (u->share == LADDER_BROKEN) {
		say(who,
			words_say(w,
				"The split is broken: sizes that differ so much from the plan are no chance. Nothing can be told from this test."));
	} else if (u->share == LADDER_NO_END) {
		say(who, words_say(w,
				 "No last day was planned, so nothing more is told: set `until`, or look with --any-time."));
	} else if (u->share == LADDER_RUNNING) {
		say(who,
			WORDS_FILL(w,
				"The test runs until %1. Before that only its sizes are told: who looks often enough always finds a difference.",
				words_day(w, f->until)));
	} else {
		climbed_say(&s);
		brought_say(&s);
	}
}

/* --- how many it takes --- */

static void size_say(const struct speaker *s, double need, const char *sentence)
{
	const char *end = (double)s->f->customers >= need ? "The shop has enough." : "This shop will not be able to tell.";

	s->say(s->who, palier_format(s->w->arena, "%s %s", WORDS_FILL(s->w, sentence, number(s->w, ceil(need))),
			       words_say(s->w, end)));
}

static void sizes_needed(const struct speaker *s)
{
	s->say(s->who, WORDS_FILL(s->w, s->f->folded ? "%1 members bought in the last year." : "%1 members are in the test.",
			       words_number(s->w, s->f->customers)));
	size_say(s, s->u->need_share, "To see a fifth more of them climb takes %1.");
	size_say(s, s->u->need_money,
		s->f->by_margin ? "To see that they bring 3% more margin takes %1."
				: "To see that they spend 3% more takes %1.");
	s->say(s->who,
		words_say(s->w,
			s->u->supposed
				? "This supposes that a tenth climbs, and that what members spend differs as it usually does."
			: s->f->by_margin
				? "This is reckoned from how many climb, and how much their margins differ, in this shop."
				: "This is reckoned from how many climb, and how much their spending differs, in this shop."));
}

/* --- the page --- */

static void list_item(void *who, const char *sentence)
{
	page_element(who, "li", NULL, sentence);
}

static void list_begin(struct page *p, const char *class)
{
	page_markup(p, "<ul class=\"points%s\">\n", class);
}

static void list_end(struct page *p)
{
	page_markup(p, "</ul>\n");
}

static void in_short(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w, struct page *p)
{
	int64_t shown = 0, accepted = 0, margin = 0, pending = 0;

	for (size_t i = 0; i < f->rung_count; i++) {
		shown += f->rungs[i].shown;
		accepted += f->rungs[i].accepted;
		margin += f->rungs[i].margin;
		pending += f->rungs[i].pending;
	}
	page_section_begin(p, words_say(w, "In short"));
	list_begin(p, "");
	list_item(p, words_count(w, shown, "%1 suggestion was shown.", "%1 suggestions were shown."));
	list_item(p, WORDS_FILL(w, "Taken: %1, with a margin of %2.", words_number(w, accepted),
			     ladder_money(f, w, (double)margin)));
	if (pending > 0)
		list_item(p, words_count(w, pending, "%1 coupon that was handed out may still be used.",
				     "%1 coupons that were handed out may still be used."));
	list_item(p,
		words_say(w,
			u->share == LADDER_MORE || u->money == LADDER_MORE
				? "What was taken is not all gained: see below what it brought against customers who were shown nothing."
				: "What was taken might have been bought anyway: that suggestions bring more is not shown by this."));
	list_end(p);
	page_section_end(p);
}

static int told_order(const void *a, const void *b)
{
	const struct ladder_rung *x = a, *y = b;
	int order = strcmp(x->ladder, y->ladder);

	if (x->told != y->told)
		return x->told > y->told ? -1 : 1;
	return order ? order : strcmp(x->rung, y->rung);
}

static void rungs_chart(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	struct ladder_rung *sorted = calloc(f->rung_count + 1, sizeof(*sorted));
	struct chart_span rows[CHARTED];
	size_t n = 0;

	if (!sorted)
		abort();
	memcpy(sorted, f->rungs, f->rung_count * sizeof(*sorted));
	qsort(sorted, f->rung_count, sizeof(*sorted), told_order);
	for (size_t i = 0; i < f->rung_count && n < CHARTED && sorted[i].told >= LADDER_ENOUGH; i++) {
		struct stats_interval s = stats_share(sorted[i].told_accepted, sorted[i].told);

		rows[n++] = (struct chart_span){ rung_name(w, &sorted[i]), llround(s.low * 10000), llround(s.value * 10000),
			llround(s.high * 10000),
			WORDS_FILL(w, "%1 (%2 to %3)", rate(w, s.value), rate(w, s.low), rate(w, s.high)) };
	}
	free(sorted);
	if (n == 0)
		return;
	page_markup(p, "<div class=\"box\">\n");
	chart_spans(p, words_say(w, "How often what was suggested is taken"), rows, n);
	page_markup(p, "</div>\n");
	page_element(p, "p", "note",
		words_say(w,
			"The mark is what was counted, the bar where it truly lies (95%): where bars overlap, neither rung is better for sure."));
}

static void cells(struct page *p, const char *tag, const char *const *texts)
{
	page_markup(p, "<tr>");
	for (size_t i = 0; texts[i]; i++)
		page_element(p, tag, i > 0 ? "n" : NULL, texts[i]);
	page_markup(p, "</tr>\n");
}

static void rungs_table(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	int64_t estimated = 0;

	page_markup(p, "<table>\n<thead>");
	cells(p, "th",
		(const char *const[]){ words_say(w, "Rung"), words_say(w, "Shown"), words_say(w, "Taken"),
			words_say(w, "Refused"), words_say(w, "Paid"), words_say(w, "Margin"),
			f->folded ? words_say(w, "Missed") : NULL, NULL });
	page_markup(p, "</thead>\n<tbody>\n");
	for (size_t i = 0; i < f->rung_count; i++) {
		const struct ladder_rung *r = &f->rungs[i];

		estimated += r->estimated;
		cells(p, "td",
			(const char *const[]){ rung_name(w, r), words_number(w, r->shown), words_number(w, r->accepted),
				words_number(w, r->declined), ladder_money(f, w, (double)r->revenue), ladder_margin(f, w, r),
				f->folded ? ladder_money(f, w, r->regret) : NULL, NULL });
	}
	page_markup(p, "</tbody>\n</table>\n");
	if (estimated > 0)
		page_element(p, "p", "note",
			WORDS_FILL(w,
				"\u2248: of %1 that were taken the margin is estimated, as what the category usually leaves.",
				words_number(w, estimated)));
	if (f->folded)
		page_element(p, "p", "note",
			words_say(w,
				"Missed: what the best of the candidates would have brought more, as far as it is known by now. It is the price of trying; it should become less."));
}

static void filtered_table(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	if (!ladder_any_filtered(f))
		return;
	page_element(p, "h3", "sub", words_say(w, "What was not suggested, and why"));
	page_markup(p, "<table>\n<tbody>\n");
	for (size_t i = 0; i < LADDER_REASONS; i++)
		if (f->filtered[i] > 0)
			cells(p, "td",
				(const char *const[]){ words_say(w, ladder_reasons[i].text), words_number(w, f->filtered[i]),
					NULL });
	page_markup(p, "</tbody>\n</table>\n");
}

static void rungs(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	page_section_begin(p, words_say(w, "What was suggested, rung by rung"));
	if (f->rung_count == 0) {
		page_element(p, "p", NULL, words_say(w, "Nothing was suggested in these days."));
	} else {
		rungs_chart(f, w, p);
		rungs_table(f, w, p);
	}
	filtered_table(f, w, p);
	page_section_end(p);
}

static void experiment(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w, struct page *p)
{
	const struct speaker s = { f, u, w, list_item, p };

	page_section_begin(p, words_say(w, "Does it bring more?"));
	list_begin(p, "");
	ladder_sentences(f, u, w, list_item, p);
	list_end(p);
	page_element(p, "h3", "sub", words_say(w, "How many members a test takes"));
	list_begin(p, "");
	sizes_needed(&s);
	list_end(p);
	page_section_end(p);
}

static const char *policy_verdict(const struct words *w, const struct ladder_policy *l)
{
	if (l->same)
		return words_say(w, "Nothing else could have been chosen.");
	if (l->ess < LADDER_ESS)
		return WORDS_FILL(w, "Too few to tell: it counts like %1 suggestions, and takes %2.",
			number(w, floor(l->ess)), words_number(w, LADDER_ESS));
	return words_say(w, l->gained.low > 0    ? "It would have brought more."
			    : l->gained.high < 0 ? "It would have brought less."
						 : "Whether it would have brought more, one cannot tell.");
}

static void policy_row(const struct ladder_figures *f, const struct words *w, const char *name,
	const struct ladder_policy *l, struct page *p)
{
	page_markup(p, "<tr>");
	page_element(p, "td", NULL, words_say(w, name));
	page_element(p, "td", "n", ladder_money(f, w, l->ips));
	page_element(p, "td", "n", ladder_money(f, w, l->snips));
	page_element(p, "td", "n", number(w, floor(l->ess)));
	page_element(p, "td", NULL, policy_verdict(w, l));
	page_markup(p, "</tr>\n");
}

/* One set of rules is what the reader takes for granted; of several the reader should know. */
static void rules_table(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	if (f->rules_count < 2)
		return;
	page_element(p, "p", NULL, words_say(w, LADDER_MIXED));
	page_markup(p, "<table>\n<thead>");
	cells(p, "th", (const char *const[]){ words_say(w, "Rules"), words_say(w, "In use"), words_say(w, "Shown"), NULL });
	page_markup(p, "</thead>\n<tbody>\n");
	for (size_t i = 0; i < f->rules_count; i++) {
		const struct ladder_rules *r = &f->rules[i];

		cells(p, "td",
			(const char *const[]){ r->name,
				WORDS_FILL(w, "From %1 to %2", words_day(w, r->from), words_day(w, r->to)),
				words_number(w, r->shown), NULL });
	}
	page_markup(p, "</tbody>\n</table>\n");
}

static void choices(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	const struct ladder_choices *c = &f->choices;

	page_section_begin(p, words_say(w, "Other ways of choosing"));
	rules_table(f, w, p);
	if (!f->folded || c->judged == 0) {
		page_element(p, "p", NULL,
			words_say(w, f->folded ? "No suggestion of these days can be weighed."
					       : "This needs the journal: ask with --config or --data."));
		page_section_end(p);
		return;
	}
	page_element(p, "p", NULL,
		WORDS_FILL(w, "A suggestion brought %1 on average (n = %2); the %3 drawn at random to learn, %4.",
			ladder_money(f, w, c->done), words_number(w, c->judged), words_number(w, c->uniform),
			ladder_money(f, w, c->at_random)));
	page_markup(p, "<table>\n<thead><tr>");
	page_element(p, "th", NULL, words_say(w, "Had it been"));
	page_element(p, "th", "n", words_say(w, "Each (IPS)"));
	page_element(p, "th", "n", words_say(w, "Each (SNIPS)"));
	page_element(p, "th", "n", words_say(w, "Counts like (ESS)"));
	page_element(p, "th", NULL, words_say(w, "So"));
	page_markup(p, "</tr></thead>\n<tbody>\n");
	policy_row(f, w, "always what most customers took", &c->popular, p);
	policy_row(f, w, "anything, at random", &c->even, p);
	page_markup(p, "</tbody>\n</table>\n");
	page_element(p, "p", "note",
		WORDS_FILL(w,
			"Each: what a suggestion would have brought on average, reckoned in two ways that should come close to each other. Counts like: so many suggestions chosen in that way would tell as much; from %1 on there is a verdict.",
			words_number(w, LADDER_ESS)));
	page_section_end(p);
}

static void how_counted(const struct ladder_figures *f, const struct words *w, struct page *p)
{
	static const char *const always[] = {
		"Taken means bought. A sale that is voided, or what comes back within 14 days, takes it back.",
		"Members are compared as they were split, whether they took anything or not; without consent to profiling nobody is in the test.",
		"Rates are given from 30 cases on.",
		"One shop hardly tells apart two rungs that bring almost the same: not even 5,000 suggestions tell 30 from 32.",
	};

	page_section_begin(p, words_say(w, "How it is counted"));
	list_begin(p, " note");
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		list_item(p, words_say(w, always[i]));
	if (f->folded) {
		list_item(p,
			words_say(w,
				"Where the till did not say what became of a suggestion, only what was bought is known: rates, what was missed and other ways of choosing leave that out."));
		list_item(p,
			words_say(w,
				"What became of a suggestion without a sale does not say what it was chosen from: it counts in the rates alone."));
		list_item(p,
			WORDS_FILL(w,
				"How likely each suggestion was is drawn again from the journal, %1 times; left out here: %2.",
				words_number(w, BANDIT_REDRAWS), words_number(w, f->choices.left_out)));
	} else {
		list_item(p,
			words_say(w,
				"These are the daemon's sums: totals are not capped, and purchases that the till did not tell count as shown and taken."));
	}
	list_end(p);
	page_section_end(p);
}

void ladder_page(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w, const char *shop,
	struct page *p)
{
	const struct page_head head = { w->language, words_say(w, "The purchase ladder"), shop,
		WORDS_FILL(w, "From %1 to %2", words_day(w, f->from), words_day(w, f->to)) };

	page_begin(p, &head);
	in_short(f, u, w, p);
	rungs(f, w, p);
	experiment(f, u, w, p);
	choices(f, w, p);
	how_counted(f, w, p);
	page_end(p, words_say(w, "Printed by palier. Sums only: nobody's name is in it, and nobody can be found from it."));
}

/* --- rows --- */

struct rows {
	struct palier_arena *arena;
	ladder_row *visit;
	void *who;
	const char *section, *row;
};

static void put(const struct rows *r, const char *figure, int64_t value)
{
	r->visit(r->who, r->section, r->row, figure, palier_format(r->arena, "%lld", (long long)value));
}

static void put_real(const struct rows *r, const char *figure, double value)
{
	r->visit(r->who, r->section, r->row, figure, palier_format(r->arena, "%.4f", value));
}

static void put_interval(const struct rows *r, const char *name, const struct stats_interval *i)
{
	put_real(r, name, i->value);
	put_real(r, palier_format(r->arena, "%s_low", name), i->low);
	put_real(r, palier_format(r->arena, "%s_high", name), i->high);
}

static void put_day(const struct rows *r, const char *figure, uint32_t day)
{
	char text[16] = "";

	if (day)
		day_format(day, text);
	r->visit(r->who, r->section, r->row, figure, palier_format(r->arena, "%s", text));
}

static void rung_rows(const struct rows *at, const struct ladder_figures *f)
{
	for (size_t i = 0; i < f->rung_count; i++) {
		const struct ladder_rung *r = &f->rungs[i];
		struct rows to = *at;

		to.section = "rung";
		to.row = palier_format(at->arena, "%s/%s", r->ladder, r->rung);
		put(&to, "shown", r->shown);
		put(&to, "accepted", r->accepted);
		put(&to, "declined", r->declined);
		put(&to, "revenue", r->revenue);
		put(&to, "margin", r->margin);
		put(&to, "estimated", r->estimated);
		put(&to, "pending", r->pending);
		put(&to, "told", r->told);
		if (r->told > 0) {
			struct stats_interval s = stats_share(r->told_accepted, r->told);

			put_interval(&to, "rate", &s);
		}
		if (f->folded)
			put_real(&to, "regret", r->regret);
	}
}

static void filtered_rows(const struct rows *at, const struct ladder_figures *f)
{
	for (size_t i = 0; i < LADDER_REASONS; i++) {
		struct rows to = *at;

		to.section = "filtered";
		to.row = ladder_reasons[i].name;
		if (f->filtered[i] > 0)
			put(&to, "count", f->filtered[i]);
	}
}

static void rules_rows(const struct rows *at, const struct ladder_figures *f)
{
	for (size_t i = 0; i < f->rules_count; i++) {
		struct rows to = *at;

		to.section = "rules";
		to.row = f->rules[i].name;
		put_day(&to, "from", f->rules[i].from);
		put_day(&to, "to", f->rules[i].to);
		put(&to, "shown", f->rules[i].shown);
	}
}

static void arm_rows(const struct rows *at, const char *name, const struct ladder_arm *a, const char *money)
{
	struct rows to = *at;

	to.row = name;
	put(&to, "members", a->money.n);
	put(&to, "climbed", a->climbed);
	put(&to, money, a->money.sum);
}

static const char *const verdicts[] = { [LADDER_NO_TEST] = "no_test",
	[LADDER_BROKEN] = "split_broken",
	[LADDER_NO_END] = "no_end_planned",
	[LADDER_RUNNING] = "running",
	[LADDER_TOO_FEW] = "too_few",
	[LADDER_UNCERTAIN] = "cannot_tell",
	[LADDER_MORE] = "more",
	[LADDER_LESS] = "less" };

static void verdict_rows(const struct rows *to, const char *name, enum ladder_verdict v, const struct stats_interval *i)
{
	to->visit(to->who, to->section, to->row, palier_format(to->arena, "%s_verdict", name), verdicts[v]);
	if (v >= LADDER_UNCERTAIN)
		put_interval(to, name, i);
}

static void test_rows(const struct rows *at, const struct ladder_figures *f, const struct ladder_uplift *u)
{
	const char *money = f->by_margin ? "margin" : "spent";
	struct rows to = *at;

	to.section = "test";
	arm_rows(&to, "offered", &f->offered, money);
	arm_rows(&to, "held", &f->held, money);
	to.row = "uplift";
	put_real(&to, "share_held", f->share / 10000.0);
	put_day(&to, "start", f->start);
	put_day(&to, "until", f->until);
	put_real(&to, "split_chi2", u->chi2);
	put_real(&to, "split_p", u->p);
	verdict_rows(&to, "climbed", u->share, &u->climbed);
	verdict_rows(&to, money, u->money, &u->brought);
	put(&to, "turnover", f->turnover.spent);
	put(&to, "margin_known", f->turnover.known);
	put(&to, "margin_estimated", f->turnover.estimated);
	if (f->folded) {
		put(&to, "capped", f->capped);
		put(&to, "cap", f->cap);
	}
	to.row = "size";
	put(&to, "members", f->customers);
	put(&to, "needed_climbed", llround(ceil(u->need_share)));
	put(&to, palier_format(at->arena, "needed_%s", money), llround(ceil(u->need_money)));
}

static void policy_rows(const struct rows *at, const char *name, const struct ladder_policy *l)
{
	struct rows to = *at;

	to.row = name;
	put_real(&to, "ips", l->ips);
	put_real(&to, "snips", l->snips);
	put_real(&to, "ess", l->ess);
	if (l->ess >= LADDER_ESS)
		put_interval(&to, "gained", &l->gained);
}

void ladder_rows(const struct ladder_figures *f, const struct ladder_uplift *u, struct palier_arena *a, ladder_row *visit,
	void *who)
{
	struct rows to = { a, visit, who, "choice", "done" };

	rung_rows(&to, f);
	filtered_rows(&to, f);
	test_rows(&to, f, u);
	if (!f->folded)
		return;
	rules_rows(&to, f);
	put(&to, "judged", f->choices.judged);
	put(&to, "left_out", f->choices.left_out);
	put(&to, "uniform", f->choices.uniform);
	put_real(&to, "each", f->choices.done);
	put_real(&to, "each_uniform", f->choices.at_random);
	policy_rows(&to, "popular", &f->choices.popular);
	policy_rows(&to, "even", &f->choices.even);
}
