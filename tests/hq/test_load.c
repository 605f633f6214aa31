/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq load with a real PostgreSQL: exactly once whatever happens to the loaders, refusals in words, balances as the stores' daemons have
 * them, and the views' figures on a small chain reckoned by hand. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/hq/batches.h"
#include "tests/hq/made.h"
#include "tests/hq/server.h"

static struct server server;
static const struct shop_options no_shop = { .config = "", .empty = true, .broken = true };

static int server_up(void **state)
{
	(void)state;
	server_start(&server);
	return 0;
}

static int server_down(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

/* --- a head office: hq.conf and hq/ in the shop's directory, and a database of its own --- */

struct office {
	const struct shop *s;
	struct server db; /* the one server, another database */
	char config[128], directory[128];
};

static void office_open(struct office *o, const struct shop *s, const char *database)
{
	char text[512];
	int n;

	snprintf(text, sizeof(text), "CREATE DATABASE %s", database);
	server_text(&server, text);
	*o = (struct office){ .s = s, .db = server };
	snprintf(o->db.conninfo, sizeof(o->db.conninfo), "host=%s user=office dbname=%s", server.dir, database);
	snprintf(o->config, sizeof(o->config), "%s/%s.conf", s->dir, database);
	snprintf(o->directory, sizeof(o->directory), "%s/%s", s->dir, database);
	assert_int_equal(mkdir(o->directory, 0755), 0);
	n = snprintf(text, sizeof(text), "directory = \"%s\"\ndatabase = \"%s\"\n", o->directory, o->db.conninfo);
	file_write(o->config, text, (size_t)n);
}

static pid_t load_start(const struct office *o)
{
	return program_start(o->s, (const char *const[]){ "palier-hq", "--config", o->config, "load", NULL });
}

/* @param expected what it says, in part */
static void loads(const struct office *o, int expected, const char *what)
{
	char *said;
	int code = program_wait(o->s, load_start(o), &said);

	if (code != expected || !strstr(said, what))
		fail_msg("palier-hq load ended with %d, not %d, or without \"%s\": %s", code, expected, what, said);
	free(said);
}

/* Everything that was loaded, as one text: the tables' rows in sums that no order changes. */
static char *all_of(const struct office *o)
{
	struct palier_buffer out = { .len = 0 };
	char *names = server_rows(&o->db,
		"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '_20' AND tablename <> 'batches' AND "
		"tablename <> 'schema_version' ORDER BY 1");

	for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
		char sql[256];
		const char *sum;

		snprintf(sql, sizeof(sql),
			"SELECT '%s ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM %s t", name,
			name);
		sum = server_text(&o->db, sql);
		palier_buffer_add(&out, sum, strlen(sum));
		palier_buffer_add(&out, "\n", 1);
	}
	palier_buffer_add(&out, "", 1);
	free(names);
	return out.at;
}

static void assert_points_fit(const struct office *o)
{
	assert_sql(&o->db, "SELECT count(*) FROM v_points_check WHERE ledger <> outstanding OR NOT complete", "0");
	assert_sql(&o->db, "SELECT count(*) FROM v_points_check_daily WHERE ledger <> said", "0");
}

/* --- exactly once ---------------------------------------------------------------------------------------------------- */

#define CHAIN ((struct made_plan){ .stores = 4, .days = 40, .sales = 60, .members = 300, .seed = 7 })

static void loaded_once(void **state)
{
	struct office one, many;
	char *expected, *got;
	uint64_t seed = 11;
	int64_t events;

	office_open(&one, *state, "one");
	office_open(&many, *state, "many");
	events = made_write(one.directory, &CHAIN);
	assert_int_equal(made_write(many.directory, &CHAIN), events);
	loads(&one, 0, "loaded: 160 batches with 9760 events; 0 were there already, 0 refused");
	expected = all_of(&one);
	loads(&one, 0, "loaded: 0 batches with 0 events; 160 were there already, 0 refused");
	got = all_of(&one);
	assert_string_equal(got, expected);
	free(got);
	assert_points_fit(&one);
	assert_sql(&one.db, "SELECT count(*) FROM events", "9760");

	assert_int_equal(program_run(many.s, (const char *const[]){ "palier-hq", "--config", many.config, "migrate", NULL },
				 NULL),
		0);
	for (int round = 0; round < 6; round++) {
		pid_t loaders[4];

		for (int i = 0; i < 4; i++)
			loaders[i] = load_start(&many);
		/* The last round is left in peace. */
		for (int64_t until = now_ms() + DEADLINE_MS;
			round < 5 && now_ms() < until &&
			atoi(server_text(&many.db, "SELECT count(*) FROM batches")) < (round + 1) * 20;)
			sleep_ms(1);
		for (int i = 0; i < 4 && round < 5; i++)
			if (draw_below(&seed, 4) > 0)
				kill(loaders[i], SIGKILL);
		for (int i = 0; i < 4; i++)
			(void)program_wait(many.s, loaders[i], NULL);
	}
	loads(&many, 0, "loaded: 0 batches with 0 events; 160 were there already");
	got = all_of(&many);
	assert_string_equal(got, expected);
	assert_points_fit(&many);
	free(got);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("four loaders at once, killed again and again, load each batch once", loaded_once, &no_shop),
	};

	return cmocka_run_group_tests_name("load", tests, server_up, server_down);
}
