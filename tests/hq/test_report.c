/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq report: from the database to figures and to a page. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/archive.h"
#include "protocol/datetime.h"
#include "tests/e2e/harness.h"
#include "tests/hq/batches.h"
#include "tests/hq/server.h"

static const struct shop_options no_shop = { .config = "", .empty = true, .broken = true };

/* What ten days of two stores have left. In `south` 300 members are offered suggestions and 250 held out; one spends without measure. */
static const char filled[] =
	"SELECT palier_months('2026-11-01', 1);"
	"INSERT INTO batches SELECT s, b, '', '2026-11-01', 1, 1, 1, now(), '{}', '{}' FROM unnest(ARRAY['north', 'south']) s, "
	"generate_series(1, 10) b WHERE NOT (s = 'south' AND b = 4);"
	"INSERT INTO recommendations SELECT '-', 'north', i, 0, '2026-11-01', 'sponsorship', (ARRAY['issued', 'claimed', "
	"'purchased'])[1 + i % 3], '2026-11-05', NULL, 1 FROM generate_series(1, 300) i;"
	"INSERT INTO recommendations VALUES ('-', 'north', 301, 0, '2026-11-01', 'sponsorship', 'purchased', '2026-11-05', NULL, -1);"
	"INSERT INTO recommendations VALUES ('-', 'north', 302, 0, '2026-11-01', 'sponsorship', 'issued', '2026-08-05', NULL, 1);"
	"INSERT INTO ladder_visits SELECT 'm' || i, 'south', i, 0, '2026-11-01', 2, i > 300, CASE WHEN i = 1 THEN 99999999 WHEN i <= 300 "
	"THEN 1100 + i % 7 ELSE 1000 + i % 7 END, i % 2 FROM generate_series(1, 550) i;"
	"INSERT INTO ladder_visits SELECT 'm' || i, 'south', i, 1, '2026-11-01', 1, false, 5, 0 FROM generate_series(1, 9) i;"
	"UPDATE ladder_visits SET visits = 1;"
	"INSERT INTO experiments VALUES ('-', 'south', 1, 0, '2026-11-01', 2, 4545, '2026-11-01', '2026-11-10');"
	"INSERT INTO stages SELECT 'm' || i, 'south', i, 0, '2026-11-01', now(), 'journey.stage', NULL, 'loyalty' FROM generate_series(1, 7) i;"
	"INSERT INTO stages VALUES ('m1', 'north', 900, 0, '2026-11-01', now() + interval '1 hour', 'journey.stage', 'loyalty', 'purchase');";

/* With the sections of stores that stand in the configuration. @param args at most five, NULL-terminated */
static char *reports_of(const struct shop *s, const char *stores, const char *const *args)
{
	const char *argv[12] = { "palier-hq", "--config", NULL, "report", "--to", "2026-11-30" };
	char config[96], text[512], *said;
	int n = snprintf(text, sizeof(text), "directory = \".\"\ndatabase = \"%s\"\n%s", server.conninfo, stores), code;

	snprintf(config, sizeof(config), "%s/hq.conf", s->dir);
	file_write(config, text, (size_t)n);
	argv[2] = config;
	for (int i = 6; *args; i++)
		argv[i] = *args++;
	code = program_run(s, argv, &said);
	if (code != 0)
		fail_msg("palier-hq report ended with %d: %s", code, said);
	return said;
}

static char *reports(const struct shop *s, const char *option, const char *value)
{
	return reports_of(s, "", (const char *const[]){ option, value, NULL });
}

static void figures_of_the_database(void **state)
{
	const struct shop *s = *state;
	char path[96], *said;

	free(reports(s, NULL, NULL)); /* an empty database has a report, too */
	server_text(&server, filled);
	said = reports(s, "--json", NULL);
	assert_figure(said, "stores.north.issued", 100);
	assert_figure(said, "all.purchased", 99);
	assert_figure(said, "stores.south.arms[0].n", 300);
	assert_figure(said, "stores.south.arms[1].n", 250);
	assert_figure(said, "all.arms[0].spent",
		300 * 1100 + 902 + 6); /* of i % 7 those of 2 to 300, and the first as the most of the others */
	assert_figure(said, "stores.south.stages.loyalty", 6);
	assert_figure(said, "stores.north.stages.purchase", 1);
	free(said);
	said = reports(s, NULL, NULL);
	assert_non_null(strstr(said, "offered suggestions, a member spends 1.0"));
	assert_non_null(strstr(said, "EUR more ("));
	free(said);

	snprintf(path, sizeof(path), "%s/page.html", s->dir);
	free(reports(s, "--out", path));
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "The stores side by side"));
	assert_non_null(strstr(said, "Of 20 batches 1 are missing"));
	assert_non_null(strstr(said, "A member who is offered suggestions spends 1.0"));
	assert_non_null(strstr(said, "\u00a0EUR more, between "));
	assert_non_null(strstr(said, "No batches are at hand"));
	assert_non_null(strstr(said, "Of 1 members a very large spending"));
	assert_non_null(strstr(said, "not the margin: that is known for 0% of the turnover"));
	free(said);
}

