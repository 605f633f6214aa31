/* SPDX-License-Identifier: Apache-2.0 */
/* What a member may ask of us: to be nobody, to be one and not two, to have spending locked, to see all that is kept. */
#include <sys/stat.h>

#include "protocol/scan.h"
#include "tests/e2e/harness.h"

#define KEY_LEN 32

/* The nth card of a range of the tests' own. */
static const char *card_number(unsigned n)
{
	static char text[8][16];
	static unsigned turn;
	char *out = text[turn++ % 8];

	snprintf(out, 16, "297700%06u", n);
	out[12] = card_gs1_check(out, 12);
	out[13] = 0;
	return out;
}

static const char *request(void)
{
	static char text[16];
	static unsigned n;

	snprintf(text, sizeof(text), "q-%u", n++);
	return text;
}

/* @param out 32 bytes: the member's id */
static void enroll(struct wire *w, unsigned card, const char *profile, char *out)
{
	char *reply = ask_ok(w, "member.enroll", "'request':'%s','card':'%s'%s%s", request(), card_number(card),
		*profile ? "," : "", profile);

	strcpy(out, field(reply, "result.member"));
}

static void buy(struct wire *w, const char *sale, unsigned card, int amount)
{
	ask_ok(w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'beans','category':'coffee','amount':%d}],'payable':%d",
		request(), sale, card_number(card), amount, amount);
}

static void erase(struct wire *w, const char *member)
{
	assert_field(ask_ok(w, "member.erase", "'request':'%s','member':'%s'", request(), member), "result.member", member);
}

/* --- bytes on disk --- */

static bool holds(const char *text, size_t len, const char *what, size_t n)
{
	return memmem(text, len, what, n) != NULL;
}

/* The slot of the nth member, counted from 1, is the nth. */
static void key_read(const struct shop *s, unsigned slot, char *key)
{
	char path[128], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/keys", s->data);
	text = file_read(path, &len);
	assert_non_null(text);
	assert_true(len >= (slot + 1u) * KEY_LEN);
	memcpy(key, text + (size_t)slot * KEY_LEN, KEY_LEN);
	free(text);
}

