/* SPDX-License-Identifier: Apache-2.0 */
/* The service manager, through libsystemd. That a notification does not arrive is no error of the daemon's. */
#include "daemon/notify.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"

void notify_ready(const char *doors)
{
	sd_notifyf(0, "READY=1\nSTATUS=Serving%s", doors);
}

/* The time tells a reload's end from that of one before (systemd 253 and later, Type=notify-reload). */
void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reading the configuration again",
		(long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=Answering what has arrived, then stopping");
}

void notify_status(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}

int64_t notify_watchdog_us(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 && us < INT64_MAX ? (int64_t)us / 2 : 0;
}

void notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

static bool usable(int fd)
{
	return sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

unsigned notify_sockets(int *fds)
{
	char **names = NULL;
	int passed = sd_listen_fds_with_names(1, &names);
	unsigned n = 0;

	for (int i = 0; i < passed; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (n < NOTIFY_SOCKETS_MAX && usable(fd)) {
			fds[n++] = fd;
		} else {
			log_warn("serve.passed", "name=%s: no listening stream socket; not used", names ? names[i] : "");
			close(fd);
		}
		if (names)
			free(names[i]);
	}
	free(names);
	return n;
}