/* The margin of nine tenths of it gets known, a tenth by the category; of 40 in the north nothing is until the planned end, after which one buys. */
static const char margins[] =
	"UPDATE ladder_visits SET margin = CASE WHEN seq = 1 THEN 5000000 WHEN held THEN 300 + seq % 3 ELSE 400 + seq % 3 END, "
	"known = spend * 9 / 10, estimated = spend / 10 WHERE epoch = 2;"
	"INSERT INTO ladder_visits SELECT 'n' || i, 'north', 1000 + i, 0, '2026-11-01', 1, i > 38, 1000, 0, NULL, NULL, NULL, 1 FROM generate_series(1, 40) i;"
	"INSERT INTO ladder_visits VALUES ('n1', 'north', 2000, 0, '2026-11-20', 1, false, 99, 1, 9, 9, 0, 1);"
	"INSERT INTO experiments VALUES ('-', 'north', 1000, 0, '2026-11-01', 1, 500, '2026-11-01', '2026-11-19');";

static void margins_of_the_database(void **state)
{
	const struct shop *s = *state;
	char path[96], *said;

	server_text(&server, margins);
	said = reports(s, "--json", NULL);
	assert_field(said, "uplift.of", "margin");
	assert_figure(said, "stores.south.arms[0].margin", 300 * 400 + 300 + 1); /* the first as the most of the others */
	assert_figure(said, "stores.south.arms[1].margin", 250 * 300 + 250);
	assert_figure(said, "stores.north.arms[0].margin", 0);
	assert_figure(said, "all.arms[0].margin", 300 * 400 + 300 + 1);
	assert_figure(said, "all.arms[0].n", 338);
	assert_figure(said, "stores.north.turnover.spent", 40000);
	assert_figure(said, "stores.north.turnover.margin_known", 0);
	assert_figure(said, "all.turnover.spent", 99999999 + 299 * 1100 + 250 * 1000 + 40000 + 1647);
	assert_figure(said, "all.turnover.margin_known", 90522185);
	free(said);
	said = reports(s, NULL, NULL);
	assert_non_null(strstr(said, "offered suggestions, a member brings a margin 0."));
	free(said);
	said = reports(s, "--csv", NULL);
	assert_non_null(strstr(said, "\"north\",\"ladder\",\"turnover\",\"spent\",40000,"));
	assert_non_null(strstr(said, "\"south\",\"ladder\",\"held_out\",\"margin\",75250,"));
	free(said);

	snprintf(path, sizeof(path), "%s/page.html", s->dir);
	free(reports(s, "--out", path));
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "What is compared is the margin. It is known for 90% of the turnover; for 10% it is"));
	assert_non_null(strstr(said, "Of 1 members a very large margin"));
	assert_non_null(strstr(said, "<td class=\"n\">38</td>\n<td class=\"n\"></td>"));
	free(said);
}

#define TWO_CURRENCIES       "store \"north\" {}\nstore \"south\" { currency = \"CHF\" }\n"
#define REPORTS(stores, ...) reports_of(s, stores, (const char *const[]){ __VA_ARGS__, NULL })

