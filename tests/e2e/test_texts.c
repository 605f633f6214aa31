/* SPDX-License-Identifier: Apache-2.0 */
/* What customers read: each in the own language from one palierd, the same words whenever a command is answered again. */

#include "tests/e2e/harness.h"

#define NBSP "\xc2\xa0"

/* Points that lapse soon, points that do not, and an amount. */
#define POINTS \
	"points {\n" \
	"	unit \"points\" { expires = \"20 days\" }\n" \
	"	unit \"stars\" { expires = \"12 months\" }\n" \
	"	unit \"credit\" { kind = money }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\" }\n" \
	"	earn \"visit\" { unit = stars  per-visit = 1  when { sku = {\"star\"} } }\n" \
	"	earn \"back\" { unit = credit  per = \"1.00\"  points = 5 }\n" \
	"}\n"

static const struct shop_options lapsing = { .points = POINTS };
static const struct shop_options stopped = { .stopped = true };
static const struct shop_options earning = { .store = "unknown-cards = earn" };

#define CARD_FRENCH  "CARD-1"
#define CARD_ENGLISH "CARD-2"
#define CARD_GERMAN  "CARD-3"

static void enroll(struct wire *w, const char *card, const char *language)
{
	ask_ok(w, "member.enroll", "'request':'enrol-%s','card':'%s','name':'Zoé','language':'%s'", card, card, language);
}

static char *sell(struct wire *w, const char *sale, const char *card)
{
	return ask_ok(w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':1250}],'payable':1250", sale, sale,
		card);
}

static void each_in_the_own_language(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, CARD_FRENCH, "fr");
	enroll(&w, CARD_ENGLISH, "en");
	enroll(&w, CARD_GERMAN, "de");
	for (int i = 0; i < 2; i++) {
		char sale[3][8];

		for (int j = 0; j < 3; j++)
			snprintf(sale[j], sizeof(sale[j]), "R-%d%d", i, j);
		reply = sell(&w, sale[0], CARD_FRENCH);
		assert_int_equal(count_of(reply, "result.messages"), 2);
		assert_field(reply, "result.messages[0]",
			i ? "points" NBSP ": +12, solde 24" : "points" NBSP ": +12, solde 12");
		assert_field(reply, "result.messages[1]",
			i ? "credit" NBSP ": +0,60" NBSP "€, solde 1,20" NBSP "€"
			  : "credit" NBSP ": +0,60" NBSP "€, solde 0,60" NBSP "€");
		reply = sell(&w, sale[1], CARD_ENGLISH);
		assert_field(reply, "result.messages[0]", i ? "points: +12, balance 24" : "points: +12, balance 12");
		assert_field(reply, "result.messages[1]",
			i ? "credit: +€0.60, balance €1.20" : "credit: +€0.60, balance €0.60");
		/* There is no German: the store's language. */
		reply = sell(&w, sale[2], CARD_GERMAN);
		assert_field(reply, "result.messages[0]",
			i ? "points" NBSP ": +12, solde 24" : "points" NBSP ": +12, solde 12");
	}
	wire_close(&w);
}

static void a_quote_says_what_the_sale_will(void **state)
{
	struct wire w;
	char *reply, said[128];

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, CARD_ENGLISH, "en");
	reply = ask_ok(&w, "sale.quote", "'card':'" CARD_ENGLISH "','lines':[{'sku':'a','amount':1250}]");
	snprintf(said, sizeof(said), "%s", field(reply, "result.messages[0]"));
	assert_string_equal(said, "points: +12, balance 12");
	assert_field(sell(&w, "R-1", CARD_ENGLISH), "result.messages[0]", said);
	wire_close(&w);
}

static void nothing_earned_nothing_said(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, CARD_ENGLISH, "en");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'" CARD_ENGLISH "','lines':[{'sku':'a','amount':50}],'payable':50");
	assert_int_equal(count_of(reply, "result.messages"), 0);
	reply = ask_ok(&w, "sale.commit", "'request':'r-2','sale':'R-2','lines':[{'sku':'a','amount':5000}],'payable':5000");
	assert_int_equal(count_of(reply, "result.messages"), 0);
	wire_close(&w);
}

