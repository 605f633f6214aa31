/* SPDX-License-Identifier: Apache-2.0 */
/* palier card print: sheets of cards for the printer. */
#pragma once

#include "tools/cli.h"

extern const struct cli_option card_print_options[];

/** The verb of `palier card`: FILE [NUMBER...]. */
int card_print_run(struct cli *cli);

/** The most cards of one run. */
#define CARD_PRINT_MAX 10000
