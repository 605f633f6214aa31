/* SPDX-License-Identifier: Apache-2.0 */
/* palier simulate in its parts: chance, who comes, what a configuration says of products, a journal read, sums reckoned by hand, pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/datetime.h"
#include "tests/unit/tools/fake_server.h"
#include "tools/report/chart.h"
#include "tools/simulate/dice.h"
#include "tools/simulate/measure.h"
#include "tools/simulate/picture.h"
#include "tools/simulate/shelf.h"
#include "tools/simulate/show.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

/* A file that is removed again. */
static void file_make(char *path, const char *text)
{
	int fd;
	size_t n = strlen(text);

	strcpy(path, "/tmp/palier-simulate-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	close(fd);
}

/* --- chance --- */

static void dice_are_splitmix(void **state)
{
	struct dice d = { 1234567 };

	(void)state;
	assert_true(dice_next(&d) == UINT64_C(6457827717110365317));
	assert_true(dice_next(&d) == UINT64_C(3203168211198807973));
	assert_true(dice_next(&d) == UINT64_C(9817491932198370423));
}

static void dice_are_fair(void **state)
{
	struct dice d = dice_of(3, 9), other = dice_of(3, 10);
	int64_t sums[6] = { 0 }, million = 0;

	(void)state;
	assert_true(dice_next(&d) != dice_next(&other));
	for (int i = 0; i < 60000; i++)
		sums[dice_below(&d, 6)]++;
	for (int i = 0; i < 6; i++)
		assert_in_range(sums[i], 9600, 10400);
	for (int i = 0; i < 100000; i++)
		million += dice_happens(&d, 250000);
	assert_in_range(million, 24400, 25600);
	assert_false(dice_happens(&d, 0));
	assert_true(dice_happens(&d, 1000000));
}

/* --- what a configuration says --- */

static void sections_are_found(void **state)
{
	static const char text[] =
		"# points { }\ndata = \"points { x }\"  // points {\nlisten \"tcp:points\" { auth = trust }\n"
		"/* points { } */\npoints { unit \"a}b\" { kind = money } # }\n\tearn \"x\" { } }\nladder { }\n";
	struct palier_bytes section;

	(void)state;
	assert_true(shelf_section(palier_str(text), "points", &section));
	assert_true(palier_is(section, "points { unit \"a}b\" { kind = money } # }\n\tearn \"x\" { } }"));
	assert_true(shelf_section(palier_str(text), "ladder", &section));
	assert_true(palier_is(section, "ladder { }"));
	assert_false(shelf_section(palier_str(text), "rewards", &section));
	assert_false(shelf_section(palier_str("points { unit \"x\" {"), "points", &section));
}

static void a_shelf_is_read(void **state)
{
	static const char text[] =
		"strange \"title\" { more { } }\n"
		"points { unit \"p\" { expires = never } unit \"purse\" { kind = money }\n"
		" earn \"a\" { unit = p per-item = 1 when { category = {\"tea\", \"coffee\"} days = {\"sun\"} } } }\n"
		"rewards { reward \"r\" { unit = p cost = 2 kind = amount value = \"0.01\" min-points = 49 label { fr = \"x\" } } }\n"
		"ladder { holdout = 10 ladder \"l\" { rung \"one\" { skus = {\"s1\"} price = \"2.50\" margin = \"1.00\" }\n"
		" rung \"two\" { category = {\"mill\"} price = \"49.00\" pitch { fr = \"x\" } when { purchases-min = 2 } } }\n"
		" threshold \"t\" { spend = \"30.00\" within = \"4.00\" } \n"
		" category \"mill\" { margin-share = \"40\" }  category \"tea\" { margin-share = \"50\" } }\n";
	struct cli cli = { .err = stderr };
	struct cast cast;
	char path[64];

	(void)state;
	file_make(path, text);
	cast_usual(&cli, path, 2, &cast);
	unlink(path);
	assert_int_equal(cast.persona_count, 4);
	assert_int_equal(cast.personas[0].basket, 1500);
	assert_int_equal(cast_product(&cast, "s1")->price, 250);
	assert_int_equal(cast_product(&cast, "s1")->margin, 100);
	assert_string_equal(cast_product(&cast, "s1")->rung, "l/one");
	assert_string_equal(cast_on_rung(&cast, "l/two")->sku, "two");
	assert_string_equal(cast_on_rung(&cast, "l/two")->category, "mill");
	assert_true(cast_product(&cast, "s1")->chance > cast_product(&cast, "two")->chance);
	assert_string_equal(cast_product(&cast, "tea")->category, "tea");
	assert_string_equal(cast.purses[0], "purse");
	assert_int_equal(cast.purse_count, 1);
	assert_string_equal(cast.portions[0].reward, "r");
	assert_int_equal(cast.portions[0].times, 25);
	assert_string_equal(cast.goals[0].rung, "threshold/t");
	assert_int_equal(cast.goals[0].spend, 3000);
	assert_int_equal(cast_margin(&cast, cast_product(&cast, "s1"), 500), 200);
	assert_int_equal(cast_margin(&cast, cast_product(&cast, "other"), 1000), 300);
	palier_arena_deinit(&cli.arena);
}

/* --- personas --- */

static const struct personas_case {
	const char *name, *text, *error; /* error NULL: it is right */
} personas[] = {
	{ "personas are read",
		"customers = 30 margin = \"25.5\" persona \"a\" { share = 2 visits = \"1.5\" basket = \"9.90\" } "
		"product \"x\" { price = \"1.00\" margin = \"0.40\" }",
		NULL },
	{ "a share is a per cent", "persona \"a\" { redeem = \"101\" }", "persona a: redeem = \"101\" is not a figure" },
	{ "an amount has no more decimals than the money", "persona \"a\" { basket = \"1.234\" }", "basket = \"1.234\"" },
	{ "an option must be known", "persona \"a\" { height = 3 }", "height" },
	{ "somebody must come", "persona \"a\" { share = 0 }", "come to nothing" },
	{ "nobody is there less than not at all", "persona \"a\" { share = -1 } persona \"b\" { share = 5 }",
		"come to nothing" },
};

static void personas_are_checked(void **state)
{
	const struct personas_case *row = *state;
	size_t len;
	struct cli cli = { .err = NULL };
	struct cast cast;
	char path[64], *said = NULL;
	int err;

	cli.err = open_memstream(&said, &len);
	file_make(path, row->text);
	cast_usual(&cli, "/nowhere", 2, &cast);
	err = cast_read(&cli, path, 2, &cast);
	fclose(cli.err);
	unlink(path);
	assert_int_equal(err, row->error ? PALIER_ECONFIG : PALIER_OK);
	if (row->error)
		assert_has(said, row->error);
	if (!row->error) {
		assert_int_equal(cast.customers, 30);
		assert_int_equal(cast.margin, 255);
		assert_int_equal(cast.persona_count, 1);
		assert_int_equal(cast.personas[0].visits, 150);
		assert_int_equal(cast.personas[0].basket, 990);
		assert_int_equal(cast.product_count, 2); /* and what the basket lacks */
		assert_int_equal(cast_margin(&cast, &cast.products[0], 200), 80);
	}
	free(said);
	palier_arena_deinit(&cli.arena);
}

/* --- a journal --- */

#define LINE(seq, day, effects) \
	"{\"seq\":" #seq ",\"at\":\"" day "T12:00:00.000Z\",\"store\":\"s\",\"till\":\"t\",\"day\":\"" day \
	"\",\"method\":\"sale.commit\",\"effects\":[" effects "]}\n"
#define MOVE(cause, points, more) \
	"{\"kind\":\"points.move\",\"member\":\"m_0000000000000001\",\"unit\":\"p\",\"cause\":\"" cause \
	"\",\"points\":" #points more "}"
#define LOT(day, points) ",\"lots\":[{\"at\":\"" day "T12:00:00.000Z\",\"seq\":1,\"cause\":\"earn\",\"points\":" #points "}]"
#define STANDS(member, tier) \
	"{\"kind\":\"tiers.standing\",\"member\":\"m_000000000000000" #member "\",\"step\":{\"tier\":\"" tier "\"}}"

static const char journal[] = "{\"head\":{}}\n" LINE(1, "2027-01-03",
	"{\"kind\":\"tiers.ruled\",\"number\":1,\"tiers\":[{\"tier\":\"low\",\"from\":0},{\"tier\":\"high\",\"from\":100}]},"
	"{\"kind\":\"member.enrolled\",\"member\":\"m_0000000000000001\"},{\"kind\":\"member.enrolled\",\"member\":\"m_0000000000000002\"}")
	LINE(2, "2027-01-04",
		"{\"kind\":\"points.unit\",\"number\":1,\"name\":\"p\",\"unit_kind\":\"points\"},"
		"{\"kind\":\"sale.booked\",\"payable\":5000},{\"kind\":\"sale.discount\",\"source\":\"welcome\",\"amount\":300}," MOVE(
			"earn", 50, "")) LINE(3, "2027-02-10",
		"{\"kind\":\"sale.booked\",\"payable\":900},{\"kind\":\"sale.discount\",\"source\":\"off\",\"amount\":100,\"redeemed\":true}," MOVE(
			"spend", -20, ",\"reward\":\"off\"" LOT("2027-01-04", 20)) "," MOVE("earn", 9, "") "," STANDS(2,
			"high") ","
				"{\"kind\":\"ladder.shown\",\"outcome\":\"accepted\"},{\"kind\":\"ladder.shown\",\"outcome\":\"declined\"}")
		LINE(4, "2027-04-01", MOVE("expire", -30, LOT("2027-01-04", 30)));

static void read_journal(struct figures *f, struct palier_arena *a, const char *text)
{
	char dir[] = "/tmp/palier-simulate-XXXXXX", path[64], why[256];
	FILE *out;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/1.jsonl", dir);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	f->from = 20270101;
	f->month_count = 4;
	for (int i = 0; i < 4; i++)
		f->months[i].first = day_add_months(f->from, i);
	f->to = 20270430;
	if (measure_journal(dir, a, f, why) != PALIER_OK)
		fail_msg("%s", why);
	unlink(path);
	rmdir(dir);
}

static void a_journal_is_read(void **state)
{
	static struct figures f;
	struct palier_arena a = { 0 };

	(void)state;
	f = (struct figures){ .margin = 300 };
	read_journal(&f, &a, journal);
	assert_int_equal(f.unit_count, 1);
	assert_int_equal(f.months[0].sales, 5000);
	assert_int_equal(f.months[0].offers, 300);
	assert_int_equal(f.months[0].members, 2);
	assert_int_equal(f.months[0].tiers[0], 2);
	assert_int_equal(f.months[0].units[0].out, 50);
	assert_int_equal(f.months[1].rewards, 100);
	assert_int_equal(f.months[1].units[0].spent, 20);
	assert_int_equal(f.months[1].units[0].out, 39);
	assert_int_equal(f.months[1].tiers[1], 1);
	assert_int_equal(f.months[1].shown, 2);
	assert_int_equal(f.months[1].accepted, 1);
	assert_int_equal(f.months[2].units[0].out, 39); /* nothing happened */
	assert_int_equal(f.months[3].units[0].lapsed, 30);
	assert_int_equal(f.months[3].units[0].out, 9);
	assert_int_equal(f.units[0].triangle[0].spent[1], 20);
	assert_int_equal(f.units[0].triangle[0].lapsed[3], 30);
	assert_int_equal(unit_worth(&f.units[0], 9), 45); /* 20 points were good for 1.00 */
	palier_arena_deinit(&a);
}

static const char undone[] =
	"{\"head\":{}}\n" LINE(1, "2027-01-04", "{\"kind\":\"sale.booked\",\"payable\":5000}," MOVE("earn", 50, ""))
		LINE(2, "2027-01-05", "{\"kind\":\"sale.booked\",\"payable\":1000,\"returned\":200}")
			LINE(3, "2027-02-10", MOVE("spend", -20, LOT("2027-01-04", 20))) LINE(4, "2027-03-01",
				"{\"kind\":\"sale.returned\",\"amount\":700,\"base\":700}," MOVE("reverse", -10,
					LOT("2027-01-04", 10)) "," MOVE("restore", 5, LOT("2027-01-04", 5)))
				LINE(5, "2027-03-02", "{\"kind\":\"sale.voided\",\"spend\":300}")
					LINE(6, "2027-03-03", "{\"kind\":\"return.voided\",\"amount\":100}")
						LINE(7, "2027-05-01",
							"{\"kind\":\"sale.booked\",\"payable\":9}," MOVE("earn", 99, ""));

/* What is taken back was not issued, what is given back was not spent; what is behind the last day is not looked at. */
static void what_is_undone_is_taken_off(void **state)
{
	static struct figures f;
	struct palier_arena a = { 0 };

	(void)state;
	f = (struct figures){ .margin = 300 };
	read_journal(&f, &a, undone);
	assert_int_equal(f.months[0].sales, 6200);
	assert_int_equal(f.months[2].sales, -900);
	assert_int_equal(f.months[3].sales, 0);
	assert_int_equal(f.months[2].units[0].issued, -10);
	assert_int_equal(f.months[2].units[0].spent, -5);
	assert_int_equal(f.months[3].units[0].out, 25);
	assert_int_equal(f.units[0].triangle[0].issued, 40);
	assert_int_equal(f.units[0].triangle[0].spent[1], 20);
	assert_int_equal(f.units[0].triangle[0].spent[2], -5);
	palier_arena_deinit(&a);
}

/* By hand: a point is worth 5; 50 out in January are 250; of 50.00 paid 2.38 are for them, and none of it is earned yet. */
static void sums_are_reckoned(void **state)
{
	static struct figures f;
	struct palier_arena a = { 0 };

	(void)state;
	f = (struct figures){ .margin = 300 };
	read_journal(&f, &a, journal);
	f.months[0].base_sales = 10000;
	f.months[0].base_margin = 2500;
	f.months[1].friend_sales = 200;
	f.months[1].friend_margin = 60;
	f.months[1].more_sales = 50;
	f.months[1].more_margin = 10;
	figures_finish(&f);
	assert_int_equal(f.months[0].owed_face, 250);
	assert_int_equal(f.months[0].owed_expected, 238); /* 5000 x 250 / 5250 */
	assert_int_equal(f.months[0].owed_cost, 175);
	assert_int_equal(f.months[0].breakage, 0);
	assert_int_equal(f.months[1].owed_face, 195);
	assert_int_equal(f.months[1].owed_expected,
		186); /* 5900 x 295 / 6195 = 281, of which 20 / 59 = 95 is earned; 281 - 95 = 186 */
	assert_int_equal(month_given(&f.sum), 400);
	assert_int_equal(month_margin(&f.sum), 2500 + 60 + 10 - 400);
	assert_int_equal(f.sum.sales, 5900);
	assert_int_equal(f.sum.owed_face, 45);
	assert_int_equal(figures_break_even(&f, false), 1905); /* 4 / (25 - 4) */
	assert_int_equal(figures_break_even(&f, true), 2165);  /* 4.45 / (25 - 4.45) */
	assert_int_equal(figures_more(&f), 250);
	assert_int_equal(unit_each(&f.units[0]), 500); /* 5 minor units */
	assert_int_equal(f.units[0].share, 10000);     /* under twelve months nothing is taken to lapse */
	palier_arena_deinit(&a);
}

/* What is paid is for the goods and for all units together: 100.00 for goods of 100.00, 100 points at 0.10 and 15 stamps at 1.00, each in its
 * part of 125.00. Of the points a tenth is earned, of the stamps a third. */
static void units_share_what_is_paid(void **state)
{
	static struct cost_issue points[FIGURES_MONTHS], stamps[FIGURES_MONTHS];
	static struct figures f;

	(void)state;
	points[0] = (struct cost_issue){ .issued = 100, .spent = { 10 } };
	stamps[0] = (struct cost_issue){ .issued = 15, .spent = { 5 } };
	f = (struct figures){ .month_count = 1,
		.unit_count = 2,
		.months = { { .sales = 10000, .units = { { 100, 10, 0, 90 }, { 15, 5, 0, 10 } } } },
		.units = { { .name = "points", .spent = 10, .value = 100, .triangle = points },
			{ .name = "stamps", .spent = 5, .value = 500, .triangle = stamps } } };
	figures_finish(&f);
	assert_int_equal(f.sum.owed_face, 900 + 1000);
	assert_int_equal(f.sum.owed_expected, 720 + 800); /* 800 less 80; 1200 less 400 */
}

/* Of a hundred points a month, good for 10 each, sixty are spent in the next: what is issued costs 6 each, 4.2 in goods. */
static void a_point_costs_what_is_spent_of_it(void **state)
{
	static struct cost_issue points[FIGURES_MONTHS];
	static struct figures f;

	(void)state;
	f = (struct figures){ .margin = 300,
		.month_count = 13,
		.unit_count = 1,
		.units = { { "points", false, 720, 7200, points, 0 } } };
	for (size_t i = 0; i < f.month_count; i++) {
		points[i] = (struct cost_issue){ .issued = 100 };
		points[i].spent[1] = i + 1 < f.month_count ? 60 : 0;
	}
	figures_finish(&f);
	assert_int_equal(f.units[0].share, 6000);
	assert_int_equal(unit_each(&f.units[0]), 1000);
	assert_int_equal(unit_cost(&f.units[0]), 600);
	assert_int_equal(figures_in_goods(&f, 600), 420);
	f.units[0].spent = f.units[0].value = 0; /* nobody spent any */
	assert_int_equal(unit_each(&f.units[0]), 0);
}

/* --- showing it --- */

static const struct picture_case {
	const char *name, *language, *has[4];
} pictures[] = {
	{ "the page speaks English", "en",
		{ "<html lang=\"en\">", "A simulation cannot prove", "What the shop owes its customers", "January 2027" } },
	{ "the page speaks French", "fr",
		{ "<html lang=\"fr\">", "Une simulation ne peut pas prouver", "Ce que le magasin doit", "janvier 2027" } },
};

static void a_page_is_drawn(void **state)
{
	static struct figures f;
	const struct picture_case *row = *state;
	struct cli cli = { .err = stderr };
	struct words w = { &cli.arena, row->language };
	struct page p = { .out = { .len = 0 } };
	struct cast cast;

	f = (struct figures){ .margin = 300, .shop = "A & B", .currency = "EUR", .scale = 2 };
	read_journal(&f, &cli.arena, journal);
	f.sum.friends = 1;
	figures_finish(&f);
	cast_usual(&cli, "/nowhere", 2, &cast);
	picture_page(&f, &cast, &w, &p);
	palier_buffer_add(&p.out, "", 1);
	for (size_t i = 0; i < COUNT(row->has); i++)
		assert_has(p.out.at, row->has[i]);
	assert_has(p.out.at, "A &amp; B");
	assert_null(strstr(p.out.at, "nan"));
	page_deinit(&p);
	palier_arena_deinit(&cli.arena);
}

static const char *plain(const void *who, int64_t value)
{
	static char texts[64][16];
	static unsigned turn;
	char *text = texts[turn++ % 64];

	(void)who;
	snprintf(text, 16, "<%lld>", (long long)value);
	return text;
}

/* A scale in round steps, from below nought where there is less than nothing. */
static void lines_are_drawn_to_scale(void **state)
{
	static const char *const steps[] = { "a", "b", "c" };
	static const int64_t up[] = { 0, 45, 90 }, down[] = { -20, 0, 0 };
	const struct chart_series series[] = { { "up", up }, { "down", down } };
	const struct chart_time t = { steps, 3, series, 2, plain, NULL };
	struct page p = { .out = { .len = 0 } };

	(void)state;
	chart_lines(&p, "about", &t);
	palier_buffer_add(&p.out, "", 1);
	/* from -50 to 100: 234 high, nought at two thirds */
	assert_has(p.out.at, "d=\"M86 172L313 102L540 32\"");
	assert_has(p.out.at, "d=\"M86 203L313 172L540 172\"");
	assert_has(p.out.at, "&lt;-50&gt;");
	assert_has(p.out.at, "&lt;100&gt;");
	page_deinit(&p);
}

static void areas_stand_on_each_other(void **state)
{
	static const char *const steps[] = { "a", "b" };
	static const int64_t one[] = { 50, 50 }, two[] = { 0, 50 };
	const struct chart_series series[] = { { "one", one }, { "two", two } };
	const struct chart_time t = { steps, 2, series, 2, plain, NULL };
	struct page p = { .out = { .len = 0 } };

	(void)state;
	chart_areas(&p, "about", &t);
	palier_buffer_add(&p.out, "", 1);
	assert_has(p.out.at, "class=\"area s0\" d=\"M86 133L540 133L540 250L86 250Z\"");
	assert_has(p.out.at, "class=\"area s1\" d=\"M86 133L540 16L540 133L86 133Z\"");
	page_deinit(&p);
}

/* Nothing at all is a flat line, not a division by nothing. */
static void nothing_is_drawn_flat(void **state)
{
	static const char *const steps[] = { "a" };
	static const int64_t none[] = { 0 };
	const struct chart_series series[] = { { "none", none } };
	const struct chart_time t = { steps, 1, series, 1, plain, NULL };
	struct page p = { .out = { .len = 0 } };

	(void)state;
	chart_lines(&p, "about", &t);
	chart_areas(&p, "about", &t);
	palier_buffer_add(&p.out, "", 1);
	assert_has(p.out.at, "class=\"line s0\" d=\"M86 250\"");
	page_deinit(&p);
}

int main(void)
{
	struct CMUnitTest tests[32] = {
		{ "chance is SplitMix64", dice_are_splitmix, NULL, NULL, NULL },
		{ "dice are fair, and streams their own", dice_are_fair, NULL, NULL, NULL },
		{ "sections are found in spite of comments and quotes", sections_are_found, NULL, NULL, NULL },
		{ "products come from the configuration", a_shelf_is_read, NULL, NULL, NULL },
		{ "a journal is read month by month", a_journal_is_read, NULL, NULL, NULL },
		{ "what is undone is taken off", what_is_undone_is_taken_off, NULL, NULL, NULL },
		{ "what is owed and what it takes, reckoned by hand", sums_are_reckoned, NULL, NULL, NULL },
		{ "what is paid is for the goods and for all units", units_share_what_is_paid, NULL, NULL, NULL },
		{ "a point costs what is spent of it", a_point_costs_what_is_spent_of_it, NULL, NULL, NULL },
		{ "lines are drawn to scale", lines_are_drawn_to_scale, NULL, NULL, NULL },
		{ "areas stand on each other", areas_stand_on_each_other, NULL, NULL, NULL },
		{ "nothing is drawn flat", nothing_is_drawn_flat, NULL, NULL, NULL },
	};
	size_t n = 12;

	zone_set("UTC");
	for (size_t i = 0; i < COUNT(personas); i++)
		tests[n++] = (struct CMUnitTest){ personas[i].name, personas_are_checked, NULL, NULL,
			(void *)(uintptr_t)&personas[i] };
	for (size_t i = 0; i < COUNT(pictures); i++)
		tests[n++] = (struct CMUnitTest){ pictures[i].name, a_page_is_drawn, NULL, NULL,
			(void *)(uintptr_t)&pictures[i] };
	return _cmocka_run_group_tests("simulate", tests, n, NULL, NULL);
}
