/* SPDX-License-Identifier: Apache-2.0 */
/* palierd as a program: the verbs that only it can do, and what it says of its doors. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/palierd.h"

/* Those that every command takes are for us. */
static bool is_of_verb(const struct cli_verb *verb, const struct cli_option *option)
{
	for (const struct cli_option *o = verb->options; o && o->name; o++)
		if (o == option)
			return true;
	return false;
}

/* exec takes its arguments without const, and leaves them alone. What this command was given is handed on. */
static char **palierd_arguments(struct cli *cli, const char *verb)
{
	size_t room = 6 + (size_t)cli->arg_count + 2 * (size_t)cli->given_count;
	const char **argv = palier_alloc(&cli->arena, room * sizeof(*argv)), *config = cli_value(cli, "config");
	int n = 0;

	argv[n++] = palierd_path(&cli->arena);
	if (config) {
		argv[n++] = "--config";
		argv[n++] = config;
	}
	argv[n++] = verb;
	if (cli_has(cli, "json"))
		argv[n++] = "--json";
	for (int i = 0; i < cli->arg_count; i++)
		argv[n++] = cli->args[i];
	for (int i = 0; i < cli->given_count; i++)
		if (is_of_verb(cli->verb, cli->given[i].option)) {
			argv[n++] = palier_format(&cli->arena, "--%s", cli->given[i].option->name);
			argv[n++] = cli->given[i].value;
		}
	return (char **)argv;
}

static int no_palierd(struct cli *cli, int why)
{
	return cli_fail(cli, PALIER_EUNREACHABLE, "palierd cannot be run (%s); it stands beside palier, or in PATH",
		strerror(why));
}

int cli_become_palierd(struct cli *cli, const char *verb)
{
	char **argv = palierd_arguments(cli, verb);

	fflush(cli->out);
	execvp(argv[0], argv);
	return no_palierd(cli, errno);
}

/* --- palierd --config FILE doors --- */

struct doors {
	struct palier_arena *arena;
	char peer[PATH_MAX + 8], trust[PATH_MAX + 8], any[PATH_MAX + 8];
	struct cli_shop shop;
};

/* @return the last word of the line, cut off it; NULL: it has but one */
static char *cut_word(char *line)
{
	char *space = strrchr(line, ' ');

	if (space)
		*space++ = '\0';
	return space;
}

/* The first of each kind counts. */
static void keep_door(char *kept, size_t size, const char *door)
{
	if (!kept[0])
		snprintf(kept, size, "%s", door);
}

static void read_door(struct doors *d, char *door)
{
	char *auth;

	if (!cut_word(door) || !(auth = cut_word(door)))
		return;
	if (strncmp(door, "tcp:", 4) != 0 && strncmp(door, "unix:", 5) != 0)
		return; /* for others: TLS, HTTP */
	if (strcmp(auth, "peer") == 0)
		keep_door(d->peer, sizeof(d->peer), door);
	else if (strcmp(auth, "trust") == 0)
		keep_door(d->trust, sizeof(d->trust), door);
	else
		keep_door(d->any, sizeof(d->any), door);
}

/* "door unix:/run/palier.sock peer supervisor", "data /var/lib/palier"; paths may hold spaces. */
static void read_line(void *who, char *line)
{
	struct doors *d = who;
	const struct {
		const char *word;
		const char **kept;
	} words[] = { { "data", &d->shop.data }, { "store", &d->shop.store }, { "name", &d->shop.name },
		{ "language", &d->shop.language }, { "currency", &d->shop.currency }, { "timezone", &d->shop.timezone },
		{ "certificate", &d->shop.certificate }, { "key", &d->shop.key } };
	char *rest = line + strcspn(line, " ");

	if (*rest)
		*rest++ = '\0';
	if (strcmp(line, "door") == 0)
		read_door(d, rest);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(line, words[i].word) == 0)
			*words[i].kept = palier_format(d->arena, "%s", rest);
}

static int read_doors(struct cli *cli, struct doors *d)
{
	int err;

	*d = (struct doors){ .arena = &cli->arena };
	err = palierd_doors(&cli->arena, cli_value(cli, "config"), read_line, d);
	if (err == PALIER_EUNREACHABLE)
		return no_palierd(cli, errno);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "palierd cannot read %s", cli_value(cli, "config"));
}

int cli_door(struct cli *cli, const char **out)
{
	struct doors d;
	int err = read_doors(cli, &d);

	if (err != PALIER_OK)
		return err;
	*out = palier_format(&cli->arena, "%s", d.peer[0] ? d.peer : d.trust[0] ? d.trust : d.any);
	return (*out)[0] ? PALIER_OK : cli_fail(cli, PALIER_ECONFIG, "%s has no tcp or unix door", cli_value(cli, "config"));
}

int cli_shop(struct cli *cli, struct cli_shop *out)
{
	struct doors d;
	int err = read_doors(cli, &d);

	if (err == PALIER_OK)
		*out = d.shop;
	return err;
}

int cli_journal(struct cli *cli, struct cli_shop *shop, const char **directory)
{
	const char *data = cli_value(cli, "data");
	int err = PALIER_OK;

	*shop = (struct cli_shop){ .name = data };
	if (cli_value(cli, "config"))
		err = cli_shop(cli, shop);
	if (err != PALIER_OK)
		return err;
	if (!data && !shop->data)
		return PALIER_ENOENT;
	*directory = palier_format(&cli->arena, "%s/journal", data ? data : shop->data);
	if (access(*directory, R_OK | X_OK) != 0)
		return cli_fail(cli, PALIER_EIO, "%s: %s", *directory, strerror(errno));
	return PALIER_OK;
}
