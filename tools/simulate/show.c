/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/show.h"

#include "protocol/datetime.h"
#include "protocol/json.h"
#include "tools/report/words.h"
#include "tools/table.h"

/* --- for programs --- */

static const struct column {
	const char *name;
	size_t at; /* in struct month, an int64_t */
} columns[] = {
	{ "customers", offsetof(struct month, customers) },
	{ "members", offsetof(struct month, members) },
	{ "visits", offsetof(struct month, visits) },
	{ "receipts", offsetof(struct month, receipts) },
	{ "sales", offsetof(struct month, sales) },
	{ "base_sales", offsetof(struct month, base_sales) },
	{ "base_margin", offsetof(struct month, base_margin) },
	{ "suggested_sales", offsetof(struct month, more_sales) },
	{ "suggested_margin", offsetof(struct month, more_margin) },
	{ "friends", offsetof(struct month, friends) },
	{ "friend_visits", offsetof(struct month, friend_visits) },
	{ "friend_sales", offsetof(struct month, friend_sales) },
	{ "friend_margin", offsetof(struct month, friend_margin) },
	{ "rewards", offsetof(struct month, rewards) },
	{ "stored_value", offsetof(struct month, credit) },
	{ "offers", offsetof(struct month, offers) },
	{ "suggestions_shown", offsetof(struct month, shown) },
	{ "suggestions_accepted", offsetof(struct month, accepted) },
	{ "suggestions_declined", offsetof(struct month, declined) },
	{ "referral_claims", offsetof(struct month, claims) },
	{ "sponsors_rewarded", offsetof(struct month, sponsors) },
	{ "owed_face", offsetof(struct month, owed_face) },
	{ "owed_expected", offsetof(struct month, owed_expected) },
	{ "owed_cost", offsetof(struct month, owed_cost) },
	{ "breakage", offsetof(struct month, breakage) },
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

static int64_t column_of(const struct month *m, const struct column *c)
{
	int64_t figure;

	memcpy(&figure, (const char *)m + c->at, sizeof(figure));
	return figure;
}

static void month_name(const struct month *m, char *out, size_t size)
{
	snprintf(out, size, "%04u-%02u", m->first / 10000 % 10000, m->first / 100 % 100);
}

static void csv_units_head(const struct figures *f, FILE *out)
{
	for (size_t u = 0; u < f->unit_count; u++)
		fprintf(out, ",%s_issued,%s_spent,%s_lapsed,%s_out", f->units[u].name, f->units[u].name, f->units[u].name,
			f->units[u].name);
}

static void csv_units(const struct figures *f, const struct month *m, FILE *out)
{
	for (size_t u = 0; u < f->unit_count; u++)
		fprintf(out, ",%lld,%lld,%lld,%lld", (long long)m->units[u].issued, (long long)m->units[u].spent,
			(long long)m->units[u].lapsed, (long long)m->units[u].out);
}

void show_csv(const struct figures *f, FILE *out)
{
	char name[16];

	fputs("month", out);
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, ",%s", columns[i].name);
	fputs(",margin", out);
	csv_units_head(f, out);
	for (size_t t = 0; t < f->tier_count; t++)
		fprintf(out, ",tier_%s", f->tiers[t]);
	fputs("\r\n", out);
	for (size_t i = 0; i < f->month_count; i++) {
		const struct month *m = &f->months[i];

		month_name(m, name, sizeof(name));
		fputs(name, out);
		for (size_t k = 0; k < COLUMNS; k++)
			fprintf(out, ",%lld", (long long)column_of(m, &columns[k]));
		fprintf(out, ",%lld", (long long)month_margin(m));
		csv_units(f, m, out);
		for (size_t t = 0; t < f->tier_count; t++)
			fprintf(out, ",%lld", (long long)m->tiers[t]);
		fputs("\r\n", out);
	}
}

static void json_figure(struct palier_json *w, const char *name, int64_t figure)
{
	palier_json_key(w, name);
	palier_json_int(w, figure);
}

