/* SPDX-License-Identifier: Apache-2.0 */
/* What points tells the customer, with a ticket and when the card is looked up. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, NULL };

#define EARN(unit)   " earn " unit " { unit = " unit "  per = \"1.00\" }"
#define UNIT(expiry) "points { unit points { expires = \"" expiry "\" }" EARN("points") " }"

/* Sales of so many cents, on 21 November 2026 and, where there is a second, ten days later; the card is looked up on `seen`. */
static const struct wording_case {
	const char *name, *config;
	int64_t first, second;
	const char *message, *seen, *prompts;
} cases[] = {
	{ "the ticket says what it earned, and the balance", UNIT("never"), 1250, 0, "points: +12, balance 12", "2026-11-21",
		"" },
	{ "the balance has what was there before", UNIT("never"), 1250, 300, "points: +3, balance 15", "2026-12-01", "" },
	{ "but not what has lapsed", UNIT("5 days"), 1250, 300, "points: +3, balance 3", "2026-12-01",
		"points: 3 lapse after 06 Dec 2026" },
	{ "a ticket that earns nothing says nothing", UNIT("never"), 99, 0, "", "2026-11-21", "" },
	{ "each unit has its message", "points { unit points {} unit stars {}" EARN("points") EARN("stars") " }", 200, 0,
		"points: +2, balance 2; stars: +2, balance 2", "2026-11-21", "" },
	{ "of money it is an amount",
		"points { unit credit { kind = money  expires = \"10 days\" } earn back { unit = credit  per = \"1.00\"  points = 5 } }",
		1000, 0, "credit: +€0.50, balance €0.50", "2026-11-21", "credit: €0.50 lapse after 01 Dec 2026" },
	{ "of one euro, one", "points { unit credit { kind = money  expires = \"10 days\" }" EARN("credit") " }", 15000, 0,
		"credit: +€1.50, balance €1.50", "2026-11-21", "credit: €1.50 lapses after 01 Dec 2026" },
	{ "what lapses in thirty days is said", UNIT("30 days"), 100, 0, "points: +1, balance 1", "2026-11-21",
		"points: 1 lapses after 21 Dec 2026" },
	{ "in thirty-one, not yet", UNIT("31 days"), 100, 0, "points: +1, balance 1", "2026-11-21", "" },
	{ "the next day it is", UNIT("31 days"), 100, 0, "points: +1, balance 1", "2026-11-22",
		"points: 1 lapses after 22 Dec 2026" },
	{ "of a unit only what lapses next is said", UNIT("20 days"), 100, 200, "points: +2, balance 3", "2026-12-01",
		"points: 1 lapses after 11 Dec 2026" },
	{ "of each unit",
		"points { unit points { expires = \"9 days\" } unit stars { expires = \"8 days\" }" EARN("points")
			EARN("stars") " }",
		200, 0, "points: +2, balance 2; stars: +2, balance 2", "2026-11-21",
		"stars: 2 lapse after 29 Nov 2026; points: 2 lapse after 30 Nov 2026" },
	{ "what has lapsed is not spoken of", UNIT("5 days"), 100, 0, "points: +1, balance 1", "2026-11-27", "" },
};

#define CASES (sizeof(cases) / sizeof(*cases))

static void says(void **state)
{
	const struct wording_case *t = *state;
	struct palier_ctx *c = kit_new(plugins, t->config);
	struct palier_id member = kit_member(1);

	kit_clock(c, "2026-11-21T12:00:00+01:00");
	assert_int_equal(kit_sale(c, &member, "T-1", &(struct kit_line){ .amount = t->first }, 1), PALIER_OK);
	if (t->second) {
		kit_clock(c, "2026-12-01T12:00:00+01:00");
		assert_int_equal(kit_sale(c, &member, "T-2", &(struct kit_line){ .amount = t->second }, 1), PALIER_OK);
	}
	assert_string_equal(kit_messages(c), t->message);
	kit_clock(c, palier_format(palier_arena(c), "%sT12:00:00+01:00", t->seen));
	kit_lookup(c, member);
	assert_string_equal(kit_prompts(c), t->prompts);
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[CASES] = { 0 };

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, says, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests_name("points_wording", tests, NULL, NULL);
}
