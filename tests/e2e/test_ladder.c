/* SPDX-License-Identifier: Apache-2.0 */
/* The purchase ladder over the wire: what is suggested where, what becomes of it, who is shown nothing, and what the tools make of the journal. */
#include "tests/e2e/harness.h"

/* With this prior hardly a draw is so low that nothing is suggested. */
#define COFFEE(holdout) \
	"ladder {\n" \
	"	holdout = " holdout "\n" \
	"	ladder \"coffee\" {\n" \
	"		rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }\n" \
	"		rung \"beans\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  prior = \"100\" }\n" \
	"	}\n" \
	"	complement \"filter\" { with { skus = {\"ground\"} }  skus = {\"filter\"}  price = \"3.00\"  margin = \"1.20\"  prior = \"100\" }\n" \
	"}\n"

static const struct shop_options all_offered = { .config = COFFEE("0") };
static const struct shop_options half_held = { .config = COFFEE("50") };

static const struct shop_options coupons = {
	.config =
		"offers { offer \"fresh\" { kind = amount  value = \"0.50\"  when { coupon = {\"BEANS-1\"} } } }\n"
		"ladder {\n"
		"	holdout = 0\n"
		"	ladder \"coffee\" {\n"
		"		rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }\n"
		"		rung \"beans\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  prior = \"100\"  coupon = \"BEANS-1\" }\n"
		"	}\n"
		"}\n"
};

#define GROUND "{'sku':'ground','category':'coffee','amount':400}"
#define BEANS  "{'sku':'beans','category':'coffee','amount':590}"
#define FILTER "{'sku':'filter','category':'paper','amount':300}"

static void enrol(struct wire *w, const char *card, bool profiling)
{
	ask_ok(w, "member.enroll", "'request':'e-%s','card':'%s','consent':{'profiling':%s}", card, card,
		profiling ? "true" : "false");
}

static char *sell(struct wire *w, const char *number, const char *card, const char *lines, int sum, const char *more)
{
	return ask_ok(w, "sale.commit", "'request':'s-%s','sale':'%s','card':'%s','lines':[%s],'payable':%d%s", number,
		number, card, lines, sum, more);
}

static char *quote(struct wire *w, const char *card, const char *lines)
{
	return ask_ok(w, "sale.quote", "'card':'%s','lines':[%s]", card, lines);
}

static char *look(struct wire *w, const char *card)
{
	return ask_ok(w, "card.lookup", "'card':'%s'", card);
}

/* A figure of a rung, of all days. */
static int64_t counted(struct wire *w, const char *rung, const char *what)
{
	const char *reply = ask_ok(w, "ladder.report", "'from':'2026-01-01','to':'2099-12-31'"), *name;
	char path[64];

	for (int i = 0;; i++) {
		snprintf(path, sizeof(path), "result.rungs[%d].rung", i);
		name = field(reply, path);
		assert_non_null(name);
		if (strcmp(name, rung) == 0)
			break;
	}
	snprintf(strrchr(path, '.'), 32, ".%s", what);
	return figure(reply, path);
}

/* --- what is suggested --------------------------------------------------------------------------------------------- */

static void where_it_is_suggested(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	assert_int_equal(count_of(look(&w, "KNOWN"), "result.suggestions"), 0);
	reply = quote(&w, "KNOWN", BEANS);
	assert_int_equal(count_of(reply, "result.suggestions"), 0); /* there is no rung above, and no complement */
	reply = ask_ok(&w, "ladder.suggest", "'lines':[" FILTER "]");
	assert_int_equal(count_of(reply, "result.suggestions"), 0);
	reply = ask_ok(&w, "ladder.suggest", "'lines':[" GROUND "," FILTER "]"); /* the filter is there already */
	assert_int_equal(count_of(reply, "result.suggestions"), 1);
	assert_field(reply, "result.suggestions[0].rung", "beans");
	assert_field(reply, "result.suggestions[0].sku", "beans");
	assert_figure(reply, "result.suggestions[0].price", 590);
	sell(&w, "A", "KNOWN", GROUND "," FILTER, 700, "");
	reply = look(&w, "KNOWN");
	assert_int_equal(count_of(reply, "result.suggestions"), 1);
	assert_field(reply, "result.suggestions[0].rung", "beans");
	reply = quote(&w, "KNOWN", FILTER);
	assert_field(reply, "result.suggestions[0].rung", "beans");
	wire_close(&w);
}

