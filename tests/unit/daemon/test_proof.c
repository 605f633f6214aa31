/* SPDX-License-Identifier: Apache-2.0 */
/* Proof that the customer is there: who may set a PIN, what a PIN or a code proves, when both are locked, and what is left of them. */
#include "daemon/misses.h"
#include "protocol/otp.h"
#include "tests/unit/daemon/shop.h"

#define MINUTE_MS INT64_C(60000)

/* --- a plugin that wants proof of every sale to a member ------------------------------------------------------------ */

static struct {
	enum palier_proof kind;
	unsigned times; /* it asks so often */
} asker;

static int asker_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	int err = PALIER_OK;

	/* Also after a refusal, as no plugin should. */
	for (unsigned i = 0; i < asker.times && s->has_member; i++)
		err = palier_proven(c, s->member, asker.kind);
	return err;
}

static const struct palier_plugin asker_plugin = { .abi = PALIER_PLUGIN_ABI, .name = "asker", .on_sale = asker_on_sale };

/* --- a shop with a member and a cashier at the till ----------------------------------------------------------------- */

/* ' is written for ". */
static void say_plain(struct shop *s, const char *method, const char *params)
{
	char line[1024];
	size_t n =
		(size_t)snprintf(line, sizeof(line), "{'jsonrpc':'2.0','id':1,'method':'%s','params':{%s}}", method, params);

	assert_true(n < sizeof(line));
	for (size_t i = 0; i < n; i++)
		line[i] = line[i] == '\'' ? '"' : line[i];
	s->reply.len = 0;
	router_line(s->router, &s->session, palier_bytes_of(line, n), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	assert_int_equal(ledger_sync(s->ledger), PALIER_OK);
	assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
}

/* The same about the member. */
static void say(struct shop *s, const char *method, const char *params)
{
	char more[768];

	snprintf(more, sizeof(more), "%s%s'member':'%s'", params, params[0] ? "," : "", s->member);
	say_plain(s, method, more);
}

static void assert_said(const struct shop *s, const char *reason, const char *what)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), reason ? "\"reason\":\"%s\"" : "\"result\":", reason);
	if (!strstr(s->reply.at, wanted))
		fail_msg("%s: not %s but %s", what, reason ? reason : "accepted", s->reply.at);
}

/* @param reason NULL: it is accepted */
static void tell(struct shop *s, const char *reason, const char *method, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void tell(struct shop *s, const char *reason, const char *method, const char *format, ...)
{
	char params[512];
	va_list args;
	int n = snprintf(params, sizeof(params), "'request':'r-%u',", s->requests++);

	va_start(args, format);
	vsnprintf(params + n, sizeof(params) - (size_t)n, format, args);
	va_end(args);
	say(s, method, params);
	assert_said(s, reason, params);
}

static void sell(struct shop *s, const char *reason, const char *proof)
{
	tell(s, reason, "sale.commit", "'sale':'S-%u','lines':[{'sku':'a','amount':100}],'payable':100%s%s%s", s->requests,
		proof[0] ? ",'proof':{" : "", proof, proof[0] ? "}" : "");
}

static void sell_pin(struct shop *s, const char *reason, const char *pin)
{
	char proof[32];

	snprintf(proof, sizeof(proof), "'pin':'%s'", pin);
	sell(s, reason, proof);
}

static void as(struct shop *s, enum role role)
{
	s->session.role = role;
}

static void enroll(struct shop *s)
{
	char params[32];

	snprintf(params, sizeof(params), "'request':'e-%u'", s->requests++);
	say_plain(s, "member.enroll", params);
	assert_said(s, NULL, params);
	memcpy(s->member, strstr(s->reply.at, "\"m_") + 1, PALIER_ID_TEXT);
}

static int make(void **state)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &asker_plugin, NULL };
	struct shop *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	shop_found(s, list, "");
	shop_open(s);
	as(s, ROLE_CASHIER);
	enroll(s);
	asker.kind = PALIER_PROOF_PIN;
	asker.times = 1;
	*state = s;
	return 0;
}

static int unmake(void **state)
{
	struct shop *s = *state;

	assert_folds(s);
	shop_remove(s);
	free(s);
	return 0;
}

