/* SPDX-License-Identifier: Apache-2.0 */
/* palier card: who is there, and which cards are theirs. */
#include "tools/card_print.h"
#include "tools/card_virtual.h"
#include "tools/commands.h"
#include "tools/member_view.h"

static int run_lookup(struct cli *cli), run_issue(struct cli *cli), run_attach(struct cli *cli), run_block(struct cli *cli),
	run_replace(struct cli *cli);

static const struct cli_option lookup_options[] = {
	{ "phone", "NUMBER", "by phone, as people write it" },
	{ "email", "ADDRESS", "by e-mail" },
	CLI_END_OPTIONS,
};
static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };
static const struct cli_option block_options[] = {
	{ "reason", "TEXT", "why (default: lost)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option replace_options[] = {
	{ "with", "CARD", "the new card (default: one is issued)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_card = { "card", "look customers up, hand out, print and block cards",
	(const struct cli_verb[]){
		{ "lookup", "[CARD|MEMBER]", "who is there, and what may be spent", 0, 1, lookup_options, run_lookup },
		{ "issue", "MEMBER", "a new card of the store's own range", 1, 1, booking_options, run_issue },
		{ "attach", "MEMBER CARD", "give a member a card that is nobody's yet", 2, 2, booking_options, run_attach },
		{ "block", "CARD", "a card lost or stolen", 1, 1, block_options, run_block },
		{ "replace", "CARD", "block a card and hand out another", 1, 1, replace_options, run_replace },
		{ "print", "FILE [NUMBER...]", "sheets of cards for the printer, as PDF or SVG", 1, 1 + CARD_PRINT_MAX,
			card_print_options, card_print_run },
		{ "virtual", "CARD|MEMBER", "a page for the customer's telephone: the card as a QR, with one-time codes", 1,
			1, card_virtual_options, card_virtual_run },
		{ .name = NULL },
	} };

static int run_lookup(struct cli *cli)
{
	if (!cli_arg(cli, 0) + !cli_value(cli, "phone") + !cli_value(cli, "email") != 2)
		return cli_fail(cli, PALIER_EPARAMS, "who? give one of CARD, MEMBER, --phone or --email");
	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	cli_param(cli, "phone", cli_value(cli, "phone"));
	cli_param(cli, "email", cli_value(cli, "email"));
	return cli_ask(cli, "card.lookup", member_view_show);
}

static int run_issue(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	return cli_ask(cli, "card.issue", member_view_show);
}

static int run_attach(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	cli_param(cli, "card", cli_arg(cli, 1));
	return cli_ask(cli, "card.attach", member_view_show);
}

static int run_block(struct cli *cli)
{
	const char *reason = cli_value(cli, "reason");

	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "card", cli_arg(cli, 0));
	cli_param(cli, "reason", reason ? reason : "lost");
	return cli_ask(cli, "card.block", member_view_show);
}

static int run_replace(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "card", cli_arg(cli, 0));
	cli_param(cli, "with", cli_value(cli, "with"));
	return cli_ask(cli, "card.replace", member_view_show);
}
