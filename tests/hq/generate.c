/* SPDX-License-Identifier: Apache-2.0 */
/* hq_generate DIRECTORY STORES DAYS SALES MEMBERS: the batches of a made-up chain, to measure with. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/hq/made.h"

int main(int argc, char **argv)
{
	struct made_plan plan = { .seed = 1 };
	int *const figures[] = { &plan.stores, &plan.days, &plan.sales, &plan.members };

	if (argc != 6) {
		fprintf(stderr, "usage: hq_generate DIRECTORY STORES DAYS SALES MEMBERS\n");
		return 64;
	}
	for (int i = 0; i < 4; i++) {
		*figures[i] = (int)strtol(argv[2 + i], NULL, 10);
		if (*figures[i] < 1) {
			fprintf(stderr, "hq_generate: %s is no number from 1 on\n", argv[2 + i]);
			return 64;
		}
	}
	printf("%lld events\n", (long long)made_write(argv[1], &plan));
	return 0;
}
