/* SPDX-License-Identifier: Apache-2.0 */
/* Help, printed from the commands' tables. */
#pragma once

#include "tools/cli.h"

/** Of everything (command NULL), of a command (verb NULL: with all its verbs), or of one verb. */
void help_print(FILE *out, const struct cli_command *command, const struct cli_verb *verb);
