/* SPDX-License-Identifier: Apache-2.0 */
/* qr.render and `palier qr`: whose text it is, what is refused, and that the command line draws the same. What the formats look like is seen by
 * test_qr_render and qr_readback. */
#include <stdio.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define CARD "2977000000010"

static char *render(struct wire *w, const char *what)
{
	return ask_ok(w, "qr.render", "%s,'format':'zpl'", what);
}

static void a_text(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "qr.render",
		"'text':'HTTPS://EX.FR/P/7QK4M2ZP9A3CH','format':'star','level':'Q','module':8,'quiet':2,'paper':80");
	assert_field(reply, "result.format", "star");
	assert_field(reply, "result.media_type", "application/vnd.star.starprnt");
	assert_field(reply, "result.encoding", "base64");
	assert_field(reply, "result.data",
		"Gx15UzACGx15UzIIGx15UzECGx15RDEAHQBIVFRQUzovL0VYLkZSL1AvN1FLNE0yWlA5QTNDSBsdeVA=");
	assert_field(reply, "result.text", "HTTPS://EX.FR/P/7QK4M2ZP9A3CH");
	assert_figure(reply, "result.version", 2);
	assert_figure(reply, "result.modules", 25);
	reply = ask_ok(&w, "qr.render", "'text':'1','format':'matrix','quiet':0,'level':'L'");
	assert_field(reply, "result.encoding", "utf8");
	assert_int_equal(strlen(field(reply, "result.data")), 21 * 22);
	wire_close(&w);
}

/* A card's number, as the shop reads it; a member's, of the newest card that is not blocked. */
static void a_card(void **state)
{
	struct wire w;
	const char *member, *second;
	char by_member[64], by_card[64];

	connect_to(&w, *state, DOOR_TRUST);
	member = field(ask_ok(&w, "member.enroll", "'request':'e-1','card':'" CARD "'"), "result.member");
	snprintf(by_member, sizeof(by_member), "'member':'%s'", member);
	assert_field(render(&w, "'card':'" CARD "'"), "result.text", CARD);
	assert_field(render(&w, "'card':' " CARD "\\r'"), "result.text", CARD);
	assert_field(render(&w, by_member), "result.text", CARD);
	second = field(ask_ok(&w, "card.issue", "'request':'i-1',%s", by_member), "result.card.number");
	snprintf(by_card, sizeof(by_card), "%s", second);
	assert_field(render(&w, by_member), "result.text", by_card);
	ask_ok(&w, "card.block", "'request':'b-1','card':'%s','reason':'lost'", by_card);
	assert_field(render(&w, by_member), "result.text", CARD);
	ask_refused(&w, "card_blocked", "qr.render", "'card':'%s','format':'svg'", by_card);
	ask_ok(&w, "card.block", "'request':'b-2','card':'" CARD "','reason':'lost'");
	ask_refused(&w, "card_unknown", "qr.render", "%s,'format':'svg'", by_member);
	wire_close(&w);
}

/* A sponsor's code says the address under which friends are welcome: in capitals, so that version 2 holds it. */
static void a_code(void **state)
{
	char code[64], url[64], by_code[96];
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'" CARD "'");
	reply = ask_ok(&w, "referral.issue", "'request':'i-1','card':'" CARD "'");
	snprintf(code, sizeof(code), "%s", field(reply, "result.code"));
	snprintf(url, sizeof(url), "%s", field(reply, "result.url"));
	snprintf(by_code, sizeof(by_code), "'code':'%s'", code);
	reply = render(&w, by_code);
	assert_field(reply, "result.text", url);
	assert_figure(reply, "result.version", 2);
	code[0] = code[0] == '7' ? '8' : '7';
	ask_refused(&w, "code_unknown", "qr.render", "'code':'%s','format':'svg'", code);
	wire_close(&w);
}

