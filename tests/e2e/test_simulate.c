/* SPDX-License-Identifier: Apache-2.0 */
/* palier simulate on the demo shop: the same seed finds the same figures, they are those of the ledger that was played, and nothing is left
 * behind. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define DEMO     DEMO_DIR "/palier.conf"
#define PERSONAS DEMO_DIR "/personas.conf"
#define MONTHS   2

#define DEMO_ENGLISH     DEMO_DIR "/palier.en.conf"
#define PERSONAS_ENGLISH DEMO_DIR "/personas.en.conf"

/* @param more options, at most ten, NULL-terminated @return what it says, to be freed */
static char *simulate(const struct shop *s, const char *config, const char *const *more, int code)
{
	const char *argv[24] = { "palier", "simulate", "--config", config, "--from", "2027-01-15", "--months", "2",
		"--customers", "20" };
	char *said;
	size_t n = 10;

	for (size_t i = 0; more[i]; i++)
		argv[n++] = more[i];
	if (program_run(s, argv, &said) != code)
		fail_msg("simulate: %s", said);
	return said;
}

#define SIMULATE(s, config, ...) simulate(s, config, (const char *const[]){ __VA_ARGS__, NULL }, 0)

/* A cell of CSV, by its row (1 is the first month) and its column's title. */
static int64_t cell(const char *csv, int row, const char *column)
{
	size_t n = strlen(column), at = 0;
	const char *title = csv;

	for (; strncmp(title, column, n) != 0 || !strchr(",\r", title[n]); at++) {
		title += strcspn(title, ",\r");
		if (*title++ != ',')
			fail_msg("no column %s in %s", column, csv);
	}
	for (; row > 0; row--)
		csv = strchr(csv, '\n') + 1;
	for (; at > 0; at--)
		csv = strchr(csv, ',') + 1;
	return strtoll(csv, NULL, 10);
}

static void same_seed(void **state)
{
	struct shop *s = *state;
	char *one = SIMULATE(s, DEMO, "--csv", "--seed", "7"), *same = SIMULATE(s, DEMO, "--csv", "--seed", "7"),
	     *other = SIMULATE(s, DEMO, "--csv", "--seed", "8");

	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	assert_int_equal(strncmp(one, "month,customers,members,", 24), 0);
	assert_int_equal(cell(one, 1, "customers"), 20);
	assert_true(cell(one, 1, "visits") > 0 && cell(one, 2, "points_issued") > 0);
	free(one);
	free(same);
	free(other);
}

/* --- the ledger that was played --- */

struct totals {
	int64_t sales, payable, members, earned, outstanding;
};

/* Of the effect that closes the day. */
static int64_t total(const char *line, int effect, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "effects[%d].totals.%s", effect, name);
	return figure(line, path);
}

static void totals_add(const char *line, struct totals *out)
{
	int effect = 0;

	while (effect < count_of(line, "effects") && total(line, effect, "sales") == INT64_MIN)
		effect++;
	out->sales += total(line, effect, "sales");
	out->payable += total(line, effect, "payable");
	out->members += total(line, effect, "members");
	if (total(line, effect, "units.points.earn") > 0)
		out->earned += total(line, effect, "units.points.earn");
	if (total(line, effect, "units.points.outstanding") >= 0)
		out->outstanding = total(line, effect, "units.points.outstanding");
}

/* What the closes of a month's days say. @param month "2027-01" */
static void totals_read(const char *journal, const char *month, struct totals *out)
{
	char *rest, *text = strdup(journal);

	*out = (struct totals){ .outstanding = -1 };
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *day = strstr(line, "\"kind\":\"day.closed\"") ? field(line, "day") : NULL;

		if (day && strncmp(day, month, strlen(month)) == 0)
			totals_add(line, out);
	}
	free(text);
}

