/* SPDX-License-Identifier: Apache-2.0 */
/* The ledgers of tests/golden, written by earlier versions, one a format: this version opens them, finds nothing wrong and gives the answers
 * of then. PALIER_GOLDEN=make writes the one of the format of now, which is done once, when the format is released. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define FORMATS GOLDEN_DIR "/format-1"

/* Points of which nothing lapses, so that lookups stay as they are; stars show in the history when they do. */
static const struct shop_options shop_of_then = { .empty = true,
	.store = "unknown-cards = earn",
	.points = "points {\n"
		  "	unit \"points\" { kind = points  expires = never }\n"
		  "	unit \"stars\" { kind = points  expires = \"2 months\"  shortfall = clamp }\n"
		  "	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n"
		  "	earn \"bright\" { unit = stars  per = \"5.00\"  points = 1  when { tag = {\"bright\"} } }\n"
		  "}\n" };

/* What was done then: at least one of every command that books. @p is a member's id, told by the card in the row before */
static const struct command {
	const char *method, *params;
} past[] = {
	{ "till.add",
		"'till':'till-1','role':'cashier','token_sha256':'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'" },
	{ "member.enroll",
		"'card':'CARD-1','name':'Zo\xc3\xa9 Martin','phone':'06 12 34 56 78','consent':{'email':true,'wording':'2026-1','channel':'till'}" },
	{ "member.enroll",
		"'card':'CARD-2','name':'Anna Blum','email':'anna@example.org','birthday':'1990-02-28','tags':['staff']" },
	{ "member.enroll", "'card':'CARD-3','name':'Paul Morel','phone':'+33611111111'" },
	{ "member.enroll", "'card':'CARD-4','name':'Paul Morel','email':'paul@example.org'" },
	{ "sale.commit",
		"'sale':'S1','card':'CARD-1','lines':[{'sku':'tea','category':'tea','quantity':2,'amount':1250}],'payable':1250" },
	{ "sale.commit",
		"'sale':'S2','card':'CARD-2','lines':[{'sku':'lamp','tags':['bright'],'amount':4990},{'sku':'off','kind':'discount','amount':-490}],'payable':4500" },
	{ "sale.commit", "'sale':'S3','lines':[{'sku':'tea','amount':600}],'payable':600,'ext':{'note':'no card'}" },
	{ "sale.commit",
		"'sale':'S4','card':'CARD-NEW','lines':[{'sku':'tea','amount':900}],'payable':900,'offline':true,'at':'2026-11-20T10:00:00Z'" },
	{ "sale.claim", "'sale':'S3','card':'CARD-1'" },
	{ "sale.return", "'return':'R1','sale':'S1','lines':[{'line':0,'quantity':1}]" },
	{ "sale.commit",
		"'sale':'S5','card':'CARD-2','returns':[{'sale':'S2'}],'lines':[{'sku':'vase','amount':7000}],'payable':2500" },
	{ "sale.commit", "'sale':'S6','card':'CARD-3','lines':[{'sku':'tea','amount':700}],'payable':700" },
	{ "sale.void", "'sale':'S6'" },
	{ "balance.adjust", "'card':'CARD-1','unit':'points','points':100,'reason':'a welcome'" },
	{ "day.close", "" },
	{ "card.replace", "'card':'CARD-2','with':'CARD-2B'" },
	{ "card.block", "'card':'CARD-4','reason':'lost'" },
	{ "member.update", "'member':@CARD-1@,'language':'en','phone':null" },
	{ "member.freeze", "'member':@CARD-1@" },
	{ "member.merge", "'from':@CARD-4@,'into':@CARD-3@" },
	{ "member.thaw", "'member':@CARD-1@" },
	{ "sale.commit", "'sale':'S7','card':'CARD-3','lines':[{'sku':'tea','amount':1100}],'payable':1100" },
	{ "member.erase", "'member':@CARD-3@" },
	{ "day.close", "" },
	{ "sale.commit",
		"'sale':'S8','card':'CARD-1','operator':'07','lines':[{'sku':'honey','amount':890}],'payable':890" },
	{ "card.issue", "'member':@CARD-1@" },
	{ "till.revoke", "'till':'till-1'" },
};

