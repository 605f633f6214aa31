/* SPDX-License-Identifier: Apache-2.0 */
/* palier init, check, rebuild, backup, restore, archive, doctor: only palierd knows the ledger, so it is asked to do them. */
#include "tools/commands.h"

static int run_palierd(struct cli *cli)
{
	if (!cli_value(cli, "config"))
		return cli_fail(cli, PALIER_EPARAMS, "which store? give --config FILE");
	return cli_become_palierd(cli, cli->command->name);
}

#define LEDGER_COMMAND(verb, what) \
	const struct cli_command command_##verb = { #verb, what, \
		(const struct cli_verb[]){ { "", "[ARGUMENT...]", what, 0, 64, NULL, run_palierd }, { .name = NULL } } }

LEDGER_COMMAND(init, "make the empty ledger of --config, once");
LEDGER_COMMAND(check, "verify the ledger of --config");
LEDGER_COMMAND(rebuild, "make its index anew from the journal");

static const struct cli_option keys_options[] = {
	{ "keys", "DIR", "where the key file is kept apart (default: keys-apart in the backup)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_backup = { "backup", "copy the ledger of --config, which may be in use",
	(const struct cli_verb[]){ { "", "DIR", "copy the ledger into a new directory", 1, 1, keys_options, run_palierd },
		{ .name = NULL } } };
const struct cli_command command_restore = { "restore", "make the ledger of --config from a backup",
	(const struct cli_verb[]){
		{ "", "DIR", "verify a backup and make the ledger from it", 1, 1, keys_options, run_palierd },
		{ .name = NULL } } };

static const struct cli_option archive_options[] = {
	{ "days", "N", "only what is at least so many days old (default: 120, when no request can be sent again)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_archive = { "archive", "compress the closed days of --config that are old",
	(const struct cli_verb[]){ { "", "", "compress closed days that are sealed and old; it may be in use", 0, 0,
					   archive_options, run_palierd },
		{ .name = NULL } } };
const struct cli_command command_doctor = { "doctor", "say in plain words what is wrong with the shop of --config",
	(const struct cli_verb[]){ { "", "", "check configuration, ledger, clock, disk and backups; it may run or not", 0, 0,
					   NULL, run_palierd },
		{ .name = NULL } } };
