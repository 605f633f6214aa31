/* SPDX-License-Identifier: Apache-2.0 */
/* The member view, which cards and members answer with. */
#pragma once

#include "tools/cli.h"

void member_view_show(struct cli *cli, uint32_t view);
/** Tables of what is dated, affordable and offered; nothing where a list is empty. */
void member_view_rewards(struct cli *cli, uint32_t rewards);
