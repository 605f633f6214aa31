/* SPDX-License-Identifier: Apache-2.0 */
/* The command line against a canned daemon: what is sent, what is shown, and the exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/crypto.h"
#include "protocol/messages.h"
#include "tests/unit/tools/fake_server.h"
#include "tests/unit/tools/manual.h"
#include "tools/cli.h"
#include "tools/money.h"
#include "tools/table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SESSION_IN(currency) \
	{ \
		FAKE_ANSWER, "\"result\":{\"store\":{\"id\":\"lyon-03\",\"currency\":\"" currency \
			     "\",\"timezone\":\"Europe/Paris\"}}" \
	}
#define SESSION SESSION_IN("EUR")
#define SAY(result) \
	{ \
		FAKE_ANSWER, "\"result\":" result \
	}
#define REFUSE(reason, message) \
	{ \
		FAKE_ANSWER, "\"error\":{\"code\":-32000,\"message\":\"" message "\",\"data\":{\"reason\":\"" reason \
			     "\",\"retryable\":false}}" \
	}
#define QUOTE \
	"{\"total\":1180,\"payable\":1100,\"due\":1100,\"discounts\":[{\"source\":\"autumn\",\"label\":\"Autumn\"," \
	"\"amount\":80}]," \
	"\"earn\":[{\"unit\":\"points\",\"points\":11}],\"refused\":[{\"coupon\":\"X1\",\"reason\":\"code_spent\"}]}"
#define MEMBER "m_0123456789abcdef"

/* A run of the program in this process, its output kept. */
struct run {
	struct fake_server server;
	char *out, *err;
	int code;
};

#define ARGS 24

static void run_begin(struct run *r, const struct fake_step *script, const char *const *args)
{
	const char *argv[ARGS + 4] = { "palier" };
	size_t out_len, err_len;
	FILE *out, *err;
	int n = 1;

	*r = (struct run){ 0 };
	out = open_memstream(&r->out, &out_len);
	err = open_memstream(&r->err, &err_len);
	while (*args)
		argv[n++] = *args++;
	fake_start(&r->server, script);
	argv[n++] = "--connect";
	argv[n++] = r->server.door;
	r->code = cli_run(n, argv, out, err);
	fclose(out);
	fclose(err);
	fake_stop(&r->server);
}

static void run_end(struct run *r)
{
	fake_free(&r->server);
	free(r->out);
	free(r->err);
}

static const char *last_line(const struct run *r)
{
	return r->server.line_count ? r->server.lines[r->server.line_count - 1] : "";
}

