/* SPDX-License-Identifier: Apache-2.0 */
/* palier member: enrol, import, change, find; merge, lock, export, erase. */
#include "tools/commands.h"
#include "tools/import.h"
#include "tools/input.h"
#include "tools/member_view.h"
#include "tools/table.h"

static int run_enroll(struct cli *cli), run_update(struct cli *cli), run_find(struct cli *cli), run_merge(struct cli *cli),
	run_freeze(struct cli *cli), run_thaw(struct cli *cli), run_pin(struct cli *cli), run_otp(struct cli *cli),
	run_export(struct cli *cli), run_erase(struct cli *cli);

#define PROFILE_OPTIONS \
	{ "name", "TEXT", "first name and surname" }, { "phone", "NUMBER", "as people write it" }, \
		{ "email", "ADDRESS", "e-mail" }, { "birthday", "DAY", "YYYY-MM-DD" }, \
		{ "language", "CODE", "fr, en, ..." }, \
		{ "consent", "LIST", "what was agreed to: of email, sms, profiling, with commas, or none" }, \
		{ "heard-from", "TEXT", "how the customer heard of the shop" }, \
		{ "tag", "TEXT", "the shop's own mark; may be repeated" }, CLI_BOOKING_OPTIONS

static const struct cli_option enroll_options[] = {
	{ "card", "CARD", "the card handed out (default: one is issued)" },
	{ "referral", "CODE", "a sponsor's code" },
	PROFILE_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option update_options[] = {
	{ "remove", "FIELD", "forget a field: name, phone, email, birthday, ...; may be repeated" },
	PROFILE_OPTIONS,
	CLI_END_OPTIONS,
};

static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };
static const struct cli_option thaw_options[] = {
	{ "pin", "PIN", "the customer's, where no supervisor asks" },
	{ "otp", "CODE", "or the one-time code of the virtual card" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option pin_options[] = {
	{ "old", NULL, "ask for the PIN until now first: who has one and is no supervisor must know it" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_member = { "member", "enrol, import, change, find, merge, export and erase customers",
	(const struct cli_verb[]){
		{ "enroll", "", "a new member", 0, 0, enroll_options, run_enroll },
		{ "import", "FILE", "enrol the customers of a CSV file, with their balances", 1, 1, import_options,
			import_members },
		{ "update", "MEMBER", "change what is known of a member; what is not named stays", 1, 1, update_options,
			run_update },
		{ "find", "NAME", "members by the beginning of their name", 1, 1, NULL, run_find },
		{ "merge", "FROM INTO", "two members are one: INTO has all of it from now on", 2, 2, booking_options,
			run_merge },
		{ "freeze", "MEMBER", "lock spending, at the customer's wish", 1, 1, booking_options, run_freeze },
		{ "thaw", "MEMBER", "unlock it", 1, 1, thaw_options, run_thaw },
		{ "pin", "CARD|MEMBER", "set the PIN that proves who spends; it is read from the terminal", 1, 1,
			pin_options, run_pin },
		{ "otp", "MEMBER", "the secret of a member's one-time codes, for the virtual card", 1, 1, NULL, run_otp },
		{ "export", "MEMBER", "all that is kept of a member, as JSON, a line a page", 1, 1, NULL, run_export },
		{ "erase", "MEMBER", "make a member nobody, for good", 1, 1, booking_options, run_erase },
		{ .name = NULL },
	} };

/* Everything is said: what is not agreed to is refused. */
static int add_consent(struct cli *cli, const char *list)
{
	static const char *const kinds[] = { "email", "sms", "profiling", NULL };
	bool given[3] = { false };

	for (const char *at = list; *at && strcmp(list, "none") != 0;) {
		struct palier_bytes word = palier_bytes_of(at, strcspn(at, ","));
		int kind = 0;

		while (kinds[kind] && !palier_is(word, kinds[kind]))
			kind++;
		if (!kinds[kind])
			return cli_fail(cli, PALIER_EPARAMS,
				"--consent is a list of email, sms, profiling, or none; not %.*s", PALIER_ARG(word));
		given[kind] = true;
		at += word.len + (at[word.len] == ',');
	}
	palier_json_key(&cli->w, "consent");
	palier_json_object(&cli->w);
	for (int kind = 0; kinds[kind]; kind++) {
		palier_json_key(&cli->w, kinds[kind]);
		palier_json_bool(&cli->w, given[kind]);
	}
	palier_json_end_object(&cli->w);
	return PALIER_OK;
}

static void add_tags(struct cli *cli)
{
	const char *tag;
	int at = 0;

	if (!cli_has(cli, "tag"))
		return;
	palier_json_key(&cli->w, "tags");
	palier_json_array(&cli->w);
	while ((tag = cli_each(cli, "tag", &at)))
		palier_json_str(&cli->w, tag);
	palier_json_end_array(&cli->w);
}

static int add_profile(struct cli *cli)
{
	const char *consent = cli_value(cli, "consent");

	cli_param(cli, "name", cli_value(cli, "name"));
	cli_param(cli, "phone", cli_value(cli, "phone"));
	cli_param(cli, "email", cli_value(cli, "email"));
	cli_param(cli, "birthday", cli_value(cli, "birthday"));
	cli_param(cli, "language", cli_value(cli, "language"));
	cli_param(cli, "heard_from", cli_value(cli, "heard-from"));
	add_tags(cli);
	return consent ? add_consent(cli, consent) : PALIER_OK;
}

static int run_enroll(struct cli *cli)
{
	int err;

	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "card", cli_value(cli, "card"));
	cli_param(cli, "referral", cli_value(cli, "referral"));
	err = add_profile(cli);
	return err == PALIER_OK ? cli_ask(cli, "member.enroll", member_view_show) : err;
}

static int run_update(struct cli *cli)
{
	const char *field;
	int at = 0, err;

	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	while ((field = cli_each(cli, "remove", &at))) {
		palier_json_key_bytes(&cli->w, palier_str(strcmp(field, "heard-from") == 0 ? "heard_from" : field));
		palier_json_null(&cli->w);
	}
	err = add_profile(cli);
	return err == PALIER_OK ? cli_ask(cli, "member.update", member_view_show) : err;
}

static void show_members(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "member" }, { .title = "name" },
				   { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "members"), member)
	{
		table_cell(&t, view_text(cli, member, "member"));
		table_cell(&t, view_text(cli, member, "name"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_find(struct cli *cli)
{
	cli_params(cli);
	cli_param(cli, "query", cli_arg(cli, 0));
	return cli_ask(cli, "member.find", show_members);
}

static int run_merge(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "from", cli_arg(cli, 0));
	cli_param(cli, "into", cli_arg(cli, 1));
	return cli_ask(cli, "member.merge", member_view_show);
}

static int run_freeze(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	return cli_ask(cli, "member.freeze", member_view_show);
}

static int run_thaw(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	if (cli_has(cli, "pin") || cli_has(cli, "otp")) {
		palier_json_key(&cli->w, "proof");
		palier_json_object(&cli->w);
		cli_param(cli, "pin", cli_value(cli, "pin"));
		cli_param(cli, "otp", cli_value(cli, "otp"));
		palier_json_end_object(&cli->w);
	}
	return cli_ask(cli, "member.thaw", member_view_show);
}

#define PIN_TEXT 17 /* what the protocol takes, and a NUL */

static int add_pin(struct cli *cli, const char *prompt, const char *key)
{
	char pin[PIN_TEXT];
	int err = input_secret(cli, prompt, pin, sizeof(pin));

	if (err == PALIER_OK)
		cli_param(cli, key, pin);
	explicit_bzero(pin, sizeof(pin));
	return err;
}

static int run_pin(struct cli *cli)
{
	int err = PALIER_OK;

	cli_params(cli);
	cli_param_booking(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	if (cli_has(cli, "old"))
		err = add_pin(cli, "PIN until now", "old");
	if (err == PALIER_OK)
		err = add_pin(cli, "new PIN", "pin");
	return err == PALIER_OK ? cli_ask(cli, "member.pin", member_view_show) : err;
}

static void show_otp(struct cli *cli, uint32_t result)
{
	fprintf(cli->out, "secret  %s\nuri     %s\n", view_text(cli, result, "secret"), view_text(cli, result, "uri"));
}

static int run_otp(struct cli *cli)
{
	cli_params(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	return cli_ask(cli, "member.otp", show_otp);
}

static int run_export(struct cli *cli)
{
	int64_t next = 0;

	do {
		uint32_t more;
		int err;

		cli_params(cli);
		cli_param(cli, "member", cli_arg(cli, 0));
		if (next) {
			palier_json_key(&cli->w, "before");
			palier_json_int(&cli->w, next);
		}
		err = cli_call(cli, "member.export");
		if (err != PALIER_OK)
			return err;
		fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, cli->reply.result)));
		more = view_member(cli, cli->reply.result, "next");
		if (!more || !json_integer(&cli->reply.doc, more, &next))
			next = 0;
	} while (next);
	return PALIER_OK;
}

static void show_erased(struct cli *cli, uint32_t result)
{
	fprintf(cli->out, "%s is nobody now\n", view_text(cli, result, "member"));
}

static int run_erase(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "member", cli_arg(cli, 0));
	return cli_ask(cli, "member.erase", show_erased);
}