static void without_consent_the_basket_alone(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "SHY", false);
	sell(&w, "A", "SHY", GROUND "," FILTER, 700, "");
	assert_int_equal(count_of(look(&w, "SHY"), "result.suggestions"), 0);
	assert_int_equal(count_of(quote(&w, "SHY", FILTER), "result.suggestions"), 0);
	reply = quote(&w, "SHY", GROUND "," FILTER);
	assert_field(reply, "result.suggestions[0].rung", "beans");
	assert_null(strstr(field(reply, "result.suggestions[0].suggestion"), "m_"));
	reply = ask_ok(&w, "ladder.report", "'from':'2026-01-01','to':'2099-12-31'");
	assert_figure(reply, "result.offered.members", 0); /* nor is anything kept */
	wire_close(&w);
}

/* --- what becomes of it -------------------------------------------------------------------------------------------- */

static void told_by_the_till(void **state)
{
	char id[160], more[256];
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	reply = quote(&w, "KNOWN", GROUND "," FILTER);
	snprintf(id, sizeof(id), "%s", field(reply, "result.suggestions[0].suggestion"));
	snprintf(more, sizeof(more), ",'suggested':[{'suggestion':'%s','outcome':'accepted'}]", id);
	sell(&w, "A", "KNOWN", GROUND "," FILTER "," BEANS, 1290, more);
	assert_int_equal(counted(&w, "beans", "shown"), 1);
	assert_int_equal(counted(&w, "beans", "accepted"), 1);
	assert_int_equal(counted(&w, "beans", "revenue"), 590);
	assert_int_equal(counted(&w, "beans", "margin"), 210);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'A'");
	assert_int_equal(counted(&w, "beans", "shown"), 0);
	assert_int_equal(counted(&w, "beans", "accepted"), 0);
	assert_int_equal(counted(&w, "beans", "margin"), 0);

	reply = quote(&w, "KNOWN", GROUND "," FILTER);
	snprintf(id, sizeof(id), "%s", field(reply, "result.suggestions[0].suggestion"));
	ask_ok(&w, "ladder.outcome", "'request':'o-1','suggestion':'%s','outcome':'declined'", id);
	ask_ok(&w, "ladder.outcome", "'request':'o-1','suggestion':'%s','outcome':'declined'", id); /* counts once */
	assert_int_equal(counted(&w, "beans", "declined"), 1);
	assert_int_equal(count_of(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions"), 0); /* it cools down */
	id[strlen(id) - 1] = id[strlen(id) - 1] == '0' ? '1' : '0';
	ask_refused(&w, "suggestion_unknown", "ladder.outcome", "'request':'o-2','suggestion':'%s','outcome':'declined'",
		id);
	wire_close(&w);
}

/* Shown with its coupon, and nothing said. */
static void hand_out(struct wire *w, const char *card, const char *number)
{
	char more[256];
	char *reply = quote(w, card, GROUND);

	assert_field(reply, "result.suggestions[0].coupon", "BEANS-1");
	snprintf(more, sizeof(more), ",'suggested':[{'suggestion':'%s','outcome':'ignored'}]",
		field(reply, "result.suggestions[0].suggestion"));
	sell(w, number, card, GROUND, 400, more);
}

static void a_coupon_is_waited_for(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	enrol(&w, "OTHER", true);
	hand_out(&w, "KNOWN", "A");
	hand_out(&w, "OTHER", "B");
	assert_int_equal(counted(&w, "beans", "pending"), 2);
	sell(&w, "C", "KNOWN", FILTER, 250, ",'coupons':['beans-1']");
	assert_int_equal(counted(&w, "beans", "pending"), 1);
	assert_int_equal(counted(&w, "beans", "accepted"), 1);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'C'");
	assert_int_equal(counted(&w, "beans", "pending"), 2);
	assert_int_equal(counted(&w, "beans", "accepted"), 0);
	ask_ok(&w, "member.update", "'request':'u-1','member':'%s','consent':{'profiling':false}",
		field(look(&w, "OTHER"), "result.member"));
	assert_int_equal(counted(&w, "beans", "pending"), 1);
	sell(&w, "D", "OTHER", BEANS, 590, "");
	assert_int_equal(counted(&w, "beans", "accepted"), 0);
	sell(&w, "E", "KNOWN", BEANS, 590, "");
	assert_int_equal(counted(&w, "beans", "accepted"), 1);
	assert_int_equal(counted(&w, "beans", "shown"), 2);
	assert_int_equal(counted(&w, "beans", "declined"), 0);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'E'");
	assert_int_equal(counted(&w, "beans", "accepted"), 0);
	assert_int_equal(counted(&w, "beans", "shown"), 1);
	assert_int_equal(counted(&w, "beans", "pending"), 0);
	wire_close(&w);
}

static void deduced_and_brought_back(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	sell(&w, "A", "KNOWN", GROUND "," FILTER, 700, "");
	sell(&w, "B", "KNOWN", BEANS, 590, ""); /* the till said nothing */
	assert_int_equal(counted(&w, "beans", "accepted"), 1);
	assert_int_equal(count_of(look(&w, "KNOWN"), "result.suggestions"), 0); /* the highest rung */
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'B'");
	assert_int_equal(counted(&w, "beans", "accepted"), 0);
	assert_int_equal(counted(&w, "beans", "revenue"), 0);
	/* What came back is not suggested to this member again. */
	assert_int_equal(count_of(look(&w, "KNOWN"), "result.suggestions"), 0);
	reply = ask_ok(&w, "ladder.suggest", "'lines':[" GROUND "," FILTER "]");
	assert_int_equal(count_of(reply, "result.suggestions"), 1);
	wire_close(&w);
}

/* What the arm of those who are shown suggestions has come to, and what became of beans. */
static void assert_arm(struct wire *w, int64_t climbed, int64_t sum, int64_t margin, int64_t accepted)
{
	const char *reply = ask_ok(w, "ladder.report", "'from':'2026-01-01','to':'2099-12-31'");

	assert_figure(reply, "result.offered.climbed", climbed);
	assert_figure(reply, "result.offered.sum", sum);
	assert_figure(reply, "result.offered.margin", margin);
	assert_figure(reply, "result.offered.known", sum);
	assert_int_equal(counted(w, "beans", "accepted"), accepted);
	assert_int_equal(counted(w, "beans", "shown"), accepted);
}

/* Of two bags the first comes back, the other stays bought; what is voided is as if it had not been. */
static void brought_back_in_parts(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	sell(&w, "A", "KNOWN", GROUND "," FILTER, 700, "");
	sell(&w, "B", "KNOWN", BEANS "," BEANS, 1180, "");
	assert_arm(&w, 1, 1880, 640, 1);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R1','sale':'B','lines':[{'line':0,'quantity':1}]");
	assert_arm(&w, 1, 1290, 430, 1);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R1'");
	assert_arm(&w, 1, 1880, 640, 1);
	ask_ok(&w, "sale.return", "'request':'r-2','return':'R2','sale':'B','lines':[{'line':0,'quantity':1}]");
	ask_ok(&w, "sale.return", "'request':'r-3','return':'R3','sale':'B','lines':[{'line':1,'amount':590}]");
	assert_arm(&w, 0, 700, 220, 0);
	assert_int_equal(counted(&w, "beans", "margin"), 0);
	ask_ok(&w, "sale.void", "'request':'v-3','sale':'R3'");
	assert_arm(&w, 1, 1290, 430, 1);
	assert_int_equal(counted(&w, "beans", "margin"), 420);
	wire_close(&w);
}

/* What came back before anybody said whose sale it was is not theirs. */
static void claimed_without_what_came_back(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	ask_ok(&w, "sale.commit", "'request':'s-1','sale':'A','lines':[" GROUND "," FILTER "," BEANS "],'payable':1290");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R1','sale':'A','lines':[{'line':2,'quantity':1}]");
	ask_ok(&w, "sale.claim", "'request':'c-1','sale':'A','card':'KNOWN'");
	assert_field(look(&w, "KNOWN"), "result.suggestions[0].rung", "beans");
	ask_ok(&w, "sale.return", "'request':'r-2','return':'R2','sale':'A','lines':[{'line':0,'quantity':1}]");
	assert_int_equal(count_of(look(&w, "KNOWN"), "result.suggestions"), 0); /* on no rung any more */
	wire_close(&w);
}

/* A return that is voided is none: what it was suggests again. */
static void a_return_that_never_was(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	sell(&w, "A", "KNOWN", BEANS, 590, "");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R1','sale':'A'");
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R1'");
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'A'");
	assert_field(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions[0].rung", "beans");
	wire_close(&w);
}

/* --- the experiment ------------------------------------------------------------------------------------------------ */

#define MEMBERS 24

static void some_are_shown_nothing(void **state)
{
	struct wire w;
	char card[16], number[16];
	char *reply;
	int held = 0;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 0; i < MEMBERS; i++) {
		bool offered;

		snprintf(card, sizeof(card), "CARD-%d", i);
		snprintf(number, sizeof(number), "S-%d", i);
		enrol(&w, card, true);
		offered = count_of(quote(&w, card, GROUND "," FILTER), "result.suggestions") > 0;
		sell(&w, number, card, GROUND "," FILTER, 700, "");
		assert_int_equal(count_of(look(&w, card), "result.suggestions"), offered);
		held += !offered;
	}
	assert_in_range(held, 1, MEMBERS - 1);
	reply = ask_ok(&w, "ladder.report", "'from':'2026-01-01','to':'2099-12-31'");
	assert_figure(reply, "result.held.members", held);
	assert_figure(reply, "result.offered.members", MEMBERS - held);
	assert_figure(reply, "result.held.sum", held * 700);
	assert_figure(reply, "result.share", 5000);
	assert_non_null(field(reply, "result.start"));
	assert_null(field(reply, "result.until"));
	wire_close(&w);
}

static void the_same_after_a_restart(void **state)
{
	struct shop *s = *state;
	char before[160];
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	snprintf(before, sizeof(before), "%s", field(quote(&w, "KNOWN", GROUND), "result.suggestions[0].suggestion"));
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_field(quote(&w, "KNOWN", GROUND), "result.suggestions[0].suggestion", before);
	wire_close(&w);
}

/* --- the tools ----------------------------------------------------------------------------------------------------- */

/* @param said what it said, to be freed */
static void run_ok(const struct shop *s, const char *const *argv, char **said)
{
	int code = program_run(s, argv, said);

	if (code != 0)
		fail_msg("%s %s: %d: %s", argv[0], argv[1], code, *said ? *said : "");
}

/* A figure of a row, as CSV has it. */
static double figure_in(const char *csv, const char *row)
{
	const char *at = strstr(csv, row);
	double figure = 0;

	if (!at || sscanf(at + strlen(row), "%lf", &figure) != 1)
		fail_msg("no %s in %s", row, csv);
	return figure;
}

/* Said at the till, known after a restart, and mended at the desk. */
static void an_empty_shelf(void **state)
{
	struct shop *s = *state;
	char door[64], *said;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enrol(&w, "KNOWN", true);
	assert_field(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions[0].sku", "beans");
	ask_ok(&w, "ladder.stock", "'request':'k-1','sku':'beans','in_stock':false");
	assert_int_equal(count_of(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions"), 0);
	ask_refused(&w, "params_invalid", "ladder.stock",
		"'request':'k-2','sku':'beans','in_stock':false,'until':'2026-01-01'");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(count_of(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions"), 0);
	sell(&w, "A", "KNOWN", GROUND "," FILTER, 700, "");
	assert_field(ask_ok(&w, "ladder.report", "'from':'2026-01-01','to':'2099-12-31'"), "result.filtered[0].reason",
		"in_basket");
	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	run_ok(s, (const char *const[]){ "palier", "ladder", "stock", "--connect", door, NULL }, &said);
	assert_string_equal(said, "out of stock  until\nbeans\n");
	free(said);
	run_ok(s, (const char *const[]){ "palier", "ladder", "stock", "beans", "in", "--connect", door, NULL }, &said);
	free(said);
	assert_field(quote(&w, "KNOWN", GROUND "," FILTER), "result.suggestions[0].sku", "beans");
	wire_close(&w);
}

/* Beans alone can be suggested beside a filter: refused, and then bought all the same. So nothing is deduced. */
static void refuse_and_buy(struct wire *w)
{
	char more[256];

	enrol(w, "CARD-R", true);
	snprintf(more, sizeof(more), ",'suggested':[{'suggestion':'%s','outcome':'declined'}]",
		field(quote(w, "CARD-R", GROUND "," FILTER), "result.suggestions[0].suggestion"));
	sell(w, "R-1", "CARD-R", GROUND "," FILTER, 700, more);
	sell(w, "R-2", "CARD-R", BEANS, 590, "");
}

/* Two may be suggested: beans and filters. What the till told is drawn again from the journal, bit for bit. */
static void the_report_draws_again(void **state)
{
	static const char *const outcomes[] = { "accepted", "declined", "ignored" };
	struct shop *s = *state;
	char *from_journal, *asked, door[64];
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < 30; i++) {
		char card[16], number[16], more[256];
		const char *reply, *rung;

		snprintf(card, sizeof(card), "CARD-%d", i);
		snprintf(number, sizeof(number), "S-%d", i);
		enrol(&w, card, i % 3 > 0);
		reply = quote(&w, card, GROUND);
		rung = field(reply, "result.suggestions[0].rung");
		snprintf(more, sizeof(more), ",'suggested':[{'suggestion':'%s','outcome':'%s'}]",
			field(reply, "result.suggestions[0].suggestion"), outcomes[i % 3]);
		if (i % 3 != 0)
			sell(&w, number, card, GROUND, 400, more);
		else if (strcmp(rung, "beans") == 0)
			sell(&w, number, card, GROUND "," BEANS, 990, more);
		else
			sell(&w, number, card, GROUND "," FILTER, 700, more);
	}
	/* Ignored so far. The till says nothing, but without a filter's company beans are all that can have been suggested. */
	sell(&w, "S-31", "CARD-2", BEANS, 590, "");
	refuse_and_buy(&w);
	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	run_ok(s, (const char *const[]){ "palier", "report", "ladder", "--config", s->config, "--csv", NULL },
		&from_journal);
	run_ok(s, (const char *const[]){ "palier", "report", "ladder", "--connect", door, "--csv", NULL }, &asked);
	assert_int_equal(figure_in(from_journal, "\"choice\",\"done\",\"judged\","), 31);
	assert_int_equal(figure_in(from_journal, "\"choice\",\"done\",\"left_out\","), 1); /* S-31 */
	assert_true(figure_in(from_journal, "\"choice\",\"popular\",\"ess\",") > 0);
	for (unsigned i = 0; i < 8; i++) {
		static const char *const rows[] = { "\"rung\",\"coffee/beans\",\"shown\",",
			"\"rung\",\"coffee/beans\",\"accepted\",", "\"rung\",\"coffee/beans\",\"revenue\",",
			"\"rung\",\"complement/filter\",\"shown\",", "\"rung\",\"complement/filter\",\"margin\",",
			"\"test\",\"offered\",\"members\",", "\"test\",\"offered\",\"climbed\",",
			"\"test\",\"offered\",\"margin\"," };

		assert_true(figure_in(from_journal, rows[i]) == figure_in(asked, rows[i]));
	}
	assert_int_equal(figure_in(asked, "\"test\",\"offered\",\"climbed\","), 2);
	/* The margin of all three products is known. */
	assert_true(figure_in(from_journal, "\"uplift\",\"turnover\",") ==
		    figure_in(from_journal, "\"uplift\",\"margin_known\","));
	wire_close(&w);
	free(from_journal);
	free(asked);
}

/* What is first suggested to one of twenty new members: some are held out, and without a margin some draws are too low. */
static bool suggests(struct wire *w, const char *lines, const char *rung)
{
	char card[16];

	for (int i = 0; i < 20; i++) {
		const char *reply;

		snprintf(card, sizeof(card), "NEW-%d", i);
		enrol(w, card, true);
		reply = quote(w, card, lines);
		if (count_of(reply, "result.suggestions") > 0)
			return strcmp(field(reply, "result.suggestions[0].rung"), rung) == 0;
	}
	return false;
}

/* The proposal is good as it is: with it, the shop suggests. */
static void what_is_learned_can_be_configured(void **state)
{
	struct shop *s = *state;
	char *learned, *said;
	struct wire w;
	struct shop_options with = { .config = NULL };

	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < 48; i++) {
		char card[16], number[16];

		snprintf(card, sizeof(card), "CARD-%d", i % 24);
		snprintf(number, sizeof(number), "S-%d", i);
		if (i < 24)
			enrol(&w, card, true);
		sell(&w, number, card,
			i < 24 ? "{'sku':'ground','label':'Café \\\"moulu\\\"','category':'café','amount':400}," FILTER
			       : BEANS,
			i < 24 ? 700 : 590, "");
		if (i >= 24)
			continue;
		snprintf(number, sizeof(number), "T-%d", i);
		ask_ok(&w, "sale.commit", "'request':'s-%s','sale':'%s','lines':[{'sku':'tea','amount':100}],'payable':100",
			number, number);
	}
	for (int i = 0; i < 24; i++)
		ask_ok(&w, "sale.commit",
			"'request':'u-%d','sale':'U-%d','lines':[{'sku':'beans','category':'café','amount':590}],'payable':590",
			i, i);
	wire_close(&w);
	run_ok(s, (const char *const[]){ "palier", "ladder", "learn", "--config", s->config, NULL }, &learned);
	assert_non_null(strstr(learned, "\tladder \"café\" {\n"));
	assert_non_null(strstr(learned, "\tcomplement \"filter\" {\n"));
	assert_non_null(strstr(learned, "# Après ground est venu beans\u00a0: 24 fois sur 24"));
	assert_int_equal(shop_stop(s), 0);
	with.config = learned;
	shop_configure(s, &with);
	run_ok(s, (const char *const[]){ "palierd", "--config", s->config, "--check-config", NULL }, &said);
	free(said);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_true(suggests(&w, GROUND "," FILTER, "beans"));
	wire_close(&w);
	free(learned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the next step is suggested with a member, a quote and by itself", where_it_is_suggested,
			&all_offered),
		IN_SHOP("without consent only the basket counts", without_consent_the_basket_alone, &all_offered),
		IN_SHOP("what the till tells is counted, and a void takes it back", told_by_the_till, &all_offered),
		IN_SHOP("what became of a coupon shows later", a_coupon_is_waited_for, &coupons),
		IN_SHOP("what is bought is deduced, and a return takes it back", deduced_and_brought_back, &all_offered),
		IN_SHOP("what comes back in parts counts in parts", brought_back_in_parts, &all_offered),
		IN_SHOP("who claims a sale climbs by what is left of it", claimed_without_what_came_back, &all_offered),
		IN_SHOP("a return that is voided leaves nothing behind", a_return_that_never_was, &all_offered),
		IN_SHOP("some members are shown nothing, and all are counted", some_are_shown_nothing, &half_held),
		IN_SHOP("a restart suggests the same", the_same_after_a_restart, &all_offered),
		IN_SHOP("an empty shelf is suggested to nobody", an_empty_shelf, &all_offered),
		IN_SHOP("the report draws again what was drawn", the_report_draws_again, &all_offered),
		IN_SHOP("what is learned can be configured", what_is_learned_can_be_configured, NULL),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
