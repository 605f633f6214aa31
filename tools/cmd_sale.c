/* SPDX-License-Identifier: Apache-2.0 */
/* palier sale: quote a basket, ring it up, take it back, and look back. A basket is a JSON file (an array of lines, or an object with
 * `lines` and the other params of sale.quote and sale.commit) or --line options; what both give, the option says. */
#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/import.h"
#include "tools/input.h"
#include "tools/member_view.h"
#include "tools/table.h"

static int run_quote(struct cli *cli), run_commit(struct cli *cli), run_show(struct cli *cli), run_list(struct cli *cli),
	run_return(struct cli *cli), run_void(struct cli *cli), run_claim(struct cli *cli), run_hold(struct cli *cli),
	run_release(struct cli *cli);

#define BASKET_OPTIONS \
	{ "line", "SKU:AMOUNT[:QTY[:CATEGORY]]", "a line of the basket, its total as 12.50; may be repeated" }, \
		{ "card", "CARD|MEMBER", "whose sale it is" }, \
		{ "redeem", "REWARD[:TIMES]", "a reward to spend points on; may be repeated" }, \
		{ "coupon", "CODE", "may be repeated" }, \
	{ \
		"no-auto", NULL, "leave automatic discounts out" \
	}

static const struct cli_option quote_options[] = {
	BASKET_OPTIONS,
	{ "at", "TIME", "as if it were then, RFC 3339 (default: now)" },
	CLI_END_OPTIONS,
};
static const struct cli_option commit_options[] = {
	BASKET_OPTIONS,
	{ "payable", "AMOUNT", "what is taken for the goods (default: what the quote says)" },
	{ "hold", "HOLD", "the hold that was made for it; needs --payable" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option hold_options[] = {
	BASKET_OPTIONS,
	{ "unit", "UNIT", "instead of a basket: the unit to hold" },
	{ "points", "N", "and how many of it" },
	{ "ttl", "SECONDS", "until it lapses by itself (default: 900)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option return_options[] = {
	{ "line", "LINE:QTY", "how much of a line of the sale comes back, the first is 0; may be repeated" },
	{ "amount", "LINE:AMOUNT", "or how much of what was paid for it, as 12.50; may be repeated" },
	{ "store", "STORE", "the store that sold it (default: this one)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };
static const struct cli_option list_options[] = {
	{ "limit", "N", "at most so many, newest first (default: 50)" },
	{ "before", "SEQ", "only those before this event: the next page" },
	CLI_END_OPTIONS,
};

const struct cli_command command_sale = { "sale", "quote and ring up baskets, take them back",
	(const struct cli_verb[]){
		{ "quote", "[FILE|-]", "what a basket costs, earns and spends; changes nothing", 0, 1, quote_options,
			run_quote },
		{ "commit", "SALE [FILE|-]", "ring a sale up under its receipt number", 1, 2, commit_options, run_commit },
		{ "hold", "[FILE|-]", "put points, codes and prices out of reach of others", 0, 1, hold_options, run_hold },
		{ "release", "HOLD", "let a hold go", 1, 1, booking_options, run_release },
		{ "return", "RETURN SALE", "take goods back, all that is left unless lines are named", 2, 2, return_options,
			run_return },
		{ "void", "SALE|RETURN", "undo a sale or return of the open day", 1, 1, booking_options, run_void },
		{ "claim", "SALE CARD|MEMBER", "points for a sale rung up without a card", 2, 2, booking_options,
			run_claim },
		{ "show", "SALE", "a sale or return as it was booked", 1, 1, NULL, run_show },
		{ "list", "CARD|MEMBER", "a member's sales", 1, 1, list_options, run_list },
		{ "import", "FILE", "book the past sales of a CSV file, or of lines of JSON", 1, 1, import_sale_options,
			import_sales },
		{ .name = NULL },
	} };

/* --- the basket --- */

struct basket {
	struct cli *cli;
	struct json_doc file; /* without tokens: none was given */
	bool quoting;
};

static int read_basket(struct cli *cli, const char *path, struct basket *b)
{
	*b = (struct basket){ .cli = cli };
	if (!path && !cli_has(cli, "line"))
		return cli_fail(cli, PALIER_EPARAMS,
			"what is sold? give a FILE, - for standard input, or --line SKU:AMOUNT");
	if (path && cli_has(cli, "line"))
		return cli_fail(cli, PALIER_EPARAMS, "give the basket as a file or as --line, not both");
	return path ? input_read(cli, path, &b->file) : PALIER_OK;
}

static bool is_object(const struct basket *b)
{
	return b->file.tokens && b->file.tokens[0].type == JSON_OBJECT;
}

static bool in_file(const struct basket *b, const char *key)
{
	return is_object(b) && json_member(&b->file, 0, key) != 0;
}

/* Is this member of the file sent as it is? Not what the command line says instead, nor to a quote what only a commit knows.
 */
static bool from_file(void *who, struct palier_bytes key)
{
	static const struct {
		const char *key, *option;
		bool quoted;
	} members[] = {
		{ "lines", "line", true },
		{ "card", "card", true },
		{ "member", "card", true },
		{ "redeem", "redeem", true },
		{ "coupons", "coupon", true },
		{ "payments", "", true },
		{ "returns", "", true },
		{ "auto", "no-auto", true },
		{ "at", "at", true },
		{ "request", "request", false },
		{ "hold", "hold", false },
		{ "ttl", "ttl", false },
		{ "training", "training", false },
	};
	const struct basket *b = who;

	if (palier_is(key, "sale") || palier_is(key, "payable"))
		return false; /* said by the commit itself */
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (palier_is(key, members[i].key))
			return (members[i].quoted || !b->quoting) && !cli_has(b->cli, members[i].option);
	return !b->quoting;
}

static struct palier_bytes next_part(const char **at)
{
	struct palier_bytes part = palier_bytes_of(*at, strcspn(*at, ":"));

	*at += part.len + ((*at)[part.len] == ':');
	return part;
}

static int add_line(struct cli *cli, const char *line)
{
	const char *at = line;
	struct palier_bytes sku = next_part(&at), amount = next_part(&at), quantity = next_part(&at),
			    category = palier_str(at);
	int64_t minor, thousandths = 1000;

	if (!sku.len || !decimal_parse(palier_cstr(&cli->arena, amount), cli->scale, &minor))
		return cli_fail(cli, PALIER_EPARAMS, "--line %s: a line is SKU:AMOUNT[:QTY[:CATEGORY]], the amount in %s",
			line, cli->currency);
	if (quantity.len && !decimal_parse(palier_cstr(&cli->arena, quantity), 3, &thousandths))
		return cli_fail(cli, PALIER_EPARAMS, "--line %s: the quantity has at most 3 decimals", line);
	palier_json_object(&cli->w);
	palier_json_key(&cli->w, "sku");
	palier_json_string(&cli->w, sku);
	palier_json_key(&cli->w, "amount");
	palier_json_int(&cli->w, minor);
	if (quantity.len) {
		palier_json_key(&cli->w, "quantity");
		palier_json_scaled(&cli->w, thousandths, 3);
	}
	cli_param(cli, "category", category.len ? category.at : NULL);
	palier_json_end_object(&cli->w);
	return PALIER_OK;
}

static int add_redemption(struct cli *cli, const char *text)
{
	const char *at = text;
	struct palier_bytes reward = next_part(&at);
	int err;

	palier_json_object(&cli->w);
	palier_json_key(&cli->w, "reward");
	palier_json_string(&cli->w, reward);
	err = cli_param_figure(cli, "times", *at ? at : NULL);
	palier_json_end_object(&cli->w);
	return err;
}

static int add_coupon(struct cli *cli, const char *code)
{
	palier_json_str(&cli->w, code);
	return PALIER_OK;
}

/* A repeated option as an array. */
static int add_array(struct cli *cli, const char *key, const char *option, int (*add)(struct cli *, const char *))
{
	const char *value;
	int at = 0, err = PALIER_OK;

	if (!cli_has(cli, option))
		return PALIER_OK;
	palier_json_key(&cli->w, key);
	palier_json_array(&cli->w);
	while (err == PALIER_OK && (value = cli_each(cli, option, &at)))
		err = add(cli, value);
	palier_json_end_array(&cli->w);
	return err;
}

static int add_basket(struct cli *cli, struct basket *b, bool quoting)
{
	int err;

	b->quoting = quoting;
	cli_params(cli);
	if (is_object(b)) {
		input_copy(cli, &b->file, from_file, b);
	} else if (b->file.tokens) {
		palier_json_key(&cli->w, "lines");
		palier_json_raw(&cli->w, json_text(&b->file, 0));
	}
	cli_param_who(cli, cli_value(cli, "card"));
	if (cli_has(cli, "no-auto")) {
		palier_json_key(&cli->w, "auto");
		palier_json_bool(&cli->w, false);
	}
	err = add_array(cli, "lines", "line", add_line);
	if (err == PALIER_OK)
		err = add_array(cli, "redeem", "redeem", add_redemption);
	return err == PALIER_OK ? add_array(cli, "coupons", "coupon", add_coupon) : err;
}

/* --- showing --- */

static void show_discounts(struct cli *cli, struct table *t, uint32_t result)
{
	VIEW_EACH(cli, view_member(cli, result, "discounts"), discount)
	{
		const char *label = view_text(cli, discount, "label");

		table_cell(t, label[0] ? label : view_text(cli, discount, "source"));
		table_cell(t, palier_format(&cli->arena, "-%s", view_money(cli, discount, "amount")));
	}
}

static void show_refused(struct cli *cli, struct table *t, uint32_t result)
{
	VIEW_EACH(cli, view_member(cli, result, "refused"), refused)
	{
		const char *what = view_text(cli, refused, "reward");

		what = what[0] ? what : view_text(cli, refused, "coupon");
		what = what[0] ? what : view_text(cli, refused, "unit");
		table_cell(t, "refused");
		table_cell(t, palier_format(&cli->arena, "%s: %s", what, view_text(cli, refused, "reason")));
	}
}

static void show_free(struct cli *cli, struct table *t, uint32_t result)
{
	VIEW_EACH(cli, view_member(cli, result, "free"), product)
	{
		table_cell(t, "free, to add");
		table_cell(t, palier_format(&cli->arena, "%s %s", view_text(cli, product, "quantity"),
				      view_text(cli, product, "sku")));
	}
}

static void show_messages(struct cli *cli, struct table *t, uint32_t result)
{
	uint32_t messages = view_member(cli, result, "messages");

	VIEW_EACH(cli, messages, message)
	table_pair(t, "message", view_clean(&cli->arena, json_string(&cli->reply.doc, message, cli->reply.arena)));
}

/* What comes back, or came back, on a ticket; of which sales. */
static void show_returns(struct cli *cli, struct table *t, uint32_t result)
{
	VIEW_EACH(cli, view_member(cli, result, "returns"), back)
	{
		table_pair(t, "comes back",
			palier_format(&cli->arena, "%s: %s", view_text(cli, back, "sale"),
				view_money(cli, view_member(cli, back, "refund"), "amount")));
		table_pair(t, "taken back", view_moves(cli, back, "reversed"));
		table_pair(t, "given back", view_moves(cli, back, "restored"));
		table_pair(t, "not collected", view_moves(cli, back, "uncollected"));
	}
}

/* A quote, a commit's reply and a booked sale have their parts under nearly the same names; absent ones show nothing. */
static void show_sale(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "sale", view_text(cli, result, "sale"));
	table_pair(&t, "at", view_time(cli, result, "at"));
	table_pair(&t, "day", view_text(cli, result, "day"));
	table_pair(&t, "till", view_text(cli, result, "till"));
	table_pair(&t, "operator", view_text(cli, result, "operator"));
	table_pair(&t, "member", view_text(cli, result, "member"));
	table_pair(&t, "total", view_money(cli, result, "total"));
	show_discounts(cli, &t, result);
	table_pair(&t, "payable", view_money(cli, result, "payable"));
	table_pair(&t, "due", view_money(cli, result, "due"));
	table_pair(&t, "returned", view_money(cli, result, "returned"));
	table_pair(&t, "state", view_text(cli, result, "state"));
	show_returns(cli, &t, result);
	table_pair(&t, "earns", view_moves(cli, result, "earn"));
	table_pair(&t, "spends", view_moves(cli, result, "spend"));
	table_pair(&t, "earned", view_moves(cli, result, "earned"));
	table_pair(&t, "spent", view_moves(cli, result, "spent"));
	table_pair(&t, "balance", view_units(cli, result, "balances"));
	table_pair(&t, "tier", view_text(cli, view_member(cli, result, "tier"), "name"));
	table_pair(&t, "tier after", view_text(cli, view_member(cli, result, "tier_after"), "name"));
	show_free(cli, &t, result);
	show_refused(cli, &t, result);
	show_messages(cli, &t, result);
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_quote(struct cli *cli, uint32_t result)
{
	show_sale(cli, result);
	member_view_rewards(cli, view_member(cli, result, "available_rewards"));
}

static void show_booked(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "line", .right = true }, { .title = "sku" },
				   { .title = "quantity", .right = true }, { .title = "amount", .right = true },
				   { .title = "kind" }, { .title = "what" }, { .title = NULL } } };

	unsigned number = 0;

	show_sale(cli, result);
	if (view_count(cli, view_member(cli, result, "lines")) == 0)
		return; /* a return has none */
	fputc('\n', cli->out);
	VIEW_EACH(cli, view_member(cli, result, "lines"), line)
	{
		const char *quantity = view_text(cli, line, "quantity"), *label = view_text(cli, line, "label");

		table_cell(&t, palier_format(&cli->arena, "%u", number++));
		table_cell(&t, view_text(cli, line, "sku"));
		table_cell(&t, quantity[0] ? quantity : "1");
		table_cell(&t, view_amount(cli, line, "amount"));
		table_cell(&t, view_text(cli, line, "kind"));
		table_cell(&t, label[0] ? label : view_text(cli, line, "category"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_sales(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "seq", .right = true }, { .title = "at" },
				   { .title = "sale" }, { .title = "till" }, { .title = "payable", .right = true },
				   { .title = "due", .right = true }, { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "sales"), sale)
	{
		table_cell(&t, view_text(cli, sale, "seq"));
		table_cell(&t, view_time(cli, sale, "at"));
		table_cell(&t, view_text(cli, sale, "sale"));
		table_cell(&t, view_text(cli, sale, "till"));
		table_cell(&t, view_amount(cli, sale, "payable"));
		table_cell(&t, view_amount(cli, sale, "due"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_hold(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };
	uint32_t quote = view_member(cli, result, "quote");

	table_pair(&t, "hold", view_text(cli, result, "hold"));
	table_pair(&t, "held", view_moves(cli, result, "held"));
	table_pair(&t, "payable", view_money(cli, quote, "payable"));
	table_pair(&t, "due", view_money(cli, quote, "due"));
	table_pair(&t, "until", view_time(cli, result, "expires_at"));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_return(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };
	uint32_t refund = view_member(cli, result, "refund");

	table_pair(&t, "return", view_text(cli, result, "return"));
	table_pair(&t, "refund", view_money(cli, refund, "amount"));
	table_pair(&t, "of it in units", view_moves(cli, refund, "units"));
	table_pair(&t, "taken back", view_moves(cli, result, "reversed"));
	table_pair(&t, "given back", view_moves(cli, result, "restored"));
	table_pair(&t, "not collected", view_moves(cli, result, "uncollected"));
	table_pair(&t, "state", view_text(cli, result, "state"));
	table_pair(&t, "balance", view_units(cli, result, "balances"));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_balance(struct cli *cli, uint32_t result)
{
	const char *balance = view_units(cli, result, "balances");

	fprintf(cli->out, "%s%s\n", balance[0] ? "now " : "done", balance);
}

/* --- running --- */

/* Amounts are read in the store's currency, so the connection comes first. */
static int begin(struct cli *cli, const char *path, struct basket *b)
{
	int err = read_basket(cli, path, b);

	return err == PALIER_OK ? cli_connect(cli) : err;
}

static int run_quote(struct cli *cli)
{
	struct basket b;
	int err = begin(cli, cli_arg(cli, 0), &b);

	if (err == PALIER_OK)
		err = add_basket(cli, &b, true);
	if (err != PALIER_OK)
		return err;
	cli_param(cli, "at", cli_value(cli, "at"));
	return cli_ask(cli, "sale.quote", show_quote);
}

static int quote_payable(struct cli *cli, struct basket *b, int64_t *out)
{
	int err = add_basket(cli, b, true);

	if (err != PALIER_OK)
		return err;
	cli_param(cli, "at", cli_value(cli, "at"));
	err = cli_call(cli, "sale.quote");
	if (err != PALIER_OK)
		return err;
	if (!json_integer(&cli->reply.doc, view_member(cli, cli->reply.result, "payable"), out))
		return cli_fail(cli, PALIER_EINTERNAL, "the quote says nothing payable");
	return PALIER_OK;
}

/* What is to be paid: as the command line or the file says, else the quote. */
static int find_payable(struct cli *cli, struct basket *b, int64_t *out)
{
	const char *given = cli_value(cli, "payable");
	uint32_t in_file = is_object(b) ? json_member(&b->file, 0, "payable") : 0;

	if (given ? decimal_parse(given, cli->scale, out) : in_file && json_integer(&b->file, in_file, out))
		return PALIER_OK;
	if (given)
		return cli_fail(cli, PALIER_EPARAMS, "--payable is an amount in %s, not %s", cli->currency, given);
	return quote_payable(cli, b, out);
}

static int run_commit(struct cli *cli)
{
	struct basket b;
	int64_t payable = 0;
	int err = begin(cli, cli_arg(cli, 1), &b);

	if (err == PALIER_OK && cli_has(cli, "hold") && !cli_has(cli, "payable")) /* a quote now would miss what is held */
		err = cli_fail(cli, PALIER_EPARAMS, "--hold needs --payable: what the hold's quote says");
	if (err == PALIER_OK)
		err = find_payable(cli, &b, &payable);
	if (err == PALIER_OK)
		err = add_basket(cli, &b, false);
	if (err != PALIER_OK)
		return err;
	palier_json_key(&cli->w, "payable");
	palier_json_int(&cli->w, payable);
	cli_param(cli, "sale", cli_arg(cli, 0));
	cli_param(cli, "hold", cli_value(cli, "hold"));
	if (cli_has(cli, "request") || !in_file(&b, "request"))
		cli_param_request(cli);
	cli_param_when(cli);
	return cli_ask(cli, "sale.commit", show_sale);
}

/* Of a basket, or of points alone. */
static int add_held(struct cli *cli, struct basket *b)
{
	int err = PALIER_OK;

	if (!cli_has(cli, "unit") && !cli_has(cli, "points")) {
		err = begin(cli, cli_arg(cli, 0), b);
		return err == PALIER_OK ? add_basket(cli, b, false) : err;
	}
	*b = (struct basket){ .cli = cli };
	cli_params(cli);
	cli_param_who(cli, cli_value(cli, "card"));
	cli_param(cli, "unit", cli_value(cli, "unit"));
	return cli_param_figure(cli, "points", cli_value(cli, "points"));
}

static int run_hold(struct cli *cli)
{
	struct basket b;
	int err = add_held(cli, &b);

	if (err == PALIER_OK)
		err = cli_param_figure(cli, "ttl", cli_value(cli, "ttl"));
	if (err != PALIER_OK)
		return err;
	if (cli_has(cli, "request") || !in_file(&b, "request"))
		cli_param_request(cli);
	cli_param_when(cli);
	return cli_ask(cli, "sale.hold", show_hold);
}

static int run_release(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "hold", cli_arg(cli, 0));
	return cli_ask(cli, "sale.release", show_balance);
}

/* LINE:QTY, or LINE:AMOUNT. */
static int add_part(struct cli *cli, const char *text, const char *option, const char *key, unsigned scale)
{
	const char *at = text;
	struct palier_bytes line = next_part(&at);
	int64_t index, value;

	if (!decimal_parse(palier_cstr(&cli->arena, line), 0, &index) || !decimal_parse(at, scale, &value))
		return cli_fail(cli, PALIER_EPARAMS, "--%s %s: a line of the sale, a colon, and %s", option, text,
			strcmp(key, "amount") == 0 ? "an amount" : "a quantity");
	palier_json_object(&cli->w);
	palier_json_key(&cli->w, "line");
	palier_json_int(&cli->w, index);
	palier_json_key(&cli->w, key);
	if (strcmp(key, "amount") == 0)
		palier_json_int(&cli->w, value);
	else
		palier_json_scaled(&cli->w, value, scale);
	palier_json_end_object(&cli->w);
	return PALIER_OK;
}

static int add_parts(struct cli *cli)
{
	const char *value;
	int at = 0, err = PALIER_OK;

	if (!cli_has(cli, "line") && !cli_has(cli, "amount"))
		return PALIER_OK;
	palier_json_key(&cli->w, "lines");
	palier_json_array(&cli->w);
	while (err == PALIER_OK && (value = cli_each(cli, "line", &at)))
		err = add_part(cli, value, "line", "quantity", 3);
	for (at = 0; err == PALIER_OK && (value = cli_each(cli, "amount", &at));)
		err = add_part(cli, value, "amount", "amount", cli->scale);
	palier_json_end_array(&cli->w);
	return err;
}

static int run_return(struct cli *cli)
{
	int err = cli_connect(cli);

	if (err != PALIER_OK)
		return err;
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "return", cli_arg(cli, 0));
	cli_param(cli, "sale", cli_arg(cli, 1));
	cli_param(cli, "store", cli_value(cli, "store"));
	err = add_parts(cli);
	return err == PALIER_OK ? cli_ask(cli, "sale.return", show_return) : err;
}

static int run_void(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "sale", cli_arg(cli, 0));
	return cli_ask(cli, "sale.void", show_balance);
}

static int run_claim(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "sale", cli_arg(cli, 0));
	cli_param_who(cli, cli_arg(cli, 1));
	return cli_ask(cli, "sale.claim", show_balance);
}

static int run_show(struct cli *cli)
{
	cli_params(cli);
	cli_param(cli, "sale", cli_arg(cli, 0));
	return cli_ask(cli, "sale.show", show_booked);
}

static int run_list(struct cli *cli)
{
	int err;

	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	err = cli_param_figure(cli, "limit", cli_value(cli, "limit"));
	if (err == PALIER_OK)
		err = cli_param_figure(cli, "before", cli_value(cli, "before"));
	return err == PALIER_OK ? cli_ask(cli, "sale.list", show_sales) : err;
}
