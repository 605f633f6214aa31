/* SPDX-License-Identifier: Apache-2.0 */
/* PINs and one-time codes over the wire: what is left of them on disk, what a restart keeps, and that a lock holds at all tills. */
#include <time.h>

#include "protocol/otp.h"
#include "tests/e2e/harness.h"

#define PIN   "271828182845"
#define OTHER "314159265358"

#define PAID(amount) "'lines':[{'sku':'a','amount':1000}],'payments':[{'kind':'unit','unit':'credit','amount':" #amount "}]"

static const char token[2][40] = { "the-first-cashier-token-of-some-length", "the-other-cashier-token-of-some-len" };

/* Two cashiers' tills and a member whose spending is locked. @param w the two, signed in; the third is a supervisor's */
static void open_tills(struct shop *s, struct wire *w, char *member)
{
	connect_to(&w[2], s, DOOR_TRUST);
	till_make(&w[2], "till-1", "cashier", token[0]);
	till_make(&w[2], "till-2", "cashier", token[1]);
	strcpy(member, field(ask_ok(&w[2], "member.enroll", "'request':'e-1','card':'2977000000010'"), "result.member"));
	ask_ok(&w[2], "member.freeze", "'request':'f-1','member':'%s'", member);
	sign_in(&w[0], s, "till-1", token[0]);
	sign_in(&w[1], s, "till-2", token[1]);
}

static void close_tills(struct wire *w)
{
	for (int i = 0; i < 3; i++)
		wire_close(&w[i]);
}

static void restart(struct shop *s, struct wire *w)
{
	close_tills(w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	sign_in(&w[0], s, "till-1", token[0]);
	sign_in(&w[1], s, "till-2", token[1]);
	connect_to(&w[2], s, DOOR_TRUST);
}

/* The code of the member's device, now or some steps later. */
static void code_of(struct wire *supervisor, const char *member, unsigned later, char *code)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const char *text = field(ask_ok(supervisor, "member.otp", "'member':'%s'", member), "result.secret");
	uint8_t secret[OTP_SECRET_LEN] = { 0 };

	assert_int_equal(strlen(text), OTP_BASE32_LEN(OTP_SECRET_LEN));
	for (unsigned bit = 0; bit < 8 * OTP_SECRET_LEN; bit++) {
		unsigned symbol = (unsigned)(strchr(alphabet, text[bit / 5]) - alphabet);

		secret[bit / 8] |= (uint8_t)((symbol >> (4 - bit % 5) & 1) << (7 - bit % 8));
	}
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step((int64_t)time(NULL) * 1000) + later,
		OTP_DIGITS, code);
}

static void assert_nowhere(const struct shop *s, const char *what)
{
	if (tree_holds(s->dir, what, strlen(what)) > 0)
		fail_msg("\"%s\" stands in a file", what);
}

static void nothing_is_written_down(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], code[OTP_DIGITS + 1], quoted[OTP_DIGITS + 3];

	open_tills(s, w, member);
	ask_ok(&w[0], "member.pin", "'request':'r-1','card':'2977000000010','pin':'" PIN "'");
	ask_refused(&w[0], "proof_wrong", "member.pin", "'request':'r-2','member':'%s','pin':'" OTHER "','old':'" OTHER "'",
		member);
	ask_ok(&w[0], "member.thaw", "'request':'r-3','member':'%s','proof':{'pin':'" PIN "'}", member);
	ask_ok(&w[0], "member.pin", "'request':'r-4','member':'%s','pin':'" OTHER "','old':'" PIN "'", member);
	code_of(&w[2], member, 0, code);
	ask_ok(&w[0], "member.thaw", "'request':'r-5','member':'%s','proof':{'otp':'%s'}", member, code);
	ask_ok(&w[0], "sale.commit",
		"'request':'r-6','sale':'S-1','member':'%s','lines':[{'sku':'a','amount':100}],'payable':100,"
		"'proof':{'pin':'" OTHER "'}",
		member);
	ask_refused(&w[0], "params_invalid", "member.pin", "'request':'r-7','member':'%s','pin':'" PIN "0'", member);
	snprintf(quoted, sizeof(quoted), "\"%s\"", code);
	for (int stopped = 0; stopped < 2; stopped++) {
		assert_nowhere(s, PIN);
		assert_nowhere(s, OTHER);
		assert_nowhere(s, quoted); /* six digits alone may stand anywhere */
		assert_nowhere(s, "\"otp\"");
		assert_nowhere(s, "\"proof\"");
		if (stopped == 0) {
			close_tills(w);
			assert_int_equal(shop_stop(s), 0);
		}
	}
	assert_true(tree_holds(s->dir, "member.pin_set", 14) > 0);
}

