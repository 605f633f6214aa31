/* SPDX-License-Identifier: Apache-2.0 */
/* The planned journeys of a configuration, read by a tool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/plans.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char path[128], beside[128]; /* the configuration, and a file that it includes */

static void write_file(char at[128], const char *name, const char *text)
{
	const char *tmp = getenv("TMPDIR");
	FILE *f;

	snprintf(at, sizeof(path), "%s/palier-%s-%ld.conf", tmp ? tmp : "/tmp", name, (long)getpid());
	f = fopen(at, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void write_config(const char *text)
{
	write_file(path, "plans", text);
}

static int config_remove(void **state)
{
	(void)state;
	unlink(path);
	unlink(beside);
	return 0;
}

static const char shop[] =
	"store { id = \"a\" }\n"
	"# journey { planned \"none\" { step \"s\" { touchpoint = \"x\" } } }\n"
	"journey { model = eight  lapsed = \"60 days\"\n"
	"	channel \"web\" { tills = {\"w1\", \"w2\"} }\n"
	"	stage \"loyalty\" { when { purchases-min = 4  within = \"90 days\" } }\n"
	"	planned \"new\" {\n"
	"		step \"welcome\" { touchpoint = \"call\"  channel = phone  within = \"7 days\" }\n"
	"		step \"letter\" { touchpoint = \"letter\"  within = \"2 months\" }\n"
	"		step \"thanks\" { touchpoint = \"call\"  after = welcome }\n"
	"		step \"sorry\" { touchpoint = \"call\"  after = return } }\n"
	"	planned \"old\" { when { purchases-min = 4  tier = {\"gold\", \"b\"} } step \"visit\" { touchpoint = \"visit\" } } }\n"
	"survey { ask \"nps\" { after = purchase } }\n";

static const struct plan_step steps[] = {
	{ "welcome", "call", CHANNEL_PHONE, 7, 0, "enrol" },
	{ "letter", "letter", PLANNED_ANY, 60, 1, "enrol" },
	{ "thanks", "call", PLANNED_ANY, PLANNED_EVER, 1, "welcome" },
	{ "sorry", "call", PLANNED_ANY, PLANNED_EVER, 0, "return" },
};

static void steps_are_read_as_the_daemon_reads_them(void **state)
{
	struct cli cli = { .out = stdout };
	struct plans plans;

	(void)state;
	write_config(shop);
	plans_read(&cli, path, &plans);
	assert_int_equal(plans.count, 2);
	assert_string_equal(plans.at[0].name, "new");
	assert_false(plans.at[0].conditional);
	assert_int_equal(plans.at[0].count, COUNT(steps));
	for (size_t i = 0; i < COUNT(steps); i++) {
		const struct plan_step *s = &plans.at[0].steps[i];

		assert_string_equal(s->name, steps[i].name);
		assert_string_equal(s->touchpoint, steps[i].touchpoint);
		assert_int_equal(s->channel, steps[i].channel);
		assert_int_equal(s->within, steps[i].within);
		assert_int_equal(s->after, steps[i].after);
		assert_string_equal(s->from, steps[i].from);
	}
	assert_true(plans.at[1].conditional);
	palier_arena_deinit(&cli.arena);
}

/* What another file says is read as if it stood there: by its own name, or beside the configuration. */
static void those_of_an_included_file_are_read(void **state)
{
	static const char *const forms[] = {
		"store { id = \"a\" } /* more */ include = {\"%s\"}\nsurvey { }\n",
		"# include = {\"x\"}\ninclude += { \"/nowhere/x.conf\",\n \"%s\" } survey { }\n",
		"include = \"%s\"\nsurvey { }\n",
		"card \"a\" { prefixes = {\"29\"} } include=\"%s\" listen \"unix:x\" { auth = trust }\n",
	};
	struct plans plans;
	char text[256];

	(void)state;
	write_file(beside, "journey", shop);
	for (size_t i = 0; i < 2 * COUNT(forms); i++) {
		struct cli cli = { .out = stdout };

		snprintf(text, sizeof(text), forms[i / 2], i % 2 ? strrchr(beside, '/') + 1 : beside);
		write_config(text);
		plans_read(&cli, path, &plans);
		assert_int_equal(plans.count, 2);
		assert_int_equal(plans.at[0].count, COUNT(steps));
		palier_arena_deinit(&cli.arena);
	}
}

static void none_are_read_where_there_are_none(void **state)
{
	static const char *const texts[] = { "store { id = \"a\" }\n", "journey { }\n", "journey { planned \"x\" { } }\n",
		"journey { planned { step \"broken\" } }\n", "include = {\"/nowhere/y.conf\"}\n", "include = {\"x\n",
		"include =", "include", "store { include = {\"x\"} }\n" };
	char said[1024] = "";
	struct cli cli = { .out = stdout, .err = fmemopen(said, sizeof(said), "w") };
	struct plans plans;

	(void)state;
	assert_non_null(cli.err);
	for (size_t i = 0; i < COUNT(texts); i++) {
		write_config(texts[i]);
		plans_read(&cli, path, &plans);
		assert_int_equal(plans.count, 0);
		fflush(cli.err);
		assert_int_equal(strstr(said, "the section `journey` is not understood") != NULL,
			i >= 3); /* of the broken one */
	}
	plans_read(&cli, NULL, &plans);
	assert_int_equal(plans.count, 0);
	plans_read(&cli, "/nowhere/x.conf", &plans);
	assert_int_equal(plans.count, 0);
	fclose(cli.err);
	palier_arena_deinit(&cli.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_read_as_the_daemon_reads_them),
		cmocka_unit_test(those_of_an_included_file_are_read),
		cmocka_unit_test(none_are_read_where_there_are_none),
	};

	return cmocka_run_group_tests_name("plans", tests, NULL, config_remove);
}