/* What the north has spent is known, of no margin; by itself it is compared by that. */
static void currencies_of_the_database(void **state)
{
	const struct shop *s = *state;
	char path[96], *said;

	said = REPORTS(TWO_CURRENCIES, "--json");
	assert_field(said, "currency", "EUR");
	assert_field(said, "left_out.south", "CHF");
	assert_figure(said, "all.batches", 10);
	assert_figure(said, "all.arms[0].spent", 38000);
	assert_figure(said, "all.turnover.spent", 40000);
	assert_figure(said, "all.stages.loyalty", 0);
	assert_null(strstr(said, "\"south\":{"));
	free(said);
	said = REPORTS(TWO_CURRENCIES, "--json", "--currency", "CHF");
	assert_field(said, "left_out.north", "EUR");
	assert_figure(said, "all.arms[0].margin", 300 * 400 + 300 + 1);
	assert_figure(said, "all.arms[0].n", 300);
	free(said);
	said = REPORTS(TWO_CURRENCIES, "--csv");
	assert_non_null(strstr(said, "\"south\",\"left_out\",\"CHF\",\"stores\",1,"));
	free(said);
	said = REPORTS(TWO_CURRENCIES, "--currency", "CHF");
	assert_non_null(strstr(said, "not in CHF: north (EUR)."));
	free(said);
	snprintf(path, sizeof(path), "%s/page.html", s->dir);
	free(REPORTS(TWO_CURRENCIES, "--language", "fr", "--out", path));
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "Manquent les magasins dont les montants ne sont pas en EUR"));
	assert_non_null(strstr(said, "south (CHF)"));
	free(said);
}

static void the_database_reported(void **state)
{
	figures_of_the_database(state);
	margins_of_the_database(state);
	currencies_of_the_database(state);
}

/* --- the journey, from batches --- */

static const char *person(unsigned number)
{
	static char texts[4][PALIER_ID_TEXT + 1];
	static unsigned turn;
	struct palier_id id = { .b = { (uint8_t)number, 7, 7, 7, 7, 7, 7, 7, 7, (uint8_t)number } };
	char *text = texts[turn++ % 4];

	palier_id_format(id, text);
	return text;
}

/* At noon of a day of September, which is a batch of its own: `from` to `to` buy, and are seen on a stage. */
struct visit {
	int day;
	unsigned from, to;
	const char *stage;
	int base, mood;
};

static void visit_write(struct chain *c, struct palier_arena *a, const struct visit *v, unsigned who)
{
	const char *member = person(who);

	(void)time_parse(palier_str(palier_format(a, "%sT12:00:00.000Z", c->day)), &c->at_ms);
	chain_event(c, "sale.commit", member, "",
		palier_format(a,
			"{'kind':'journey.touch','member':'%s','touchpoint':'purchase','channel':'store','emotion':%d},"
			"{'kind':'journey.stage','member':'%s','stage':'%s'},"
			"{'kind':'sale.booked','sale':'%s-%d-%u','total':%d,'payable':%d,'base':%d}",
			member, v->mood, member, v->stage, c->store, v->day, who, v->base, v->base, v->base));
}

static void store_write(const char *directory, const char *store, const struct visit *visits, size_t count)
{
	struct palier_arena a = { .used = 0 };
	struct chain c;

	chain_begin(&c, directory, store);
	for (size_t i = 0; i < count; i++) {
		chain_day(&c, palier_format(&a, "2026-09-%02d", visits[i].day));
		for (unsigned who = visits[i].from; who <= visits[i].to; who++)
			visit_write(&c, &a, &visits[i], who);
		chain_close(&c, "", "");
	}
	chain_end(&c);
	palier_arena_deinit(&a);
}

#define VISITS(...) \
	(const struct visit[]){ __VA_ARGS__ }, sizeof((const struct visit[]){ __VA_ARGS__ }) / sizeof(struct visit)

/* Sixty buy in Lyon on the 10th; of them 1 to 30 come to Nice, where 1 to 10 become loyal; 21 to 30 were that in Lyon before. In Paris
 * sixty others buy, and fifty of them become loyal at once. */
static void chain_write(const char *directory)
{
	store_write(directory, "lyon", VISITS({ 10, 1, 60, "purchase", 1000, -1 }, { 15, 21, 30, "loyalty", 1000, 0 }));
	store_write(directory, "nice", VISITS({ 20, 1, 30, "purchase", 500, 1 }, { 25, 1, 10, "loyalty", 500, 2 }));
	store_write(directory, "paris", VISITS({ 10, 101, 160, "purchase", 2000, 0 }, { 12, 101, 150, "loyalty", 2000, 0 }));
}