static void key_put_back(const struct shop *s, unsigned slot, const char *key)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/keys", s->data);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)slot * KEY_LEN, SEEK_SET), 0);
	assert_int_equal(fwrite(key, KEY_LEN, 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

static bool key_is_blank(const struct shop *s, unsigned slot)
{
	static const char blank[KEY_LEN];
	char key[KEY_LEN];

	key_read(s, slot, key);
	return memcmp(key, blank, KEY_LEN) == 0;
}

/* --- erasure --- */

#define XAVIERA \
	"'name':'Xaviera Quintessenz','phone':'06 12 34 56 78','email':'xaviera@Example.org','birthday':'1990-05-17'," \
	"'heard_from':'a fellow','ext':{'note':'very own'},'consent':{'email':true,'wording':'2026-1','channel':'till'}"

static const char *const xaviera[] = { "Xaviera", "XAVIERA", "xaviera", "Quintessenz", "quintessenz", "612345678",
	"712345678", "06 12 34", "example.org", "Example.org", "EXAMPLE", "1990-05-17", "19900517", "a fellow", "very own",
	"297700000", "stolen by", "spilt", "mi no" };

static void nothing_is_left(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[32], other[32], key[KEY_LEN];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, member);
	enroll(&w, 2, "'name':'Yves Martin'", other);
	buy(&w, "R-1", 1, 1000);
	ask_ok(&w, "card.block", "'request':'r-1','card':'%s','reason':'stolen by a friend'", card_number(1));
	ask_ok(&w, "card.replace", "'request':'r-2','card':'%s','with':'%s'", card_number(1), card_number(3));
	ask_ok(&w, "balance.adjust", "'request':'r-3','member':'%s','unit':'points','points':2,'reason':'spilt'", member);
	ask_ok(&w, "member.update", "'request':'r-4','member':'%s','name':'Xaviera Q.','phone':'0712345678'", member);
	ask_ok(&w, "member.find", "'query':'xaviera'");
	key_read(s, 1, key);
	assert_int_equal(tree_holds(s->dir, key, KEY_LEN), 1);
	ask_ok(&w, "member.erase", "'request':'r-5','member':'%s','ext':{'why':'ad mi no'}", member);
	/* The reply has left, so the key has: without a stop, and after one. */
	for (int stopped = 0; stopped < 2; stopped++) {
		assert_int_equal(tree_holds(s->dir, key, KEY_LEN), 0);
		assert_true(key_is_blank(s, 1));
		for (size_t i = 0; i < sizeof(xaviera) / sizeof(*xaviera); i++)
			if (tree_holds(s->dir, xaviera[i], strlen(xaviera[i])) > 0)
				fail_msg("\"%s\" stands in a file", xaviera[i]);
		assert_true(tree_holds(s->dir, member, strlen(member)) > 0);
		if (stopped == 0) {
			wire_close(&w);
			assert_int_equal(shop_stop(s), 0);
		}
	}
	assert_false(key_is_blank(s, 2));
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_field(ask_ok(&w, "card.lookup", "'member':'%s'", other), "result.name", "Yves Martin");
	wire_close(&w);
}

static void erased_everywhere(void **state)
{
	struct wire w;
	char member[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	strcpy(member,
		field(ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1)), "result.member"));
	buy(&w, "R-1", 1, 1000);
	reply = ask_ok(&w, "member.erase", "'request':'gone','member':'%s'", member);
	assert_field(reply, "result.member", member);
	assert_int_equal(count_of(reply, "result"), 1);
	ask_refused(&w, "member_erased", "card.lookup", "'card':'%s'", card_number(1));
	ask_refused(&w, "member_erased", "card.lookup", "'member':'%s'", member);
	ask_refused(&w, "member_unknown", "card.lookup", "'phone':'0612345678'");
	ask_refused(&w, "member_unknown", "card.lookup", "'email':'xaviera@example.org'");
	assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'xaviera'"), "result.members"), 0);
	ask_refused(&w, "member_erased", "member.update", "'request':'r-1','member':'%s','name':'X'", member);
	ask_refused(&w, "member_erased", "card.issue", "'request':'r-2','member':'%s'", member);
	ask_refused(&w, "member_erased", "card.replace", "'request':'r-3','card':'%s'", card_number(1));
	ask_refused(&w, "member_erased", "member.erase", "'request':'r-4','member':'%s'", member);
	ask_refused(&w, "member_erased", "member.freeze", "'request':'r-5','member':'%s'", member);
	ask_refused(&w, "member_erased", "member.export", "'member':'%s'", member);
	ask_refused(&w, "member_erased", "balance.history", "'card':'%s'", card_number(1));
	ask_refused(&w, "member_erased", "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':100}]", card_number(1));
	ask_refused(&w, "member_erased", "sale.commit",
		"'request':'r-6','sale':'R-2','card':'%s','lines':[{'sku':'a','amount':100}],'payable':100", card_number(1));
	ask_refused(&w, "member_unknown", "member.erase", "'request':'r-7','member':'m_0000000000000000'");
	/* The ledger stays under the opaque id. */
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.member", member);
	reply = ask_ok(&w, "member.erase", "'request':'gone','member':'%s'", member);
	assert_field(reply, "result.member", member);
	assert_field(reply, "result.replayed", "true");
	/* Sent again, the enrolment lacks what is gone. */
	reply = ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1));
	assert_field(reply, "result.replayed", "true");
	assert_field(reply, "result.member", member);
	assert_null(field(reply, "result.name"));
	assert_null(field(reply, "result.card"));
	assert_figure(reply, "result.stats.purchases", 0);
	wire_close(&w);
}