static void json_units(const struct figures *f, const struct month *m, struct palier_json *w)
{
	palier_json_key(w, "units");
	palier_json_object(w);
	for (size_t u = 0; u < f->unit_count; u++) {
		palier_json_key_bytes(w, palier_str(f->units[u].name));
		palier_json_object(w);
		json_figure(w, "issued", m->units[u].issued);
		json_figure(w, "spent", m->units[u].spent);
		json_figure(w, "lapsed", m->units[u].lapsed);
		json_figure(w, "out", m->units[u].out);
		palier_json_end_object(w);
	}
	palier_json_end_object(w);
	palier_json_key(w, "tiers");
	palier_json_object(w);
	for (size_t t = 0; t < f->tier_count; t++) {
		palier_json_key_bytes(w, palier_str(f->tiers[t]));
		palier_json_int(w, m->tiers[t]);
	}
	palier_json_end_object(w);
}

static void json_month(const struct figures *f, const struct month *m, bool named, struct palier_json *w)
{
	char name[16];

	palier_json_object(w);
	month_name(m, name, sizeof(name));
	if (named) {
		palier_json_key(w, "month");
		palier_json_str(w, name);
	}
	for (size_t k = 0; k < COLUMNS; k++)
		json_figure(w, columns[k].name, column_of(m, &columns[k]));
	json_figure(w, "margin", month_margin(m));
	json_units(f, m, w);
	palier_json_end_object(w);
}

/* Amounts are in the smallest coin, with two decimals. */
static void json_costs(const struct figures *f, struct palier_json *w)
{
	palier_json_key(w, "points");
	palier_json_object(w);
	for (size_t u = 0; u < f->unit_count; u++) {
		const struct unit *unit = &f->units[u];

		if (unit->money)
			continue;
		palier_json_key_bytes(w, palier_str(unit->name));
		palier_json_object(w);
		json_figure(w, "spent_bp", unit->share);
		palier_json_key(w, "worth");
		palier_json_scaled(w, unit_each(unit), 2);
		palier_json_key(w, "cost");
		palier_json_scaled(w, unit_cost(unit), 2);
		palier_json_key(w, "cost_in_goods");
		palier_json_scaled(w, figures_in_goods(f, unit_cost(unit)), 2);
		palier_json_end_object(w);
	}
	palier_json_end_object(w);
}

void show_json(const struct figures *f, FILE *out)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json json = palier_json_to(&text), *w = &json;
	int64_t even = figures_break_even(f, false);

	palier_json_object(w);
	palier_json_key(w, "from");
	palier_json_day(w, f->from);
	palier_json_key(w, "to");
	palier_json_day(w, f->to);
	json_figure(w, "seed", f->seed);
	palier_json_key(w, "currency");
	palier_json_str(w, f->currency);
	palier_json_key(w, "break_even_bp");
	if (even < 0)
		palier_json_null(w);
	else
		palier_json_int(w, even);
	json_costs(f, w);
	palier_json_key(w, "months");
	palier_json_array(w);
	for (size_t i = 0; i < f->month_count; i++)
		json_month(f, &f->months[i], true, w);
	palier_json_end_array(w);
	palier_json_key(w, "total");
	json_month(f, &f->sum, false, w);
	palier_json_end_object(w);
	fprintf(out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}

/* --- sentences --- */

const char *show_money(const struct figures *f, const struct words *w, int64_t amount)
{
	return words_money(w, amount, f->scale, f->currency);
}

struct sentences {
	const char **at;
	size_t count;
};

#define SENTENCES 24

static void say(struct sentences *s, const char *sentence)
{
	if (s->count + 1 < SENTENCES)
		s->at[s->count++] = sentence;
}

static void say_sales(const struct figures *f, const struct words *w, struct sentences *s)
{
	const struct month *sum = &f->sum;
	int64_t even = figures_break_even(f, false), all = figures_break_even(f, true);

	say(s, WORDS_FILL(w, "Without a programme these customers buy for %1, of which %2 remain after the goods are paid.",
		       show_money(f, w, sum->base_sales), show_money(f, w, sum->base_margin)));
	say(s, WORDS_FILL(w, "The programme gives away %1: rewards %2, stored value %3, offers %4.",
		       show_money(f, w, month_given(sum)), show_money(f, w, sum->rewards), show_money(f, w, sum->credit),
		       show_money(f, w, sum->offers)));
	if (even < 0)
		say(s, words_say(w, "It gives away more than the sales earn: no further sale can pay for it."));
	else
		say(s, WORDS_FILL(w, "It pays for itself once customers buy %1 more than they would without it.",
			       words_percent(w, even)));
	if (even >= 0 && all >= 0)
		say(s, WORDS_FILL(w, "If all points that are out were spent, too, %1.", words_percent(w, all)));
	say(s, WORDS_FILL(w, "Suggestions that were taken and friends who came brought %1 more (%2 and %3).",
		       words_percent(w, figures_more(f)), show_money(f, w, sum->more_sales),
		       show_money(f, w, sum->friend_sales)));
}