static void again(struct shop *s)
{
	shop_close(s);
	shop_open(s);
	as(s, ROLE_CASHIER);
}

/* How many rows are kept of proofs. */
static unsigned rows(struct shop *s)
{
	static const struct palier_key all;
	struct palier_cursor *cursor = palier_seek(&s->ledger->fold.tables[0], T_PROOF, &all);
	struct palier_bytes key, value;
	unsigned n = 0;

	while (palier_next(cursor, &key, &value) == PALIER_OK)
		n++;
	return n;
}

static int64_t wait_said(const struct shop *s)
{
	const char *at = strstr(s->reply.at, "\"retry_after_ms\":");

	return at ? strtoll(at + strlen("\"retry_after_ms\":"), NULL, 10) : 0;
}

/* --- codes, as the customer's device makes them --------------------------------------------------------------------- */

static void secret_of(struct shop *s, uint8_t secret[OTP_SECRET_LEN])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	enum role before = s->session.role;
	const char *at;
	uint64_t held = 0;

	as(s, ROLE_SUPERVISOR);
	say(s, "member.otp", "");
	as(s, before);
	assert_said(s, NULL, "member.otp");
	at = strstr(s->reply.at, "\"secret\":\"") + strlen("\"secret\":\"");
	assert_int_equal(strcspn(at, "\""), OTP_BASE32_LEN(OTP_SECRET_LEN));
	for (unsigned i = 0; i < OTP_BASE32_LEN(OTP_SECRET_LEN); i++) {
		held = held << 5 | (uint64_t)(strchr(alphabet, at[i]) - alphabet);
		if (i % 8 < 7)
			continue;
		for (unsigned byte = 0; byte < 5; byte++)
			secret[i / 8 * 5 + byte] = (uint8_t)(held >> (32 - 8 * byte));
	}
}

/* @param steps from now */
static void sell_code(struct shop *s, const char *reason, int steps)
{
	uint8_t secret[OTP_SECRET_LEN];
	char proof[32] = "'otp':'";

	secret_of(s, secret);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms) + (uint64_t)steps, OTP_DIGITS,
		proof + strlen(proof));
	strcat(proof, "'");
	sell(s, reason, proof);
}

/* --- a PIN is set and changed --------------------------------------------------------------------------------------- */

static const struct pin_case {
	const char *name, *pin;
	bool good;
} pins[] = {
	{ "three digits are no PIN", "123", false },
	{ "four digits are a PIN", "0123", true },
	{ "twelve digits are a PIN", "123456789012", true },
	{ "thirteen digits are no PIN", "1234567890123", false },
	{ "letters are no PIN", "12a4", false },
	{ "a space is no digit", "12 4", false },
	{ "digits of other scripts are none", "٠١", false },
	{ "an empty PIN is none", "", false },
};

static void pin_is_judged(void **state)
{
	const struct pin_case *row = *state;
	void *own;

	make(&own);
	tell(own, row->good ? NULL : "params_invalid", "member.pin", "'pin':'%s'", row->pin);
	if (row->good)
		sell_pin(own, NULL, row->pin);
	assert_int_equal(rows(own), row->good);
	unmake(&own);
}

static void the_first_pin_needs_no_other(void **state)
{
	struct shop *s = *state;

	sell(s, "proof_needed", "");
	sell_pin(s, "proof_wrong", "1234");
	tell(s, NULL, "member.pin", "'pin':'1234'");
	sell(s, "proof_needed", "");
	sell_pin(s, "proof_wrong", "1235");
	sell_pin(s, "proof_wrong", "12345");
	sell_pin(s, NULL, "1234");
	again(s);
	sell_pin(s, "proof_wrong", "1235");
	sell_pin(s, NULL, "1234");
}

static void a_pin_is_changed_by_who_knows_it(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	tell(s, "proof_needed", "member.pin", "'pin':'5678'");
	tell(s, "proof_wrong", "member.pin", "'pin':'5678','old':'5678'");
	sell_pin(s, NULL, "1234");
	tell(s, NULL, "member.pin", "'pin':'5678','old':'1234'");
	sell_pin(s, "proof_wrong", "1234");
	sell_pin(s, NULL, "5678");
	as(s, ROLE_SUPERVISOR);
	tell(s, NULL, "member.pin", "'pin':'9999'");
	as(s, ROLE_CASHIER);
	sell_pin(s, NULL, "9999");
	assert_int_equal(rows(s), 1);
}

