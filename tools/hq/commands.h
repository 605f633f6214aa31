/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of palier-hq, each in its cmd_*.c. */
#pragma once

#include "tools/cli.h"

extern const struct cli_command command_completion;
extern const struct cli_command command_help;
extern const struct cli_command command_pull;
extern const struct cli_command command_trust;
extern const struct cli_command command_verify;
extern const struct cli_command command_load;
extern const struct cli_command command_migrate;
extern const struct cli_command command_publish;
extern const struct cli_command command_order;
extern const struct cli_command command_orders;
extern const struct cli_command command_erase;
extern const struct cli_command command_report;
extern const struct cli_command command_prove;
extern const struct cli_command command_check_proof;
