/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/chance.h"
#include "daemon/clock.h"
#include "daemon/ledger.h"

#define MARK "SCRATCH" /* in the ledger's directory */

static const struct door_config *door_of(struct config *config, const char *path)
{
	struct door_config *door = palier_alloc(&config->arena, sizeof(*door));
	int64_t *self = palier_alloc(&config->arena, sizeof(*self));

	*self = geteuid();
	*door = (struct door_config){ .kind = DOOR_UNIX,
		.path = path,
		.auth = AUTH_PEER,
		.role = ROLE_SUPERVISOR,
		.uids = self,
		.uid_count = 1 };
	door->address = palier_format(&config->arena, "unix:%s", path);
	return door;
}

static int mark(const char *data)
{
	char path[4096];
	int fd = open(ledger_path(data, MARK, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0 ? PALIER_OK : PALIER_EIO;
}

bool scratch_made(const char *data)
{
	char path[4096];

	return access(ledger_path(data, MARK, path), F_OK) == 0;
}

/* Days are closed for show: they are sealed by nobody. */
static int config_turn(struct config *config, const char *dir, char *why)
{
	char absolute[PATH_MAX];
	const char *door;

	if (!realpath(dir, absolute))
		return complain(why, PALIER_EIO, "%s: %s", dir, strerror(errno));
	config->data = palier_format(&config->arena, "%s/" SCRATCH_LEDGER, absolute);
	config->outbox = palier_format(&config->arena, "%s/outbox", absolute);
	config->certificate = config->key = NULL;
	door = palier_format(&config->arena, "%s/" SCRATCH_DOOR, absolute);
	if (strlen(door) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return complain(why, PALIER_EINVAL, "%s: the path is too long for a socket", door);
	config->doors = door_of(config, door);
	config->door_count = 1;
	return PALIER_OK;
}

int scratch_begin(const char *dir, uint64_t seed, struct config *config, struct plugin_set *plugins, char *why)
{
	char path[4096];
	int err = config_turn(config, dir, why);

	if (err != PALIER_OK)
		return err;
	if (clock_follow(ledger_path(dir, SCRATCH_CLOCK, path)) != PALIER_OK)
		return complain(why, PALIER_EIO, "%s is no clock: eight bytes, milliseconds since 1970", path);
	chance_seed(seed);
	err = ledger_create(config->data, config, plugins, why);
	if (err != PALIER_OK)
		return err;
	return mark(config->data) == PALIER_OK ? PALIER_OK
	                                       : complain(why, PALIER_EIO, "%s: %s", config->data, strerror(errno));
}