/* @param args at most six, NULL-terminated */
static char *journeys_of(const struct shop *s, const char *stores, const char *const *args, int expected)
{
	const char *argv[18] = { "palier-hq", "--config", NULL, "report", "--from", "2026-09-01", "--to", "2026-11-30",
		"--window", "30" };
	char config[96], text[256], *said;
	int n = snprintf(text, sizeof(text), "directory = \"hq\"\ncurrency = \"CHF\"\ntimezone = \"UTC\"\n%s", stores), code;

	snprintf(config, sizeof(config), "%s/office.conf", s->dir);
	file_write(config, text, (size_t)n);
	argv[2] = config;
	for (int i = 10; *args; i++)
		argv[i] = *args++;
	code = program_run(s, argv, &said);
	if (code != expected)
		fail_msg("palier-hq report ended with %d: %s", code, said);
	return said;
}

static char *journeys(const struct shop *s, const char *option, const char *value)
{
	return journeys_of(s, "", (const char *const[]){ option, value, NULL }, 0);
}

static const char *office_path(const struct shop *s, const char *name)
{
	static char paths[4][160];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/hq%s%s", s->dir, name[0] ? "/" : "", name);
	return path;
}

static void persons_are_followed_from_store_to_store(void **state)
{
	const struct shop *s = *state;
	char *said;

	chain_write(office_path(s, ""));
	said = journeys(s, "--json", NULL);
	assert_field(said, "currency", "CHF");
	assert_figure(said, "all.journey.members", 120);
	assert_figure(said, "all.batches", 6);
	assert_figure(said, "in_several_stores", 30);
	/* who bought in Lyon and then in Nice has come back, in neither of the two for itself */
	assert_figure(said, "all.journey.kpi.repeat.x", 30 + 50);
	assert_figure(said, "all.journey.kpi.repeat.n", 120);
	assert_figure(said, "stores.lyon.journey.kpi.repeat.x", 10);
	assert_figure(said, "stores.nice.journey.kpi.repeat.x", 10);
	assert_figure(said, "stores.nice.journey.members", 30);
	/* 1 to 10 after fifteen days, 21 to 30 after five, fifty after two: of 120 70, half within two */
	assert_figure(said, "all.journey.stages[3].entries", 120);
	assert_figure(said, "all.journey.stages[3].went_on.n", 120);
	assert_figure(said, "all.journey.stages[3].went_on.x", 70);
	assert_figure(said, "all.journey.stages[3].median_seconds", 2 * 86400);
	assert_figure(said, "all.journey.stages[3].p90_seconds", 15 * 86400);
	assert_figure(said, "stores.lyon.journey.stages[3].went_on.x", 10);
	assert_figure(said, "stores.lyon.journey.stages[3].median_seconds", 5 * 86400);
	assert_figure(said, "stores.nice.journey.stages[3].went_on.n", 30);
	assert_figure(said, "stores.nice.journey.stages[3].went_on.x", 10);
	/* Nice sees 21 to 30 as new, and they stay loyal all the same */
	assert_figure(said, "all.stages.loyalty", 70);
	assert_figure(said, "all.stages.purchase", 50);
	assert_figure(said, "stores.nice.stages.purchase", 20);
	assert_figure(said, "all.journey.kpi.year.spent", 70 * 1000 + 40 * 500 + 110 * 2000);
	assert_figure(said, "stores.nice.journey.kpi.year.spent", 40 * 500);
	assert_figure(said, "stores.nice.journey.stages[3].emotion.mean", 1);
	free(said);
}

/* A line of the CSV, without its store: "part,item,measure,value,low,high,n". */
static void assert_row(const char *csv, const char *expected)
{
	char line[200];

	snprintf(line, sizeof(line), "\n%s\r\n", expected);
	if (!strstr(csv, line))
		fail_msg("the CSV has no row %s", expected);
}

