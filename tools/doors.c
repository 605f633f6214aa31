/* SPDX-License-Identifier: Apache-2.0 */
/* palierd as a program: the verbs that only it can do, and what it says of its doors. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/cli.h"

/* Beside this program, else in PATH. */
static const char *palierd_path(struct cli *cli)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	const char *beside;

	if (n <= 0)
		return "palierd";
	self[n] = '\0';
	slash = strrchr(self, '/');
	beside = palier_format(&cli->arena, "%.*s/palierd", (int)(slash - self), self);
	return access(beside, X_OK) == 0 ? beside : "palierd";
}

/* Those that every command takes are for us. */
static bool is_of_verb(const struct cli_verb *verb, const struct cli_option *option)
{
	for (const struct cli_option *o = verb->options; o && o->name; o++)
		if (o == option)
			return true;
	return false;
}

/* posix_spawn and exec take their arguments without const, and leave them alone. @param given hand on what this command was given */
static char **palierd_arguments(struct cli *cli, const char *verb, bool given)
{
	size_t room = 6 + (size_t)cli->arg_count + 2 * (size_t)cli->given_count;
	const char **argv = palier_alloc(&cli->arena, room * sizeof(*argv)), *config = cli_value(cli, "config");
	int n = 0;

	argv[n++] = palierd_path(cli);
	if (config) {
		argv[n++] = "--config";
		argv[n++] = config;
	}
	argv[n++] = verb;
	if (given && cli_has(cli, "json"))
		argv[n++] = "--json";
	for (int i = 0; given && i < cli->arg_count; i++)
		argv[n++] = cli->args[i];
	for (int i = 0; given && i < cli->given_count; i++)
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
	char **argv = palierd_arguments(cli, verb, true);

	fflush(cli->out);
	execvp(argv[0], argv);
	return no_palierd(cli, errno);
}

/* --- palierd --config FILE doors --- */

/* @return what it prints, NULL when it could not be started, with errno */
static FILE *start_doors(struct cli *cli, pid_t *child)
{
	char **argv = palierd_arguments(cli, "doors", false);
	posix_spawn_file_actions_t actions;
	int ends[2], err;

	if (pipe(ends) != 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	err = posix_spawnp(child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!err)
		return fdopen(ends[0], "r");
	close(ends[0]);
	errno = err;
	return NULL;
}

struct doors {
	char peer[PATH_MAX + 8], trust[PATH_MAX + 8], any[PATH_MAX + 8], data[PATH_MAX];
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

/* "door unix:/run/palier.sock peer supervisor", "data /var/lib/palier"; paths may hold spaces. */
static void read_line(char *line, struct doors *d)
{
	char *door = line + 5, *auth;

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "data ", 5) == 0)
		snprintf(d->data, sizeof(d->data), "%s", line + 5);
	if (strncmp(line, "door ", 5) != 0 || !cut_word(door) || !(auth = cut_word(door)))
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

static int read_doors(struct cli *cli, struct doors *d)
{
	pid_t child;
	FILE *from = start_doors(cli, &child);
	char *line = NULL;
	size_t room = 0;
	int status = 0;

	if (!from)
		return no_palierd(cli, errno);
	while (getline(&line, &room, from) > 0)
		read_line(line, d);
	free(line);
	fclose(from);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) /* it has said why */
		return cli_fail(cli, PALIER_ECONFIG, "palierd cannot read %s", cli_value(cli, "config"));
	return PALIER_OK;
}

int cli_door(struct cli *cli, const char **out)
{
	struct doors d = { 0 };
	int err = read_doors(cli, &d);

	if (err != PALIER_OK)
		return err;
	*out = palier_format(&cli->arena, "%s", d.peer[0] ? d.peer : d.trust[0] ? d.trust : d.any);
	return (*out)[0] ? PALIER_OK : cli_fail(cli, PALIER_ECONFIG, "%s has no tcp or unix door", cli_value(cli, "config"));
}

int cli_data(struct cli *cli, const char **out)
{
	struct doors d = { 0 };
	int err = read_doors(cli, &d);

	if (err == PALIER_OK)
		*out = palier_format(&cli->arena, "%s", d.data);
	return err;
}
