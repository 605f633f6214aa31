/* SPDX-License-Identifier: Apache-2.0 */
/* Talk with the service manager: what it is told (sd_notify(3)), and the sockets that it opened for us (sd_listen_fds(3)). Where there is
 * none, nothing happens. */
#pragma once

#include <stdint.h>

/** The daemon serves, from now on or again. @param doors what it says of itself */
void notify_ready(const char *doors);
void notify_reloading(void);
void notify_stopping(void);
/** One line for people, in `systemctl status`. */
void notify_status(const char *text);

/** How often it wants to be told that we are alive, halved, so that a late one is no death; microseconds, 0: never */
int64_t notify_watchdog_us(void);
void notify_alive(void);

#define NOTIFY_SOCKETS_MAX 64
/** The listening stream sockets that we were given, not blocking and closed on exec; asked once. What else was passed is closed.
 * @param fds NOTIFY_SOCKETS_MAX @return how many */
unsigned notify_sockets(int *fds);