static void is_the_ledgers(void **state)
{
	static const char *const months[MONTHS] = { "2027-01", "2027-02" };
	struct shop *s = *state;
	char kept[96], from[128], *csv, *journal;
	int64_t members = 0;
	size_t len;

	snprintf(kept, sizeof(kept), "%s/kept", s->dir);
	csv = SIMULATE(s, DEMO, "--csv", "--keep", kept);
	snprintf(from, sizeof(from), "%s/ledger", kept);
	tree_copy(from, s->data);
	journal = journal_text(s, &len);
	for (int i = 0; i < MONTHS; i++) {
		struct totals t;

		totals_read(journal, months[i], &t);
		members += t.members;
		assert_int_equal(cell(csv, i + 1, "receipts"), t.sales);
		assert_int_equal(cell(csv, i + 1, "sales"), t.payable);
		assert_int_equal(cell(csv, i + 1, "members"), members);
		assert_true(cell(csv, i + 1, "points_issued") >= t.earned && t.earned > 0);
		assert_int_equal(cell(csv, i + 1, "points_out"), t.outstanding);
		/* what customers would have spent anyway, what was added, and what was taken off */
		assert_int_equal(cell(csv, i + 1, "base_sales") + cell(csv, i + 1, "friend_sales") +
					 cell(csv, i + 1, "suggested_sales") - cell(csv, i + 1, "rewards") -
					 cell(csv, i + 1, "offers"),
			t.payable);
		assert_int_equal(cell(csv, i + 1, "breakage"), 0);
	}
	free(journal);
	free(csv);
}

/* --- the same of a shop's own ledger --- */

static char *cost(const struct shop *s, const char *data, const char *const *more, int code)
{
	const char *argv[16] = { "palier", "report", "cost", "--data", data, "--timezone", "Europe/Paris" };
	char *said;
	size_t n = 7;

	for (size_t i = 0; more[i]; i++)
		argv[n++] = more[i];
	if (program_run(s, argv, &said) != code)
		fail_msg("report cost: %s", said);
	return said;
}

#define COST(s, data, code, ...) cost(s, data, (const char *const[]){ __VA_ARGS__, NULL }, code)

static void assert_part(char *said, const char *part)
{
	if (!strstr(said, part))
		fail_msg("no %s in %s", part, said);
	free(said);
}

/* What is owed for a ledger is the same, whether it was played or lived. February is not over on its 27th. */
static void is_owed_for_any_ledger(void **state)
{
	static const char *const columns[] = { "sales", "rewards", "stored_value", "offers", "owed_face", "owed_expected",
		"owed_cost", "breakage", "points_issued", "points_spent", "points_lapsed", "points_out" };
	struct shop *s = *state;
	char kept[96], ledger[128], *played, *lived;

	snprintf(kept, sizeof(kept), "%s/lived", s->dir);
	snprintf(ledger, sizeof(ledger), "%s/ledger", kept);
	played = SIMULATE(s, DEMO, "--csv", "--keep", kept);
	lived = COST(s, ledger, 0, "--csv", "--margin", "30", "--to", "2027-02-28");
	for (int row = 1; row <= MONTHS; row++)
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			assert_int_equal(cell(lived, row, columns[i]), cell(played, row, columns[i]));
	assert_true(cell(lived, 2, "owed_cost") > 0 && cell(lived, 2, "owed_cost") < cell(lived, 2, "owed_face"));
	assert_part(lived, "2027-02,");
	lived = COST(s, ledger, 0, "--json", "--to", "2027-02-27");
	/* a point fetches a cent, a stamp has fetched nothing by then; with no margin goods cost their price */
	assert_figure(lived, "total.owed_face", cell(played, 1, "points_out"));
	assert_figure(lived, "total.owed_cost", cell(played, 1, "points_out"));
	free(lived);
	assert_part(COST(s, ledger, 0, "--to", "2027-02-28"),
		"What points cost, and what is owed, from 1 January 2027 to 28 February 2027\n");
	assert_part(COST(s, ledger, 0, "--to", "2027-02-28", "--language", "fr"), "À la fin, le magasin doit à ses clients");
	assert_part(COST(s, ledger, 64, "--to", "2027-01-30"), "no month of the journal is over yet");
	assert_part(COST(s, ledger, 64, "--margin", "101"), "--margin does not understand 101");
	free(played);
}

/* Whatever the programme, the same customers come and buy the same. */
/* The English copy of the demo's customers is the French one, but for its words. */
static void both_languages(void **state)
{
	struct shop *s = *state;
	char *french = SIMULATE(s, DEMO, "--csv", "--seed", "7", "--personas", PERSONAS);
	char *english = SIMULATE(s, DEMO_ENGLISH, "--csv", "--seed", "7", "--personas", PERSONAS_ENGLISH);

	assert_string_equal(french, english);
	free(french);
	free(english);
}

