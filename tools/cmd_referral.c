/* SPDX-License-Identifier: Apache-2.0 */
/* palier referral: sponsors' codes and what became of them. */
#include "protocol/qr_render.h"
#include "tools/commands.h"
#include "tools/table.h"

static int run_issue(struct cli *cli), run_check(struct cli *cli), run_list(struct cli *cli), run_queue(struct cli *cli),
	run_review(struct cli *cli), run_rotate(struct cli *cli);

static const struct cli_option issue_options[] = {
	{ "qr", NULL, "show its QR code, to be scanned from the terminal" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option queue_options[] = {
	{ "after", "REFERRAL", "only those behind this one" },
	CLI_END_OPTIONS,
};
static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };

const struct cli_command command_referral = { "referral", "sponsors' codes, and the friends who came with them",
	(const struct cli_verb[]){
		{ "issue", "CARD|MEMBER", "a member's own code, to be given to friends", 1, 1, issue_options, run_issue },
		{ "check", "CODE", "is a code genuine, and what does it bring a friend?", 1, 1, NULL, run_check },
		{ "list", "CARD|MEMBER", "a member's referrals, as sponsor and as friend", 1, 1, NULL, run_list },
		{ "queue", "", "those that wait for a verdict, oldest first", 0, 0, queue_options, run_queue },
		{ "review", "REFERRAL accept|reject", "give the verdict", 2, 2, booking_options, run_review },
		{ "rotate", "", "make codes with a new key; those that are out stay good", 0, 0, booking_options,
			run_rotate },
		{ .name = NULL },
	} };

/* --- issue --- */

static int show_qr(struct cli *cli, const char *text)
{
	const struct qr_order order = { .text = palier_str(text), .format = QR_ANSI, .level = QR_MEDIUM, .quiet = QR_QUIET };
	struct palier_buffer picture = { 0 };
	struct qr_drawn drawn;
	const char *why = "";
	int err = qr_render(&order, &cli->arena, &picture, &drawn, &why);

	if (err == PALIER_OK)
		fprintf(cli->out, "\n%.*s", PALIER_ARG(palier_buffer_bytes(&picture)));
	else
		cli_fail(cli, err, "this cannot be a QR code: %s", why);
	palier_buffer_deinit(&picture);
	return err;
}

static void show_issued(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "code", view_text(cli, result, "code"));
	table_pair(&t, "its QR says", view_text(cli, result, "url"));
	table_pair(&t, "state", view_text(cli, result, "state"));
	table_pair(&t, "friends", view_text(cli, result, "uses"));
	table_pair(&t, "still rewarded", view_text(cli, result, "left"));
	table_pair(&t, "claimed until", view_text(cli, result, "expires"));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_issue(struct cli *cli)
{
	int err;

	cli_params(cli);
	cli_param_booking(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	err = cli_ask(cli, "referral.issue", show_issued);
	if (err == PALIER_OK && cli_has(cli, "qr") && !cli_has(cli, "json"))
		err = show_qr(cli, view_text(cli, cli->reply.result, "url"));
	return err;
}

/* --- check --- */

static void show_checked(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };
	uint32_t reward = view_member(cli, result, "friend_reward");

	table_pair(&t, "good", strcmp(view_text(cli, result, "valid"), "true") == 0 ? "yes" : "no");
	table_pair(&t, "why", view_text(cli, result, "reason"));
	table_pair(&t, "sponsor", view_text(cli, result, "sponsor"));
	table_pair(&t, "friend gets", reward ? view_text(cli, reward, "label") : "nothing");
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_check(struct cli *cli)
{
	cli_params(cli);
	cli_param(cli, "code", cli_arg(cli, 0));
	return cli_ask(cli, "referral.check", show_checked);
}

/* --- list and queue --- */

static void show_list(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "referral" }, { .title = "since" },
				   { .title = "as" }, { .title = "with" }, { .title = "state" }, { .title = "due" },
				   { .title = "flags" }, { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "referrals"), row)
	{
		table_cell(&t, view_text(cli, row, "referral"));
		table_cell(&t, view_time(cli, row, "since"));
		table_cell(&t, view_text(cli, row, "side"));
		table_cell(&t, view_text(cli, row, "name"));
		table_cell(&t, view_text(cli, row, "state"));
		table_cell(&t, view_text(cli, row, "due"));
		table_cell(&t, view_list(cli, row, "flags"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_list(struct cli *cli)
{
	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	return cli_ask(cli, "referral.list", show_list);
}

/* @return the page's last id, from which the next one goes on; NULL: it was empty */
static const char *add_page(struct cli *cli, struct table *t)
{
	const char *last = NULL;

	VIEW_EACH(cli, view_member(cli, cli->reply.result, "referrals"), row)
	{
		last = view_text(cli, row, "referral");
		table_cell(t, last);
		table_cell(t, view_time(cli, row, "since"));
		table_cell(t, view_text(cli, row, "sponsor"));
		table_cell(t, view_text(cli, row, "friend"));
		table_cell(t, view_list(cli, row, "flags"));
	}
	return last;
}

/* All pages; for scripts, one, as it came. */
static int run_queue(struct cli *cli)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "referral" }, { .title = "since" },
				   { .title = "sponsor" }, { .title = "friend" }, { .title = "flags" },
				   { .title = NULL } } };
	const char *after = cli_value(cli, "after");
	int err;

	do {
		cli_params(cli);
		cli_param(cli, "after", after);
		err = cli_call(cli, "referral.queue");
		if (err == PALIER_OK && cli_has(cli, "json")) {
			fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, cli->reply.result)));
			break;
		}
		after = err == PALIER_OK ? add_page(cli, &t) : NULL;
	} while (after);
	if (err == PALIER_OK && !cli_has(cli, "json"))
		table_print(&t, cli->out);
	table_deinit(&t);
	return err;
}

/* --- review and rotate --- */

static void show_reviewed(struct cli *cli, uint32_t result)
{
	bool accepted = strcmp(cli_arg(cli, 1), "accept") == 0;

	(void)result;
	fprintf(cli->out, "%s is %s\n", cli_arg(cli, 0),
		accepted ? "accepted, and goes on from where it was flagged." : "rejected: nobody is rewarded for it.");
}

static int run_review(struct cli *cli)
{
	const char *verdict = cli_arg(cli, 1);

	if (strcmp(verdict, "accept") != 0 && strcmp(verdict, "reject") != 0)
		return cli_fail(cli, PALIER_EPARAMS, "the verdict is accept or reject, not %s", verdict);
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "referral", cli_arg(cli, 0));
	cli_param(cli, "verdict", verdict);
	return cli_ask(cli, "referral.review", show_reviewed);
}

static void show_rotated(struct cli *cli, uint32_t result)
{
	(void)result;
	fputs("New codes are made with a new key; those that are out stay good.\n", cli->out);
}

static int run_rotate(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	return cli_ask(cli, "referral.rotate", show_rotated);
}
