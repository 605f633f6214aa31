/* SPDX-License-Identifier: Apache-2.0 */
/* A printer on the network: a thread that listens on a loopback port of its own and takes one slip, well or badly. */
#pragma once

#include <pthread.h>

#include "tests/printer/printer.h"

enum server_manner {
	SERVER_USUAL,
	SERVER_SLOW,   /* takes a few bytes at a time, and has room for few more */
	SERVER_STUCK,  /* takes nothing */
	SERVER_LEAVES, /* ends the connection after `after` bytes */
	SERVER_EMPTY,  /* its roll ends after so many */
};

struct printer_server {
	enum server_manner manner;
	size_t after;
	struct printer *printer;
	char address[64]; /* "tcp:127.0.0.1:PORT" */
	int listener, stop;
	pthread_t thread;
};

/** @return false: the port could not be had */
bool printer_serve(struct printer_server *s, struct printer *printer, enum server_manner manner);
/** Wait until the slip is whole, if one came. */
void printer_served(struct printer_server *s);