static void training_sets_no_pin(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'training':true,'pin':'1234'");
	sell_pin(s, "proof_wrong", "1234");
	assert_int_equal(rows(s), 0);
}

/* A conflict would tell whoever guesses, and a hash by which to see one would outlive the member's key. */
static void a_pin_sent_again_is_the_first(void **state)
{
	struct shop *s = *state;

	say(s, "member.pin", "'request':'p','pin':'1234'");
	assert_said(s, NULL, "the first");
	say(s, "member.pin", "'request':'p','pin':'1234'");
	assert_non_null(strstr(s->reply.at, "\"replayed\":true"));
	say(s, "member.pin", "'request':'p','pin':'5678','old':'8765'");
	assert_non_null(strstr(s->reply.at, "\"replayed\":true"));
	sell_pin(s, "proof_wrong", "5678");
	sell_pin(s, NULL, "1234");
}

/* --- what proves ---------------------------------------------------------------------------------------------------- */

static void nothing_is_asked(void **state)
{
	struct shop *s = *state;

	asker.kind = PALIER_PROOF_NONE;
	sell(s, NULL, "");
	sell_pin(s, NULL, "9999");
	asker.kind = PALIER_PROOF_OTP;
	say(s, "sale.quote", "'lines':[{'sku':'a','amount':100}]");
	assert_said(s, NULL, "a quote");
}

static void a_supervisor_vouches(void **state)
{
	struct shop *s = *state;

	asker.kind = PALIER_PROOF_OTP;
	as(s, ROLE_SUPERVISOR);
	sell(s, NULL, "");
	sell_pin(s, NULL, "9999");
	sell(s, "params_invalid", "'pin':'1234','otp':'123456'");
}

static void a_code_proves_both(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	sell_code(s, NULL, 0);
	s->now_ms += 2 * OTP_STEP_MS;
	asker.kind = PALIER_PROOF_OTP;
	for (int i = 0; i < 2 * MISSES_MOST; i++)
		sell_pin(s, "proof_needed", i % 2 ? "1234" : "1235");
	sell_code(s, NULL, 0);
	sell(s, "params_invalid", "'pin':'1234','otp':'123456'");
	sell(s, "proof_needed", "'pin':'1234'");
}

static void a_code_counts_around_its_time(void **state)
{
	static const struct {
		int steps;
		const char *reason;
	} tries[] = { { -2, "proof_wrong" }, { 2, "proof_wrong" }, { -1, NULL }, { -1, "proof_wrong" }, { 1, NULL },
		{ 0, "proof_wrong" }, { 1, "proof_wrong" } };
	struct shop *s = *state;

	for (size_t i = 0; i < COUNT(tries); i++)
		sell_code(s, tries[i].reason, tries[i].steps);
	/* The steps go on; those used are not good again after a restart either. */
	again(s);
	sell_code(s, "proof_wrong", 1);
	s->now_ms += OTP_STEP_MS;
	sell_code(s, "proof_wrong", 0);
	sell_code(s, NULL, 1);
}

static void a_code_is_judged_by_its_arrival(void **state)
{
	static const char late[] =
		"'at':'2026-11-21T11:56:00Z','sale':'S-%u','lines':[{'sku':'a','amount':100}],'payable':100,"
		"'proof':{'otp':'%s'}";
	struct shop *s = *state;
	uint8_t secret[OTP_SECRET_LEN];
	char then[OTP_DIGITS + 1], now[OTP_DIGITS + 1];

	secret_of(s, secret);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms - 4 * MINUTE_MS), OTP_DIGITS,
		then);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms), OTP_DIGITS, now);
	tell(s, "proof_wrong", "sale.commit", late, 1u, then);
	tell(s, NULL, "sale.commit", late, 2u, now);
}

