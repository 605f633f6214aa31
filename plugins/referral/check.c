/* SPDX-License-Identifier: Apache-2.0 */
/* Do the tables agree with themselves? All that leads to a referral follows from its row. */
#include "plugins/referral/internal.h"

/* How many rows there should be. */
struct expected {
	uint64_t sides, dues, flagged, claims, paid;
};

static void expect(const struct referral *r, struct expected *sum)
{
	sum->sides += 1u + r->has_sponsor;
	sum->dues += r->phase == PHASE_HELD && !r->flagged;
	sum->flagged += r->flagged;
	sum->claims++;
	sum->paid += r->has_sponsor && r->paid;
}

static int rows_count(const struct palier_tables *t, unsigned table, uint64_t *out)
{
	static const struct palier_key all;
	struct palier_cursor *cur = palier_seek(t, table, &all);
	struct palier_bytes key, value;
	uint64_t count = 0;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK)
		count++;
	*out = count;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- each referral, and what leads to it --- */

static int rows_check(const struct palier_tables *t, struct expected *sum, bool *same)
{
	static const struct palier_key all;
	struct palier_cursor *cur = palier_seek(t, T_REFERRAL, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct referral r;
		bool led;

		err = referral_get(t, palier_cut_uint(&cut, 8), &r);
		if (err == PALIER_OK)
			err = referral_is_led_to(t, &r, &led);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		expect(&r, sum);
		*same = *same && led;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Together with the check of each row, equal counts say that nothing leads nowhere. */
static int counts_check(const struct palier_tables *t, const struct expected *sum, bool *same)
{
	const struct {
		unsigned table;
		uint64_t expected;
	} rows[] = { { T_SIDE, sum->sides }, { T_DUE, sum->dues }, { T_FLAGGED, sum->flagged }, { T_CLAIM, sum->claims },
		{ T_PAID, sum->paid } };
	int err = PALIER_OK;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows) && err == PALIER_OK; i++) {
		uint64_t count;

		err = rows_count(t, rows[i].table, &count);
		*same = *same && (err != PALIER_OK || count == rows[i].expected);
	}
	return err;
}

/* --- counts that are kept --- */

static int uses_check(const struct palier_tables *t, bool *same)
{
	static const struct palier_key all;
	struct palier_cursor *cur = palier_seek(t, T_CODE, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		const struct code_id id = { (unsigned)palier_cut_uint(&cut, 1), (uint32_t)palier_cut_uint(&cut, 4) };
		struct code_row row;
		uint32_t uses;

		err = code_get(t, &id, &row);
		if (err == PALIER_OK)
			err = uses_of(t, &id, &uses);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		*same = *same && uses == row.uses;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int earned_check(const struct palier_tables *t, bool *same)
{
	static const struct palier_key all;
	struct palier_cursor *cur = palier_seek(t, T_SPONSOR, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct palier_id member = palier_cut_id(&cut);
		struct sponsor_row row;
		uint32_t earned;

		err = sponsor_get(t, member, &row);
		if (err == PALIER_OK)
			err = earned_of(t, member, &earned);
		if (err != PALIER_OK)
			return err;
		*same = *same && earned == row.earned;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int referral_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct expected sum = { 0 };
	bool led = true, counted = true;
	int err = rows_check(t, &sum, &led);

	if (err == PALIER_OK)
		err = counts_check(t, &sum, &led);
	if (err == PALIER_OK)
		err = uses_check(t, &counted);
	if (err == PALIER_OK)
		err = earned_check(t, &counted);
	if (err == PALIER_EDAMAGED)
		say(who, "a row cannot be read");
	else if (err != PALIER_OK)
		return err;
	if (!led)
		say(who, "what leads to referrals does not agree with them");
	if (!counted)
		say(who, "how often codes were used, or sponsors earned, is not what the referrals come to");
	return PALIER_OK;
}