static void assert_has(const char *text, const char *part)
{
	if (part && !strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

static const struct cli_case {
	const char *name;
	const char *args[ARGS];
	struct fake_step script[4];
	int code;
	const char *sent; /* part of the last line the daemon got */
	const char *out, *err;
} cases[] = {
	{ "a till signs in with its token", { "status", "--till", "t1", "--token", "abc", "--operator", "07" },
		{ SESSION, SAY("{}") }, .sent = "\"method\":\"system.status\"" },
	{ "a status is shown in the store's time", { "status" },
		{ SESSION, SAY("{\"started\":\"2026-07-21T22:03:11Z\",\"seq\":7}") },
		.out = "started     2026-07-22 00:03\nlast event  7\n" },
	{ "a result is printed as it came for scripts", { "--json", "status" }, { SESSION, SAY("{\"seq\":7, \"x\":[1]}") },
		.out = "{\"seq\":7, \"x\":[1]}\n" },
	{ "the open day is shown with what is still to be done", { "day", "status" },
		{ SESSION, SAY("{\"open\":true,\"business_day\":\"2026-11-21\",\"batch\":12,\"events\":3,"
			       "\"jobs\":[{\"job\":\"points\",\"state\":\"due\"}]}") },
		.sent = "\"method\":\"day.status\"",
		.out = "open day    2026-11-21\nbatch       12\nevents      3\njob points  due\n" },
	{ "a closed day is not shown as an open one", { "day", "status" },
		{ SESSION, SAY("{\"open\":false,\"batch\":0,\"events\":0,\"jobs\":[]}") }, .out = "batch   0\nevents  0\n" },
	{ "closing the day shows its totals, each plugin's by its name",
		{ "day", "close", "--day", "2026-11-21", "--request", "c-1" },
		{ SESSION,
			SAY("{\"batch\":12,\"business_day\":\"2026-11-21\",\"events\":3,\"totals\":{\"sales\":2,\"payable\":1250,"
			    "\"points\":{\"earned\":{\"coffee\":1}},\"members\":1,\"alerts\":[]}}") },
		.sent = "\"params\":{\"request\":\"c-1\",\"business_day\":\"2026-11-21\"}",
		.out = "closed day     2026-11-21\nbatch          12\nevents         3\nsales          2\npayable        12.50 EUR\n"
		       "points earned  {\"coffee\":1}\nmembers        1\nalerts         none\n" },
	{ "metrics are printed as Prometheus reads them", { "metrics" },
		{ SESSION, SAY("{\"metrics\":[{\"name\":\"a_total\",\"type\":\"counter\",\"help\":\"lines\",\"value\":7},"
			       "{\"name\":\"b\",\"type\":\"gauge\",\"help\":\"doors\",\"reason\":\"x\",\"value\":-1},"
			       "{\"name\":\"b\",\"type\":\"gauge\",\"help\":\"doors\",\"reason\":\"y\",\"value\":0}]}") },
		.out = "# HELP a_total lines\n# TYPE a_total counter\na_total 7\n"
		       "# HELP b doors\n# TYPE b gauge\nb{reason=\"x\"} -1\nb{reason=\"y\"} 0\n" },
	{ "an offer is granted", { "offer", "grant", "29", "gift", "--until", "2026-12-31", "--request", "g-1" },
		{ SESSION, SAY("{}") },
		.sent = "\"params\":{\"request\":\"g-1\",\"card\":\"29\",\"offer\":\"gift\",\"until\":\"2026-12-31\"}",
		.out = "29 is offered gift.\n" },
	{ "a member's own code is shown, with its QR code where that was asked for",
		{ "referral", "issue", "29", "--qr", "--request", "r-1" },
		{ SESSION,
			SAY("{\"code\":\"7QK4-M2ZP-9A3C-H\",\"url\":\"HTTPS://EXAMPLE.COM/7QK4M2ZP9A3CH\",\"state\":\"issued\","
			    "\"uses\":2,\"left\":8,\"expires\":\"2026-12-31\"}") },
		.sent = "\"method\":\"referral.issue\",\"params\":{\"request\":\"r-1\",\"card\":\"29\"}",
		.out = "code            7QK4-M2ZP-9A3C-H\nits QR says     HTTPS://EXAMPLE.COM/7QK4M2ZP9A3CH\nstate           issued\n"
		       "friends         2\nstill rewarded  8\nclaimed until   2026-12-31\n\n\x1B[38;5;16;48;5;231m" },
	{ "for scripts the code comes without a picture", { "--json", "referral", "issue", MEMBER, "--qr" },
		{ SESSION, SAY("{\"code\":\"X\",\"url\":\"U\"}") }, .sent = "\"member\":\"" MEMBER "\"",
		.out = "{\"code\":\"X\",\"url\":\"U\"}\n" },
	{ "a good code says what it brings", { "referral", "check", "7qk4m2zp9a3ch" },
		{ SESSION,
			SAY("{\"valid\":true,\"friend_reward\":{\"unit\":\"points\",\"points\":50,\"label\":\"50 points\"},"
			    "\"sponsor\":\"Zo\u00e9\"}") },
		.sent = "\"method\":\"referral.check\",\"params\":{\"code\":\"7qk4m2zp9a3ch\"}",
		.out = "good         yes\nsponsor      Zo\xC3\xA9\nfriend gets  50 points\n" },
	{ "a code that is not good says why", { "referral", "check", "x" },
		{ SESSION, SAY("{\"valid\":false,\"reason\":\"code_expired\",\"friend_reward\":null}") },
		.out = "good         no\nwhy          code_expired\nfriend gets  nothing\n" },
	{ "a member's referrals are a table", { "referral", "list", "29" },
		{ SESSION,
			SAY("{\"referrals\":[{\"referral\":\"rf_1\",\"side\":\"sponsor\",\"name\":\"Ana\",\"state\":\"held\","
			    "\"since\":\"2026-11-21T09:03:00Z\",\"due\":\"2026-12-21\"}]}") },
		.sent = "\"method\":\"referral.list\",\"params\":{\"card\":\"29\"}",
		.out = "referral  since             as       with  state  due         flags\n"
		       "rf_1      2026-11-21 10:03  sponsor  Ana   held   2026-12-21\n" },
	{ "the queue is shown to its end", { "referral", "queue" },
		{ SESSION,
			SAY("{\"referrals\":[{\"referral\":\"rf_1\",\"sponsor\":\"m_1\",\"friend\":\"m_2\","
			    "\"flags\":[\"same_phone\",\"circle\"],\"since\":\"2026-11-21T09:03:00Z\"}]}"),
			SAY("{\"referrals\":[]}") },
		.sent = "\"params\":{\"after\":\"rf_1\"}",
		.out = "referral  since             sponsor  friend  flags\n"
		       "rf_1      2026-11-21 10:03  m_1      m_2     same_phone, circle\n" },
	{ "a verdict is given", { "referral", "review", "rf_1", "reject", "--request", "v-1" }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"request\":\"v-1\",\"referral\":\"rf_1\",\"verdict\":\"reject\"}",
		.out = "rf_1 is rejected: nobody is rewarded for it.\n" },
	{ "there are but two verdicts", { "referral", "review", "rf_1", "maybe" }, .code = 64, .err = "accept or reject" },
	{ "keys are changed", { "referral", "rotate", "--request", "k-1" }, { SESSION, SAY("{}") },
		.sent = "\"method\":\"referral.rotate\",\"params\":{\"request\":\"k-1\"}",
		.out = "New codes are made with a new key; those that are out stay good.\n" },
	{ "ambassadors stand by their score", { "ambassador", "list", "--limit", "2" },
		{ SESSION,
			SAY("{\"ambassadors\":[{\"member\":\"m_1\",\"name\":\"Ana\",\"score\":120,\"referrals\":4,"
			    "\"ambassador\":true,\"until\":\"2026-12-31\"},{\"member\":\"m_2\",\"score\":7,\"referrals\":0,"
			    "\"ambassador\":false}]}") },
		.sent = "\"method\":\"ambassador.list\",\"params\":{\"limit\":2}",
		.out = "member  name  score  friends  ambassador\nm_1     Ana     120        4  until 2026-12-31\n"
		       "m_2               7        0\n" },
	{ "a score says why", { "ambassador", "show", "29" },
		{ SESSION,
			SAY("{\"member\":\"m_1\",\"score\":40,\"rank\":3,\"ambassador\":false,\"referrals\":1,"
			    "\"parts\":[{\"part\":\"referral\",\"points\":40,\"day\":\"2026-11-02\",\"why\":\"Ben came\"}],"
			    "\"why\":\"two more friends\"}") },
		.sent = "\"method\":\"ambassador.show\",\"params\":{\"card\":\"29\"}",
		.out = "member      m_1\nscore       40\nrank        3\nambassador  no\nfriends     1\nwhy         two more friends\n\n"
		       "points  for       day         why\n    40  referral  2026-11-02  Ben came\n" },
	{ "a way is shown with what led there", { "journey", "show", "29" },
		{ SESSION,
			SAY("{\"stage\":\"purchase\",\"since\":\"2026-11-21T09:03:00Z\",\"segment\":\"first purchase\","
			    "\"lapsed\":false,\"plan\":\"new\",\"history\":[{\"stage\":\"purchase\","
			    "\"since\":\"2026-11-21T09:03:00Z\"}],\"planned\":[{\"step\":\"welcome\",\"touchpoint\":\"call\","
			    "\"deviation\":\"missing\",\"due\":\"2026-11-20\"}],\"timeline\":[{\"seq\":7,"
			    "\"at\":\"2026-11-21T09:03:00Z\",\"touchpoint\":\"purchase\",\"channel\":\"store\","
			    "\"emotion\":2,\"stage\":\"purchase\"}]}") },
		.sent = "\"method\":\"journey.show\",\"params\":{\"card\":\"29\",\"limit\":20}",
		.out = "stage    purchase\nsince    2026-11-21 10:03\nsegment  first purchase\nplanned  new\n\n"
		       "stage     since\npurchase  2026-11-21 10:03\n\n"
		       "step     touchpoint  deviation  due         day\nwelcome  call        missing    2026-11-20\n\n"
		       "seq  at                touchpoint  channel  device  emotion  led to\n"
		       "  7  2026-11-21 10:03  purchase    store                 +2  purchase\n" },
	{ "a touchpoint is recorded",
		{ "journey", "record", "29", "call", "--channel", "phone", "--emotion", "-2", "--request", "j-1" },
		{ SESSION, SAY("{}") },
		.sent = "\"params\":{\"request\":\"j-1\",\"card\":\"29\",\"touchpoint\":\"call\",\"channel\":\"phone\","
			"\"emotion\":-2}",
		.out = "call is recorded.\n" },
	{ "a map has stages, and where it grates", { "journey", "map", "--from", "2026-11-01", "--to", "2026-11-30" },
		{ SESSION,
			SAY("{\"lapsed\":3,\"stages\":[{\"stage\":\"interaction\",\"members\":5,\"entries\":2000,"
			    "\"converted\":210,\"median_days\":3,\"p90_days\":10,\"touchpoints\":[{\"channel\":\"store\","
			    "\"count\":12},{\"channel\":\"web\",\"count\":3}],\"emotions\":4,\"emotion_sum\":-5,\"returns\":1,"
			    "\"friction\":[{\"step\":\"interaction\",\"split\":\"till\",\"value\":\"till-2\",\"members\":1000,"
			    "\"converted\":90,\"others\":1000,\"others_converted\":120,\"difference_bp\":-300,\"low_bp\":-570,"
			    "\"high_bp\":-31}]}]}") },
		.sent = "\"method\":\"journey.map\",\"params\":{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\"}",
		.out = "stage        now  entered  went on  days  9 in 10  mood  returns  touchpoints\n"
		       "interaction    5     2000      210     3       10  -1.3        1  12 store, 3 web\n\n3 lapsed.\n\n"
		       "from         where           went on    elsewhere  points  95 %\n"
		       "interaction  till till-2  90 of 1000  120 of 1000   -3.00  -5.70 to -0.31\n" },
	{ "a map is of some days", { "journey", "map", "--from", "2026-11-01" }, .code = 64, .err = "of which days?" },
	{ "what a code's QR holds is asked, and printed", { "print", "--printer", "/dev/null", "--code", "7qk4", "--shop" },
		{ SESSION, SAY("{\"text\":\"HTTPS://EXAMPLE.COM/7QK4\"}") },
		.sent = "\"method\":\"qr.render\",\"params\":{\"code\":\"7qk4\",\"format\":\"matrix\"}",
		.out = "sent to /dev/null\n" },
	{ "a card's too", { "--json", "print", "--printer", "/dev/null", "--card", "29" },
		{ SESSION, SAY("{\"text\":\"29\"}") }, .sent = "\"params\":{\"card\":\"29\",\"format\":\"matrix\"}",
		.out = "\"confirmed\":false,\"paper_low\":false,\"lost\":\"\"}\n" },
	{ "what to print must be said", { "print", "--printer", "/dev/null" }, .code = 64, .err = "print what?" },
	{ "and where", { "print", "--text", "x" }, .code = 64, .err = "which printer?" },
	{ "a printer's address has a port", { "print", "--printer", "tcp:till", "--text", "x" }, .code = 64,
		.err = "tcp:HOST:PORT, and the port is mostly 9100" },
	{ "an unknown language is named", { "print", "--printer", "/dev/null", "--language", "png", "--text", "x" },
		.code = 64, .err = "escpos, escpos-raster, star or zpl, not png" },
	{ "paper is of two widths", { "print", "--printer", "/dev/null", "--paper", "60", "--text", "x" }, .code = 64,
		.err = "--paper is 58 or 80" },
	{ "patience has an end", { "print", "--printer", "/dev/null", "--timeout", "0", "--text", "x" }, .code = 64,
		.err = "--timeout is 1 to 3600 seconds" },
	{ "a code of nothing is none", { "print", "--printer", "/dev/null", "--qr", "" }, .code = 64,
		.err = "this cannot be a QR code: there is no text" },
	{ "codes are made by the thousand, under ids that follow from the batch",
		{ "coupon", "issue", "flyer", "--count", "1002", "--batch", "may", "--until", "2026-12-31" },
		{ SESSION, SAY("{\"codes\":[\"A\"]}"), SAY("{\"codes\":[\"B\",\"C\"]}") },
		.sent = "\"params\":{\"request\":\"coupons|may|1\",\"offer\":\"flyer\",\"count\":2,\"until\":\"2026-12-31\"}",
		.out = "code\r\nA\r\nB\r\nC\r\n" },
	{ "codes that are refused end it", { "coupon", "issue", "flyer", "--count", "1", "--batch", "may" },
		{ SESSION, REFUSE("offer_unknown", "no offer is called flyer") }, .code = 39,
		.err = "run it again with --batch may" },
	{ "how many codes must be said", { "coupon", "issue", "flyer" }, .code = 64, .err = "give --count N" },
	{ "no code is none", { "coupon", "issue", "flyer", "--count", "0" }, .code = 64, .err = "give --count N" },
	{ "a batch has a short name",
		{ "coupon", "issue", "flyer", "--count", "1", "--batch", "a-name-that-is-longer-than-forty-characters" },
		.code = 64, .err = "the name of a batch has 1 to 40 bytes" },
	{ "a file that is there is not written over", { "coupon", "issue", "flyer", "--count", "1", "--out", "/dev/null" },
		.code = 64, .err = "/dev/null is there already" },
	{ "a card is looked up", { "card", "lookup", "29 0001" }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"card\":\"29 0001\"}" },
	{ "a member's id is told from a card", { "card", "lookup", MEMBER }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"member\":\"" MEMBER "\"}" },
	{ "a phone is looked up", { "card", "lookup", "--phone=06 12 34 56 78" }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"phone\":\"06 12 34 56 78\"}" },
	{ "two ways to look up are one too many", { "card", "lookup", "29", "--phone", "06" }, .code = 64,
		.err = "give one of CARD" },
	{ "a member view is shown", { "card", "lookup", "29" },
		{ SESSION,
			SAY("{\"member\":\"" MEMBER
			    "\",\"name\":\"Zoé\",\"card\":{\"number\":\"29\",\"status\":\"blocked\"},"
			    "\"balances\":{\"points\":120,\"coffee\":3},\"tier\":null,"
			    "\"stats\":{\"purchases\":2,\"spend\":1250},\"rewards\":[{\"reward\":\"five-off\",\"cost\":100,"
			    "\"unit\":\"points\",\"label\":\"5 off\"}]}") },
		.out = "member     " MEMBER "\nname       Zoé\ncard       29, blocked\nbalance    120 points, 3 coffee\n"
		       "purchases  2 for 12.50 EUR\n\nreward    cost  unit    what\nfive-off   100  points  5 off\n" },
	{ "a tier is shown with what is missing to the next", { "card", "lookup", "29" },
		{ SESSION, SAY("{\"tier\":{\"name\":\"silver\",\"until\":\"2027-11-21\",\"multiplier\":1.25,"
			       "\"next\":{\"name\":\"gold\",\"missing\":3800,\"unit\":\"points\"}}}") },
		.out = "tier  silver, points x 1.25, until 2027-11-21; 3800 points to gold\n" },
	{ "a tier that is about to fall is shown as such, and money as money", { "card", "lookup", "29" },
		{ SESSION, SAY("{\"tier\":{\"name\":\"silver\",\"until\":\"2027-12-21\",\"notice\":true,"
			       "\"next\":{\"name\":\"gold\",\"missing\":3800}}}") },
		.out = "tier  silver, until 2027-12-21 unless reached again; 38.00 EUR to gold\n" },
	{ "control characters do not reach the terminal", { "card", "lookup", "29" },
		{ SESSION, SAY("{\"name\":\"a\\u001b[2Jb\\u009bc\"}") }, .out = "name  a?[2Jb??c\n" },
	{ "a refusal is one line with its reason and a hint", { "card", "lookup", "29" },
		{ SESSION, REFUSE("card_unknown", "no such card") }, .code = 11,
		.err = "palier: no such card (card_unknown); find the customer with: palier member find NAME\n" },
	{ "a refused sign-in says how to sign in", { "status" }, { REFUSE("unauthorized", "sign in first") }, .code = 77,
		.err = "palier: sign in first (unauthorized); give --till and --token" },
	{ "a basket of lines is quoted",
		{ "sale", "quote", "--line", "beans:5.9:2:coffee", "--line", "cup:5.90:0.5", "--line", "bag:-0.10", "--card",
			"29", "--redeem", "five-off:2", "--redeem", "ten", "--coupon", "X1", "--no-auto" },
		{ SESSION, SAY(QUOTE) },
		.sent = "\"params\":{\"card\":\"29\",\"auto\":false,\"lines\":[{\"sku\":\"beans\",\"amount\":590,"
			"\"quantity\":2,\"category\":\"coffee\"},"
			"{\"sku\":\"cup\",\"amount\":590,\"quantity\":0.5},{\"sku\":\"bag\",\"amount\":-10}],"
			"\"redeem\":[{\"reward\":\"five-off\",\"times\":2},{\"reward\":\"ten\"}],\"coupons\":[\"X1\"]}}",
		.out = "total    11.80 EUR\nAutumn   -0.80 EUR\npayable  11.00 EUR\ndue      11.00 EUR\nearns    11 "
		       "points\nrefused  X1: code_spent\n" },
	{ "a yen has no decimals", { "sale", "quote", "--line", "tea:590" }, { SESSION_IN("JPY"), SAY("{\"total\":590}") },
		.sent = "\"amount\":590}", .out = "total  590 JPY\n" },
	{ "a dinar has three", { "sale", "quote", "--line", "tea:5.9" }, { SESSION_IN("TND"), SAY("{\"total\":5900}") },
		.sent = "\"amount\":5900}", .out = "total  5.900 TND\n" },
	{ "an amount finer than the currency is refused", { "sale", "quote", "--line", "tea:5.905" }, { SESSION },
		.code = 64, .err = "the amount in EUR" },
	{ "a sale takes what the quote says", { "sale", "commit", "T1-1", "--line", "beans:11.80", "--request", "r-1" },
		{ SESSION, SAY(QUOTE), SAY("{\"sale\":\"T1-1\"}") },
		.sent = "\"method\":\"sale.commit\",\"params\":{\"lines\":[{\"sku\":\"beans\",\"amount\":1180}],\"payable\":"
			"1100,\"sale\":\"T1-1\","
			"\"request\":\"r-1\"}}",
		.out = "sale  T1-1\n" },
	{ "a payable given needs no quote",
		{ "sale", "commit", "T1-1", "--line", "beans:11.80", "--payable", "12", "--request", "r-1", "--training",
			"--at", "2026-11-21T09:00:00Z" },
		{ SESSION, SAY("{}") },
		.sent = "\"payable\":1200,\"sale\":\"T1-1\",\"request\":\"r-1\",\"at\":\"2026-11-21T09:00:00Z\","
			"\"training\":true}}" },
	{ "a sale captures its hold",
		{ "sale", "commit", "T1-1", "--line", "beans:11.80", "--payable", "11.80", "--hold", "h_1", "--request",
			"r" },
		{ SESSION, SAY("{\"sale\":\"T1-1\"}") }, .sent = "\"payable\":1180,\"sale\":\"T1-1\",\"hold\":\"h_1\"" },
	{ "what a hold's sale costs is asked", { "sale", "commit", "T1-1", "--line", "beans:11.80", "--hold", "h_1" },
		{ SESSION }, .code = 64, .err = "--hold needs --payable" },
	{ "a basket is held", { "sale", "hold", "--line", "beans:11.80", "--card", "29", "--ttl", "60", "--request", "r" },
		{ SESSION,
			SAY("{\"hold\":\"h_1\",\"held\":[{\"unit\":\"points\",\"points\":5}],\"quote\":{\"payable\":1180,\"due\":1180}}") },
		.sent = "\"sale.hold\",\"params\":{\"card\":\"29\",\"lines\":[{\"sku\":\"beans\",\"amount\":1180}],\"ttl\":60,\"request\":\"r\"",
		.out = "hold     h_1\nheld     5 points\npayable  11.80 EUR\ndue      11.80 EUR\n" },
	{ "points are held without a basket",
		{ "sale", "hold", "--unit", "points", "--points", "5", "--card", "29", "--request", "r" },
		{ SESSION, SAY("{\"hold\":\"h_1\",\"held\":[{\"unit\":\"points\",\"points\":5}]}") },
		.sent = "\"params\":{\"card\":\"29\",\"unit\":\"points\",\"points\":5,\"request\":\"r\"",
		.out = "hold  h_1\nheld  5 points\n" },
	{ "a hold is let go", { "sale", "release", "h_1", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"sale.release\",\"params\":{\"request\":\"r\",\"hold\":\"h_1\"}", .out = "done\n" },
	{ "a sale without a basket is asked what is sold", { "sale", "commit", "T1-1" }, .code = 64,
		.err = "what is sold?" },
	{ "a member is enrolled with what was agreed to",
		{ "member", "enroll", "--name", "Zoé", "--consent", "email,profiling", "--tag", "a", "--tag", "b",
			"--request", "r" },
		{ SESSION, SAY("{}") },
		.sent = "{\"request\":\"r\",\"name\":\"Zoé\",\"tags\":[\"a\",\"b\"],\"consent\":{\"email\":true,\"sms\":"
			"false,\"profiling\":true}}" },
	{ "a member is enrolled with all that is known",
		{ "member", "enroll", "--card", "29", "--referral", "P-1", "--phone", "06", "--email", "z@ex.fr",
			"--birthday", "1990-02-28", "--language", "fr", "--heard-from", "a friend", "--request", "r" },
		{ SESSION, SAY("{}") },
		.sent = "{\"request\":\"r\",\"card\":\"29\",\"referral\":\"P-1\",\"phone\":\"06\",\"email\":\"z@ex.fr\","
			"\"birthday\":\"1990-02-28\",\"language\":\"fr\",\"heard_from\":\"a friend\"}" },
	{ "two members are merged", { "member", "merge", MEMBER, "m_0123456789abcdef", "--request", "r" },
		{ SESSION, SAY("{}") },
		.sent = "\"member.merge\",\"params\":{\"request\":\"r\",\"from\":\"" MEMBER
			"\",\"into\":\"m_0123456789abcdef\"}" },
	{ "a member's spending is locked", { "member", "freeze", MEMBER, "--request", "r" },
		{ SESSION, SAY("{\"member\":\"" MEMBER "\",\"frozen\":true}") },
		.sent = "\"member.freeze\",\"params\":{\"request\":\"r\",\"member\":\"" MEMBER "\"}",
		.out = "member    " MEMBER "\nspending  locked\n" },
	{ "a member's spending is unlocked", { "member", "thaw", MEMBER, "--request", "r", "--pin", "1234" },
		{ SESSION, SAY("{}") }, .sent = "\"member\":\"" MEMBER "\",\"proof\":{\"pin\":\"1234\"}}" },
	{ "a member's spending is unlocked with a code", { "member", "thaw", MEMBER, "--request", "r", "--otp", "123456" },
		{ SESSION, SAY("{}") }, .sent = "\"member\":\"" MEMBER "\",\"proof\":{\"otp\":\"123456\"}}" },
	{ "the secret of a member's codes is shown", { "member", "otp", MEMBER },
		{ SESSION, SAY("{\"secret\":\"ABC\",\"uri\":\"otpauth://totp/x\"}") },
		.sent = "\"member.otp\",\"params\":{\"member\":\"" MEMBER "\"}",
		.out = "secret  ABC\nuri     otpauth://totp/x\n" },
	{ "a member is exported page by page", { "member", "export", MEMBER },
		{ SESSION, SAY("{\"events\":[1],\"next\":7}"), SAY("{\"events\":[2]}") },
		.sent = "\"params\":{\"member\":\"" MEMBER "\",\"before\":7}",
		.out = "{\"events\":[1],\"next\":7}\n{\"events\":[2]}\n" },
	{ "a member is erased", { "member", "erase", MEMBER, "--request", "r" },
		{ SESSION, SAY("{\"member\":\"" MEMBER "\"}") },
		.sent = "\"member.erase\",\"params\":{\"request\":\"r\",\"member\":\"" MEMBER "\"}",
		.out = MEMBER " is nobody now\n" },
	{ "members are found", { "member", "find", "zo" },
		{ SESSION, SAY("{\"members\":[{\"member\":\"" MEMBER "\",\"name\":\"Zoé M.\"}]}") },
		.sent = "\"params\":{\"query\":\"zo\"}", .out = "member              name\n" MEMBER "  Zoé M.\n" },
	{ "a card is issued", { "card", "issue", MEMBER, "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"card.issue\",\"params\":{\"request\":\"r\",\"member\":\"" MEMBER "\"}" },
	{ "a card is attached", { "card", "attach", MEMBER, "29", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"card.attach\",\"params\":{\"request\":\"r\",\"member\":\"" MEMBER "\",\"card\":\"29\"}" },
	{ "a card is blocked", { "card", "block", "29", "--reason", "stolen", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"card.block\",\"params\":{\"request\":\"r\",\"card\":\"29\",\"reason\":\"stolen\"}" },
	{ "a card is replaced", { "card", "replace", "29", "--with", "30", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"card.replace\",\"params\":{\"request\":\"r\",\"card\":\"29\",\"with\":\"30\"}" },
	{ "a till is revoked", { "till", "revoke", "t1", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"till.revoke\",\"params\":{\"request\":\"r\",\"till\":\"t1\"}",
		.out = "t1 can no longer sign in" },
	{ "a booked sale is shown with its lines", { "sale", "show", "T1-1" },
		{ SESSION, SAY("{\"sale\":\"T1-1\",\"payable\":500,\"lines\":[{\"sku\":\"a\",\"amount\":500,\"kind\":"
			       "\"item\"}]}") },
		.sent = "\"params\":{\"sale\":\"T1-1\"}",
		.out = "sale     T1-1\npayable  5.00 EUR\n\nline  sku  quantity  amount  kind  what\n"
		       "   0  a           1    5.00  item\n" },
	{ "a return is shown with the sale that came back", { "sale", "show", "T1-2" },
		{ SESSION,
			SAY("{\"sale\":\"T1-2\",\"payable\":-500,\"returns\":[{\"sale\":\"T1-1\",\"refund\":{\"amount\":500,"
			    "\"units\":[]},\"reversed\":[{\"unit\":\"points\",\"points\":5}],\"restored\":[]}]}") },
		.out = "sale        T1-2\npayable     -5.00 EUR\ncomes back  T1-1: 5.00 EUR\ntaken back  5 points\n" },
	{ "goods come back by quantity and by amount",
		{ "sale", "return", "T1-2", "T1-1", "--line", "0:0.5", "--amount", "3:1.25", "--store", "paris-01",
			"--request", "r" },
		{ SESSION,
			SAY("{\"return\":\"T1-2\",\"refund\":{\"amount\":625,\"units\":[]},\"reversed\":[{\"unit\":\"points\",\"points\":6}],"
			    "\"restored\":[],\"balances\":{\"points\":4}}") },
		.sent = "\"sale.return\",\"params\":{\"request\":\"r\",\"return\":\"T1-2\",\"sale\":\"T1-1\",\"store\":\"paris-01\",\"lines\":"
			"[{\"line\":0,\"quantity\":0.5},{\"line\":3,\"amount\":125}]}",
		.out = "return      T1-2\nrefund      6.25 EUR\ntaken back  6 points\nbalance     4 points\n" },
	{ "without lines all that is left comes back", { "sale", "return", "T1-2", "T1-1", "--request", "r" },
		{ SESSION, SAY("{}") }, .sent = "\"params\":{\"request\":\"r\",\"return\":\"T1-2\",\"sale\":\"T1-1\"}" },
	{ "a part of a return says of which line", { "sale", "return", "T1-2", "T1-1", "--line", "beans:1" }, { SESSION },
		.code = 64, .err = "a line of the sale, a colon, and a quantity" },
	{ "a sale is voided", { "sale", "void", "T1-1", "--request", "r" },
		{ SESSION, SAY("{\"balances\":{\"points\":4}}") },
		.sent = "\"sale.void\",\"params\":{\"request\":\"r\",\"sale\":\"T1-1\"}", .out = "now 4 points\n" },
	{ "nobody's sale is voided", { "sale", "void", "T1-1" }, { SESSION, SAY("{\"balances\":{}}") }, .out = "done\n" },
	{ "a sale is claimed", { "sale", "claim", "T1-1", MEMBER, "--request", "r" },
		{ SESSION, SAY("{\"balances\":{\"points\":4}}") },
		.sent = "\"sale.claim\",\"params\":{\"request\":\"r\",\"sale\":\"T1-1\",\"member\":\"" MEMBER "\"}",
		.out = "now 4 points\n" },
	{ "a member's sales are listed", { "sale", "list", MEMBER, "--before", "9" },
		{ SESSION, SAY("{\"sales\":[{\"seq\":8,\"sale\":\"T1-1\",\"till\":\"t1\",\"payable\":500,\"due\":100}]}") },
		.sent = "\"params\":{\"member\":\"" MEMBER "\",\"before\":9}",
		.out = "  8      T1-1  t1       5.00  1.00\n" },
	{ "consent to nothing is said", { "member", "enroll", "--consent", "none" }, { SESSION, SAY("{}") },
		.sent = "\"consent\":{\"email\":false,\"sms\":false,\"profiling\":false}" },
	{ "an unknown consent is refused", { "member", "enroll", "--consent", "email,fax" }, .code = 64, .err = "not fax" },
	{ "a field is removed", { "member", "update", MEMBER, "--remove", "heard-from", "--phone", "06" },
		{ SESSION, SAY("{}") }, .sent = "\"heard_from\":null,\"phone\":\"06\"" },
	{ "points are taken with a minus",
		{ "balance", "adjust", "29", "points", "-50", "--reason", "typo", "--request", "r" },
		{ SESSION, SAY("{\"balances\":{\"points\":70}}") },
		.sent = "{\"request\":\"r\",\"card\":\"29\",\"unit\":\"points\",\"points\":-50,\"reason\":\"typo\"}",
		.out = "now 70 points\n" },
	{ "points are whole", { "balance", "adjust", "29", "points", "1.5", "--reason", "typo" }, .code = 64,
		.err = "whole number" },
	{ "a balance is a line a unit", { "balance", "show", "29" },
		{ SESSION, SAY("{\"balances\":{\"points\":120,\"coffee\":3},\"held\":{\"points\":20},\"pending\":{}}") },
		.out = "unit    balance  held  pending\npoints      120    20\ncoffee        3\n" },
	{ "a history is a line a move", { "balance", "history", "29", "--limit", "2" },
		{ SESSION, SAY("{\"entries\":[{\"seq\":9,\"at\":\"2026-01-02T10:00:00Z\",\"kind\":\"earn\",\"unit\":"
			       "\"points\",\"points\":-5,\"balance\":7}]}") },
		.sent = "{\"card\":\"29\",\"limit\":2}",
		.out = "seq  at                kind  points  unit    balance  sale  expires after\n"
		       "  9  2026-01-02 11:00  earn      -5  points        7\n" },
	{ "tills are listed", { "till", "list" },
		{ SESSION, SAY("{\"tills\":[{\"till\":\"t1\",\"role\":\"cashier\",\"revoked\":true}]}") },
		.out = "t1    cashier  revoked\n" },
	{ "a text is a QR code without a daemon",
		{ "qr", "HELLO", "--format", "zpl", "--module", "5", "--quiet", "2", "--level", "L" },
		.out = "^XA^CI28^FO10,10^BQN,2,5^FH_^FDLA,HELLO^FS^XZ\n" },
	{ "a QR code for scripts is what the protocol answers",
		{ "qr", "HELLO", "--format", "star", "--paper", "80", "--json" },
		.out = "{\"format\":\"star\",\"media_type\":\"application/vnd.star.starprnt\",\"encoding\":\"base64\","
		       "\"data\":\"Gx15UzACGx15UzIGGx15UzEBGx15RDEABQBIRUxMTxsdeVA=\",\"text\":\"HELLO\",\"version\":1,"
		       "\"modules\":21}\n" },
	{ "a QR code is for the terminal, where nothing else is said", { "qr", "HELLO" }, .out = "\033[38;5;16;48;5;231m" },
	{ "what a code says, the daemon is asked", { "qr", "--code", "7QK4-M2ZP-9A3C-H", "--format", "zpl" },
		{ SESSION, SAY("{\"text\":\"HTTPS://EX.FR/P/7QK4M2ZP9A3CH\"}") },
		.sent = "\"method\":\"qr.render\",\"params\":{\"code\":\"7QK4-M2ZP-9A3C-H\",\"format\":\"zpl\"}",
		.out = "^FO24,24^BQN,2,6^FH_^FDMA,HTTPS://EX.FR/P/7QK4M2ZP9A3CH^FS" },
	{ "and what a member's card says", { "qr", "--card", MEMBER, "--format", "zpl" },
		{ SESSION, SAY("{\"text\":\"2977000000010\"}") }, .sent = "\"params\":{\"member\":\"" MEMBER "\",",
		.out = "^FDMA,2977000000010^FS" },
	{ "a code that is not known is no QR code", { "qr", "--code", "X" },
		{ SESSION, REFUSE("code_unknown", "no such code") }, .code = 32, .err = "no such code" },
	{ "a QR code is of one thing", { "qr", "HELLO", "--card", "29" }, .code = 64,
		.err = "give one of TEXT, --code and --card" },
	{ "and of something", { "qr" }, .code = 64, .err = "give one of TEXT, --code and --card" },
	{ "a QR code has a format that there is", { "qr", "x", "--format", "gif" }, .code = 64,
		.err = "there is no format gif" },
	{ "and a level", { "qr", "x", "--level", "Z" }, .code = 64, .err = "L, M, Q or H, not Z" },
	{ "and a paper", { "qr", "x", "--paper", "70" }, .code = 64, .err = "58 or 80 mm wide, not 70" },
	{ "and a border", { "qr", "x", "--quiet", "17" }, .code = 64, .err = "--quiet is from 0 to 16, not 17" },
	{ "and a module", { "qr", "x", "--module", "0" }, .code = 64, .err = "--module is from 1 to 32, not 0" },
	{ "and fits the paper", { "qr", "x", "--format", "escpos", "--module", "14" }, .code = 64,
		.err = "needs 406 dots, and a line has 384" },
	{ "a file that cannot be written is told", { "qr", "x", "--out", "/nowhere/x.png" }, .code = 74,
		.err = "/nowhere/x.png: No such" },
	{ "any method is called with its JSON", { "call", "card.lookup", "{\"card\": \"29\"}" },
		{ SESSION, SAY("{\"a\":1}") }, .sent = "\"method\":\"card.lookup\",\"params\":{\"card\":\"29\"}",
		.out = "{\"a\":1}\n" },
	{ "a command called without a request is given one", { "call", "card.issue", "{\"member\":\"x\"}" },
		{ SESSION, SAY("{}") }, .sent = "{\"member\":\"x\",\"request\":\"" },
	{ "open alerts are listed, page by page", { "alert", "list" },
		{ SESSION,
			SAY("{\"alerts\":[{\"alert\":\"3-1\",\"seq\":3,\"at\":\"2026-11-21T09:03:11Z\",\"kind\":\"shortfall\","
			    "\"till\":\"t1\",\"operator\":\"07\",\"unit\":\"points\",\"figure\":50,\"sale\":\"R-1\"},"
			    "{\"alert\":\"4-1\",\"seq\":4,\"at\":\"2026-11-21T09:03:11Z\",\"kind\":\"clock\",\"till\":\"t1\","
			    "\"resolved\":{\"seq\":5,\"at\":\"2026-11-21T09:03:11Z\",\"outcome\":\"set\"}}]}"),
			SAY("{\"alerts\":[]}") },
		.sent = "\"method\":\"system.alerts\",\"params\":{\"after\":4}",
		.out = "alert  at                kind       till  operator  figure  unit    about  outcome\n"
		       "3-1    2026-11-21 10:03  shortfall  t1    07            50  points  R-1\n" },
	{ "resolved alerts are listed where asked for", { "alert", "list", "--all", "--after", "2" },
		{ SESSION,
			SAY("{\"alerts\":[{\"alert\":\"4-1\",\"seq\":4,\"at\":\"2026-11-21T09:03:11Z\",\"kind\":\"clock\","
			    "\"till\":\"t1\",\"resolved\":{\"seq\":5,\"at\":\"2026-11-21T09:03:11Z\",\"outcome\":\"set\"}}]}"),
			SAY("{\"alerts\":[]}") },
		.out = "\n4-1 " },
	{ "an alert is resolved", { "alert", "resolve", "3-1", "paid back", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"request\":\"r\",\"alert\":\"3-1\",\"outcome\":\"paid back\"}",
		.out = "3-1 is resolved.\n" },
	{ "an empty shelf is told", { "ladder", "stock", "beans-250", "out", "--until", "2026-11-24", "--request", "r" },
		{ SESSION, SAY("{}") },
		.sent = "\"ladder.stock\",\"params\":{\"request\":\"r\",\"sku\":\"beans-250\",\"in_stock\":false,\"until\":\"2026-11-24\"}",
		.out = "beans-250 is out of stock.\n" },
	{ "and that it is full again", { "ladder", "stock", "beans-250", "in", "--request", "r" }, { SESSION, SAY("{}") },
		.sent = "\"params\":{\"request\":\"r\",\"sku\":\"beans-250\",\"in_stock\":true}",
		.out = "beans-250 is there again.\n" },
	{ "a shelf is empty or full", { "ladder", "stock", "beans-250", "gone" }, { SESSION }, .code = 64,
		.err = "beans-250 is out or in: which?" },
	{ "what is out of stock is listed", { "ladder", "stock" },
		{ SESSION, SAY("{\"out_of_stock\":[{\"sku\":\"beans-250\",\"until\":\"2026-11-24\"},{\"sku\":\"jam\"}]}") },
		.sent = "\"ladder.report\",\"params\":{\"from\":\"",
		.out = "out of stock  until\nbeans-250     2026-11-24\njam\n" },
	{ "a queue is somewhere", { "queue", "list", "/nowhere/at/all" }, .code = 74, .err = "/nowhere/at/all: No such" },
	{ "a command called with a request keeps it", { "call", "card.issue", "{\"request\":\"r\"}" },
		{ SESSION, SAY("{}") }, .sent = "\"params\":{\"request\":\"r\"}}" },
	{ "what is not JSON is not sent", { "call", "card.lookup", "{" }, .code = 65, .err = "not JSON from byte" },
	{ "what is no object is not sent", { "call", "card.lookup", "[]" }, .code = 64, .err = "not a JSON object" },
	{ "an unknown command is named", { "frobnicate" }, .code = 64, .err = "there is no command frobnicate" },
	{ "an unknown verb is named", { "till", "eat" }, .code = 64, .err = "there is no command till eat" },
	{ "a verb is asked for", { "till" }, .code = 64, .err = "till what?" },
	{ "an unknown option is named", { "status", "--fast" }, .code = 64, .err = "no option --fast" },
	{ "another command's option is not this one's", { "status", "--role", "x" }, .code = 64, .err = "no option --role" },
	{ "an argument that is missing shows the usage", { "till", "add" }, .code = 64,
		.err = "usage: palier till add NAME" },
	{ "an argument too many shows the usage", { "status", "now" }, .code = 64, .err = "usage: palier status" },
	{ "a switch takes no value", { "status", "--json=yes" }, .code = 64, .err = "--json takes no value" },
	{ "after two dashes all is argument", { "sale", "show", "--", "--odd" }, .code = 64, .err = "usage" },
	{ "a ledger verb needs its configuration", { "check" }, .code = 64, .err = "give --config" },
	{ "a journal needs its directory", { "journal", "print" }, .code = 64, .err = "give --data" },
};

/* What is sent is what the protocol's tables say. */
static void assert_params(const char *line)
{
	struct json_token tokens[256];
	struct json_doc d = { .tokens = tokens, .capacity = COUNT(tokens) };
	struct palier_arena a = { 0 };
	const struct palier_method *method;
	struct palier_problem why = { 0 };

	assert_int_equal(json_parse(&d, palier_str(line), 32), PALIER_OK);
	method = palier_method_find(json_string(&d, json_member(&d, 0, "method"), &a));
	assert_non_null(method);
	if (schema_decode(method->params, SCHEMA_WIRE, &d, json_member(&d, 0, "params"), &a,
		    palier_alloc(&a, method->params->size), &why) != PALIER_OK)
		fail_msg("%s: %s in %s", why.field, why.text, line);
	palier_arena_deinit(&a);
}

static void run_as_told(void **state)
{
	const struct cli_case *row = *state;
	struct run r;

	run_begin(&r, row->script, row->args);
	if (r.code != row->code)
		fail_msg("exit %d, not %d: %s", r.code, row->code, r.err);
	assert_has(last_line(&r), row->sent);
	for (int i = 0; i < r.server.line_count && strcmp(row->args[0], "call") != 0; i++)
		assert_params(r.server.lines[i]);
	assert_has(r.out, row->out);
	assert_has(r.err, row->err);
	assert_true((r.err[0] == '\0') == (row->code == 0));
	run_end(&r);
}

static void a_till_is_told_by_its_tokens_hash(void **state)
{
	const struct fake_step script[] = { SESSION, SAY("{}"), { FAKE_END, NULL } };
	char token[44], sha256[2 * SHA256_LEN + 1];
	struct palier_hash hash;
	struct run r;

	(void)state;
	run_begin(&r, script, (const char *const[]){ "till", "add", "t1", "--role", "supervisor", NULL });
	assert_int_equal(r.code, 0);
	assert_has(r.out, "t1 may now sign in, as supervisor");
	snprintf(token, sizeof(token), "%s", strstr(r.out, "\n\n    ") + 6);
	crypto_sha256(palier_str(token), &hash);
	palier_hex(hash.b, sizeof(hash.b), sha256);
	assert_has(last_line(&r), sha256);
	assert_null(strstr(last_line(&r), token));
	run_end(&r);
}

static void write_file(const char *dir, const char *name, const char *text, size_t len)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fwrite(text, 1, len, f);
	fclose(f);
}

#define WRITE(dir, name, literal) write_file(dir, name, literal, sizeof(literal) - 1)

static const struct pin_case {
	const char *name;
	const char *args[ARGS];
	const char *input, *sent;
	int code;
	const char *err;
} pins[] = {
	{ "a PIN is read from standard input", { "member", "pin", "29", "--request", "r" }, "1234\n",
		"\"member.pin\",\"params\":{\"request\":\"r\",\"card\":\"29\",\"pin\":\"1234\"}", 0, NULL },
	{ "the PIN until now comes first", { "member", "pin", MEMBER, "--old", "--request", "r" }, "1234\n5678",
		"\"member\":\"" MEMBER "\",\"old\":\"1234\",\"pin\":\"5678\"}", 0, NULL },
	{ "without a PIN nothing is sent", { "member", "pin", "29" }, "", NULL, 74, "nothing was given" },
	{ "without a second PIN nothing is sent", { "member", "pin", "29", "--old" }, "1234\n", NULL, 74, "new PIN" },
	{ "a PIN that is a novel is too long", { "member", "pin", "29" }, "12345678901234567\n", NULL, 64, "too long" },
};

static void a_pin_is_read(void **state)
{
	static const struct fake_step script[] = { SESSION, SAY("{}"), { FAKE_END, NULL } };
	static const struct fake_step silence[] = { { FAKE_END, NULL } };
	const struct pin_case *row = *state;
	char path[] = "/tmp/palier-pin-XXXXXX";
	int fd = mkstemp(path);
	struct run r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, row->input, strlen(row->input)), strlen(row->input));
	close(fd);
	assert_non_null(freopen(path, "r", stdin));
	unlink(path);
	run_begin(&r, row->sent ? script : silence, row->args);
	assert_int_equal(r.code, row->code);
	assert_has(last_line(&r), row->sent);
	assert_has(r.err, row->err);
	run_end(&r);
}

static void a_basket_file_gives_way_to_the_command_line(void **state)
{
	const struct fake_step script[] = { SESSION, SAY(QUOTE), SAY("{}"), { FAKE_END, NULL } };
	char dir[] = "/tmp/palier-cli-XXXXXX", path[64];
	struct run r;

	(void)state;
	assert_non_null(mkdtemp(dir));
	WRITE(dir, "basket",
		"{\n\"request\": \"r-9\", \"card\": \"11\", \"lines\": [{\"sku\":\"a\",\"amount\":1180}], \"sale\": "
		"\"old\", \"print\": true}\n");
	snprintf(path, sizeof(path), "%s/basket", dir);
	run_begin(&r, script, (const char *const[]){ "sale", "commit", "T1-2", path, "--card", "29", NULL });
	assert_int_equal(r.code, 0);
	assert_has(r.server.lines[1], "\"params\":{\"lines\":[{\"sku\":\"a\",\"amount\":1180}],\"card\":\"29\"}");
	assert_has(r.server.lines[2],
		"\"params\":{\"request\":\"r-9\",\"lines\":[{\"sku\":\"a\",\"amount\":1180}],\"print\":true,\"card\":\"29\","
		"\"payable\":1100,\"sale\":\"T1-2\"}");
	run_end(&r);
	unlink(path);
	rmdir(dir);
}

/* One run on a queue, which must end with this code and say this. */
static void run_queue(const struct fake_step *script, const char *const *args, int code, const char *out, const char *err)
{
	struct run r;

	run_begin(&r, script, args);
	if (r.code != code)
		fail_msg("exit %d, not %d: %s", r.code, code, r.err);
	assert_string_equal(r.out, out);
	assert_has(r.err, err);
	for (int i = 1; i < r.server.line_count; i++)
		assert_has(r.server.lines[i], "\"offline\":true");
	run_end(&r);
}

#define COMMIT     "{\"request\":\"r-1\",\"sale\":\"T1-1\",\"lines\":[],\"payable\":1,\"at\":\"2026-11-21T09:03:11Z\"}"
#define QUEUE(...) ((const char *const[]){ "queue", __VA_ARGS__, NULL })

static void a_queue_is_kept_listed_and_sent(void **state)
{
	const struct fake_step nobody[] = { { FAKE_END, NULL } };
	const struct fake_step half[] = { SESSION, SAY("{}"), REFUSE("sale_exists", "taken"), { FAKE_END, NULL } };
	char dir[] = "/tmp/palier-cli-XXXXXX", path[64], aside[80];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/queue", dir);
	snprintf(aside, sizeof(aside), "%s.refused", path);
	run_queue(nobody, QUEUE("add", path, "sale.commit", COMMIT), 0, "kept; 1 waiting\n", "");
	run_queue(nobody, QUEUE("list", path), 0,
		"at                    method       sale  request\n2026-11-21T09:03:11Z  sale.commit  T1-1  r-1\n", "");
	run_queue(nobody, QUEUE("list", path, "--json"), 0,
		"{\"method\":\"sale.commit\",\"params\":{\"request\":\"r-1\",\"sale\":\"T1-1\",\"lines\":[],\"payable\":1,"
		"\"at\":\"2026-11-21T09:03:11Z\",\"offline\":true}}\n",
		"");
	run_queue(nobody, QUEUE("add", path, "sale.commit", "{\"sale\":\"T1-2\",\"at\":\"x\"}"), 0, "kept; 2 waiting\n", "");
	run_queue(nobody, QUEUE("add", path, "card.block", "{}"), 64, "", "cannot be sent later");
	run_queue(nobody, QUEUE("add", path, "sale.commit", "[]"), 64, "", "not a JSON object");
	run_queue(nobody, QUEUE("send", path), 69, "", "palier: ");
	run_queue(half, QUEUE("send", path), 0, "1 booked, 1 refused, 0 waiting\n",
		"sale.commit was refused: taken (sale_exists)");
	run_queue(nobody, QUEUE("list", path), 0, "at  method  sale  request\n", "");
	run_queue(nobody, QUEUE("send", path), 0, "0 booked, 0 refused, 0 waiting\n", "");
	unlink(path);
	unlink(aside);
	rmdir(dir);
}

#define EVENT(seq, effects) \
	"{\"seq\":" seq \
	",\"at\":\"2026-11-21T09:03:11.120Z\",\"till\":\"t1\",\"method\":\"sale.commit\",\"member\":\"" MEMBER \
	"\",\"effects\":[" effects "]}\n"

static void a_journal_is_read_from_its_files(void **state)
{
	char data[] = "/tmp/palier-cli-XXXXXX", dir[64], path[128];
	const struct fake_step script[] = { { FAKE_END, NULL } };
	struct run r;

	(void)state;
	assert_non_null(mkdtemp(data));
	snprintf(dir, sizeof(dir), "%s/journal", data);
	mkdir(dir, 0700);
	WRITE(dir, "9.jsonl", "{\"head\":1}\n" EVENT("1", "{\"kind\":\"member.new\"}") "{\"tail\":1}\n");
	WRITE(dir, "10.open",
		EVENT("2", "{\"kind\":\"points.move\",\"unit\":\"points\",\"points\":12},"
			   "{\"kind\":\"points.move\",\"unit\":\"coffee\",\"points\":-9}") "{\"seq\":3,\"\0\0\0");
	run_begin(&r, script, (const char *const[]){ "journal", "print", "--data", data, NULL });
	assert_string_equal(r.err, "");
	assert_string_equal(r.out,
		"    seq  at                    till      method          member              points\n"
		"      1  2026-11-21 09:03:11Z  t1        sale.commit     " MEMBER "\n"
		"      2  2026-11-21 09:03:11Z  t1        sale.commit     " MEMBER "  +12 points, -9 coffee\n");
	run_end(&r);
	run_begin(&r, script, (const char *const[]){ "journal", "print", "--data", data, "--json", "--after", "1", NULL });
	assert_int_equal(strncmp(r.out, "{\"seq\":2,", 9), 0);
	assert_int_equal(strlen(r.out), strchr(r.out, '\n') + 1 - r.out);
	run_end(&r);
	snprintf(path, sizeof(path), "%s/9.jsonl", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/10.open", dir);
	unlink(path);
	rmdir(dir);
	rmdir(data);
}

/* --- what the tables say stands in help, completion and manual --- */

static void help_and_completion_name_everything(void **state)
{
	const struct fake_step script[] = { { FAKE_END, NULL } };
	struct run help, completion;
	char words[64];

	(void)state;
	run_begin(&completion, script, (const char *const[]){ "completion", "bash", NULL });
	assert_int_equal(completion.code, 0);
	for (const struct cli_command *const *c = cli_commands; *c; c++)
		for (const struct cli_verb *v = (*c)->verbs; v->name; v++) {
			snprintf(words, sizeof(words), "\"%s %s", (*c)->name, v->name);
			assert_has(completion.out, words);
			run_begin(&help, script, (const char *const[]){ "help", (*c)->name, v->name, NULL });
			assert_int_equal(help.code, 0);
			assert_has(help.out, v->doc);
			for (const struct cli_option *o = v->options; o && o->name; o++)
				assert_has(help.out, o->doc);
			run_end(&help);
		}
	run_end(&completion);
}

static void the_manual_names_the_same_commands_and_options(void **state)
{
	(void)state;
	manual_check(MAN_DIR "/palier.1");
}

static const struct money_case {
	const char *name;
	int64_t amount;
	unsigned scale;
	const char *text;
} amounts[] = {
	{ "cents have two decimals", 1250, 2, "12.50" },
	{ "less than one has its zero", 5, 2, "0.05" },
	{ "less than nothing has its sign", -5, 2, "-0.05" },
	{ "no decimals, no point", 1250, 0, "1250" },
	{ "the largest figure fits", PALIER_FIGURE_MAX, 3, "9007199254740.991" },
};

static void amount_is_written(void **state)
{
	const struct money_case *row = *state;
	char text[MONEY_TEXT];

	money_format(row->amount, row->scale, text);
	assert_string_equal(text, row->text);
}

static const struct width_case {
	const char *name, *text;
	int width;
} widths[] = {
	{ "ASCII is as wide as it is long", "Zoe", 3 },
	{ "an accent takes no room", "Zoé", 3 },
	{ "a combining accent takes no room", "Zoe\xCC\x81", 3 },
	{ "a wide character takes two", "日本", 4 },
	{ "what is not UTF-8 takes a column a byte", "a\xFF\xFE", 3 },
};

static void width_is_measured(void **state)
{
	const struct width_case *row = *state;

	assert_int_equal(table_width(row->text), row->width);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(pins) + COUNT(amounts) + COUNT(widths) + 6];
	size_t n = 0;

	unsetenv("PALIER_CONNECT");
	unsetenv("PALIER_TILL");
	unsetenv("PALIER_TOKEN");
	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest){ cases[i].name, run_as_told, NULL, NULL, (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(pins); i++)
		tests[n++] = (struct CMUnitTest){ pins[i].name, a_pin_is_read, NULL, NULL, (void *)(uintptr_t)&pins[i] };
	for (size_t i = 0; i < COUNT(amounts); i++)
		tests[n++] = (struct CMUnitTest){ amounts[i].name, amount_is_written, NULL, NULL, (void *)&amounts[i] };
	for (size_t i = 0; i < COUNT(widths); i++)
		tests[n++] = (struct CMUnitTest){ widths[i].name, width_is_measured, NULL, NULL, (void *)&widths[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_till_is_told_by_its_tokens_hash);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_basket_file_gives_way_to_the_command_line);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_queue_is_kept_listed_and_sent);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_journal_is_read_from_its_files);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(help_and_completion_name_everything);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_manual_names_the_same_commands_and_options);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