static void a_refused_command_uses_no_code(void **state)
{
	struct shop *s = *state;
	uint8_t secret[OTP_SECRET_LEN];
	char code[OTP_DIGITS + 1];

	secret_of(s, secret);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms), OTP_DIGITS, code);
	tell(s, "total_mismatch", "sale.commit",
		"'sale':'A','lines':[{'sku':'a','amount':100}],'payable':99,'proof':{'otp':'%s'}", code);
	tell(s, NULL, "sale.commit",
		"'training':true,'sale':'A','lines':[{'sku':'a','amount':100}],'payable':100,'proof':{'otp':'%s'}", code);
	assert_int_equal(rows(s), 0);
	tell(s, NULL, "sale.commit", "'sale':'A','lines':[{'sku':'a','amount':100}],'payable':100,'proof':{'otp':'%s'}",
		code);
	tell(s, "proof_wrong", "sale.commit",
		"'sale':'B','lines':[{'sku':'a','amount':100}],'payable':100,'proof':{'otp':'%s'}", code);
}

static void asked_often_looked_at_once(void **state)
{
	struct shop *s = *state;

	asker.times = 3;
	tell(s, NULL, "member.pin", "'pin':'1234'");
	sell_code(s, NULL, 0);
	sell_pin(s, NULL, "1234");
	for (int i = 0; i < MISSES_MOST - 1; i++)
		sell_pin(s, "proof_wrong", "1235");
	assert_int_equal(wait_said(s), 0);
	sell_pin(s, NULL, "1234");
}

/* What is priced for a hold is dropped again, and the code is used all the same. */
static void a_hold_uses_a_code(void **state)
{
	struct shop *s = *state;
	uint8_t secret[OTP_SECRET_LEN];
	char code[OTP_DIGITS + 1];

	secret_of(s, secret);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms), OTP_DIGITS, code);
	tell(s, "proof_needed", "sale.hold", "'lines':[{'sku':'a','amount':100}]");
	tell(s, NULL, "sale.hold", "'lines':[{'sku':'a','amount':100}],'proof':{'otp':'%s'}", code);
	assert_int_equal(rows(s), 1);
	tell(s, "proof_wrong", "sale.hold", "'lines':[{'sku':'a','amount':100}],'proof':{'otp':'%s'}", code);
}

/* --- thawing -------------------------------------------------------------------------------------------------------- */

static void proof_thaws(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	tell(s, NULL, "member.freeze", "'operator':'07'");
	assert_non_null(strstr(s->reply.at, "\"frozen\":true"));
	tell(s, "proof_needed", "member.thaw", "'operator':'07'");
	tell(s, "proof_wrong", "member.thaw", "'proof':{'pin':'1235'}");
	tell(s, NULL, "member.thaw", "'proof':{'pin':'1234'}");
	assert_null(strstr(s->reply.at, "\"frozen\":true"));
}

/* --- misses --------------------------------------------------------------------------------------------------------- */

static void miss(struct shop *s, int times)
{
	while (times-- > 0)
		sell_pin(s, "proof_wrong", "0000");
}

static void five_misses_lock(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	miss(s, MISSES_MOST - 1);
	assert_int_equal(wait_said(s), 0);
	sell_pin(s, NULL, "1234"); /* clears */
	miss(s, MISSES_MOST - 1);
	sell_pin(s, NULL, "1234");
	miss(s, MISSES_MOST);
	assert_int_equal(wait_said(s), MISSES_LOCK_MS);
	s->now_ms += 5 * MINUTE_MS;
	s->session.till[0] = 'x'; /* at another till */
	sell_pin(s, "proof_wrong", "1234");
	assert_int_equal(wait_said(s), 10 * MINUTE_MS);
	sell_code(s, "proof_wrong", 0);
	tell(s, "proof_wrong", "member.pin", "'pin':'5678','old':'1234'");
	tell(s, "proof_wrong", "member.thaw", "'proof':{'pin':'1234'}");
	s->now_ms += 10 * MINUTE_MS - 1;
	sell_pin(s, "proof_wrong", "1234");
	assert_int_equal(wait_said(s), 1);
	s->now_ms++;
	miss(s, 1); /* counted from one again */
	assert_int_equal(wait_said(s), 0);
	sell_pin(s, NULL, "1234");
	sell_code(s, NULL, 0);
}

