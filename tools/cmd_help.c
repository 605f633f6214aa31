/* SPDX-License-Identifier: Apache-2.0 */
/* palier help, and all that --help prints. */
#include "tools/commands.h"
#include "tools/help.h"
#include "tools/table.h"

static int run_help(struct cli *cli);

const struct cli_command command_help = { "help", "explain a command",
	(const struct cli_verb[]){ { "", "[COMMAND [VERB]]", "explain a command", 0, 2, NULL, run_help },
		{ .name = NULL } } };

#define PAIRS ((const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } })

static void print_options(FILE *out, const char *title, const struct cli_option *options)
{
	struct table t = { .columns = PAIRS, .untitled = true };
	struct palier_arena a = { 0 };

	for (const struct cli_option *o = options; o && o->name; o++) {
		table_cell(&t,
			palier_format(&a, "  --%s%s%s", o->name, o->argument ? " " : "", o->argument ? o->argument : ""));
		table_cell(&t, o->doc);
	}
	if (t.count) {
		fprintf(out, "\n%s:\n", title);
		table_print(&t, out);
	}
	table_deinit(&t);
	palier_arena_deinit(&a);
}

static void print_verb(FILE *out, const struct cli_command *c, const struct cli_verb *v)
{
	fprintf(out, "usage: %s %s%s%s%s%s [OPTION...]\n\n%s.\n", cli_program, c->name, v->name[0] ? " " : "", v->name,
		v->usage[0] ? " " : "", v->usage, v->doc);
	print_options(out, "options", v->options);
	print_options(out, "options of every command", cli_global_options);
}

static void print_command(FILE *out, const struct cli_command *c)
{
	struct table t = { .columns = PAIRS, .untitled = true };
	struct palier_arena a = { 0 };

	fprintf(out, "%s %s: %s\n\n", cli_program, c->name, c->doc);
	for (const struct cli_verb *v = c->verbs; v->name; v++) {
		table_cell(&t, palier_format(&a, "  %s %s %s %s", cli_program, c->name, v->name, v->usage));
		table_cell(&t, v->doc);
	}
	table_print(&t, out);
	table_deinit(&t);
	palier_arena_deinit(&a);
	fprintf(out, "\nThe options of one: %s help %s VERB\n", cli_program, c->name);
}

static void print_all(FILE *out)
{
	struct table t = { .columns = PAIRS, .untitled = true };
	struct palier_arena a = { 0 };

	fprintf(out, "usage: %s COMMAND [ARGUMENT...] [OPTION...]\n\n", cli_program);
	for (const struct cli_command *const *c = cli_commands; *c; c++) {
		table_cell(&t, palier_format(&a, "  %s", (*c)->name));
		table_cell(&t, (*c)->doc);
	}
	table_print(&t, out);
	table_deinit(&t);
	palier_arena_deinit(&a);
	print_options(out, "options of every command", cli_global_options);
	fprintf(out, "\nMore of one: %s help COMMAND\n", cli_program);
}

void help_print(FILE *out, const struct cli_command *command, const struct cli_verb *verb)
{
	if (verb)
		print_verb(out, command, verb);
	else if (command)
		print_command(out, command);
	else
		print_all(out);
}

static int run_help(struct cli *cli)
{
	const char *name = cli_arg(cli, 0), *verb = cli_arg(cli, 1);
	const struct cli_command *c = name ? cli_command_find(name) : NULL;
	const struct cli_verb *v = c ? cli_verb_find(c, verb ? verb : "") : NULL;

	if (name && !c)
		return cli_fail(cli, PALIER_EPARAMS, "there is no command %s; see: %s help", name, cli_program);
	if (verb && !v)
		return cli_fail(cli, PALIER_EPARAMS, "there is no command %s %s; see: %s help %s", name, verb, cli_program,
			name);
	help_print(cli->out, c, v);
	return PALIER_OK;
}
