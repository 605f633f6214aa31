/* SPDX-License-Identifier: Apache-2.0 */
/* What palier is: its name, its commands and what they all take. */
#include "tools/commands.h"

const char *const cli_program = "palier";

const struct cli_option cli_global_options[] = {
	{ "config", "FILE", "the daemon's configuration: where it listens, and for init, check and rebuild" },
	{ "connect", "DOOR", "tcp:HOST:PORT or unix:PATH (default: $PALIER_CONNECT, --config's door, tcp:127.0.0.1:7117)" },
	{ "till", "NAME", "sign in as this till (default: $PALIER_TILL, else local)" },
	{ "token", "TOKEN", "its secret; $PALIER_TOKEN keeps it out of the process list" },
	{ "operator", "CODE", "the cashier's code" },
	{ "json", NULL, "print the result as JSON, for scripts" },
	{ "help", NULL, "explain the command" },
	{ "version", NULL, "print the version" },
	CLI_END_OPTIONS,
};

const struct cli_command *const cli_commands[] = {
	&command_init,
	&command_check,
	&command_rebuild,
	&command_backup,
	&command_restore,
	&command_archive,
	&command_doctor,
	&command_status,
	&command_day,
	&command_metrics,
	&command_till,
	&command_card,
	&command_member,
	&command_sale,
	&command_balance,
	&command_offer,
	&command_coupon,
	&command_referral,
	&command_ambassador,
	&command_journey,
	&command_ladder,
	&command_survey,
	&command_qr,
	&command_print,
	&command_alert,
	&command_queue,
	&command_key,
	&command_directive,
	&command_journal,
	&command_call,
	&command_report,
	&command_simulate,
	&command_completion,
	&command_help,
	NULL,
};