static void all_kinds_of_misses_count_together(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	miss(s, 1);
	sell(s, "proof_wrong", "'otp':'12345'");
	tell(s, "proof_wrong", "member.pin", "'pin':'5678','old':'0000'");
	tell(s, "proof_wrong", "member.thaw", "'proof':{'otp':'x'}");
	tell(s, "proof_wrong", "sale.commit",
		"'training':true,'sale':'A','lines':[{'sku':'a','amount':100}],'payable':100,'proof':{'pin':'0000'}");
	assert_int_equal(wait_said(s), MISSES_LOCK_MS);
	sell_pin(s, "proof_wrong", "1234");
}

static void training_clears_no_misses(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	miss(s, MISSES_MOST - 1);
	tell(s, NULL, "sale.commit",
		"'training':true,'sale':'A','lines':[{'sku':'a','amount':100}],'payable':100,'proof':{'pin':'1234'}");
	as(s, ROLE_SUPERVISOR);
	tell(s, NULL, "member.pin", "'training':true,'pin':'5678'");
	as(s, ROLE_CASHIER);
	miss(s, 1);
	assert_int_equal(wait_said(s), MISSES_LOCK_MS);
}

static void a_supervisor_ends_a_lock_with_a_new_pin(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	miss(s, MISSES_MOST);
	as(s, ROLE_SUPERVISOR);
	sell(s, NULL, "");
	as(s, ROLE_CASHIER);
	sell_pin(s, "proof_wrong", "1234");
	as(s, ROLE_SUPERVISOR);
	tell(s, NULL, "member.pin", "'pin':'5678'");
	as(s, ROLE_CASHIER);
	sell_pin(s, NULL, "5678");
}

static void one_members_misses_are_not_anothers(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	miss(s, MISSES_MOST);
	enroll(s);
	tell(s, NULL, "member.pin", "'pin':'1234'");
	sell_pin(s, NULL, "1234");
}

/* --- offline -------------------------------------------------------------------------------------------------------- */

static unsigned alerts_of(struct shop *s, const char *kind)
{
	char wanted[64];
	unsigned n = 0;

	as(s, ROLE_SUPERVISOR);
	say_plain(s, "system.alerts", "");
	as(s, ROLE_CASHIER);
	snprintf(wanted, sizeof(wanted), "\"kind\":\"%s\"", kind);
	for (const char *at = s->reply.at; (at = strstr(at, wanted)); at++)
		n++;
	return n;
}

/* Priced twice, where payable is not what it comes to: what the first pricing found is not lost with it. */
static void sell_offline(struct shop *s, const char *proof)
{
	tell(s, NULL, "sale.commit",
		"'offline':true,'sale':'S-%u','lines':[{'sku':'a','amount':100}],'payable':%u,'proof':{%s}", s->requests,
		100 + s->requests % 2, proof);
}

static void what_has_happened_is_booked(void **state)
{
	struct shop *s = *state;
	uint8_t secret[OTP_SECRET_LEN];
	char proof[32] = "'otp':'";

	asker.times = 2;
	tell(s, NULL, "member.pin", "'pin':'1234'");
	for (unsigned i = 1; i <= 2 * MISSES_MOST; i++) {
		sell_offline(s, "'pin':'0000'");
		assert_int_equal(alerts_of(s, "proof_wrong"), i);
		sell_offline(s, "");
		assert_int_equal(alerts_of(s, "proof_needed"), i);
		s->requests += i % 2; /* so that either is priced once and twice */
	}
	assert_non_null(strstr(s->reply.at, "\"sale\":\"S-"));
	sell_offline(s, "'pin':'1234'");
	secret_of(s, secret);
	otp_code(CRYPTO_SHA1, palier_bytes_of(secret, sizeof(secret)), otp_step(s->now_ms), OTP_DIGITS,
		proof + strlen(proof));
	strcat(proof, "'");
	s->requests |= 1;
	sell_offline(s, proof);
	assert_int_equal(rows(s), 2);
	assert_int_equal(alerts_of(s, "proof_wrong"), 2 * MISSES_MOST);
	sell_offline(s, proof);
	assert_int_equal(alerts_of(s, "proof_wrong"), 2 * MISSES_MOST + 1);
	assert_int_equal(alerts_of(s, "proof_needed"), 2 * MISSES_MOST);
	sell_pin(s, NULL, "1234"); /* nothing was counted */
}

