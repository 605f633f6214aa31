/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/clock.h"
#include "tests/e2e/harness.h"

#define DAY_S INT64_C(86400)
#define NOON  (INT64_C(11) * 3600)

static char clock_file[64]; /* empty: not taken */
static int64_t ahead;       /* seconds */

bool clock_taken(void)
{
	return clock_file[0] != '\0';
}

int64_t clock_ahead(void)
{
	return ahead;
}

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec + ahead) * 1000 + t.tv_nsec / 1000000;
}

/* The library reads the file each time that a daemon looks at its clock. */
void clock_set(int64_t seconds)
{
	char next[80], text[32];
	int n = snprintf(text, sizeof(text), "%+lld\n", (long long)seconds);

	ahead = seconds;
	snprintf(next, sizeof(next), "%s.next", clock_file);
	file_write(next, text, (size_t)n);
	assert_int_equal(rename(next, clock_file), 0);
}

void clock_to_noon(void)
{
	int64_t now = clock_ms() / 1000;

	clock_set(ahead + DAY_S - now % DAY_S + NOON);
}

void clock_take(void)
{
	if (access(FAKETIME_LIBRARY, R_OK) != 0)
		fail_msg("libfaketime is missing: install the package libfaketime");
	strcpy(clock_file, "/tmp/palier-clock-XXXXXX");
	close(mkstemp(clock_file));
	clock_set(0);
	setenv("LD_PRELOAD", FAKETIME_LIBRARY, 1);
	setenv("FAKETIME_TIMESTAMP_FILE", clock_file, 1);
	setenv("FAKETIME_NO_CACHE", "1", 1);
	setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
	setenv("NO_FAKE_STAT", "1", 1);
}

void clock_give_back(void)
{
	if (!clock_taken())
		return;
	unsetenv("LD_PRELOAD");
	unlink(clock_file);
	clock_file[0] = '\0';
	ahead = 0;
}
