/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what was given, and what is said when it fails. */
#include "tools/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/help.h"

/* What to do about it. The rest is said by the sentence. */
static const struct hint {
	int err;
	const char *text;
} hints[] = {
	{ PALIER_EUNREACHABLE, "is palierd running? name its door with --connect or --config" },
	{ PALIER_EUNAUTHORIZED, "give --till and --token, or use a peer or trust door with --connect" },
	{ PALIER_EFORBIDDEN, "sign in as a till with the role supervisor" },
	{ PALIER_ECARD_UNKNOWN, "find the customer with: palier member find NAME" },
	{ PALIER_ECARD_BLOCKED, "hand out another with: palier card replace CARD" },
	{ PALIER_EMEMBER_UNKNOWN, "find the customer with: palier member find NAME" },
	{ PALIER_ESALE_EXISTS, "see it with: palier sale show SALE" },
	{ PALIER_ETOTAL_MISMATCH, "leave --payable out to take the quote's, or see it with: palier sale quote" },
	{ PALIER_EREQUEST_CONFLICT, "leave --request out to draw a new one" },
	{ PALIER_ETHROTTLED, "wait a minute" },
	{ PALIER_ESTORAGE_FULL, "make room on the disk of its data directory" },
	{ PALIER_EMETHOD, "the daemon may be older than this program; see: palier status" },
	{ PALIER_EPARAMS, "see: --help" },
	{ PALIER_EINTERNAL, "see the log of palierd" },
};

const struct cli_command *cli_command_find(const char *name)
{
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const struct cli_verb *cli_verb_find(const struct cli_command *command, const char *name)
{
	for (const struct cli_verb *v = command->verbs; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static const struct cli_option *option_find(const struct cli_option *options, struct palier_bytes name)
{
	for (const struct cli_option *o = options; o && o->name; o++)
		if (palier_is(name, o->name))
			return o;
	return NULL;
}

/* --- parsing --- */

static int take_option(struct cli *cli, const char *const **at)
{
	const char *name = **at + 2, *value = strchr(name, '=');
	struct palier_bytes key = value ? palier_bytes_of(name, (size_t)(value - name)) : palier_str(name);
	const struct cli_option *o = option_find(cli_global_options, key);

	if (!o && cli->verb)
		o = option_find(cli->verb->options, key);
	if (!o)
		return cli_fail(cli, PALIER_EPARAMS, "there is no option --%.*s here; see: %s help%s%s", PALIER_ARG(key),
			cli_program, cli->command ? " " : "", cli->command ? cli->command->name : "");
	if (!o->argument && value)
		return cli_fail(cli, PALIER_EPARAMS, "--%s takes no value", o->name);
	if (o->argument && !value && !*++*at)
		return cli_fail(cli, PALIER_EPARAMS, "--%s needs its %s", o->name, o->argument);
	cli->given[cli->given_count++] = (struct cli_given){ o, !o->argument ? NULL : value ? value + 1 : **at };
	return PALIER_OK;
}

/* The first word is the command, the second its verb where it has several, the rest are arguments. */
static int take_word(struct cli *cli, const char *word)
{
	if (!cli->command) {
		cli->command = cli_command_find(word);
		if (!cli->command)
			return cli_fail(cli, PALIER_EPARAMS, "there is no command %s; see: %s help", word, cli_program);
		cli->verb = cli_verb_find(cli->command, "");
		return PALIER_OK;
	}
	if (!cli->verb) {
		cli->verb = cli_verb_find(cli->command, word);
		if (!cli->verb)
			return cli_fail(cli, PALIER_EPARAMS, "there is no command %s %s; see: %s help %s",
				cli->command->name, word, cli_program, cli->command->name);
		return PALIER_OK;
	}
	cli->args[cli->arg_count++] = word;
	return PALIER_OK;
}

/* "-" is a file and "-50" a number. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] == '-' && word[2];
}

int cli_parse(struct cli *cli, int argc, const char *const *argv)
{
	int err = PALIER_OK;

	cli->args = palier_alloc(&cli->arena, (size_t)(argc + 1) * sizeof(*cli->args));
	cli->given = palier_alloc(&cli->arena, (size_t)(argc + 1) * sizeof(*cli->given));
	for (const char *const *at = argv + 1; *at && err == PALIER_OK; at++) {
		if (strcmp(*at, "--") == 0) {
			while (*++at && err == PALIER_OK)
				err = take_word(cli, *at);
			break;
		}
		if (strcmp(*at, "-h") == 0)
			cli->given[cli->given_count++] =
				(struct cli_given){ option_find(cli_global_options, PALIER_LIT("help")), NULL };
		else
			err = is_option(*at) ? take_option(cli, &at) : take_word(cli, *at);
	}
	return err;
}

const char *cli_each(const struct cli *cli, const char *option, int *at)
{
	while (*at < cli->given_count) {
		const struct cli_given *g = &cli->given[(*at)++];

		if (strcmp(g->option->name, option) == 0)
			return g->value;
	}
	return NULL;
}

const char *cli_value(const struct cli *cli, const char *option)
{
	const char *value, *last = NULL;
	int at = 0;

	while ((value = cli_each(cli, option, &at)))
		last = value;
	return last;
}

bool cli_has(const struct cli *cli, const char *option)
{
	for (int i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].option->name, option) == 0)
			return true;
	return false;
}

const char *cli_arg(const struct cli *cli, int index)
{
	return index < cli->arg_count ? cli->args[index] : NULL;
}

/* --- failing --- */

int cli_fail(struct cli *cli, int err, const char *fmt, ...)
{
	va_list ap;

	fflush(cli->out);
	fprintf(cli->err, "%s: ", cli_program);
	va_start(ap, fmt);
	vfprintf(cli->err, fmt, ap);
	va_end(ap);
	fputc('\n', cli->err);
	return err;
}

int cli_refused(struct cli *cli)
{
	const struct palier_reply *r = &cli->reply;
	const char *hint = NULL;

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]) && !hint; i++)
		if (hints[i].err == r->error)
			hint = hints[i].text;
	return cli_fail(cli, r->error, "%s (%s)%s%s", view_clean(&cli->arena, r->message),
		r->error == PALIER_EUNREACHABLE ? "unreachable" : view_clean(&cli->arena, r->reason), hint ? "; " : "",
		hint ? hint : "");
}