/* --- what is left of a proof ---------------------------------------------------------------------------------------- */

/* The other one becomes the member. */
static void merge(struct shop *s, const char *from)
{
	char params[128];

	snprintf(params, sizeof(params), "'request':'m-%u','from':'%s','into':'%s'", s->requests++, from, s->member);
	as(s, ROLE_SUPERVISOR);
	say_plain(s, "member.merge", params);
	as(s, ROLE_CASHIER);
	assert_said(s, NULL, params);
}

static void of_two_the_ones_pin_stays(void **state)
{
	struct shop *s = *state;
	char from[PALIER_ID_TEXT + 1];

	tell(s, NULL, "member.pin", "'pin':'1111'");
	sell_code(s, NULL, 0);
	strcpy(from, s->member);
	enroll(s);
	tell(s, NULL, "member.pin", "'pin':'2222'");
	assert_int_equal(rows(s), 3);
	merge(s, from);
	assert_int_equal(rows(s), 1);
	sell_pin(s, "proof_wrong", "1111");
	sell_pin(s, NULL, "2222");
	/* By either id it is the one's. */
	strcpy(s->member, from);
	sell_pin(s, NULL, "2222");
	sell_code(s, NULL, 0);
}

static void a_pin_does_not_go_over(void **state)
{
	struct shop *s = *state;
	char from[PALIER_ID_TEXT + 1];

	tell(s, NULL, "member.pin", "'pin':'1111'");
	strcpy(from, s->member);
	enroll(s);
	merge(s, from);
	assert_int_equal(rows(s), 0);
	sell_pin(s, "proof_wrong", "1111");
	tell(s, NULL, "member.pin", "'pin':'3333'");
	sell_pin(s, NULL, "3333");
}

static void an_erasure_takes_it_along(void **state)
{
	struct shop *s = *state;

	tell(s, NULL, "member.pin", "'pin':'1234'");
	sell_code(s, NULL, 0);
	assert_int_equal(rows(s), 2);
	as(s, ROLE_SUPERVISOR);
	tell(s, NULL, "member.erase", "'operator':'07'");
	assert_int_equal(rows(s), 0);
	tell(s, "member_erased", "member.pin", "'pin':'1234'");
	say(s, "member.otp", "");
	assert_said(s, "member_erased", "member.otp");
}

static void an_export_says_that_there_is_one(void **state)
{
	struct shop *s = *state;

	as(s, ROLE_SUPERVISOR);
	say(s, "member.export", "");
	assert_null(strstr(s->reply.at, "\"pin\":true"));
	tell(s, NULL, "member.pin", "'pin':'271828'");
	say(s, "member.export", "");
	assert_non_null(strstr(s->reply.at, "\"pin\":true"));
	assert_non_null(strstr(s->reply.at, "\"kind\":\"member.pin_set\""));
	assert_null(strstr(s->reply.at, "271828"));
	assert_null(strstr(s->reply.at, "\"hash\""));
}

/* --- secrets -------------------------------------------------------------------------------------------------------- */

static void a_secret_is_the_members_own(void **state)
{
	struct shop *s = *state;
	uint8_t one[OTP_SECRET_LEN], same[OTP_SECRET_LEN], other[OTP_SECRET_LEN];
	char uri[128];

	secret_of(s, one);
	snprintf(uri, sizeof(uri), "\"uri\":\"otpauth://totp/Comptoir:%s?secret=", s->member);
	assert_non_null(strstr(s->reply.at, uri));
	assert_non_null(strstr(s->reply.at, "&issuer=Comptoir\""));
	again(s);
	secret_of(s, same);
	assert_memory_equal(one, same, sizeof(one));
	enroll(s);
	secret_of(s, other);
	assert_memory_not_equal(one, other, sizeof(one));
	say(s, "member.otp", "");
	assert_said(s, "forbidden", "to a cashier");
}

/* --- the table of misses -------------------------------------------------------------------------------------------- */

static struct palier_id member_of(unsigned n)
{
	return (struct palier_id){ { (uint8_t)(n >> 8), (uint8_t)n } };
}

