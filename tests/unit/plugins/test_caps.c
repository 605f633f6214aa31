/* SPDX-License-Identifier: Apache-2.0 */
/* How often something may be had: the counts, what is left of a cap, and what a void, a merge and an erasure make of them. */
#include "plugins/caps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/plugins/kit.h"

CAPS_OPTIONS(max_options);
static cfg_opt_t options[] = { CFG_SEC("max", max_options, CFGF_NODEFAULT), CFG_END() };

static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct caps *caps = palier_setup_alloc(s, sizeof(*caps));

	*out = caps;
	return caps_read(s, section, caps) ? PALIER_OK : PALIER_ECONFIG;
}

static const struct palier_plugin plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "thing",
	.options = options,
	.configure = configure,
	.tables = (const struct palier_table[]){ CAPS_TABLE_USED, CAPS_TABLE_TOTAL, { 0 } } };
static const struct palier_plugin *const plugins[] = { &plugin, NULL };
static const struct caps_tables in = { 0, 1 };
static const uint32_t today = 20261121, tomorrow = 20261122;

static struct caps_use use(const char *name, const struct palier_id *member, uint32_t day)
{
	return (struct caps_use){ palier_str(name), member, day };
}

static void add(struct palier_ctx *c, const char *name, const struct palier_id *member, uint32_t day, int64_t times)
{
	const struct caps_use u = use(name, member, day);

	assert_int_equal(caps_add(kit_tables(c, 0), in, &u, times), PALIER_OK);
}

/* By the configured caps. */
static int64_t left(struct palier_ctx *c, const char *name, const struct palier_id *member, uint32_t day)
{
	const struct caps_use u = use(name, member, day);
	int64_t out = -1;

	assert_int_equal(caps_left(palier_tables(c), in, palier_config(c), &u, &out), PALIER_OK);
	return out;
}

static void counted(void **state)
{
	const struct palier_id anna = kit_member(1), bert = kit_member(2);
	struct palier_ctx *c = kit_new(plugins, "thing { max { member = 5  day = 2  total = 9 } }");

	(void)state;
	assert_int_equal(left(c, "a", &anna, today), 2);
	add(c, "a", &anna, today, 2);
	assert_int_equal(left(c, "a", &anna, today), 0);
	assert_int_equal(left(c, "a", &anna, tomorrow), 2);
	assert_int_equal(left(c, "a", &bert, today), 2);
	assert_int_equal(left(c, "ab", &anna, today), 2);
	add(c, "a", &anna, tomorrow, 2);
	assert_int_equal(left(c, "a", &anna, 20261123), 1);
	assert_int_equal(left(c, "a", NULL, today), 5);
	add(c, "a", NULL, today, 4);
	assert_int_equal(left(c, "a", &bert, today), 1);
	add(c, "a", &bert, today, 7); /* what has happened already */
	assert_int_equal(left(c, "a", &bert, today), 0);
	kit_free(c);
}

static void unbound(void **state)
{
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, "thing { max { member = 1 } }");

	(void)state;
	add(c, "a", NULL, today, 3);
	assert_true(left(c, "a", NULL, today) == INT64_MAX);
	add(c, "a", &anna, today, 1);
	assert_int_equal(left(c, "a", &anna, tomorrow), 0);
	kit_reconfigure(c, "thing { }");
	assert_true(left(c, "a", &anna, tomorrow) == INT64_MAX);
	kit_reconfigure(c, "thing { max { day = 3 } }");
	assert_int_equal(left(c, "a", &anna, today), 2); /* counted before there was a cap */
	kit_free(c);
}

static void undone(void **state)
{
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, "thing { max { member = 3  total = 3 } }");

	(void)state;
	add(c, "a", &anna, today, 3);
	add(c, "a", &anna, today, -1);
	assert_int_equal(left(c, "a", &anna, today), 1);
	add(c, "a", &anna, today, -2);
	assert_int_equal(left(c, "a", &anna, today), 3);
	assert_int_equal(caps_any(palier_tables(c), in, anna), PALIER_ENOENT);
	add(c, "a", &anna, today, -1);
	assert_int_equal(left(c, "a", &anna, today), 3);
	kit_free(c);
}

static void merged(void **state)
{
	const struct palier_id anna = kit_member(1), bert = kit_member(2);
	struct palier_ctx *c = kit_new(plugins, "thing { max { member = 9  day = 5 } }");

	(void)state;
	add(c, "a", &anna, today, 2);
	add(c, "b", &anna, today, 1);
	add(c, "a", &bert, today, 1);
	assert_int_equal(caps_move(kit_tables(c, 0), in, anna, &bert), PALIER_OK);
	assert_int_equal(left(c, "a", &bert, tomorrow), 5);
	assert_int_equal(left(c, "a", &bert, today), 2);
	assert_int_equal(left(c, "b", &bert, today), 4);
	assert_int_equal(caps_any(palier_tables(c), in, anna), PALIER_ENOENT);
	assert_int_equal(caps_any(palier_tables(c), in, bert), PALIER_OK);
	kit_free(c);
}

static void erased(void **state)
{
	const struct palier_id anna = kit_member(1), bert = kit_member(2);
	struct palier_ctx *c = kit_new(plugins, "thing { max { member = 2  total = 4 } }");

	(void)state;
	add(c, "a", &anna, today, 2);
	add(c, "a", &bert, today, 1);
	assert_int_equal(caps_move(kit_tables(c, 0), in, anna, NULL), PALIER_OK);
	assert_int_equal(caps_any(palier_tables(c), in, anna), PALIER_ENOENT);
	assert_int_equal(left(c, "a", &bert, today), 1); /* the total stays */
	kit_free(c);
}

static void refused(void **state)
{
	const struct palier_id anna = kit_member(1);
	const struct caps_use u = use("a", &anna, today);
	struct palier_ctx *c = kit_new(plugins, "thing { }");

	(void)state;
	assert_string_equal(kit_config_error(plugins, "thing { max { day = -1 } }"),
		"test:1: max: day = -1: expected how often, or 0 for no limit");
	add(c, "a", &anna, today, PALIER_FIGURE_MAX);
	assert_int_equal(caps_add(kit_tables(c, 0), in, &u, 1), PALIER_ERANGE);
	kit_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "uses count by member, by the member's day and in all", counted, NULL, NULL, NULL },
		{ "without a card neither member nor day binds; without a cap nothing does", unbound, NULL, NULL, NULL },
		{ "what is undone may be had again, and never more than that", undone, NULL, NULL, NULL },
		{ "two members become one: their counts add up", merged, NULL, NULL, NULL },
		{ "an erased member has no counts, and the total stays", erased, NULL, NULL, NULL },
		{ "caps and counts that are none", refused, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
