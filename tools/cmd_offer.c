/* SPDX-License-Identifier: Apache-2.0 */
/* palier offer: what a customer is given. */
#include "tools/commands.h"

static int run_grant(struct cli *cli);

static const struct cli_option grant_options[] = {
	{ "until", "DATE", "the last day on which it can be had (default: as long as the offer says)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_offer = { "offer", "what a customer is given",
	(const struct cli_verb[]){
		{ "grant", "CARD|MEMBER OFFER", "let a customer have an offer once", 2, 2, grant_options, run_grant },
		{ .name = NULL },
	} };

static void show_granted(struct cli *cli, uint32_t result)
{
	(void)result;
	fprintf(cli->out, "%s is offered %s.\n", cli_arg(cli, 0), cli_arg(cli, 1));
}

static int run_grant(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	cli_param(cli, "offer", cli_arg(cli, 1));
	cli_param(cli, "until", cli_value(cli, "until"));
	return cli_ask(cli, "offer.grant", show_granted);
}