static void kept_over_a_restart(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], code[OTP_DIGITS + 1];

	open_tills(s, w, member);
	ask_ok(&w[0], "member.pin", "'request':'r-1','member':'%s','pin':'1234'", member);
	code_of(&w[2], member, 0, code);
	ask_ok(&w[0], "member.thaw", "'request':'r-2','member':'%s','proof':{'otp':'%s'}", member, code);
	ask_refused(&w[1], "proof_wrong", "member.thaw", "'request':'r-3','member':'%s','proof':{'otp':'%s'}", member, code);
	restart(s, w);
	ask_refused(&w[1], "proof_wrong", "member.thaw", "'request':'r-4','member':'%s','proof':{'otp':'%s'}", member, code);
	ask_refused(&w[1], "proof_wrong", "member.thaw", "'request':'r-5','member':'%s','proof':{'pin':'1235'}", member);
	ask_ok(&w[1], "member.thaw", "'request':'r-6','member':'%s','proof':{'pin':'1234'}", member);
	code_of(&w[2], member, 1, code);
	ask_ok(&w[1], "member.thaw", "'request':'r-7','member':'%s','proof':{'otp':'%s'}", member, code);
	/* Sent again it is answered again, whatever code comes with it. */
	assert_field(ask_ok(&w[1], "member.thaw", "'request':'r-7','member':'%s','proof':{'otp':'000000'}", member),
		"result.replayed", "true");
	close_tills(w);
}

static void locked_at_all_tills(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], other[32], code[OTP_DIGITS + 1], *reply;

	open_tills(s, w, member);
	strcpy(other, field(ask_ok(&w[2], "member.enroll", "'request':'e-2'"), "result.member"));
	for (int i = 0; i < 2; i++)
		ask_ok(&w[0], "member.pin", "'request':'p-%d','member':'%s','pin':'1234'", i, i ? other : member);
	for (int i = 0; i < 5; i++)
		reply = ask_refused(&w[i % 2], "proof_wrong", "member.thaw",
			"'request':'m-%d','member':'%s','proof':{'%s':'9999'}", i, member, i % 3 ? "pin" : "otp");
	assert_true(figure(reply, "error.data.retry_after_ms") > 0);
	for (int i = 0; i < 2; i++) {
		reply = ask_refused(&w[i], "proof_wrong", "member.thaw",
			"'request':'r-1','member':'%s','proof':{'pin':'1234'}", member);
		assert_true(figure(reply, "error.data.retry_after_ms") > 0);
		assert_true(figure(reply, "error.data.retry_after_ms") <= 15 * 60 * 1000);
		code_of(&w[2], member, 0, code);
		ask_refused(&w[i], "proof_wrong", "member.thaw", "'request':'r-2','member':'%s','proof':{'otp':'%s'}",
			member, code);
		ask_ok(&w[i], "member.thaw", "'request':'o-%d','member':'%s','proof':{'pin':'1234'}", i, other);
	}
	close_tills(w);
}

static void a_badge_passes(void **state)
{
	static const char badge[] = "a-supervisor-badge-of-some-length";
	struct shop *s = *state;
	struct wire w[3];
	char member[32];

	open_tills(s, w, member);
	till_make(&w[2], "boss", "supervisor", badge);
	ask_ok(&w[0], "member.pin", "'request':'p','member':'%s','pin':'1234'", member);
	for (int i = 0; i < 5; i++)
		ask_refused(&w[0], "proof_wrong", "member.thaw", "'request':'m-%d','member':'%s','proof':{'pin':'9999'}", i,
			member);
	ask_ok(&w[0], "member.thaw", "'request':'r-1','member':'%s','override':{'token':'%s'}", member, badge);
	ask_refused(&w[1], "proof_wrong", "member.thaw", "'request':'r-2','member':'%s','proof':{'pin':'1234'}", member);
	ask_ok(&w[0], "member.pin", "'request':'r-3','member':'%s','pin':'5678','override':{'token':'%s'}", member, badge);
	ask_ok(&w[1], "member.thaw", "'request':'r-4','member':'%s','proof':{'pin':'5678'}", member);
	ask_refused(&w[0], "forbidden", "member.otp", "'member':'%s'", member);
	close_tills(w);
}

/* What a basket would take is priced, dropped, and held: the code counts all the same. */
static void a_hold_uses_the_code_up(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], code[OTP_DIGITS + 1], hold[32];

	open_tills(s, w, member);
	ask_ok(&w[2], "member.thaw", "'request':'t-1','member':'%s'", member);
	ask_ok(&w[2], "balance.adjust", "'request':'a-1','member':'%s','unit':'credit','points':500,'reason':'begin'",
		member);
	code_of(&w[2], member, 0, code);
	snprintf(hold, sizeof(hold), "%s",
		field(ask_ok(&w[0], "sale.hold", "'request':'h-1','member':'%s'," PAID(100) ",'proof':{'otp':'%s'}", member,
			      code),
			"result.hold"));
	ask_refused(&w[1], "proof_wrong", "sale.hold", "'request':'h-2','member':'%s'," PAID(100) ",'proof':{'otp':'%s'}",
		member, code);
	ask_refused(&w[1], "proof_wrong", "sale.hold",
		"'request':'h-3','member':'%s','unit':'credit','points':1,'proof':{'otp':'%s'}", member, code);
	ask_ok(&w[1], "sale.commit", "'request':'c-1','sale':'S-1','member':'%s'," PAID(100) ",'payable':1000,'hold':'%s'",
		member, hold);
	close_tills(w);
}

