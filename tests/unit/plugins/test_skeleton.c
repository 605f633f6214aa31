/* SPDX-License-Identifier: Apache-2.0 */
/* The example builds, decides, folds, and reaches points through its header. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct palier_plugin palier_plugin_points, palier_plugin_skeleton;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_skeleton, NULL };

#define POINTS "points { unit points {} }\n"

static const struct visits_case {
	const char *name, *config;
	int visits;
	const char *balance;
} cases[] = {
	{ "before the nth sale nothing is given", POINTS "skeleton { every = 3  points = 50 }", 2,
		"\"balances\":{\"points\":0}" },
	{ "the nth sale is thanked with points", POINTS "skeleton { every = 3  points = 50 }", 3,
		"\"balances\":{\"points\":50}" },
	{ "counting goes on after it", POINTS "skeleton { every = 3  points = 50 }", 7, "\"balances\":{\"points\":100}" },
	{ "without its section it decides nothing", POINTS, 12, "\"balances\":{\"points\":0}" },
};

#define CASES (sizeof(cases) / sizeof(*cases))

static void test_visits(void **state)
{
	const struct visits_case *t = *state;
	struct palier_ctx *c = kit_new(plugins, t->config);
	struct palier_id member = kit_member(1);

	for (int i = 0; i < t->visits; i++)
		assert_int_equal(kit_sale(c, &member, "T", &(struct kit_line){ .amount = 100 }, 1), PALIER_OK);
	assert_memory_equal(kit_lookup(c, member), t->balance, strlen(t->balance));
	assert_true(kit_same(c));
	kit_free(c);
}

static void test_refused(void **state)
{
	(void)state;
	assert_string_equal(kit_config_error(plugins, "skeleton { every = 0 }"),
		"test:1: every and points must be at least 1");
}

int main(void)
{
	struct CMUnitTest tests[CASES + 1] = { { "a section that cannot mean anything is refused", test_refused, NULL, NULL,
		NULL } };

	for (size_t i = 0; i < CASES; i++)
		tests[i + 1] = (struct CMUnitTest){ cases[i].name, test_visits, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