static void enrolled_anew(void **state)
{
	struct wire w;
	char member[32], again[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	strcpy(member,
		field(ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1)), "result.member"));
	ask_ok(&w, "card.attach", "'request':'r-1','member':'%s','card':'%s'", member, card_number(2));
	ask_ok(&w, "card.block", "'request':'r-2','card':'%s','reason':'lost'", card_number(2));
	buy(&w, "R-1", 1, 1000);
	erase(&w, member);
	ask_refused(&w, "card_blocked", "member.enroll", "'request':'r-3','card':'%s'", card_number(2));
	enroll(&w, 1, XAVIERA, again);
	assert_string_not_equal(again, member);
	reply = ask_ok(&w, "card.lookup", "'phone':'0612345678'");
	assert_field(reply, "result.member", again);
	assert_figure(reply, "result.stats.purchases", 0);
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.member", again);
	/* A reply about the erased member shows nothing of who has the card now. */
	reply = ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1));
	assert_field(reply, "result.member", member);
	assert_null(field(reply, "result.card"));
	assert_null(field(reply, "result.name"));
	assert_int_equal(count_of(ask_ok(&w, "sale.list", "'member':'%s'", again), "result.sales"), 0);
	wire_close(&w);
}

/* What comes late is booked without a member, and its line does not tell the card's number to whoever has the store's own key. */
static void late_data_finds_nobody(void **state)
{
	static const char unread[] = "\"params\":{\"offline\":true,\"sale\":\"R-2\",\"card\":\"\"";
	struct shop *s = *state;
	struct wire w;
	char member[32], *reply, *text;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	strcpy(member,
		field(ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1)), "result.member"));
	buy(&w, "R-1", 1, 1000);
	erase(&w, member);
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','offline':true,'at':'2026-01-05T10:00:00Z','sale':'R-2','card':'%s',"
		"'lines':[{'sku':'a','amount':700}],'payable':700",
		card_number(1));
	assert_int_equal(count_of(reply, "result.earned"), 0);
	assert_null(field(ask_ok(&w, "sale.show", "'sale':'R-2'"), "result.member"));
	/* What is given back later is nobody's, too. */
	ask_ok(&w, "sale.return", "'request':'r-2','return':'B-1','sale':'R-1'");
	reply = ask_ok(&w, "member.enroll", "'request':'zoe','card':'%s'," XAVIERA, card_number(1));
	assert_figure(reply, "result.stats.spend", 0);
	text = journal_text(s, &len);
	if (!holds(text, len, unread, strlen(unread)))
		fail_msg("%s", strstr(text, "R-2") ? strstr(text, "R-2") - 200 : "");
	free(text);
	wire_close(&w);
}

/* A crash between the event's line and the key: the slot's old bytes are there again. */
static void erased_again_at_start(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[32], key[KEY_LEN];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, member);
	key_read(s, 1, key);
	erase(&w, member);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	key_put_back(s, 1, key);
	shop_start(s);
	assert_true(key_is_blank(s, 1));
	connect_to(&w, s, DOOR_TRUST);
	ask_refused(&w, "member_erased", "card.lookup", "'card':'%s'", card_number(1));
	wire_close(&w);
	/* A rebuild does it, too. */
	assert_int_equal(shop_stop(s), 0);
	key_put_back(s, 1, key);
	assert_int_equal(shop_verb(s, "rebuild", NULL), 0);
	assert_true(key_is_blank(s, 1));
}

/* The same with an index that is behind: what it holds of the member goes when it follows, with the key or without it. */
static void erased_behind_the_index(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[32], other[32], key[KEY_LEN], old[128], path[128];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, member);
	enroll(&w, 2, "'name':'Xaviera Martin'", other);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	key_read(s, 1, key);
	snprintf(path, sizeof(path), "%s/index", s->data);
	snprintf(old, sizeof(old), "%s/index.then", s->dir);
	tree_copy(path, old);
	for (int with_key = 0; with_key < 2; with_key++) {
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		if (with_key == 0) {
			ask_ok(&w, "member.update", "'request':'r-1','member':'%s','phone':'0712345678'", member);
			ask_ok(&w, "member.merge", "'request':'r-2','from':'%s','into':'%s'", other, member);
			erase(&w, member);
		}
		ask_refused(&w, "member_unknown", "card.lookup", "'phone':'0612345678'");
		ask_refused(&w, "member_unknown", "card.lookup", "'phone':'0712345678'");
		assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'xaviera'"), "result.members"), 0);
		wire_close(&w);
		assert_int_equal(shop_stop(s), 0);
		shop_sound(s);
		assert_true(key_is_blank(s, 1));
		assert_true(key_is_blank(s, 2));
		tree_remove(path);
		tree_copy(old, path);
		if (with_key == 1)
			key_put_back(s, 1, key);
	}
	shop_start(s);
	assert_true(key_is_blank(s, 1));
}