static void assert_replayed(struct wire *w, const char *scan)
{
	assert_field(ask_ok(w, "sale.commit", "'request':'c-1','sale':'S-1','card':'%s'," PAID(100) ",'payable':1000", scan),
		"result.replayed", "true");
}

/* What the telephone shows is scanned where a card is: its code proves, once. */
static void a_virtual_card_proves(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], code[OTP_DIGITS + 1], scan[32], *reply;

	open_tills(s, w, member);
	ask_ok(&w[2], "member.thaw", "'request':'t-1','member':'%s'", member);
	ask_ok(&w[2], "balance.adjust", "'request':'a-1','member':'%s','unit':'credit','points':500,'reason':'begin'",
		member);
	ask_refused(&w[0], "proof_needed", "sale.commit",
		"'request':'c-0','sale':'S-1','card':'2977000000010'," PAID(100) ",'payable':1000");
	code_of(&w[2], member, 0, code);
	snprintf(scan, sizeof(scan), "2977000000010*%s", code);
	assert_field(ask_ok(&w[0], "card.lookup", "'card':'%s'", scan), "result.card.number", "2977000000010");
	ask_ok(&w[0], "sale.quote", "'card':'%s'," PAID(100), scan);
	ask_refused(&w[0], "proof_wrong", "sale.commit",
		"'request':'c-1','sale':'S-1','card':'2977000000010*%c%s'," PAID(100) ",'payable':1000",
		code[0] == '9' ? '0' : code[0] + 1, code + 1);
	ask_ok(&w[0], "sale.commit", "'request':'c-1','sale':'S-1','card':'%s'," PAID(100) ",'payable':1000", scan);
	ask_refused(&w[1], "proof_wrong", "sale.commit",
		"'request':'c-2','sale':'S-2','card':'%s'," PAID(100) ",'payable':1000", scan);
	/* A retry is the same request, whether the line is sent again, the card scanned again or its number typed. */
	assert_replayed(&w[0], scan);
	assert_replayed(&w[0], "2977000000010*000000");
	assert_replayed(&w[0], "2977000000010");
	/* What was sent as proof counts, and the scan's code then does not. */
	code_of(&w[2], member, 1, code);
	snprintf(scan, sizeof(scan), "2977000000010*%s", code);
	reply = ask_refused(&w[0], "proof_wrong", "sale.hold",
		"'request':'h-1','card':'%s'," PAID(100) ",'proof':{'otp':'12345'}", scan);
	assert_field(reply, "error.data.field", "proof.otp");
	ask_ok(&w[0], "sale.hold", "'request':'h-1','card':'2977000000010'," PAID(100) ",'proof':{'otp':'%s'}", code);
	/* Who earns alone proves nothing: an old picture of the card does. */
	ask_ok(&w[0], "sale.commit",
		"'request':'c-3','sale':'S-3','card':'%s','lines':[{'sku':'a','amount':100}],'payable':100", scan);
	close_tills(w);
}

static void a_virtual_cards_code_is_not_kept(void **state)
{
	struct shop *s = *state;
	struct wire w[3];
	char member[32], code[OTP_DIGITS + 1], behind[OTP_DIGITS + 2], *kept;

	open_tills(s, w, member);
	code_of(&w[2], member, 0, code);
	ask_ok(&w[2], "sale.commit",
		"'request':'c-1','sale':'S-1','card':'2977000000010*%s','lines':[{'sku':'a','amount':100,'kind':'topup','unit':"
		"'credit','card':'2977000000010*%s'}],'payable':100",
		code, code);
	/* Cards are sealed in the ledger; an export shows what is under the seal. */
	snprintf(behind, sizeof(behind), "*%s", code);
	kept = ask_ok(&w[2], "member.export", "'member':'%s'", member);
	assert_non_null(strstr(kept, "\"card\":\"2977000000010\""));
	assert_null(strchr(kept, '*'));
	close_tills(w);
	assert_int_equal(shop_stop(s), 0);
	assert_nowhere(s, behind);
}

int main(void)
{
	static const struct shop_options coded = { .points = "points { unit \"credit\" { kind = money  proof = otp } }\n" };
	const struct CMUnitTest tests[] = {
		IN_SHOP("no PIN and no code is in any file", nothing_is_written_down, NULL),
		IN_SHOP("a restart keeps the PIN, and which codes were used", kept_over_a_restart, NULL),
		IN_SHOP("misses lock a member at all tills, and nobody else", locked_at_all_tills, NULL),
		IN_SHOP("a supervisor's badge passes, and ends a lock with a new PIN", a_badge_passes, NULL),
		IN_SHOP("a hold uses a code up", a_hold_uses_the_code_up, &coded),
		IN_SHOP("a virtual card proves by its scan", a_virtual_card_proves, &coded),
		IN_SHOP("a virtual card's code is not kept", a_virtual_cards_code_is_not_kept, &coded),
	};

	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
