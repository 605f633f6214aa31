/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "tools/commands.h"

const struct cli_command *const cli_commands[] = {
	&command_init,
	&command_check,
	&command_rebuild,
	&command_backup,
	&command_restore,
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
	&command_alert,
	&command_queue,
	&command_key,
	&command_journal,
	&command_call,
	&command_completion,
	&command_help,
	NULL,
};