/* --- running --- */

static int run(struct cli *cli)
{
	const struct cli_verb *v = cli->verb;

	if (cli_has(cli, "version")) {
		fprintf(cli->out, "%s " PALIER_VERSION "\n", cli_program);
		return PALIER_OK;
	}
	if (cli_has(cli, "help") || (!cli->command && cli->given_count == 0)) {
		help_print(cli->out, cli->command, v);
		return PALIER_OK;
	}
	if (!cli->command)
		return cli_fail(cli, PALIER_EPARAMS, "which command? see: %s help", cli_program);
	if (!v)
		return cli_fail(cli, PALIER_EPARAMS, "%s what? see: %s help %s", cli->command->name, cli_program,
			cli->command->name);
	if (cli->arg_count < v->least || cli->arg_count > v->most)
		return cli_fail(cli, PALIER_EPARAMS, "usage: %s %s%s%s %s", cli_program, cli->command->name,
			v->name[0] ? " " : "", v->name, v->usage);
	return v->run(cli);
}

int cli_run(int argc, const char *const *argv, FILE *out, FILE *err)
{
	struct cli cli = { .out = out, .err = err };
	int code = cli_parse(&cli, argc, argv);

	if (code == PALIER_OK)
		code = run(&cli);
	if (fflush(out) != 0 && code == PALIER_OK)
		code = cli_fail(&cli, PALIER_EIO, "the output could not be written");
	palier_client_close(cli.client);
	palier_buffer_deinit(&cli.params);
	palier_arena_deinit(&cli.arena);
	return palier_error_info(code)->exit_code;
}
