/* SPDX-License-Identifier: Apache-2.0 */
/* palier completion: a shell script, printed from the commands' tables. */
#include "tools/commands.h"

static int run_completion(struct cli *cli);

const struct cli_command command_completion = { "completion", "print a shell's completion script",
	(const struct cli_verb[]){
		{ "", "bash", "print bash's: source <(palier completion bash)", 1, 1, NULL, run_completion },
		{ .name = NULL } } };

static void print_options(FILE *out, const struct cli_option *options)
{
	for (const struct cli_option *o = options; o && o->name; o++)
		fprintf(out, " --%s", o->name);
}

static void print_words(FILE *out, const struct cli_command *c, const struct cli_verb *v)
{
	fprintf(out, "\t\"%s %s\"%s) words+=\"", c->name, v->name, v->name[0] ? "" : "*");
	print_options(out, v->options);
	fputs("\" ;;\n", out);
}

/* What may follow: the verbs, then the options of one; a command that is its own verb takes options at once. */
static void print_command(FILE *out, const struct cli_command *c)
{
	const struct cli_verb *only = cli_verb_find(c, "");

	if (only) {
		print_words(out, c, only);
		return;
	}
	fprintf(out, "\t\"%s \") words+=\"", c->name);
	for (const struct cli_verb *v = c->verbs; v->name; v++)
		fprintf(out, " %s", v->name);
	fputs("\" ;;\n", out);
	for (const struct cli_verb *v = c->verbs; v->name; v++)
		print_words(out, c, v);
}

/* Which command and verb stand before the cursor: the words that are neither options nor their values. */
static const char head[] = "{\n"
			   "\tlocal command= verb= words= skip= word\n"
			   "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			   "\t\tif [ -n \"$skip\" ]; then skip=; continue; fi\n"
			   "\t\tcase $word in\n";
static const char middle[] =
	"\t\t-*) ;;\n"
	"\t\t*) if [ -z \"$command\" ]; then command=$word; elif [ -z \"$verb\" ]; then verb=$word; fi ;;\n"
	"\t\tesac\n"
	"\tdone\n";
static const char foot[] = "\tesac\n"
			   "\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
			   "}\n";

static int run_completion(struct cli *cli)
{
	FILE *out = cli->out;

	if (strcmp(cli_arg(cli, 0), "bash") != 0)
		return cli_fail(cli, PALIER_EPARAMS, "completion is known for bash only, not for %s", cli_arg(cli, 0));
	fprintf(out, "# bash completion of %s\n_%s()\n%s", cli_program, cli_program, head);
	for (const struct cli_option *o = cli_global_options; o->name; o++)
		if (o->argument)
			fprintf(out, "\t\t--%s) skip=1 ;;\n", o->name);
	fprintf(out, "%s\twords=\"", middle);
	print_options(out, cli_global_options);
	fputs("\"\n\tcase \"$command $verb\" in\n\t\" \") words+=\"", out);
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		fprintf(out, " %s", (*c)->name);
	fputs("\" ;;\n", out);
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		print_command(out, *c);
	fprintf(out, "%scomplete -o default -F _%s %s\n", foot, cli_program, cli_program);
	return PALIER_OK;
}