/* What is asked, then and now: nothing that a later clock may answer otherwise. */
static const struct command asked[] = {
	{ "card.lookup", "'card':'CARD-1'" },
	{ "card.lookup", "'email':'anna@example.org'" },
	{ "card.lookup", "'card':'CARD-2'" },
	{ "card.lookup", "'card':'CARD-3'" },
	{ "card.lookup", "'card':'CARD-NEW'" },
	{ "member.find", "'query':'Martin'" },
	{ "member.find", "'query':'Morel'" },
	{ "member.export", "'member':@CARD-1@" },
	{ "balance.history", "'card':'CARD-1'" },
	{ "balance.history", "'card':'CARD-2B','unit':'points'" },
	{ "sale.show", "'sale':'S1'" },
	{ "sale.show", "'sale':'S5'" },
	{ "sale.show", "'sale':'S8'" },
	{ "sale.list", "'card':'CARD-1'" },
	{ "till.list", "" },
	{ "batch.list", "" },
	{ "batch.show", "'batch':1" },
	{ "request.status", "'request':'past-5'" },
	{ "request.status", "'request':'past-10'" },
	{ "request.status", "'request':'past-15'" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* @CARD@ in the params becomes the id of the card's member. @return one buffer, used again */
static const char *params_of(struct wire *w, const char *text)
{
	static char out[1024];
	size_t n = 0;

	for (const char *from; (from = strchr(text, '@')) && strchr("C", from[1]); text = strchr(from + 1, '@') + 1) {
		char card[32];

		snprintf(card, sizeof(card), "%.*s", (int)(strchr(from + 1, '@') - from - 1), from + 1);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s'%s'", (int)(from - text), text,
			field(ask_ok(w, "card.lookup", "'card':'%s'", card), "result.member"));
	}
	snprintf(out + n, sizeof(out) - n, "%s", text);
	return out;
}

/* The reply to a question, without the id that the connection counts. @return to be freed */
static char *answer(struct wire *w, const struct command *q)
{
	const char *params = params_of(w, q->params);
	char *reply = wire_ask(w, q->method, "%s", params), *begin;

	assert_non_null(reply);
	begin = strstr(reply, "\"result\":");
	begin = begin ? begin : strstr(reply, "\"error\":");
	assert_non_null(begin);
	return strdup(begin);
}

static void copy_to(const char *from, const char *name, const char *to)
{
	char source[256], target[256];
	size_t len;
	char *text;

	snprintf(source, sizeof(source), "%s/%s", from, name);
	snprintf(target, sizeof(target), "%s/%s", to, name);
	text = file_read(source, &len);
	assert_non_null(text);
	file_write(target, text, len);
	free(text);
}

static void ledger_keep(const struct shop *s)
{
	char journal[256];

	mkdir(FORMATS, 0755);
	copy_to(s->data, "FORMAT", FORMATS);
	copy_to(s->data, "keys", FORMATS);
	snprintf(journal, sizeof(journal), "%s/journal", s->data);
	tree_copy(journal, FORMATS "/journal");
}

static void make(struct shop *s)
{
	struct wire w;
	FILE *f;

	assert_int_equal(shop_verb(s, "init", NULL), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	for (size_t i = 0; i < COUNT(past); i++) {
		char params[1200];

		snprintf(params, sizeof(params), "%s", params_of(&w, past[i].params));
		ask_ok(&w, past[i].method, "'request':'past-%zu'%s%s", i, params[0] ? "," : "", params);
	}
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	ledger_keep(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	f = fopen(FORMATS "/answers", "w");
	assert_non_null(f);
	for (size_t i = 0; i < COUNT(asked); i++) {
		char *line = answer(&w, &asked[i]);

		fprintf(f, "%s\n", line);
		free(line);
	}
	fclose(f);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

/* The files of then, with the index made from the journal. */
static void ledger_lay(const struct shop *s)
{
	char journal[256];

	assert_int_equal(mkdir(s->data, 0700), 0);
	copy_to(FORMATS, "FORMAT", s->data);
	copy_to(FORMATS, "keys", s->data);
	snprintf(journal, sizeof(journal), "%s/journal", s->data);
	tree_copy(FORMATS "/journal", journal);
	assert_int_equal(shop_verb(s, "rebuild", NULL), 0);
	shop_sound(s);
}

static void opens(void **state)
{
	struct shop *s = *state;
	char *answers, *at, *rest;
	struct wire w;

	if (getenv("PALIER_GOLDEN")) {
		make(s);
		return;
	}
	ledger_lay(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	answers = file_read(FORMATS "/answers", NULL);
	assert_non_null(answers);
	rest = answers;
	for (size_t i = 0; i < COUNT(asked); i++) {
		char *now = answer(&w, &asked[i]);

		at = strsep(&rest, "\n");
		assert_non_null(at);
		if (strcmp(now, at) != 0)
			fail_msg("%s %s\nthen: %s\nnow:  %s", asked[i].method, asked[i].params, at, now);
		free(now);
	}
	free(answers);
	/* It goes on. */
	ask_ok(&w, "sale.commit",
		"'request':'now','sale':'S9','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a ledger of format 1 opens, is sound, answers as it did and goes on", opens, &shop_of_then),
	};

	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
