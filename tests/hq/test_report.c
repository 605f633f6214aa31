/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq report: from the database to figures and to a page. */
#include <sys/stat.h>

#include "tests/e2e/harness.h"
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
	"INSERT INTO experiments VALUES ('-', 'south', 1, 0, '2026-11-01', 2, 4545, '2026-11-01', NULL);"
	"INSERT INTO stages SELECT 'm' || i, 'south', i, 0, '2026-11-01', now(), 'journey.stage', NULL, 'loyalty' FROM generate_series(1, 7) i;"
	"INSERT INTO stages VALUES ('m1', 'north', 900, 0, '2026-11-01', now() + interval '1 hour', 'journey.stage', 'loyalty', 'purchase');";

static char *reports(const struct shop *s, const char *option, const char *value)
{
	char config[96], text[256], *said;
	int n = snprintf(text, sizeof(text), "directory = \".\"\ndatabase = \"%s\"\n", server.conninfo), code;

	snprintf(config, sizeof(config), "%s/hq.conf", s->dir);
	file_write(config, text, (size_t)n);
	code = program_run(s,
		(const char *const[]){ "palier-hq", "--config", config, "report", "--to", "2026-11-30", option, value,
			NULL },
		&said);
	if (code != 0)
		fail_msg("palier-hq report ended with %d: %s", code, said);
	return said;
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
	assert_figure(said, "all.arms[0].sum",
		300 * 1100 + 902 + 6); /* of i % 7 those of 2 to 300, and the first as the most of the others */
	assert_figure(said, "stores.south.stages.loyalty", 6);
	assert_figure(said, "stores.north.stages.purchase", 1);
	free(said);
	said = reports(s, NULL, NULL);
	assert_non_null(strstr(said, "offered suggestions, a member spends 10"));
	free(said);

	snprintf(path, sizeof(path), "%s/page.html", s->dir);
	free(reports(s, "--out", path));
	said = file_read(path, NULL);
	assert_non_null(strstr(said, "The stores side by side"));
	assert_non_null(strstr(said, "Of 20 batches 1 are missing"));
	assert_non_null(strstr(said, "A member who is offered suggestions spends 1.0"));
	assert_non_null(strstr(said, "Of 1 members a very large spending"));
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the database's figures are shown as JSON, as text and as a page", figures_of_the_database,
			&no_shop),
	};

	return cmocka_run_group_tests_name("report", tests, server_up, server_down);
}
