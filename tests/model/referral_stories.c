/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/model/referral_stories.h"

#include <stdio.h>
#include <string.h>

const struct r_story r_stories[] = {
	{ "the friend is paid with the purchase, the sponsor when the return window is over", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(29), R_HELD, 0, 100), DO(PASS(1), R_EARNED, 500, 100),
			END } },
	{ "under the minimum it is bought, and pays nobody", { RULES },
		{ CLAIMED, DO(BUY(1, 2499), R_PURCHASED, 0, 0), DO(BUY(1, 2499), R_PURCHASED, 0, 0),
			DO(PASS(31), R_PURCHASED, 0, 0), DO(BUY(1, 2500), R_HELD, 0, 100), END } },
	{ "the claim may come with the first sale", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 2500, .code = 1), R_HELD, 0, 100), END } },
	{ "but not with the second", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 100), NONE, 0, 0),
			NOT("not_a_new_customer", BUY(1, 2500, .code = 1), NONE, 0, 0), END } },
	{ "nor 30 days after enrolment", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0),
			NOT("not_a_new_customer", BUY(1, 100, .code = 1, .hours = 30 * DAY), NONE, 0, 0), END } },
	{ "29 days after it is well", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 100, .code = 1, .hours = 29 * DAY), R_PURCHASED, 0, 0),
			END } },
	{ "a claim needs a member", { RULES },
		{ BEGIN, NOT("params_invalid", BUY(R_NOBODY, 2500, .code = 1), NONE, 0, 0), END } },
	{ "nobody sponsors himself", { RULES }, { BEGIN, NOT("self_referral", BUY(0, 2500, .code = 1), NONE, 0, 0), END } },
	{ "a code ends", { RULES },
		{ BEGIN, NOT("code_expired", ENROLL(1, .code = 1, .hours = 366 * DAY), NONE, 0, 0),
			DO(CODE_OF(0), NONE, 0, 0), DO(ENROLL(1, .code = 2), R_CLAIMED, 0, 0), END } },
	{ "a code of nobody's", { RULES },
		{ NOT("code_malformed", ENROLL(1, .code = R_MALFORMED), NONE, 0, 0),
			NOT("code_unknown", ENROLL(1, .code = R_FORGED), NONE, 0, 0),
			DO(ENROLL(1, .code = R_FOREIGN), R_FLAGGED, 0, 0), END } },

	/* --- goods come back --- */
	{ "a return under the minimum while the sponsor waits: it is bought, and the friend's reward is taken back whole",
		{ RULES },
		{ CLAIMED, DO(BUY(1, 5000), R_HELD, 0, 100), DO(BACK(0, 50), R_HELD, 0, 100),
			DO(BACK(0, 1), R_PURCHASED, 0, 0), DO(PASS(31), R_PURCHASED, 0, 0), END } },
	{ "another purchase then brings all", { RULES },
		{ CLAIMED, DO(BUY(1, 5000), R_HELD, 0, 100), DO(BACK(0, 100), R_PURCHASED, 0, 0),
			DO(BUY(1, 2500, .hours = 10 * DAY), R_HELD, 0, 100), DO(PASS(29), R_HELD, 0, 100),
			DO(PASS(1), R_EARNED, 500, 100), END } },
	{ "after payment all is taken back of both, for good", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100), DO(BACK(0, 10), R_VOID, 0, 0),
			DO(BUY(1, 9000), R_VOID, 0, 0), END } },
	{ "what is due falls before the return that comes after it", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(BACK(0, 100, .hours = 30 * DAY), R_VOID, 0, 0), END } },
	{ "a return of another sale changes nothing", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(BUY(1, 3000), R_HELD, 0, 100),
			DO(BACK(1, 100), R_HELD, 0, 100), END } },
	{ "a return that is voided has not been", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(BACK(0, 100), R_PURCHASED, 0, 0),
			DO(ACT(R_UNRETURN, 0), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100), END } },

	/* --- voids --- */
	{ "a void of the sale puts back what was before", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ACT(R_UNDO, 0), R_CLAIMED, 0, 0), END } },
	{ "and where there was a purchase, that", { RULES },
		{ CLAIMED, DO(BUY(1, 100), R_PURCHASED, 0, 0), DO(BUY(1, 2500), R_HELD, 0, 100),
			DO(ACT(R_UNDO, 1), R_PURCHASED, 0, 0), DO(ACT(R_UNDO, 0), R_CLAIMED, 0, 0), END } },
	{ "rung up twice, the first one voided: the second counts", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(BUY(1, 2500), R_HELD, 0, 100),
			DO(ACT(R_UNDO, 0), R_HELD, 0, 100), END } },
	{ "a void frees the claim", { RULES },
		{ BEGIN, DO(ENROLL(1), NONE, 0, 0), DO(BUY(1, 2500, .code = 1), R_HELD, 0, 100),
			DO(ACT(R_UNDO, 0), NONE, 0, 0), DO(BUY(1, 2500, .code = 1), R_HELD, 0, 100), END } },

	/* --- a supervisor decides --- */
	{ "a household is flagged, and nobody is paid until it is accepted", { RULES },
		{ DO(ENROLL(0, .contact = 1), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0),
			DO(ENROLL(1, .code = 1, .contact = 1), R_FLAGGED, 0, 0), DO(BUY(1, 2500), R_FLAGGED, 0, 0),
			DO(PASS(31), R_FLAGGED, 0, 0), DO(ACT(R_REVIEW, 0, .value = 1), R_EARNED, 500, 100), END } },
	{ "accepted in time, the sponsor waits", { RULES },
		{ DO(ENROLL(0, .contact = 1), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0),
			DO(ENROLL(1, .code = 1, .contact = 1), R_FLAGGED, 0, 0), DO(BUY(1, 2500), R_FLAGGED, 0, 0),
			DO(ACT(R_REVIEW, 0, .value = 1), R_HELD, 0, 100), END } },
	{ "accepted after all came back, nobody is paid", { RULES },
		{ DO(ENROLL(0, .contact = 1), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0),
			DO(ENROLL(1, .code = 1, .contact = 1), R_FLAGGED, 0, 0), DO(BUY(1, 2500), R_FLAGGED, 0, 0),
			DO(BACK(0, 100), R_FLAGGED, 0, 0), DO(ACT(R_REVIEW, 0, .value = 1), R_PURCHASED, 0, 0), END } },
	{ "rejected, never", { RULES },
		{ DO(ENROLL(0, .contact = 1), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0),
			DO(ENROLL(1, .code = 1, .contact = 1), R_FLAGGED, 0, 0), DO(BUY(1, 2500), R_FLAGGED, 0, 0),
			DO(ACT(R_REVIEW, 0), R_VOID, 0, 0), DO(BUY(1, 2500), R_VOID, 0, 0),
			NOT("referral_unknown", ACT(R_REVIEW, 0, .value = 1), R_VOID, 0, 0), END } },
	{ "a circle is flagged", { RULES },
		{ CLAIMED, DO(CODE_OF(1), R_CLAIMED, 0, 0), DO(BUY(0, 2500, .code = 2), R_FLAGGED, 0, 0), END } },

	/* --- people --- */
	{ "sponsor and friend are one: void, and nothing is kept", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ACT(R_MERGE, 0, .who = 1, .other = 0), R_VOID, 0, 0),
			END } },
	{ "also after both were paid", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100),
			DO(ACT(R_MERGE, 0, .who = 1, .other = 0), R_VOID, 0, 0), END } },
	{ "the friend under another number is the same friend", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ENROLL(2), R_HELD, 0, 100),
			DO(ACT(R_MERGE, 0, .who = 1, .other = 2), R_HELD, 0, 0), DO(PASS(30), R_EARNED, 500, 0),
			DO(BACK(0, 100), R_VOID, 0, 0), END } },
	{ "a customer of old with a new card: void, and nothing is kept", { RULES },
		{ DO(ENROLL(2), NONE, 0, 0), DO(BUY(2, 2500), NONE, 0, 0), DO(PASS(1), NONE, 0, 0), CLAIMED,
			DO(BUY(1, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100),
			DO(ACT(R_MERGE, 0, .who = 2, .other = 1), R_VOID, 0, 0), END } },
	{ "whichever of the two numbers stays", { RULES },
		{ DO(ENROLL(2), NONE, 0, 0), DO(BUY(2, 2500), NONE, 0, 0), DO(PASS(1), NONE, 0, 0), CLAIMED,
			DO(BUY(1, 2500), R_HELD, 0, 100), DO(ACT(R_MERGE, 0, .who = 1, .other = 2), R_VOID, 0, 0), END } },
	{ "enrolled long before, though nothing was bought, is not new either", { RULES },
		{ DO(ENROLL(2), NONE, 0, 0), DO(PASS(31), NONE, 0, 0), CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100),
			DO(ACT(R_MERGE, 0, .who = 2, .other = 1), R_VOID, 0, 0), END } },
	{ "what the other number buys later takes nothing away", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ENROLL(2), R_HELD, 0, 100), DO(BUY(2, 2500), R_HELD, 0, 100),
			DO(ACT(R_MERGE, 0, .who = 2, .other = 1), R_HELD, 0, 100), END } },
	{ "an erased sponsor is paid nothing", { RULES },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ACT(R_ERASE, 0, .who = 0), R_HELD, 0, 100),
			DO(PASS(30), R_EARNED, 0, 100), END } },
	{ "over the cap the friend is still paid", { RULES, .cap = 1 },
		{ CLAIMED, DO(BUY(1, 2500), R_HELD, 0, 100), DO(ENROLL(2, .code = 1), R_CLAIMED, 0, 100),
			DO(BUY(2, 2500), R_HELD, 0, 100), DO(PASS(30), R_EARNED, 500, 100), END } },
	{ "a sale that is taken on later counts, less what came back", { RULES },
		{ CLAIMED, DO(BUY(R_NOBODY, 2500), R_CLAIMED, 0, 0), DO(BUY(R_NOBODY, 2500), R_CLAIMED, 0, 0),
			DO(BACK(0, 10), R_CLAIMED, 0, 0), DO(ACT(R_TAKE_ON, 0, .who = 1), R_PURCHASED, 0, 0),
			DO(ACT(R_TAKE_ON, 1, .who = 1), R_HELD, 0, 100), END } },
};

const int r_story_count = sizeof(r_stories) / sizeof(*r_stories);

static int last_state(const struct referrals *m)
{
	int i = m->referral_count - 1;

	while (i >= 0 && m->referrals[i].gone)
		i--;
	return i >= 0 ? (int)m->referrals[i].state : NONE;
}

static bool same_reason(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool r_as_told(const struct referrals *m, const struct r_deed *d, const struct r_told *t, char *why, size_t size)
{
	const int64_t sponsor = m->members[0].balance[1], friend = m->members[1].balance[1];

	if (!d->idle && same_reason(d->reason, t->reason) && last_state(m) == t->state && sponsor == t->sponsor &&
		friend == t->friend)
		return true;
	snprintf(why, size, "%s, state %d, %lld and %lld",
		d->idle     ? "idle"
		: d->reason ? d->reason
			    : "done",
		last_state(m), (long long)sponsor, (long long)friend);
	return false;
}