static void stores_are_compared(void **state)
{
	char *said = journeys(*state, "--csv", NULL);

	/* Of Lyon's sixty 20 went on, somewhere, of Paris' sixty 50: z is 0.5 by the root of 7/12 x 5/12 x 1/30 */
	assert_row(said, "\"\",\"stage\",\"purchase\",\"went_on\",0.5833,0.4939,0.6676,120");
	assert_row(said, "\"lyon\",\"stage\",\"purchase\",\"went_on\",0.1667,0.0931,0.2803,60");
	assert_row(said, "\"nice\",\"stage\",\"purchase\",\"median_seconds\",432000,,,");
	assert_row(said, "\"paris\",\"stage\",\"loyalty\",\"members\",50,,,");
	assert_row(said, "\"\",\"batches\",\"\",\"read\",6,,,");
	assert_non_null(strstr(said, "\"\",\"friction\",\"purchase/store/lyon\",\"difference\",-0.5,"));
	assert_non_null(strstr(said, "\"\",\"friction\",\"purchase/store/paris\",\"difference\",0.5,"));
	free(said);
	said = journeys(*state, "--json", NULL);
	assert_field(said, "all.journey.friction.flagged[0].stage", "purchase");
	assert_non_null(strstr(said, "\"split\":\"store\",\"value\":\"lyon\""));
	assert_non_null(strstr(said, "\"z\":-5.5549,\"p\":0,"));
	free(said);
}

/* The journeys' rows: how many batches were read is another matter. */
static char *journey_rows(const struct shop *s)
{
	char *said = journeys(s, "--csv", NULL), *to = said;

	for (char *line = said, *end; *line; line = end) {
		end = strchr(line, '\n') ? strchr(line, '\n') + 1 : line + strlen(line);
		if (memmem(line, (size_t)(end - line), "\"batches\"", 9))
			continue;
		memmove(to, line, (size_t)(end - line));
		to += end - line;
	}
	*to = '\0';
	return said;
}

static void run(const struct shop *s, const char *const *argv)
{
	char *said;
	int code = program_run(s, argv, &said);

	if (code != 0)
		fail_msg("%s: %d: %s", argv[0], code, said);
	free(said);
}

static void compress(const char *plain, const char *archive)
{
	int from = open(plain, O_RDONLY | O_CLOEXEC), to = open(archive, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(archive_write(from, to, NULL), PALIER_OK);
	close(from);
	close(to);
}

static void a_batch_counts_once_in_either_form(void **state)
{
	const struct shop *s = *state;
	char *before = journey_rows(s), *now;

	assert_true(strlen(before) > 2000);
	compress(office_path(s, "nice/batches/1/events.jsonl"), office_path(s, "nice/batches/1/events.jsonl.zst"));
	now = journey_rows(s); /* both are there */
	assert_string_equal(now, before);
	free(now);
	assert_int_equal(unlink(office_path(s, "nice/batches/1/events.jsonl")), 0);
	now = journey_rows(s);
	assert_string_equal(now, before);
	free(now);
	run(s, (const char *const[]){ "cp", "-r", office_path(s, "lyon/batches/1"), office_path(s, "lyon/batches/3"),
		       NULL });
	now = journey_rows(s);
	assert_string_equal(now, before);
	free(now);
	free(before);
}

static void the_page_lies_beside_its_figures(void **state)
{
	const struct shop *s = *state;
	char path[96], *said;

	snprintf(path, sizeof(path), "%s/chain.html", s->dir);
	said = journeys(s, "--out", path);
	assert_non_null(strstr(said, "chain.html\n"));
	assert_non_null(strstr(said, "chain.csv\n"));
	assert_non_null(strstr(said, "chain.json\n"));
	free(said);
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "<h2>The journey in paris</h2>"));
	assert_non_null(strstr(said, "3,100.00\u00a0CHF"));
	assert_non_null(strstr(said, "The configuration names no database"));
	free(said);
	snprintf(path, sizeof(path), "%s/chain.json", s->dir);
	said = file_read(path, NULL);
	assert_figure(said, "all.journey.members", 120);
	free(said);
	snprintf(path, sizeof(path), "%s/chain.csv", s->dir);
	said = file_read(path, NULL);
	assert_row(said, "\"\",\"kpi\",\"\",\"customers\",120,,,");
	free(said);
	said = journeys(s, NULL, NULL);
	assert_non_null(strstr(said, "Customers known: 120. Bought in these days: 120."));
	free(said);
}

