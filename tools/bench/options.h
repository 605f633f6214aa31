/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, read through one table that also prints --help. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tools/bench/target.h"

#define OPTIONS_CONNECTIONS 8

struct options {
	const char *connect, *redis, *sync_probe;
	uint64_t connections[OPTIONS_CONNECTIONS]; /* the first 0 ends the list; none given: none */
	uint64_t mix[KINDS];
	uint64_t depth, cards, fill, duration, requests, lines, rounds;
	bool json, help;
};

/** @param why a sentence when the line is refused; 160 bytes
 * @return PALIER_OK; PALIER_EINVAL */
int options_read(int argc, char **argv, struct options *out, char *why);
void options_help(void);
