/* SPDX-License-Identifier: Apache-2.0 */
/* The model of sponsorship itself, by stories reckoned by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/model/referral_stories.h"

static void plays(void **state)
{
	const struct r_story *story = *state;
	static struct referrals m;
	int64_t now = R_NOW;

	referrals_init(&m, &story->rules);
	for (const struct r_told *t = story->told; !t->ends; t++) {
		struct r_deed deed;
		char why[256];

		r_do(&m, &t->op, &now, &deed);
		if (!r_as_told(&m, &deed, t, why, sizeof(why)))
			fail_msg("step %d: %s", (int)(t - story->told) + 1, why);
	}
}

int main(void)
{
	struct CMUnitTest *tests = calloc((size_t)r_story_count, sizeof(*tests));
	int failed;

	assert_non_null(tests);
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (int i = 0; i < r_story_count; i++)
		tests[i] = (struct CMUnitTest){ r_stories[i].name, plays, NULL, NULL, (void *)(uintptr_t)&r_stories[i] };
	failed = _cmocka_run_group_tests("stories", tests, (size_t)r_story_count, NULL, NULL);
	free(tests);
	return failed;
}