/* One turn for all of it: the lines are sent in one piece. */
static void erased_in_one_turn(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char from[32], into[32], text[1024];
	int n;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, from);
	enroll(&w, 2, "'name':'Xaviera Martin'", into);
	n = snprintf(text, sizeof(text),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"member.enroll\",\"params\":{\"request\":\"t-0\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"member.merge\",\"params\":{\"request\":\"t-1\",\"from\":\"%s\",\"into\":\"%s\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"member.erase\",\"params\":{\"request\":\"t-2\",\"member\":\"%s\"}}\n",
		from, into, from);
	assert_true(wire_send(&w, text, (size_t)n));
	assert_non_null(field(wire_line(&w), "result.card.number"));
	assert_field(wire_line(&w), "result.member", into);
	assert_field(wire_line(&w), "result.member", into);
	ask_refused(&w, "member_erased", "card.lookup", "'card':'%s'", card_number(1));
	ask_refused(&w, "member_erased", "card.lookup", "'card':'%s'", card_number(2));
	assert_true(key_is_blank(s, 1));
	assert_true(key_is_blank(s, 2));
	assert_false(key_is_blank(s, 3));
	wire_close(&w);
}

static void training_erases_nothing(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[32];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, member);
	ask_ok(&w, "member.erase", "'request':'r-1','member':'%s','training':true", member);
	assert_field(ask_ok(&w, "card.lookup", "'phone':'0612345678'"), "result.name", "Xaviera Quintessenz");
	assert_false(key_is_blank(s, 1));
	wire_close(&w);
}

static void only_supervisors(void **state)
{
	static const char token[] = "a-cashier-token-of-some-length";
	struct shop *s = *state;
	struct wire w;
	char a[32], b[32];

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, a);
	enroll(&w, 2, "", b);
	till_make(&w, "till-9", "cashier", token);
	wire_close(&w);
	sign_in(&w, s, "till-9", token);
	ask_refused(&w, "forbidden", "member.erase", "'request':'r-1','member':'%s'", a);
	ask_refused(&w, "forbidden", "member.merge", "'request':'r-2','from':'%s','into':'%s'", a, b);
	ask_refused(&w, "forbidden", "member.export", "'member':'%s'", a);
	assert_field(ask_ok(&w, "member.freeze", "'request':'r-3','member':'%s'", a), "result.frozen", "true");
	ask_refused(&w, "proof_needed", "member.thaw", "'request':'r-4','member':'%s'", a);
	ask_refused(&w, "proof_wrong", "member.thaw", "'request':'r-5','member':'%s','proof':{'pin':'1234'}", a);
	assert_field(ask_ok(&w, "card.lookup", "'member':'%s'", a), "result.frozen", "true");
	wire_close(&w);
	connect_to(&w, s, DOOR_TRUST);
	assert_null(field(ask_ok(&w, "member.thaw", "'request':'r-6','member':'%s'", a), "result.frozen"));
	wire_close(&w);
}

/* --- merging --- */