static const struct refusal {
	const char *params, *reason, *field;
} refusals[] = {
	{ "'format':'svg'", "params_invalid", "text" },
	{ "'format':'svg','text':'a','code':'b'", "params_invalid", "text" },
	{ "'format':'svg','text':'a','card':'" CARD "'", "params_invalid", "text" },
	{ "'format':'gif','text':'a'", "params_invalid", "format" },
	{ "'text':'a'", "params_invalid", "format" },
	{ "'format':'svg','text':''", "params_invalid", "text" },
	{ "'format':'svg','text':'a','level':'X'", "params_invalid", "level" },
	{ "'format':'star','text':'a','paper':60", "params_invalid", "paper" },
	{ "'format':'star','text':'a','module':9", "params_invalid", NULL },
	{ "'format':'escpos-raster','text':'a','module':32", "params_invalid", NULL },
	{ "'format':'svg','code':'7QK4-M2ZP-9A3C-H'", "code_unknown", "code" },
	{ "'format':'svg','card':'2977000000027'", "card_unknown", "card" },
	{ "'format':'svg','member':'m_0123456789abcdef'", "member_unknown", NULL },
};

static void what_is_refused(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		char *reply = ask_refused(&w, refusals[i].reason, "qr.render", "%s", refusals[i].params);

		if (refusals[i].field)
			assert_field(reply, "error.data.field", refusals[i].field);
	}
	wire_close(&w);
}

/* Codes that nobody gave out are misses, and who tries them must wait. */
static void codes_are_not_guessed(void **state)
{
	struct wire w;
	int tries = 0;

	connect_to(&w, *state, DOOR_TRUST);
	while (tries++ < 5)
		ask_refused(&w, "code_unknown", "qr.render", "'code':'7QK4-M2ZP-9A3C-H','format':'svg'");
	ask_refused(&w, "throttled", "qr.render", "'code':'7QK4-M2ZP-9A3C-H','format':'svg'");
	wire_close(&w);
}

static int palier(const struct shop *s, const char *const *words, char **out)
{
	char connect[64];
	const char *argv[16] = { "palier", "--connect", connect };
	size_t n = 3;

	snprintf(connect, sizeof(connect), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	while (*words && n < 15)
		argv[n++] = *words++;
	return program_run(s, argv, out);
}

/* A text is drawn without a daemon; a card's number is asked for. */
static void on_the_command_line(void **state)
{
	struct wire w;
	char *by_text, *by_card, *said;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'" CARD "'");
	wire_close(&w);
	assert_int_equal(palier(*state, (const char *const[]){ "qr", "--card", CARD, "--format", "matrix", NULL }, &by_card),
		0);
	assert_int_equal(palier(*state, (const char *const[]){ "qr", "--code", "X", NULL }, &said), 32);
	free(said);
	assert_int_equal(shop_stop(*state), 0);
	assert_int_equal(palier(*state, (const char *const[]){ "qr", CARD, "--format", "matrix", NULL }, &by_text), 0);
	assert_string_equal(by_text, by_card);
	free(by_text);
	free(by_card);
}

static const struct shop_options sponsors = {
	.config = "referral {\n"
		  "	url = \"HTTPS://EX.FR/P/\"  minimum = \"20.00\"\n"
		  "	sponsor { unit = points  points = 100 }  friend { unit = points  points = 50 }\n"
		  "}\n"
};
static const struct shop_options few_misses = { .config = "limits { misses-per-minute = 5 }\n" };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a text becomes a printer's bytes", a_text, NULL),
		IN_SHOP("a card says its number, a member that of the newest card in use", a_card, NULL),
		IN_SHOP("a code says its address", a_code, &sponsors),
		IN_SHOP("what cannot be drawn is refused", what_is_refused, NULL),
		IN_SHOP("codes are not to be guessed", codes_are_not_guessed, &few_misses),
		IN_SHOP("palier qr draws the same, and a text without a daemon", on_the_command_line, NULL),
	};

	return cmocka_run_group_tests_name("qr", tests, NULL, NULL);
}
