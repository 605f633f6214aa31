/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting the generator to a door. */
#include "tools/bench/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol/error.h"

static int connect_to(int family, const struct sockaddr *to, socklen_t len, int *out_fd)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, to, len) != 0) {
		if (fd >= 0)
			close(fd);
		return PALIER_EUNREACHABLE;
	}
	if (family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*out_fd = fd;
	return PALIER_OK;
}

static int connect_unix(const char *path, int *out_fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (!*path || strlen(path) >= sizeof(to.sun_path))
		return PALIER_EINVAL;
	memcpy(to.sun_path, path, strlen(path) + 1);
	return connect_to(AF_UNIX, (const struct sockaddr *)&to, sizeof(to), out_fd);
}

static int connect_tcp(const char *address, int *out_fd)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	const char *colon = strrchr(address, ':');
	char host[256];
	int err = PALIER_EUNREACHABLE;

	if (!colon || colon == address || !colon[1] || (size_t)(colon - address) >= sizeof(host))
		return PALIER_EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return PALIER_EUNREACHABLE;
	for (const struct addrinfo *a = found; a && err != PALIER_OK; a = a->ai_next)
		err = connect_to(a->ai_family, a->ai_addr, a->ai_addrlen, out_fd);
	freeaddrinfo(found);
	return err;
}

int address_connect(const char *address, int *out_fd)
{
	if (strncmp(address, "unix:", 5) == 0)
		return connect_unix(address + 5, out_fd);
	if (strncmp(address, "tcp:", 4) == 0)
		return connect_tcp(address + 4, out_fd);
	return PALIER_EINVAL;
}