static void merged(void **state)
{
	struct wire w;
	char from[32], into[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, 1, XAVIERA ",'language':'en'", from);
	enroll(&w, 2, "'name':'Xaviera Martin','email':'x@y.fr','tags':['neighbour']", into);
	buy(&w, "R-1", 1, 1000);
	buy(&w, "R-2", 2, 300);
	buy(&w, "R-3", 1, 200);
	ask_ok(&w, "member.freeze", "'request':'r-1','member':'%s'", from);
	reply = ask_ok(&w, "member.merge", "'request':'r-2','from':'%s','into':'%s'", from, into);
	assert_field(reply, "result.member", into);
	assert_field(reply, "result.name", "Xaviera Martin");
	assert_field(reply, "result.language", "en");
	assert_field(reply, "result.frozen", "true");
	assert_figure(reply, "result.stats.purchases", 3);
	assert_figure(reply, "result.stats.spend", 1500);
	for (unsigned card = 1; card <= 2; card++) {
		reply = ask_ok(&w, "card.lookup", "'card':'%s'", card_number(card));
		assert_field(reply, "result.member", into);
		assert_field(reply, "result.card.number", card_number(card));
	}
	assert_field(ask_ok(&w, "card.lookup", "'member':'%s'", from), "result.member", into);
	/* into's e-mail wins, from's phone fills a gap. */
	assert_field(ask_ok(&w, "card.lookup", "'phone':'0612345678'"), "result.member", into);
	assert_field(ask_ok(&w, "card.lookup", "'email':'x@y.fr'"), "result.member", into);
	ask_refused(&w, "member_unknown", "card.lookup", "'email':'xaviera@example.org'");
	reply = ask_ok(&w, "member.find", "'query':'xaviera'");
	assert_int_equal(count_of(reply, "result.members"), 1);
	assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'quintessenz'"), "result.members"), 0);
	/* What was booked before is the member's, by either id. */
	reply = ask_ok(&w, "sale.list", "'member':'%s'", from);
	assert_int_equal(count_of(reply, "result.sales"), 3);
	assert_field(reply, "result.sales[0].sale", "R-3");
	assert_field(reply, "result.sales[1].sale", "R-2");
	assert_field(reply, "result.sales[2].sale", "R-1");
	assert_int_equal(count_of(ask_ok(&w, "sale.list", "'card':'%s','limit':1", card_number(2)), "result.sales"), 1);
	reply = ask_ok(&w, "balance.history", "'member':'%s'", into);
	assert_true(count_of(reply, "result.entries") >= 3);
	buy(&w, "R-4", 1, 100);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(2)), "result.stats.spend", 1600);
	ask_refused(&w, "params_invalid", "member.merge", "'request':'r-3','from':'%s','into':'%s'", from, into);
	ask_refused(&w, "params_invalid", "member.merge", "'request':'r-4','from':'%s','into':'%s'", into, into);
	ask_refused(&w, "member_unknown", "member.merge", "'request':'r-5','from':'m_0000000000000000','into':'%s'", into);
	wire_close(&w);
}

static void merged_in_a_chain(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char member[4][32], *reply;

	connect_to(&w, s, DOOR_TRUST);
	for (unsigned i = 0; i < 4; i++)
		enroll(&w, i, i == 0 ? XAVIERA : "", member[i]);
	for (unsigned i = 0; i < 4; i++) {
		char sale[16];

		snprintf(sale, sizeof(sale), "R-%u", i);
		buy(&w, sale, i, 100);
	}
	for (unsigned i = 0; i < 2; i++)
		ask_ok(&w, "member.merge", "'request':'m-%u','from':'%s','into':'%s'", i, member[i], member[i + 1]);
	reply = ask_ok(&w, "card.lookup", "'member':'%s'", member[0]);
	assert_field(reply, "result.member", member[2]);
	assert_field(reply, "result.name", "Xaviera Quintessenz");
	assert_int_equal(count_of(ask_ok(&w, "sale.list", "'member':'%s'", member[2]), "result.sales"), 3);
	/* The slots of all who are one go together. */
	erase(&w, member[2]);
	for (unsigned slot = 1; slot <= 4; slot++)
		assert_int_equal(key_is_blank(s, slot), slot <= 3);
	for (unsigned i = 0; i < 3; i++) {
		ask_refused(&w, "member_erased", "card.lookup", "'member':'%s'", member[i]);
		ask_refused(&w, "member_erased", "card.lookup", "'card':'%s'", card_number(i));
		ask_refused(&w, "member_erased", "member.merge", "'request':'x-%u','from':'%s','into':'%s'", i, member[i],
			member[3]);
		ask_refused(&w, "member_erased", "member.merge", "'request':'y-%u','from':'%s','into':'%s'", i, member[3],
			member[i]);
	}
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(3)), "result.member", member[3]);
	wire_close(&w);
}

/* --- export --- */

/* The place of the first event of this method, or -1. */
static int event_of(const char *json, const char *method)
{
	for (int i = 0; i < count_of(json, "result.events"); i++) {
		char path[64];

		snprintf(path, sizeof(path), "result.events[%d].method", i);
		if (strcmp(field(json, path), method) == 0)
			return i;
	}
	return -1;
}

