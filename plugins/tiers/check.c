/* SPDX-License-Identifier: Apache-2.0 */
/* `palier check`: the standing and the sum that are kept are those that follow from what happened. */
#include "plugins/tiers/internal.h"

struct checking {
	const struct palier_tables *t;
	void (*say)(void *who, const char *finding);
	void *who;
	struct palier_arena arena;
};

static int standing_check(struct checking *k, struct palier_id member)
{
	struct standing st;
	struct fold f;
	int64_t sum = 0;
	int err = standing_get(k->t, member, &st);

	if (err == PALIER_OK)
		err = fold_read(k->t, &k->arena, member, &f);
	if (err == PALIER_OK)
		err = fold_run(&f, FOLD_ALL, FOLD_ALL);
	if (err == PALIER_OK)
		err = sum_between(k->t, member, st.unit, st.start, DAY_NEVER, &sum);
	if (err == PALIER_EDAMAGED || err == PALIER_ERANGE) {
		k->say(k->who, "what is kept of a member for the tiers cannot be read");
		return PALIER_OK;
	}
	if (err != PALIER_OK)
		return err;
	if (!step_equal(&st.step, &f.tops[f.roots[0]]))
		k->say(k->who, "a member's tier does not follow from what happened");
	if (st.sum != sum)
		k->say(k->who, "what counts for a member's tier is not the sum of the days");
	return PALIER_OK;
}

/* Rows without a standing. */
static int strays_check(struct checking *k, unsigned table)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(k->t, table, &all);
	struct palier_bytes key, value;
	struct standing st;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);

		err = standing_get(k->t, palier_cut_id(&cut), &st);
		if (err != PALIER_OK && err != PALIER_EDAMAGED)
			return err;
		if (err == PALIER_OK && !st.booked)
			k->say(k->who, "something counts for a member who stands nowhere");
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int tiers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct checking k = { .t = t, .say = say, .who = who };
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(t, T_STANDING, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);

		err = standing_check(&k, palier_cut_id(&cut));
		palier_arena_reset(&k.arena);
		if (err != PALIER_OK)
			break;
	}
	palier_arena_deinit(&k.arena);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = strays_check(&k, T_ENTRY);
	return err == PALIER_OK ? strays_check(&k, T_DAY) : err;
}
