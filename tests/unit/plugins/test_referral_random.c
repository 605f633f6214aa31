/* SPDX-License-Identifier: Apache-2.0 */
/* Random stories of sponsorship against the model of tests/model, equal after every deed. PALIER_SEED=N plays one; PALIER_LONG plays 100,000, from
 * there on if both are set.
 * What fails is shortened before it is shown: what is printed can be pasted into a story of test_referral_abuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/plugins/sponsors.h"

#define STORIES      5000
#define STORIES_LONG 100000
#define OPS          22
#define NOW          INT64_C(1795255200000) /* 2026-11-21 10:00 in Paris */

struct tale {
	struct r_rules rules;
	struct r_op ops[OPS];
	int count;
	char why[2048];
};

static void tale_draw(struct tale *t, uint64_t seed)
{
	uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;

	r_rules_draw(&state, &t->rules);
	t->count = r_story_draw(&state, t->ops, OPS);
}

/* @return does all agree? else t->why says where not, and nothing behind it matters */
static bool play(struct tale *t)
{
	static struct sponsors s;
	bool well = true;

	sponsors_open(&s, &t->rules, NOW);
	for (int i = 0; i < t->count && well; i++) {
		well = sponsors_do(&s, &t->ops[i]);
		if (!well)
			t->count = i + 1;
	}
	well = well && sponsors_sound(&s);
	snprintf(t->why, sizeof(t->why), "%s", s.why);
	sponsors_close(&s);
	return well;
}

/* Leave out whatever it fails without. */
static void shorten(struct tale *t)
{
	static struct tale shorter;

	for (int i = t->count - 1; i >= 0; i--) {
		shorter = *t;
		memmove(&shorter.ops[i], &shorter.ops[i + 1], (size_t)(t->count - i - 1) * sizeof(shorter.ops[0]));
		shorter.count--;
		if (!play(&shorter))
			*t = shorter;
		if (i > t->count)
			i = t->count;
	}
}

static void agrees(uint64_t seed)
{
	static struct tale t;

	tale_draw(&t, seed);
	if (play(&t))
		return;
	shorten(&t);
	for (int i = 0; i < t.count; i++)
		print_error("\t%s,\n", sponsors_text(&t.ops[i]));
	fail_msg(
		"PALIER_SEED=%llu (minimum %lld, hold %d, cap %d, code %d months, claims %d, sponsor %d in %d, friend %d in %d): %s",
		(unsigned long long)seed, (long long)t.rules.minimum, t.rules.hold_days, t.rules.cap, t.rules.code_months,
		t.rules.claims_per_day, t.rules.sponsor.kind, t.rules.sponsor.unit, t.rules.friend.kind, t.rules.friend.unit,
		t.why);
}

static void test_agreement(void **state)
{
	const char *one = getenv("PALIER_SEED");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1, count = getenv("PALIER_LONG") ? STORIES_LONG : one ? 1 : STORIES;

	(void)state;
	for (uint64_t seed = first; seed < first + count; seed++)
		agrees(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "sponsorship is what the model says after every deed", test_agreement, NULL, NULL, NULL },
	};

	setenv("TZ", "Europe/Paris", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