static void exported(void **state)
{
	struct wire w;
	char from[32], member[32], *reply, path[96];

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, 1, "'phone':'0712345678'", from);
	buy(&w, "R-1", 1, 700);
	enroll(&w, 2, XAVIERA ",'tags':['neighbour']", member);
	buy(&w, "R-2", 2, 1000);
	ask_ok(&w, "member.merge", "'request':'r-1','from':'%s','into':'%s'", from, member);
	ask_ok(&w, "member.update",
		"'request':'r-2','member':'%s','consent':{'sms':false,'wording':'2026-2','channel':'web'}", member);
	ask_ok(&w, "card.block", "'request':'r-3','card':'%s','reason':'lost at sea'", card_number(1));
	reply = ask_ok(&w, "member.export", "'member':'%s'", from);
	assert_field(reply, "result.member", member);
	assert_field(reply, "result.view.member", member);
	assert_figure(reply, "result.view.stats.spend", 1700);
	assert_non_null(field(reply, "result.view.balances.points"));
	assert_field(reply, "result.profile.name", "Xaviera Quintessenz");
	assert_field(reply, "result.profile.phone", "+33612345678");
	assert_field(reply, "result.profile.email", "xaviera@example.org");
	assert_field(reply, "result.profile.birthday", "1990-05-17");
	assert_int_equal(count_of(reply, "result.profile.consents"), 2);
	assert_field(reply, "result.profile.consents[0].purpose", "email");
	assert_field(reply, "result.profile.consents[0].given", "true");
	assert_field(reply, "result.profile.consents[0].wording", "2026-1");
	assert_field(reply, "result.profile.consents[0].channel", "till");
	assert_int_equal(strlen(field(reply, "result.profile.consents[0].at")), 24);
	assert_field(reply, "result.profile.consents[1].given", "false");
	assert_field(reply, "result.profile.consents[1].wording", "2026-2");
	assert_field(reply, "result.profile.tags[0]", "neighbour");
	assert_int_equal(count_of(reply, "result.profile.cards"), 2);
	assert_field(reply, "result.profile.cards[0].number", card_number(2));
	assert_field(reply, "result.profile.cards[1].number", card_number(1));
	assert_field(reply, "result.profile.cards[1].status", "blocked");
	assert_field(reply, "result.profile.merged[0]", from);
	assert_int_equal(count_of(reply, "result.events"), 7);
	assert_null(field(reply, "result.next"));
	/* What was sealed is shown. */
	assert_field(reply, "result.events[0].method", "card.block");
	assert_field(reply, "result.events[0].params.reason", "lost at sea");
	assert_field(reply, "result.events[0].effects[0].kind", "card.blocked");
	assert_field(reply, "result.events[0].effects[0].data.member", member);
	assert_null(strstr(reply, "\"keys\""));
	snprintf(path, sizeof(path), "result.events[%d].params.ext.note", event_of(reply, "member.enroll"));
	assert_field(reply, path, "very own");
	snprintf(path, sizeof(path), "result.events[%d].params.lines[0].sku", event_of(reply, "sale.commit"));
	assert_field(reply, path, "beans");
	snprintf(path, sizeof(path), "result.events[%d].params.card", event_of(reply, "sale.commit"));
	assert_field(reply, path, card_number(2));
	wire_close(&w);
}

static void exported_in_pages(void **state)
{
	struct wire w;
	char member[32], label[129] = "";
	int64_t events = 0, next = 0;
	int pages = 0;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, 1, XAVIERA, member);
	memset(label, 'x', 128);
	for (int i = 0; i < 300; i++)
		ask_ok(&w, "sale.commit",
			"'request':'s-%d','sale':'R-%d','card':'%s','lines':[{'sku':'a','label':'%s','amount':100},"
			"{'sku':'b','label':'%s','amount':100}],'payable':200",
			i, i, card_number(1), label, label);
	do {
		char *reply = next ? ask_ok(&w, "member.export", "'member':'%s','before':%lld", member, (long long)next)
		                   : ask_ok(&w, "member.export", "'member':'%s'", member);

		assert_true(strlen(reply) < 150000);
		assert_int_equal(field(reply, "result.profile") != NULL, pages == 0);
		events += count_of(reply, "result.events");
		next = field(reply, "result.next") ? figure(reply, "result.next") : 0;
		pages++;
	} while (next);
	assert_true(pages > 1);
	assert_int_equal(events, 301);
	wire_close(&w);
}

