/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a printer: a TCP connection, a device or file, standard output. */
#pragma once

#include "protocol/bytes.h"

struct port {
	const char *name; /* as it was given */
	int fd;           /* -1: closed */
	bool network;     /* it may answer */
	int patience_ms;  /* so long may nothing happen */
	struct palier_arena *arena;
	const char *why; /* of a refusal: what is wrong, and what to do, for a person */
};

/** Open `tcp:HOST:PORT`, the path of a device or file that exists, or "-", standard output.
 * @return PALIER_OK; PALIER_EPARAMS, PALIER_EUNREACHABLE with p->why; a refused port need not be closed */
int port_open(const char *name, int patience_ms, struct palier_arena *a, struct port *out);
/** Hand bytes over, however slowly they are taken. @return PALIER_OK; PALIER_EIO with p->why */
int port_write(struct port *p, struct palier_bytes bytes);
/** The next byte of a network printer.
 * @return PALIER_OK; PALIER_ENOENT: none came within ms; PALIER_EIO with p->why: the connection has ended */
int port_read(struct port *p, int ms, uint8_t *out);
/** Wait until a network printer has taken all of it. @return PALIER_OK; PALIER_EIO with p->why */
int port_drain(struct port *p);
void port_close(struct port *p);