static void same_customers(void **state)
{
	static const char *const columns[] = { "customers", "visits", "base_sales", "base_margin" };
	struct shop *s = *state;
	char *demo = SIMULATE(s, DEMO, "--csv", "--personas", PERSONAS);
	char *bare = SIMULATE(s, s->config, "--csv", "--personas", PERSONAS);
	int64_t accepted = 0;

	for (int row = 1; row <= MONTHS; row++) {
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			assert_int_equal(cell(demo, row, columns[i]), cell(bare, row, columns[i]));
		assert_int_equal(cell(bare, row, "rewards") + cell(bare, row, "offers") +
					 cell(bare, row, "suggestions_shown"),
			0);
		assert_int_equal(cell(bare, row, "sales"), cell(bare, row, "base_sales"));
		accepted += cell(demo, row, "suggestions_accepted");
	}
	assert_true(accepted > 0);
	assert_true(cell(demo, 1, "offers") > 0 && cell(demo, 2, "rewards") > 0 && cell(demo, 1, "suggestions_shown") > 0);
	free(demo);
	free(bare);
}

/* --- what it says --- */

static void assert_says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no %s in %s", what, text);
}

static void says_it(void **state)
{
	struct shop *s = *state;
	char page[96], *said = SIMULATE(s, DEMO, "--language", "en"), *json = SIMULATE(s, DEMO, "--json");

	assert_says(said, "Le Palier, simulated from 1 January 2027 to 28 February 2027; amounts in EUR");
	assert_says(said, "A simulation cannot prove that a programme sells more.");
	assert_says(said, "Under twelve months of history nobody knows");
	assert_says(said, "ask your accountant");
	free(said);
	assert_figure(json, "months[0].customers", 20);
	assert_figure(json, "total.sales", figure(json, "months[0].sales") + figure(json, "months[1].sales"));
	assert_figure(json, "total.units.points.out", figure(json, "months[1].units.points.out"));
	assert_true(figure(json, "break_even_bp") > 0);
	assert_figure(json, "points.points.spent_bp", 10000);
	free(json);
	snprintf(page, sizeof(page), "%s/page.html", s->dir);
	said = SIMULATE(s, DEMO, "--out", page);
	assert_says(said, page);
	free(said);
	said = file_read(page, NULL);
	assert_says(said, "<html lang=\"fr\">"); /* the store's */
	assert_says(said, "Ce qu&#39;elle suppose, et ne sait pas");
	free(said);
}

static void refuses(void **state)
{
	static const struct {
		const char *option, *value;
		int code;
		const char *said;
	} rows[] = {
		{ "--months", "0", 64, "--months is a whole number from 1 to 60" },
		{ "--customers", "many", 64, "--customers is a whole number" },
		{ "--from", "soon", 64, "--from is a day" },
		{ "--language", "de", 64, "--language is fr or en" },
		{ "--personas", "nowhere.conf", 79, "nowhere.conf: No such file" },
		{ "--personas", DEMO, 79, "no such option" },
		{ "--config", "nowhere.conf", 79, "palierd does not serve this configuration" },
	};
	struct shop *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *said = simulate(s, DEMO, (const char *const[]){ rows[i].option, rows[i].value, NULL }, rows[i].code);

		assert_says(said, rows[i].said);
		free(said);
	}
}

/* Nothing of the shop is touched, and nothing stays behind. */
static void leaves_nothing(void **state)
{
	struct shop *s = *state;
	struct dirent *e;
	char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL, scratch[96];
	DIR *d;
	int left = 0;

	snprintf(scratch, sizeof(scratch), "%s/tmp", s->dir);
	assert_int_equal(mkdir(scratch, 0700), 0);
	setenv("TMPDIR", scratch, 1);
	free(SIMULATE(s, s->config, "--csv"));
	free(simulate(s, s->config, (const char *const[]){ "--personas", DEMO, NULL }, 79));
	if (before)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
	free(before);
	d = opendir(scratch);
	assert_non_null(d);
	while ((e = readdir(d)))
		left += e->d_name[0] != '.';
	closedir(d);
	assert_int_equal(left, 0);
	assert_int_equal(access(s->data, F_OK), -1);
}

static const struct shop_options nothing = { .empty = true, .broken = true };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the same seed finds the same figures", same_seed, &nothing),
		IN_SHOP("what is owed is told of any ledger alike", is_owed_for_any_ledger, &nothing),
		IN_SHOP("they are those of the ledger's own days", is_the_ledgers, &nothing),
		IN_SHOP("the demo's customers are the same in both languages", both_languages, &nothing),
		IN_SHOP("the same customers come to every programme", same_customers, &nothing),
		IN_SHOP("it is said as a table, as JSON, as a page", says_it, &nothing),
		IN_SHOP("what it cannot simulate it refuses", refuses, &nothing),
		IN_SHOP("it leaves nothing behind", leaves_nothing, &nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