static void say_owed(const struct figures *f, const struct words *w, struct sentences *s)
{
	say(s, WORDS_FILL(w,
		       "At the end the shop owes its customers %1 at the points' face value, %2 as accountants expect it to be "
		       "spent, and to serve it would cost %3.",
		       show_money(f, w, f->sum.owed_face), show_money(f, w, f->sum.owed_expected),
		       show_money(f, w, f->sum.owed_cost)));
}

/* What is spent by nobody has no price. */
static void say_costs(const struct figures *f, const struct words *w, struct sentences *s)
{
	for (size_t u = 0; u < f->unit_count; u++) {
		const struct unit *unit = &f->units[u];
		int64_t cost = unit_cost(unit);

		if (unit->money || unit_each(unit) == 0)
			continue;
		say(s, WORDS_FILL(w,
			       "One of \"%1\" is worth %2 when it is spent. Of those issued %3 are expected to be: one costs %4, or %5 where what it "
			       "buys replaces no sale.",
			       unit->name, words_money(w, unit_each(unit), f->scale + 2, f->currency),
			       words_percent(w, unit->share), words_money(w, cost, f->scale + 2, f->currency),
			       words_money(w, figures_in_goods(f, cost), f->scale + 2, f->currency)));
	}
}

const char *const *show_findings(const struct figures *f, const struct words *w)
{
	const struct month *sum = &f->sum;
	struct sentences s = { palier_alloc(w->arena, SENTENCES * sizeof(*s.at)), 0 };

	say_sales(f, w, &s);
	say(&s, WORDS_FILL(w, "In all, what remains goes from %1 to %2.", show_money(f, w, sum->base_margin),
			show_money(f, w, month_margin(sum))));
	say_owed(f, w, &s);
	say_costs(f, w, &s);
	if (sum->shown)
		say(&s, WORDS_FILL(w, "The till suggested something %1 times; it was taken %2 times.",
				words_number(w, sum->shown), words_number(w, sum->accepted)));
	if (sum->friends)
		say(&s, WORDS_FILL(w, "Friends who came with a code: %1; sponsors rewarded: %2.",
				words_number(w, sum->friends), words_number(w, sum->sponsors)));
	return s.at;
}

/* By which rules it is counted. */
static void say_rules(const struct figures *f, const struct words *w, struct sentences *s)
{
	if (f->month_count < COST_FULL)
		say(s, words_say(w,
			       "Under twelve months of history nobody knows how many points will lapse: all that are out are taken "
			       "to be spent one day."));
	else
		say(s, words_say(w,
			       "How many points will be spent is estimated from the share spent at each age, over the last two years "
			       "of issue."));
	say(s, words_say(w,
		       "The expected value follows IFRS 15: a part of each sale is for the points, and is earned when they are "
		       "spent."));
	say(s, words_say(w,
		       "Taxes, the law on gift cards and the accounting rules of your country are not in it: ask your accountant."));
}

const char *const *show_warnings(const struct figures *f, const struct words *w)
{
	struct sentences s = { palier_alloc(w->arena, SENTENCES * sizeof(*s.at)), 0 };

	say(&s, words_say(w,
			"A simulation cannot prove that a programme sells more. Here customers come as often, and buy as much, as "
			"without one; only suggestions that they take, and friends whom they bring, are added, by the chances that the "
			"personas assume."));
	say(&s, words_say(w,
			"The customers are drawn by chance from the personas: another seed brings other ones. What counts is your own "
			"shop's figures, in a file of personas."));
	say(&s, words_say(w,
			"A point is worth what it fetched on rewards in this simulation; a unit that nobody spent counts as nothing."));
	say_rules(f, w, &s);
	if (f->refused)
		say(&s, WORDS_FILL(w, "Rewards that the quote promised and the till refused: %1.",
				words_number(w, f->refused)));
	return s.at;
}

/* --- the terminal --- */

#define COLUMN(english) \
	{ \
		.title = words_say(w, english), .right = true \
	}
