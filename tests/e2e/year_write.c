/* SPDX-License-Identifier: Apache-2.0 */
/* e2e_year DATA MEMBERS TOUCHES [COHORT]: a made-up year in a ledger that `palierd init` has just made, to measure with. Of members who come in
 * cohorts an index is sooner made: its changes lie closer together. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/e2e/year.h"

int main(int argc, char **argv)
{
	struct year_plan plan = { .data = NULL };
	struct year_told told;

	if (argc == 4 || argc == 5) {
		plan.data = argv[1];
		plan.members = (uint32_t)strtoul(argv[2], NULL, 10);
		plan.touches = (unsigned)strtoul(argv[3], NULL, 10);
		plan.cohort = argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : plan.members;
	}
	if (!plan.members || !plan.touches || !plan.cohort || plan.members % plan.cohort) {
		fprintf(stderr, "usage: e2e_year DATA MEMBERS TOUCHES [COHORT]; COHORT divides MEMBERS\n");
		return 64;
	}
	year_write(&plan, &told);
	printf("%lld events\n", (long long)told.events);
	return 0;
}
