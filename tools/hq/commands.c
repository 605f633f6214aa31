/* SPDX-License-Identifier: Apache-2.0 */
/* What palier-hq is: its name, its commands and what they all take. */
#include "tools/hq/commands.h"

const char *const cli_program = "palier-hq";

const struct cli_option cli_global_options[] = {
	{ "config", "FILE", "the head office's configuration: its stores, keys and database" },
	{ "json", NULL, "print the result as JSON, for scripts" },
	{ "help", NULL, "explain the command" },
	{ "version", NULL, "print the version" },
	CLI_END_OPTIONS,
};

const struct cli_command *const cli_commands[] = {
	&command_pull,
	&command_trust,
	&command_verify,
	&command_prove,
	&command_check_proof,
	&command_migrate,
	&command_load,
	&command_publish,
	&command_order,
	&command_orders,
	&command_erase,
	&command_report,
	&command_completion,
	&command_help,
	NULL,
};