#define ENDS \
	{ \
		.title = NULL \
	}

static const char *amount(const struct figures *f, const struct words *w, int64_t minor)
{
	return words_money(w, minor, f->scale, NULL);
}

static void main_row(struct table *t, const struct figures *f, const struct words *w, const char *name,
	const struct month *m)
{
	table_cell(t, name);
	table_cell(t, words_number(w, m->members));
	table_cell(t, words_number(w, m->visits + m->friend_visits));
	table_cell(t, amount(f, w, m->base_sales));
	table_cell(t, amount(f, w, m->sales));
	table_cell(t, amount(f, w, month_given(m)));
	table_cell(t, amount(f, w, m->base_margin));
	table_cell(t, amount(f, w, month_margin(m)));
	table_cell(t, amount(f, w, m->owed_face));
}

static void main_table(const struct figures *f, const struct words *w, FILE *out)
{
	const struct table_column titles[] = { { .title = words_say(w, "Month") }, COLUMN("Members"), COLUMN("Visits"),
		COLUMN("Sales without"), COLUMN("Sales with"), COLUMN("Given away"), COLUMN("Remains without"),
		COLUMN("Remains with"), COLUMN("Owed"), ENDS };
	struct table t = { .columns = titles };

	for (size_t i = 0; i < f->month_count; i++)
		main_row(&t, f, w, words_month(w, f->months[i].first / 100), &f->months[i]);
	main_row(&t, f, w, words_say(w, "In all"), &f->sum);
	table_print(&t, out);
	table_deinit(&t);
}

static void unit_table(const struct figures *f, const struct words *w, FILE *out)
{
	const struct table_column titles[] = { { .title = words_say(w, "Unit") }, COLUMN("Issued"), COLUMN("Spent"),
		COLUMN("Lapsed"), COLUMN("Out at the end"), COLUMN("Worth"), ENDS };
	struct table t = { .columns = titles };

	for (size_t u = 0; u < f->unit_count; u++) {
		const struct unit_month *sum = &f->sum.units[u];

		table_cell(&t, f->units[u].name);
		table_cell(&t, f->units[u].money ? amount(f, w, sum->issued) : words_number(w, sum->issued));
		table_cell(&t, f->units[u].money ? amount(f, w, sum->spent) : words_number(w, sum->spent));
		table_cell(&t, f->units[u].money ? amount(f, w, sum->lapsed) : words_number(w, sum->lapsed));
		table_cell(&t, f->units[u].money ? amount(f, w, sum->out) : words_number(w, sum->out));
		table_cell(&t, amount(f, w, unit_worth(&f->units[u], sum->out)));
	}
	if (f->unit_count)
		table_print(&t, out);
	table_deinit(&t);
}

static void tier_table(const struct figures *f, const struct words *w, FILE *out)
{
	const struct table_column titles[] = { { .title = words_say(w, "Tier") }, COLUMN("Members at the end"), ENDS };
	struct table t = { .columns = titles };

	for (size_t i = 0; i < f->tier_count; i++) {
		table_cell(&t, f->tiers[i]);
		table_cell(&t, words_number(w, f->sum.tiers[i]));
	}
	if (f->tier_count) {
		fputc('\n', out);
		table_print(&t, out);
	}
	table_deinit(&t);
}

static void sentences_print(const char *title, const char *const *sentences, FILE *out)
{
	fprintf(out, "\n%s\n", title);
	for (; *sentences; sentences++)
		fprintf(out, "- %s\n", *sentences);
}

void show_table(const struct figures *f, const struct words *w, FILE *out)
{
	fprintf(out, "%s\n",
		WORDS_FILL(w, "%1, simulated from %2 to %3; amounts in %4", f->shop, words_day(w, f->from),
			words_day(w, f->to), f->currency));
	main_table(f, w, out);
	fputc('\n', out);
	unit_table(f, w, out);
	tier_table(f, w, out);
	sentences_print(words_say(w, "In short"), show_findings(f, w), out);
	sentences_print(words_say(w, "What it assumes, and does not know"), show_warnings(f, w), out);
}

/* --- a shop's own journal --- */

