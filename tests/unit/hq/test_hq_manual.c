/* SPDX-License-Identifier: Apache-2.0 */
/* The manual of palier-hq. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tools/manual.h"

static void the_manual_names_the_same_commands_and_options(void **state)
{
	(void)state;
	manual_check(MAN_DIR "/palier-hq.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_names_the_same_commands_and_options),
	};

	return cmocka_run_group_tests_name("hq manual", tests, NULL, NULL);
}
