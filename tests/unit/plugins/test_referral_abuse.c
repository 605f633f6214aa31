/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of deeds by which somebody might keep a reward for a purchase that did not stay, or be paid twice. After every deed the plugins must
 * agree with the model, and both with what was reckoned by hand. The stories of the rules are played here, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/model/referral_stories.h"
#include "tests/unit/plugins/sponsors.h"

#define BOUGHT            CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100)
#define ALL_PAID          BOUGHT, DO(PASS(30), R_EARNED, 500, 100)
#define JOIN(from, to)    ACT(R_MERGE, 0, .who = from, .other = to)
#define GONE(n)           ACT(R_ERASE, 0, .who = n)
#define ACCEPT(which)     ACT(R_REVIEW, which, .value = 1)
#define REJECT(which)     ACT(R_REVIEW, which)
#define TAKES_ON(n, sale) ACT(R_TAKE_ON, sale, .who = n)
#define FLAGGED \
	DO(ENROLL(0, .contact = 1), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0), \
		DO(ENROLL(1, .code = 1, .contact = 1), R_FLAGGED, 0, 0)

static const struct r_story abuses[] = {
	/* --- bought to be brought back --- */
	{ "brought back on another day", { RULES },
		{ BOUGHT, DO(PASS(1), R_HELD, 0, 100), DO(BACK(0, 100), R_PURCHASED, 0, 0), DO(PASS(60), R_PURCHASED, 0, 0),
			END } },
	{ "brought back on the last day before it is due", { RULES },
		{ BOUGHT, DO(PASS(29), R_HELD, 0, 100), DO(BACK(0, 1), R_PURCHASED, 0, 0), DO(PASS(1), R_PURCHASED, 0, 0),
			END } },
	{ "brought back on the day on which it is due, before the jobs have run", { RULES },
		{ BOUGHT, DO(PASS(29), R_HELD, 0, 100), DO(BACK(0, 1, .hours = DAY), R_VOID, 0, 0),
			DO(PASS(1), R_VOID, 0, 0), END } },
	{ "brought back bit by bit", { RULES },
		{ CLAIMED, DO(BUY(1, 2600), R_HELD, 0, 100), DO(BACK(0, 2), R_HELD, 0, 100), DO(BACK(0, 1), R_HELD, 0, 100),
			DO(BACK(0, 1), R_PURCHASED, 0, 0), DO(BACK(0, 100), R_PURCHASED, 0, 0), END } },
	{ "a cent too much brought back after payment", { RULES },
		{ CLAIMED, DO(BUY(1, 2600), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100),
			DO(BACK(0, 2), R_EARNED, 500, 100), DO(BACK(0, 1), R_EARNED, 500, 100), DO(BACK(0, 1), R_VOID, 0, 0),
			DO(BACK(0, 50), R_VOID, 0, 0), END } },
	{ "the sponsor has spent it by then", { SOME_RULES, .sponsor = { R_POINTS, 0, 500 } },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 0, 100),
			DO(ACT(R_ADJUST, 0, .value = -500), R_EARNED, 0, 100), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "a return after payment is voided: both are paid again, once", { RULES },
		{ ALL_PAID, DO(BACK(0, 100), R_VOID, 0, 0), DO(ACT(R_UNRETURN, 0), R_EARNED, 500, 100),
			DO(BACK(0, 100), R_VOID, 0, 0), DO(ACT(R_UNRETURN, 1), R_EARNED, 500, 100),
			DO(PASS(30), R_EARNED, 500, 100), END } },
	{ "a return is voided, and comes again", { RULES },
		{ BOUGHT, DO(BACK(0, 100), R_PURCHASED, 0, 0), DO(ACT(R_UNRETURN, 0), R_HELD, 0, 100),
			DO(PASS(1), R_HELD, 0, 100), DO(BACK(0, 100), R_PURCHASED, 0, 0), DO(PASS(60), R_PURCHASED, 0, 0),
			END } },
	{ "a sale is voided: it pays nothing, the next one all", { RULES },
		{ BOUGHT, DO(ACT(R_UNDO, 0), R_CLAIMED, 0, 0), DO(PASS(30), R_CLAIMED, 0, 0),
			DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100), END } },
	{ "a sale is voided when the other, which would do, has come back in part", { RULES },
		{ BOUGHT, DO(BUY(1, 2500), R_HELD, 0, 100), DO(BACK(1, 50), R_HELD, 0, 100),
			DO(ACT(R_UNDO, 0), R_PURCHASED, 0, 0), DO(PASS(30), R_PURCHASED, 0, 0), END } },
	{ "a sale is voided after the sponsor was paid, while the day is still open", { RULES },
		{ BOUGHT, DO(BUY(1, 100, .hours = 30 * DAY), R_EARNED, 500, 100), DO(ACT(R_UNDO, 0), R_PURCHASED, 0, 0),
			END } },
	{ "many small ones are no large one", { RULES },
		{ CLAIMED, DO(BUY(1, 2000), R_PURCHASED, 0, 0), DO(BUY(1, 2000), R_PURCHASED, 0, 0),
			DO(BUY(1, 2000), R_PURCHASED, 0, 0), DO(PASS(60), R_PURCHASED, 0, 0), END } },
	{ "a second purchase pays the friend no second time", { RULES },
		{ BOUGHT, DO(BUY(1, 5000), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100),
			DO(BUY(1, 5000), R_EARNED, 500, 100), DO(PASS(30), R_EARNED, 500, 100), END } },
	{ "and does not stand in for the first, brought back", { RULES },
		{ BOUGHT, DO(BUY(1, 5000), R_HELD, 0, 100), DO(BACK(0, 100), R_PURCHASED, 0, 0),
			DO(PASS(60), R_PURCHASED, 0, 0), DO(BUY(1, 5000), R_HELD, 0, 100), END } },

	{ "a return is voided when another purchase has been paid for", { RULES },
		{ BOUGHT, DO(BACK(0, 100), R_PURCHASED, 0, 0), DO(BUY(1, 2500), R_HELD, 0, 100),
			DO(ACT(R_UNRETURN, 0), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100), END } },
	{ "a return is voided when the purchase in its place has come back after payment", { RULES },
		{ BOUGHT, DO(BACK(0, 10), R_PURCHASED, 0, 0), DO(BUY(1, 2500, .late = 31 * DAY), R_HELD, 0, 100),
			DO(BACK(1, 10), R_VOID, 0, 0), DO(ACT(R_UNRETURN, 0), R_HELD, 0, 100), END } },
	{ "a sale is voided after sponsor and friend became one", { RULES },
		{ BOUGHT, DO(JOIN(1, 0), R_VOID, 0, 0), DO(ACT(R_UNDO, 0), R_VOID, 0, 0), END } },
	{ "a return is voided after sponsor and friend became one", { RULES },
		{ BOUGHT, DO(BACK(0, 100), R_PURCHASED, 0, 0), DO(JOIN(1, 0), R_VOID, 0, 0),
			DO(ACT(R_UNRETURN, 0), R_VOID, 0, 0), END } },
	{ "and after both had been paid", { RULES },
		{ ALL_PAID, DO(BACK(0, 100), R_VOID, 0, 0), DO(JOIN(1, 0), R_VOID, 0, 0),
			DO(ACT(R_UNRETURN, 0), R_VOID, 0, 0), END } },

	/* --- told late --- */
	{ "a return before payment, told after it", { RULES },
		{ ALL_PAID, DO(BACK(0, 100, .hours = DAY, .late = 4 * DAY), R_VOID, 0, 0), END } },
	{ "a sale of 40 days ago, told now, and brought back", { RULES },
		{ DO(ENROLL(0), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0),
			DO(ENROLL(1, .code = 1, .late = 0), R_CLAIMED, 0, 0),
			DO(BUY(1, 2500, .hours = 40 * DAY, .late = 39 * DAY), R_HELD, 0, 100),
			DO(PASS(0), R_EARNED, 500, 100), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "a code that does not do stops no sale that has happened", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 2500, .code = R_FORGED, .late = 1), NONE, 0, 0),
			DO(BUY(0, 2500, .code = 1, .late = 1), NONE, 0, 0),
			DO(BUY(R_NOBODY, 2500, .code = 1, .late = 1), NONE, 0, 0), END } },

	/* --- claimed twice, or too late --- */
	{ "bought, brought back, and new again?", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 2500), NONE, 0, 0), DO(BACK(0, 100), NONE, 0, 0),
			NOT("not_a_new_customer", BUY(1, 2500, .code = 1), NONE, 0, 0), END } },
	{ "two sponsors for one friend", { RULES },
		{ CLAIMED, DO(ENROLL(2), R_CLAIMED, 0, 0), DO(CODE_OF(2), R_CLAIMED, 0, 0),
			NOT("code_spent", BUY(1, 2500, .code = 2), R_CLAIMED, 0, 0), DO(BUY(1, 2500), R_HELD, 0, 100),
			END } },
	{ "a sale is taken on that has come back", { RULES },
		{ CLAIMED, DO(BUY(R_NOBODY, 2500), R_CLAIMED, 0, 0), DO(BACK(0, 100), R_CLAIMED, 0, 0),
			DO(TAKES_ON(1, 0), R_PURCHASED, 0, 0), DO(PASS(30), R_PURCHASED, 0, 0), END } },
	{ "a sale is taken on, and comes back", { RULES },
		{ CLAIMED, DO(BUY(R_NOBODY, 2500), R_CLAIMED, 0, 0), DO(TAKES_ON(1, 0), R_HELD, 0, 100),
			DO(BACK(0, 50), R_PURCHASED, 0, 0), END } },
	{ "a sale is taken on, and voided", { RULES },
		{ CLAIMED, DO(BUY(R_NOBODY, 2500), R_CLAIMED, 0, 0), DO(TAKES_ON(1, 0), R_HELD, 0, 100),
			DO(ACT(R_UNDO, 0), R_CLAIMED, 0, 0), END } },
	{ "the claim came with a small sale that is voided behind a large one", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 100, .code = 1), R_PURCHASED, 0, 0),
			DO(BUY(1, 2500), R_HELD, 0, 100), DO(ACT(R_UNDO, 0), NONE, 0, 0), DO(PASS(30), NONE, 0, 0), END } },

	/* --- other people, or the same --- */
	{ "the friend becomes another, then brings it back", { RULES },
		{ ALL_PAID, DO(ENROLL(2), R_EARNED, 500, 100), DO(JOIN(1, 2), R_EARNED, 500, 0),
			DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "the sponsor becomes another, then the friend brings it back", { RULES },
		{ ALL_PAID, DO(ENROLL(2), R_EARNED, 500, 100), DO(JOIN(0, 2), R_EARNED, 0, 100),
			DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "sponsor and friend were one all along", { RULES },
		{ ALL_PAID, DO(JOIN(1, 0), R_VOID, 0, 0), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "and by way of a third", { RULES },
		{ BOUGHT, DO(ENROLL(2), R_HELD, 0, 100), DO(JOIN(0, 2), R_HELD, 0, 100), DO(JOIN(1, 2), R_VOID, 0, 0),
			DO(PASS(30), R_VOID, 0, 0), END } },
	{ "one friend who was claimed by two", { RULES },
		{ BOUGHT, DO(ENROLL(2), R_HELD, 0, 100), DO(CODE_OF(2), R_HELD, 0, 100),
			DO(ENROLL(3, .code = 2), R_CLAIMED, 0, 100), DO(BUY(3, 2500), R_HELD, 0, 100),
			DO(JOIN(3, 1), R_VOID, 0, 100), DO(PASS(30), R_VOID, 500, 100), END } },
	{ "and the claim that was told late was the first", { RULES },
		{ BOUGHT, DO(CODE_OF(0), R_HELD, 0, 100), DO(ENROLL(2, .code = 1, .late = DAY), R_CLAIMED, 0, 100),
			DO(JOIN(1, 2), R_CLAIMED, 0, 0), DO(BUY(2, 2500), R_HELD, 0, 0), END } },
	{ "the friend is erased, then it is brought back", { RULES },
		{ BOUGHT, DO(GONE(1), R_VOID, 0, 0), DO(BACK(0, 100), R_VOID, 0, 0), DO(PASS(30), R_VOID, 0, 0), END } },
	{ "and that is voided: the referral has ended all the same", { RULES },
		{ BOUGHT, DO(GONE(1), R_VOID, 0, 0), DO(BACK(0, 100), R_VOID, 0, 0), DO(ACT(R_UNRETURN, 0), R_VOID, 0, 0),
			DO(PASS(30), R_VOID, 0, 0), END } },
	{ "the friend is erased after payment, and a return is voided", { RULES },
		{ ALL_PAID, DO(BACK(0, 100), R_VOID, 0, 0), DO(GONE(1), R_VOID, 0, 0),
			DO(ACT(R_UNRETURN, 0), R_EARNED, 500, 0), END } },
	{ "the friend is erased after payment, then it is brought back", { RULES },
		{ ALL_PAID, DO(GONE(1), R_EARNED, 500, 0), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "the sponsor is erased, then it is brought back", { RULES },
		{ ALL_PAID, DO(GONE(0), R_EARNED, 0, 100), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "nobody claims the code of one who is erased", { RULES },
		{ BEGIN, DO(GONE(0), NONE, 0, 0), NOT("code_expired", ENROLL(1, .code = 1), NONE, 0, 0), END } },
	{ "a circle of three", { RULES },
		{ CLAIMED, DO(CODE_OF(1), R_CLAIMED, 0, 0), DO(ENROLL(2, .code = 2), R_CLAIMED, 0, 0),
			DO(CODE_OF(2), R_CLAIMED, 0, 0), DO(BUY(0, 2500, .code = 3), R_FLAGGED, 0, 0),
			DO(PASS(30), R_FLAGGED, 0, 0), END } },

	/* --- the supervisor --- */
	{ "accepted twice", { RULES },
		{ FLAGGED, DO(BUY(1, 2500), R_FLAGGED, 0, 0), DO(ACCEPT(0), R_HELD, 0, 100),
			NOT("referral_unknown", ACCEPT(0), R_HELD, 0, 100),
			NOT("referral_unknown", REJECT(0), R_HELD, 0, 100), END } },
	{ "accepted long after, and brought back", { RULES },
		{ FLAGGED, DO(BUY(1, 2500), R_FLAGGED, 0, 0), DO(PASS(40), R_FLAGGED, 0, 0),
			DO(ACCEPT(0), R_EARNED, 500, 100), DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "brought back while it waits for the verdict, long after it was due", { RULES },
		{ FLAGGED, DO(BUY(1, 2500), R_FLAGGED, 0, 0), DO(PASS(40), R_FLAGGED, 0, 0),
			DO(BACK(0, 100), R_FLAGGED, 0, 0), DO(ACCEPT(0), R_PURCHASED, 0, 0), DO(PASS(30), R_PURCHASED, 0, 0),
			END } },
	{ "voided while it waits", { RULES },
		{ FLAGGED, DO(BUY(1, 2500), R_FLAGGED, 0, 0), DO(ACT(R_UNDO, 0), R_FLAGGED, 0, 0),
			DO(ACCEPT(0), R_CLAIMED, 0, 0), END } },
	{ "sponsor and friend become one while it waits", { RULES },
		{ FLAGGED, DO(BUY(1, 2500), R_FLAGGED, 0, 0), DO(JOIN(1, 0), R_VOID, 0, 0),
			NOT("referral_unknown", ACCEPT(0), R_VOID, 0, 0), END } },

	/* --- more than the cap --- */
	{ "over the cap, what was not paid is not taken back", { RULES, .cap = 1 },
		{ BOUGHT, DO(ENROLL(2, .code = 1), R_CLAIMED, 0, 100), DO(BUY(2, 2500), R_HELD, 0, 100),
			DO(PASS(30), R_EARNED, 500, 100), DO(BACK(1, 100), R_VOID, 500, 100), DO(BACK(0, 100), R_VOID, 0, 0),
			END } },
	{ "a period later the cap is another", { RULES, .cap = 1 },
		{ BOUGHT, DO(PASS(30), R_EARNED, 500, 100), DO(ENROLL(2, .code = 1, .hours = 10 * DAY), R_CLAIMED, 500, 100),
			DO(BUY(2, 2500), R_HELD, 500, 100), DO(PASS(30), R_EARNED, 1000, 100), END } },
	{ "more claims than a day has", { SOME_RULES, .claims_per_day = 1, .sponsor = { R_POINTS, 1, 500 } },
		{ CLAIMED, DO(ENROLL(2, .code = 1), R_FLAGGED, 0, 0),
			DO(ENROLL(3, .code = 1, .hours = DAY), R_CLAIMED, 0, 0), END } },
};

#define ABUSES ((int)(sizeof(abuses) / sizeof(*abuses)))

static void plays(void **state)
{
	const struct r_story *story = *state;
	static struct sponsors s;

	sponsors_open(&s, &story->rules, R_NOW);
	for (const struct r_told *t = story->told; !t->ends; t++) {
		char why[256];

		if (!sponsors_do(&s, &t->op))
			fail_msg("step %d: %s", (int)(t - story->told) + 1, s.why);
		if (!r_as_told(&s.model, &s.deed, t, why, sizeof(why)))
			fail_msg("step %d: %s", (int)(t - story->told) + 1, why);
	}
	if (!sponsors_sound(&s))
		fail_msg("%s", s.why);
	sponsors_close(&s);
}

static struct CMUnitTest row(const struct r_story *story)
{
	return (struct CMUnitTest){ story->name, plays, NULL, NULL, (void *)(uintptr_t)story };
}

int main(void)
{
	struct CMUnitTest *tests = calloc((size_t)(r_story_count + ABUSES), sizeof(*tests));
	int failed;

	assert_non_null(tests);
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (int i = 0; i < r_story_count; i++)
		tests[i] = row(&r_stories[i]);
	for (int i = 0; i < ABUSES; i++)
		tests[r_story_count + i] = row(&abuses[i]);
	failed = _cmocka_run_group_tests("abuse", tests, (size_t)(r_story_count + ABUSES), NULL, NULL);
	free(tests);
	return failed;
}