/* Nice is left out of the francs' sums, and has its own. */
static void amounts_of_two_currencies_are_kept_apart(void **state)
{
	static const char stores[] = "store \"lyon\" {}\nstore \"nice\" { currency = \"EUR\" }\nstore \"paris\" {}\n";
	const struct shop *s = *state;
	char *said = journeys_of(s, stores, (const char *const[]){ "--json", NULL }, 0);

	assert_field(said, "currency", "CHF");
	assert_field(said, "left_out.nice", "EUR");
	assert_figure(said, "in_several_stores", 0);
	assert_figure(said, "all.journey.kpi.year.spent", 70 * 1000 + 110 * 2000);
	free(said);
	said = journeys_of(s, stores, (const char *const[]){ "--json", "--currency", "EUR", NULL }, 0);
	assert_field(said, "currency", "EUR");
	assert_field(said, "left_out.paris", "CHF");
	assert_figure(said, "all.journey.members", 30);
	assert_figure(said, "all.journey.kpi.year.spent", 40 * 500);
	free(said);
	said = journeys_of(s, stores, (const char *const[]){ "--json", "--currency", "USD", NULL }, 64);
	assert_non_null(strstr(said, "no store's amounts are in USD: those of lyon are in CHF"));
	free(said);
}

/* Who has bought comes again within a week, where it felt well: 21 to 30 did in Lyon itself, 1 to 20 in Nice and later, 31 to 60 not at all. */
static void plans_are_held_against_persons(void **state)
{
	static const char programme[] =
		"store { id = \"any\" }\n"
		"journey { persona \"p\" { when { purchases-min = 1 } }\n"
		"	planned \"well\" { step \"buys\" { touchpoint = \"purchase\"  within = \"7 days\"  after = purchase } } }\n";
	const struct shop *s = *state;
	char path[96], *said;

	snprintf(path, sizeof(path), "%s/programme.conf", s->dir);
	file_write(path, programme, sizeof(programme) - 1);
	said = journeys_of(s, "plans = \"programme.conf\"\n", (const char *const[]){ "--json", NULL }, 0);
	assert_field(said, "all.journey.planned[0].plan", "well");
	assert_figure(said, "all.journey.planned[0].begun", 120);
	assert_figure(said, "all.journey.planned[0].steps[0].done", 70);
	assert_figure(said, "all.journey.planned[0].steps[0].late", 20);
	assert_figure(said, "all.journey.planned[0].steps[0].failed", 30);
	assert_figure(said, "stores.lyon.journey.planned[0].begun", 60);
	assert_figure(said, "stores.lyon.journey.planned[0].steps[0].done", 10);
	assert_figure(said, "stores.lyon.journey.planned[0].steps[0].failed", 50);
	free(said);
	said = journeys_of(s, "plans = \"programme.conf\"\n", (const char *const[]){ "--csv", NULL }, 0);
	assert_non_null(strstr(said, "\"nice\",\"planned\",\"well/buys\",\"done\",1,"));
	free(said);
	snprintf(path, sizeof(path), "%s/plans.html", s->dir);
	free(journeys_of(s, "plans = \"programme.conf\"\n", (const char *const[]){ "--out", path, NULL }, 0));
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "As planned, or not: &quot;well&quot;"));
	assert_non_null(strstr(said,
		"Of what was planned, &quot;buys&quot; goes otherwise most: late, badly or not at all for 42% of 120."));
	free(said);
}

/* A file that plans nothing is a mistake, and not a report without plans. */
static void a_file_without_plans_is_told(void **state)
{
	const struct shop *s = *state;
	char path[96], *said;

	said = journeys_of(s, "plans = \"nowhere.conf\"\n", (const char *const[]){ "--json", NULL }, 79);
	assert_non_null(strstr(said, "nowhere.conf: No such file or directory"));
	free(said);
	snprintf(path, sizeof(path), "%s/bare.conf", s->dir);
	file_write(path, "journey { }\n", 12);
	said = journeys_of(s, "plans = \"bare.conf\"\n", (const char *const[]){ "--json", NULL }, 79);
	assert_non_null(strstr(said, "bare.conf plans no journey that could be read"));
	free(said);
}

static void journeys_of_the_chain(void **state)
{
	persons_are_followed_from_store_to_store(state);
	stores_are_compared(state);
	a_batch_counts_once_in_either_form(state);
	the_page_lies_beside_its_figures(state);
	amounts_of_two_currencies_are_kept_apart(state);
	plans_are_held_against_persons(state);
	a_file_without_plans_is_told(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the database's figures are shown as JSON, as text and as a page", the_database_reported, &no_shop),
		IN_SHOP("persons, stores and batches: the journey over all stores", journeys_of_the_chain, &no_shop),
	};

	return cmocka_run_group_tests_name("report", tests, server_up, server_down);
}
