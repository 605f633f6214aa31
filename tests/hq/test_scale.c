/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling out: the months are spread by member over two servers, as foreign partitions of postgres_fdw; the front answers as one server alone
 * would, also where a loader has died between the servers. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/hq/made.h"
#include "tests/hq/server.h"

#define SERVERS 4 /* one alone; the front and its two */

static struct server servers[SERVERS];
enum { ALONE, FRONT, LEFT, RIGHT };

static const struct shop_options no_shop = { .config = "", .empty = true, .broken = true };

static int servers_up(void **state)
{
	(void)state;
	for (int i = 0; i < SERVERS; i++)
		server_start(&servers[i]);
	return 0;
}

static int servers_down(void **state)
{
	(void)state;
	for (int i = 0; i < SERVERS; i++)
		server_stop(&servers[i]);
	return 0;
}

/* @param what "load" or "migrate" */
static void office_does(const struct shop *s, int which, const char *what, const char *expected)
{
	char config[96], text[320], *said;
	int n = snprintf(text, sizeof(text), "directory = \"%s/hq\"\ndatabase = \"%s\"\n", s->dir, servers[which].conninfo),
	    code;

	snprintf(config, sizeof(config), "%s/hq-%d.conf", s->dir, which);
	file_write(config, text, (size_t)n);
	code = program_run(s, (const char *const[]){ "palier-hq", "--config", config, what, NULL }, &said);
	if (code != 0 || !strstr(said, expected))
		fail_msg("palier-hq %s ended with %d, or without \"%s\": %s", what, code, expected, said);
	free(said);
}

static void spread(void)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
		"CREATE EXTENSION postgres_fdw; CREATE EXTENSION dblink; "
		"CREATE SERVER left_one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', dbname 'postgres'); "
		"CREATE SERVER right_one FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', dbname 'postgres'); "
		"CREATE USER MAPPING FOR office SERVER left_one OPTIONS (user 'office'); "
		"CREATE USER MAPPING FOR office SERVER right_one OPTIONS (user 'office'); "
		"SELECT palier_spread('left_one', 'right_one')",
		servers[LEFT].dir, servers[RIGHT].dir);
	server_text(&servers[FRONT], sql);
}

/* Both must answer alike. */
static void assert_alike(const char *sql)
{
	char *alone = server_rows(&servers[ALONE], sql), *front = server_rows(&servers[FRONT], sql);

	assert_true(alone[0] != '\0');
	assert_string_equal(front, alone);
	free(alone);
	free(front);
}

static void all_alike(void)
{
	assert_alike("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM events t");
	assert_alike("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM moves t");
	assert_alike("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM sale_lines t");
	assert_alike("SELECT * FROM v_sales_daily ORDER BY store, day");
	assert_alike("SELECT * FROM v_balances ORDER BY member, unit");
	assert_alike("SELECT * FROM v_liability ORDER BY unit, cohort");
	assert_alike("SELECT * FROM v_ladder_uplift ORDER BY store, epoch, held");
	assert_alike("SELECT * FROM v_points_check ORDER BY store");
	assert_alike("SELECT * FROM v_points_check_daily ORDER BY store, day, unit, cause");
}

static void two_answer_as_one(void **state)
{
	static const struct made_plan plan = { .stores = 2, .days = 12, .sales = 20, .members = 50, .seed = 3 };
	const struct shop *s = *state;
	char directory[96];

	snprintf(directory, sizeof(directory), "%s/hq", s->dir);
	assert_int_equal(mkdir(directory, 0755), 0);
	made_write(directory, &plan);
	for (int i = 0; i < SERVERS; i++)
		office_does(s, i, "migrate", "the schema is of version");
	spread();
	office_does(s, ALONE, "load", "loaded: 24 batches with 504 events");
	office_does(s, FRONT, "load", "loaded: 24 batches with 504 events");
	all_alike();
	/* Each has a part, and a member is on one of them. */
	assert_true(atoi(server_text(&servers[LEFT], "SELECT count(*) FROM events")) > 100);
	assert_true(atoi(server_text(&servers[RIGHT], "SELECT count(*) FROM events")) > 100);
	assert_sql(&servers[FRONT],
		"SELECT count(*) FROM (SELECT member FROM events GROUP BY member HAVING count(DISTINCT tableoid) > 1) AS m",
		"0");

	/* The two have committed, and the front has not: nothing of it is there twice when it is loaded again. */
	server_text(&servers[FRONT], "TRUNCATE batches, balances, lot_months");
	office_does(s, FRONT, "load", "loaded: 24 batches with 504 events; 0 were there already, 0 refused");
	all_alike();
	office_does(s, FRONT, "load", "loaded: 0 batches with 0 events; 24 were there already");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("two servers answer as one", two_answer_as_one, &no_shop),
	};

	return cmocka_run_group_tests_name("scale", tests, servers_up, servers_down);
}