/* --- at random --- */

#define PEOPLE 12

/* Whatever happens in whatever order, the tables are what the journal folds to once the keys are gone: the teardown looks. */
static void at_random(void **state)
{
	uint64_t seed = UINT64_C(20261122);
	char member[PEOPLE][32];
	unsigned cards = 0;
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	for (unsigned i = 0; i < PEOPLE; i++)
		enroll(&w, cards++, "", member[i]);
	for (int step = 0; step < 400; step++) {
		unsigned a = (unsigned)draw_below(&seed, PEOPLE), b = (unsigned)draw_below(&seed, PEOPLE);
		unsigned who = (unsigned)draw_below(&seed, 40);

		switch (draw_below(&seed, 10)) {
		case 0:
			enroll(&w, cards++, "", member[a]);
			break;
		case 1:
			ask(&w, "member.erase", "'request':'%s','member':'%s'", request(), member[a]);
			break;
		case 2:
			ask(&w, "member.merge", "'request':'%s','from':'%s','into':'%s'", request(), member[a], member[b]);
			break;
		case 3:
			ask(&w, "member.freeze", "'request':'%s','member':'%s'", request(), member[a]);
			break;
		case 4:
			ask(&w, "member.enroll", "'request':'%s','card':'%s','phone':'06123456%02u'", request(),
				card_number((unsigned)draw_below(&seed, cards)), who);
			break;
		case 5:
		case 6:
			ask(&w, "member.update",
				"'request':'%s','member':'%s','name':'Anna%u Bert%u','phone':%s06123456%02u%s,'email':'a%u@b.fr',"
				"'consent':{'email':%s}",
				request(), member[a], who, step, who % 5 ? "'" : "null,'birthday':'1980-01-",
				who % 5 ? who : 17, "'", who, who % 2 ? "true" : "false");
			break;
		default:
			ask(&w, "sale.commit",
				"'request':'%s','sale':'S-%d','card':'%s','lines':[{'sku':'p%u','amount':%u}],'payable':%u",
				request(), step, card_number((unsigned)draw_below(&seed, cards)), who, who * 10, who * 10);
		}
		if (step % 100 == 99) {
			wire_close(&w);
			shop_kill(s);
			if (step == 299)
				shop_sound(s);
			shop_start(s);
			connect_to(&w, s, DOOR_TRUST);
		}
	}
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("after an erasure no byte of the person is in any file", nothing_is_left, NULL),
		IN_SHOP("an erased member is nowhere to be had, and the ledger stays", erased_everywhere, NULL),
		IN_SHOP("after an erasure card, phone and e-mail are free for a new member", enrolled_anew, NULL),
		IN_SHOP("what comes late finds nobody, and names no card", late_data_finds_nobody, NULL),
		IN_SHOP("a key that came back is erased again before palierd serves", erased_again_at_start, NULL),
		IN_SHOP("an index that is behind an erasure follows it, with the key or without", erased_behind_the_index,
			NULL),
		IN_SHOP("a merge and the erasure of what came of it fit into one turn", erased_in_one_turn, NULL),
		IN_SHOP("training erases nothing", training_erases_nothing, NULL),
		IN_SHOP("erasing, merging and exporting take a supervisor, thawing a proof or one", only_supervisors, NULL),
		IN_SHOP("of two members that are one, everything is the one's", merged, NULL),
		IN_SHOP("merged again and again, all lead to the last, and go with it", merged_in_a_chain, NULL),
		IN_SHOP("an export shows all that is kept, unsealed", exported, NULL),
		IN_SHOP("an export comes in pages", exported_in_pages, NULL),
		IN_SHOP("whatever is enrolled, merged and erased, a rebuild gives the same", at_random, NULL),
	};

	return cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