static const struct column cost_columns[] = {
	{ "sales", offsetof(struct month, sales) },
	{ "rewards", offsetof(struct month, rewards) },
	{ "stored_value", offsetof(struct month, credit) },
	{ "offers", offsetof(struct month, offers) },
	{ "owed_face", offsetof(struct month, owed_face) },
	{ "owed_expected", offsetof(struct month, owed_expected) },
	{ "owed_cost", offsetof(struct month, owed_cost) },
	{ "breakage", offsetof(struct month, breakage) },
};
#define COST_COLUMNS (sizeof(cost_columns) / sizeof(*cost_columns))

void show_cost_csv(const struct figures *f, FILE *out)
{
	char name[16];

	fputs("month", out);
	for (size_t k = 0; k < COST_COLUMNS; k++)
		fprintf(out, ",%s", cost_columns[k].name);
	csv_units_head(f, out);
	fputs("\r\n", out);
	for (size_t i = 0; i < f->month_count; i++) {
		month_name(&f->months[i], name, sizeof(name));
		fputs(name, out);
		for (size_t k = 0; k < COST_COLUMNS; k++)
			fprintf(out, ",%lld", (long long)column_of(&f->months[i], &cost_columns[k]));
		csv_units(f, &f->months[i], out);
		fputs("\r\n", out);
	}
}

static void json_cost(const struct figures *f, const struct month *m, struct palier_json *w)
{
	for (size_t k = 0; k < COST_COLUMNS; k++)
		json_figure(w, cost_columns[k].name, column_of(m, &cost_columns[k]));
	json_units(f, m, w);
}

void show_cost_json(const struct figures *f, FILE *out)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json json = palier_json_to(&text), *w = &json;
	char name[16];

	palier_json_object(w);
	palier_json_key(w, "from");
	palier_json_day(w, f->from);
	palier_json_key(w, "to");
	palier_json_day(w, f->to);
	palier_json_key(w, "currency");
	palier_json_str(w, f->currency);
	json_costs(f, w);
	palier_json_key(w, "months");
	palier_json_array(w);
	for (size_t i = 0; i < f->month_count; i++) {
		palier_json_object(w);
		month_name(&f->months[i], name, sizeof(name));
		palier_json_key(w, "month");
		palier_json_str(w, name);
		json_cost(f, &f->months[i], w);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_key(w, "total");
	palier_json_object(w);
	json_cost(f, &f->sum, w);
	palier_json_end_object(w);
	palier_json_end_object(w);
	fprintf(out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}

static void cost_row(struct table *t, const struct figures *f, const struct words *w, const char *name,
	const struct month *m)
{
	const int64_t amounts[] = { m->sales, month_given(m), m->owed_face, m->owed_expected, m->owed_cost, m->breakage };

	table_cell(t, name);
	for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++)
		table_cell(t, amount(f, w, amounts[i]));
}

void show_cost_table(const struct figures *f, const struct words *w, FILE *out)
{
	const struct table_column titles[] = { { .title = words_say(w, "Month") }, COLUMN("Sales"), COLUMN("Given away"),
		COLUMN("Owed"), COLUMN("Expected"), COLUMN("At cost"), COLUMN("Breakage"), ENDS };
	struct sentences found = { palier_alloc(w->arena, SENTENCES * sizeof(*found.at)), 0 };
	struct sentences rules = { palier_alloc(w->arena, SENTENCES * sizeof(*rules.at)), 0 };
	struct table t = { .columns = titles };

	fprintf(out, f->currency[0] ? "%s; %s\n" : "%s\n",
		WORDS_FILL(w, "What points cost, and what is owed, from %1 to %2", words_day(w, f->from),
			words_day(w, f->to)),
		WORDS_FILL(w, "amounts in %1", f->currency));
	for (size_t i = 0; i < f->month_count; i++)
		cost_row(&t, f, w, words_month(w, f->months[i].first / 100), &f->months[i]);
	cost_row(&t, f, w, words_say(w, "In all"), &f->sum);
	table_print(&t, out);
	table_deinit(&t);
	fputc('\n', out);
	unit_table(f, w, out);
	say_owed(f, w, &found);
	say_costs(f, w, &found);
	sentences_print(words_say(w, "In short"), found.at, out);
	say(&rules,
		words_say(w,
			"A point is worth what it has fetched on rewards by now; a unit that nobody spent counts as nothing."));
	say_rules(f, w, &rules);
	sentences_print(words_say(w, "How it is counted"), rules.at, out);
}
