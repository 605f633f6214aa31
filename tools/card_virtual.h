/* SPDX-License-Identifier: Apache-2.0 */
/* palier card virtual: a member's card for the telephone. */
#pragma once

#include "tools/cli.h"

extern const struct cli_option card_virtual_options[];

/** The verb of `palier card`: CARD|MEMBER. */
int card_virtual_run(struct cli *cli);
