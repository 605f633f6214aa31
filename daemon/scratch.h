/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger to try a configuration with, away from the shop's own: its time is told, and its chance follows from a seed. */
#pragma once

#include "daemon/config.h"
#include "daemon/loader.h"

/** Everything lies in one directory: SCRATCH_CLOCK, which its owner makes and moves on; the ledger; and the only door, a socket.
 * The clock is eight bytes, the machine's own int64: milliseconds since 1970. */
#define SCRATCH_CLOCK  "clock"
#define SCRATCH_LEDGER "ledger"
#define SCRATCH_DOOR   "door"

/** Turn a configuration towards the directory, and read the time there from now on.
 * @param plugins bound to the ledger, which is made
 * @return PALIER_OK; an error with *why */
int scratch_begin(const char *dir, uint64_t seed, struct config *config, struct plugin_set *plugins, char *why);
/** Was this ledger made so? Its keys follow from a seed: it may be read, but not served. */
bool scratch_made(const char *data);
