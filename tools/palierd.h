/* SPDX-License-Identifier: Apache-2.0 */
/* palierd as a program: only it reads the configuration, and says what the tools need of it. */
#pragma once

#include "protocol/bytes.h"

/** Beside this program, else as PATH has it. @param out owned by the arena */
const char *palierd_path(struct palier_arena *a);

/** What `palierd --config FILE doors` prints, line by line without LF; the line may be changed.
 * @return PALIER_OK; PALIER_EUNREACHABLE: it cannot be run, errno says why; PALIER_ECONFIG: it failed, and has said why */
int palierd_doors(struct palier_arena *a, const char *config, void (*line)(void *who, char *line), void *who);
