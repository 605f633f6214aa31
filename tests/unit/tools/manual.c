/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tools/manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/cli.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *read_manual(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

/* The part of the manual that begins with this heading, up to the next of a command or section. */
static char *manual_part(const char *text, const char *heading)
{
	static const char *const ends[] = { "\n.It Cm", "\n.Ss", "\n.Sh" };
	const char *at = strstr(text, heading);
	size_t len;

	if (!at)
		fail_msg("the manual has no \"%s\"", heading);
	at += strlen(heading);
	len = strlen(at);
	for (size_t i = 0; i < COUNT(ends); i++) {
		const char *end = strstr(at, ends[i]);

		if (end && (size_t)(end - at) < len)
			len = (size_t)(end - at);
	}
	return strndup(at, len);
}

static bool names_option(const struct cli_option *options, const char *name, size_t len)
{
	for (const struct cli_option *o = options; o && o->name; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return true;
	return false;
}

/* Does the part name exactly these options? Those of booking may stand in their own section. */
static void check_options(const char *part, const struct cli_option *options, const struct cli_option *also, const char *who)
{
	static const struct cli_option booking[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };
	bool refers = strstr(part, ".Sx BOOKING OPTIONS") != NULL;
	char flag[64];

	for (const struct cli_option *o = options; o && o->name; o++) {
		const char *at;

		snprintf(flag, sizeof(flag), "Fl -%s", o->name);
		at = strstr(part, flag);
		while (at && strchr("-abcdefghijklmnopqrstuvwxyz", at[strlen(flag)]) && at[strlen(flag)])
			at = strstr(at + 1, flag);
		if (!at && !(refers && names_option(booking, o->name, strlen(o->name))))
			fail_msg("the manual does not name --%s of %s", o->name, who);
	}
	if (refers && !names_option(options, "request", 7))
		fail_msg("the manual says that %s books", who);
	for (const char *at = part; (at = strstr(at, "Fl -"));) {
		size_t len = strcspn(at += 4, " \n");

		if (!names_option(options, at, len) && !names_option(also, at, len))
			fail_msg("the manual names --%.*s, which %s has not", (int)len, at, who);
	}
}

void manual_check(const char *path)
{
	char *text = read_manual(path), *part = manual_part(text, ".Sh GLOBAL OPTIONS");
	int commands = 0;

	check_options(part, cli_global_options, NULL, cli_program);
	free(part);
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		for (const struct cli_verb *v = (*c)->verbs; v->name; v++, commands++) {
			char heading[64];

			snprintf(heading, sizeof(heading), "\n.It Cm %s%s%s", (*c)->name, v->name[0] ? " " : "", v->name);
			part = manual_part(text, heading);
			check_options(part, v->options, cli_global_options, heading + 8);
			free(part);
		}
	for (const char *at = text; (at = strstr(at, "\n.It Cm ")); at++)
		commands--;
	assert_int_equal(commands, 0); /* and no others */
	free(text);
}
