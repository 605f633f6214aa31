/* SPDX-License-Identifier: Apache-2.0 */
/* "tcp:HOST:PORT" and "unix:PATH", as the configuration writes them. */
#pragma once

/** @return PALIER_OK and a blocking socket; PALIER_EINVAL when the address is none; PALIER_EUNREACHABLE when nobody answers
 * there */
int address_connect(const char *address, int *out_fd);
