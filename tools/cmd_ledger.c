/* SPDX-License-Identifier: Apache-2.0 */
/* palier init, check, rebuild: only palierd knows the ledger, so it is asked to do them. */
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