/* The language, and much else, is another by then. */
static void answered_again_in_the_same_words(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, CARD_FRENCH, "fr");
	sell(&w, "R-1", CARD_FRENCH);
	ask_ok(&w, "member.update", "'request':'u','member':'%s','language':'en'",
		field(ask_ok(&w, "card.lookup", "'card':'" CARD_FRENCH "'"), "result.member"));
	sell(&w, "R-2", CARD_FRENCH);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	reply = sell(&w, "R-1", CARD_FRENCH);
	assert_field(reply, "result.replayed", "true");
	assert_field(reply, "result.messages[0]", "points" NBSP ": +12, solde 12");
	reply = sell(&w, "R-2", CARD_FRENCH);
	assert_field(reply, "result.messages[0]", "points: +12, balance 24");
	wire_close(&w);
}

static void a_store_without_texts_speaks_english(void **state)
{
	struct shop *s = *state;
	char *text = file_read(s->config, NULL), *language = strstr(text, "\"fr\"");
	struct wire w;

	assert_non_null(language);
	memcpy(language, "\"de\"", 4);
	file_write(s->config, text, strlen(text));
	free(text);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'" CARD_GERMAN "'");
	assert_field(sell(&w, "R-1", CARD_GERMAN), "result.messages[0]", "points: +12, balance 12");
	wire_close(&w);
}

static void what_lapses_soon_is_said_at_the_till(void **state)
{
	struct wire w;
	const char *on;
	char *reply, expected[96];

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, CARD_ENGLISH, "en");
	assert_int_equal(count_of(ask_ok(&w, "card.lookup", "'card':'" CARD_ENGLISH "'"), "result.prompts"), 0);
	ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'" CARD_ENGLISH
		"','lines':[{'sku':'star','amount':1250}],'payable':1250");
	reply = ask_ok(&w, "card.lookup", "'card':'" CARD_ENGLISH "'");
	assert_int_equal(count_of(reply, "result.expiring"), 2);
	assert_int_equal(count_of(reply, "result.prompts"), 1);
	assert_field(reply, "result.prompts[0].kind", "expiring");
	on = field(reply, "result.expiring[0].on");
	assert_true(strncmp(field(reply, "result.prompts[0].text"), "points: 12 lapse after ", 23) == 0);

	reply = ask_ok(&w, "member.update", "'request':'u','member':'%s','language':'fr'", field(reply, "result.member"));
	snprintf(expected, sizeof(expected), "points" NBSP ": 12 expirent après le %.2s/%.2s/%.4s", on + 8, on + 5, on);
	assert_field(reply, "result.prompts[0].text", expected);
	wire_close(&w);
}

static void who_is_not_enrolled_is_told(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	sell(&w, "R-1", CARD_FRENCH);
	reply = ask_ok(&w, "card.lookup", "'card':'" CARD_FRENCH "'");
	assert_field(reply, "result.provisional", "true");
	assert_int_equal(count_of(reply, "result.prompts"), 1);
	assert_field(reply, "result.prompts[0].kind", "provisional");
	assert_true(strncmp(field(reply, "result.prompts[0].text"), "Pas encore inscrit", 18) == 0);
	reply = ask_ok(&w, "member.enroll", "'request':'r-1','card':'" CARD_FRENCH "','name':'Zoé'");
	assert_int_equal(count_of(reply, "result.prompts"), 0);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("each customer reads the own language", each_in_the_own_language, &lapsing),
		IN_SHOP("a quote says what the sale will", a_quote_says_what_the_sale_will, NULL),
		IN_SHOP("where nothing was earned nothing is said", nothing_earned_nothing_said, NULL),
		IN_SHOP("a command is answered again in the same words", answered_again_in_the_same_words, NULL),
		IN_SHOP("a store in whose language there are no texts speaks English", a_store_without_texts_speaks_english,
			&stopped),
		IN_SHOP("what lapses soon is said when the card is looked up", what_lapses_soon_is_said_at_the_till,
			&lapsing),
		IN_SHOP("who is not enrolled is told", who_is_not_enrolled_is_told, &earning),
	};

	return cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}
