/* SPDX-License-Identifier: Apache-2.0 */
/* palierd --help and palierd(8) name the same verbs and options, and a wrong command line is told from a right one. */
#include "tests/e2e/harness.h"

static bool page_names(const char *page, const char *macro, const char *name)
{
	char wanted[64];
	size_t n = (size_t)snprintf(wanted, sizeof(wanted), "%s %s", macro, name);

	for (const char *at = page; (at = strstr(at, wanted)); at++)
		if (strchr(" \n", at[n]))
			return true;
	return false;
}

static void page_is_complete(void **state)
{
	struct shop *s = *state;
	char *page = file_read(MAN_DIR "/palierd.8", NULL), *help, *rest;
	unsigned verbs = 0, options = 0;

	assert_non_null(page);
	assert_int_equal(shop_verb(s, "--help", &help), 0);
	for (char *line = strtok_r(help, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[32];

		if (sscanf(line, "  -%31[a-z-]", name) == 1) { /* with the second dash, as the page's Fl wants it */
			options++;
			if (!page_names(page, "Fl", name))
				fail_msg("palierd(8) does not name -%s", name);
		} else if (line[0] == ' ' && sscanf(line, "  %31[a-z]", name) == 1) {
			verbs++;
			if (!page_names(page, ".It Cm", name))
				fail_msg("palierd(8) does not explain %s", name);
		}
	}
	assert_true(verbs >= 7 && options >= 6);
	free(help);
	free(page);
}

static void misused(void **state)
{
	static const char *const lines[][4] = {
		{ "nonsense" },
		{ "backup" },
		{ "restore" },
		{ "backup", "one", "two" },
		{ "check", "--keys", "one" },
		{ "doctor", "now" },
	};
	struct shop *s = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *said;

		assert_int_equal(shop_verb_with(s, lines[i], &said), 64);
		assert_non_null(strstr(said, "palierd --help"));
		free(said);
	}
}

int main(void)
{
	static const struct shop_options stopped = { .stopped = true };
	const struct CMUnitTest tests[] = {
		IN_SHOP("palierd(8) names every verb and option of --help", page_is_complete, &stopped),
		IN_SHOP("a command line that means nothing does nothing", misused, &stopped),
	};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