static void lock(struct misses *m, unsigned member, int64_t now_ms)
{
	for (int i = 0; i < MISSES_MOST; i++)
		misses_add(m, member_of(member), now_ms);
}

static void the_oldest_miss_is_forgotten(void **state)
{
	struct misses *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < MISSES_MEMBERS; i++)
		lock(m, i, NOON + (i == 7 ? -1 : (int64_t)i));
	for (unsigned i = 0; i < MISSES_MEMBERS; i++)
		assert_true(misses_wait(m, member_of(i), NOON + MISSES_MEMBERS) > 0);
	misses_add(m, member_of(MISSES_MEMBERS), NOON + MISSES_MEMBERS);
	for (unsigned i = 0; i <= MISSES_MEMBERS; i++)
		assert_int_equal(misses_wait(m, member_of(i), NOON + MISSES_MEMBERS) > 0, i != 7 && i != MISSES_MEMBERS);
	free(m);
}

static void a_lock_outlasts_no_clock(void **state)
{
	struct misses *m = calloc(1, sizeof(*m));

	(void)state;
	assert_non_null(m);
	lock(m, 1, NOON);
	assert_int_equal(misses_wait(m, member_of(1), NOON - DAY_MS), MISSES_LOCK_MS);
	assert_int_equal(misses_wait(m, member_of(1), NOON - DAY_MS + 1), MISSES_LOCK_MS - 1);
	assert_int_equal(misses_wait(m, member_of(1), NOON - DAY_MS + MISSES_LOCK_MS), 0);
	assert_int_equal(m->used, 0);
	misses_clear(m, member_of(1));
	assert_int_equal(m->used, 0);
	free(m);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, make, unmake, NULL }
		TEST("the first PIN needs no other", the_first_pin_needs_no_other),
		TEST("a PIN is changed by who knows it, or by a supervisor", a_pin_is_changed_by_who_knows_it),
		TEST("training sets no PIN", training_sets_no_pin),
		TEST("a PIN sent again is the first", a_pin_sent_again_is_the_first),
		TEST("where nothing is asked for, and in a quote, none is needed", nothing_is_asked),
		TEST("a supervisor vouches", a_supervisor_vouches),
		TEST("a code proves where a PIN does, and a PIN not where a code is wanted", a_code_proves_both),
		TEST("a code counts around its time, and once", a_code_counts_around_its_time),
		TEST("a code is judged by when it arrives", a_code_is_judged_by_its_arrival),
		TEST("a refused command and one in training use no code", a_refused_command_uses_no_code),
		TEST("however often it is asked, a proof is looked at once", asked_often_looked_at_once),
		TEST("a hold uses a code", a_hold_uses_a_code),
		TEST("a proof thaws", proof_thaws),
		TEST("five misses lock for a quarter of an hour, at all tills", five_misses_lock),
		TEST("misses of all kinds count together", all_kinds_of_misses_count_together),
		TEST("training clears no misses", training_clears_no_misses),
		TEST("a supervisor's new PIN ends a lock", a_supervisor_ends_a_lock_with_a_new_pin),
		TEST("one member's misses are not another's", one_members_misses_are_not_anothers),
		TEST("what has happened is booked, with one alert, and counts no miss", what_has_happened_is_booked),
		TEST("of two that are one, the one's PIN and codes stay", of_two_the_ones_pin_stays),
		TEST("a PIN does not go over to who had none", a_pin_does_not_go_over),
		TEST("an erasure takes PIN and codes along", an_erasure_takes_it_along),
		TEST("an export says that there is a PIN, and no more", an_export_says_that_there_is_one),
		TEST("the secret of the codes is the member's own, for good", a_secret_is_the_members_own),
		{ "when the table is full, the oldest miss is forgotten", the_oldest_miss_is_forgotten, NULL, NULL, NULL },
		{ "a clock set back makes no lock longer", a_lock_outlasts_no_clock, NULL, NULL, NULL },
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(pins)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(pins); i++)
		tests[n++] = (struct CMUnitTest){ pins[i].name, pin_is_judged, NULL, NULL, (void *)(uintptr_t)&pins[i] };
	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
