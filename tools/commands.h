/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, each in its cmd_*.c. */
#pragma once

#include "tools/cli.h"

extern const struct cli_command command_init, command_check, command_rebuild, command_status, command_metrics, command_till, command_card,
	command_member, command_sale, command_balance, command_journal, command_call, command_completion, command_help;
