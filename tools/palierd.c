/* SPDX-License-Identifier: Apache-2.0 */
/* Running palierd. */
#include "tools/palierd.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *palierd_path(struct palier_arena *a)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	const char *beside;

	if (n <= 0)
		return "palierd";
	self[n] = '\0';
	slash = strrchr(self, '/');
	beside = palier_format(a, "%.*s/palierd", (int)(slash - self), self);
	return access(beside, X_OK) == 0 ? beside : "palierd";
}

/* posix_spawn takes its arguments without const, and leaves them alone. @return what it prints; NULL with errno */
static FILE *start(struct palier_arena *a, const char *config, pid_t *child)
{
	const char *argv[] = { palierd_path(a), "--config", config, "doors", NULL };
	const char *bare[] = { argv[0], "doors", NULL }; /* it says itself that the file is missing */
	posix_spawn_file_actions_t actions;
	int ends[2], err;

	if (pipe(ends) != 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	err = posix_spawnp(child, argv[0], &actions, NULL, (char **)(uintptr_t)(config ? argv : bare), environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!err)
		return fdopen(ends[0], "r");
	close(ends[0]);
	errno = err;
	return NULL;
}

int palierd_doors(struct palier_arena *a, const char *config, void (*line)(void *who, char *line), void *who)
{
	pid_t child;
	FILE *from = start(a, config, &child);
	char *text = NULL;
	size_t room = 0;
	int status = 0;

	if (!from)
		return PALIER_EUNREACHABLE;
	while (getline(&text, &room, from) > 0) {
		text[strcspn(text, "\n")] = '\0';
		line(who, text);
	}
	free(text);
	fclose(from);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? PALIER_OK : PALIER_ECONFIG;
}
