/* SPDX-License-Identifier: Apache-2.0 */
/* What is booked: deeds noted and undone, ambassadors that rise and leave, members that become one or go. */
#include "plugins/ambassador/internal.h"

PALIER_SCHEMA(ambassador_noted);
PALIER_SCHEMA(ambassador_undone);
PALIER_SCHEMA(ambassador_risen);
PALIER_SCHEMA(ambassador_noticed);
PALIER_SCHEMA(ambassador_left);
PALIER_SCHEMA(ambassador_merged);
PALIER_SCHEMA(ambassador_forgotten);
PALIER_SCHEMA(ambassador_often);
PALIER_SCHEMA(ambassador_counted);

const char *const ambassador_deed_names[] = { "referral", "void", "promoter", NULL };

static struct deed deed_noted(const struct ambassador_noted *e, uint64_t seq)
{
	return (struct deed){ .what = (enum ambassador_deed)e->deed, .day = e->day, .seq = seq, .counted = e->counted };
}

static int noted_check(struct palier_ctx *c, void *body)
{
	struct ambassador_noted *e = body;
	const struct deed noted = deed_noted(e, 0);
	int err = palier_member_now(c, e->member, &e->member);

	if (err == PALIER_OK)
		err = score_allowed(c, e->member);
	if (err == PALIER_OK)
		return ambassador_lift(c, e->member, &noted);
	if (err != PALIER_ENOENT && err != PALIER_EMEMBER_ERASED)
		return err;
	PALIER_SET(e, ambassador_noted, unkept, true);
	return ambassador_on_erase(c, e->member); /* what is there is from before the consent was withdrawn */
}

static int noted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_noted *e = body;
	const struct deed d = { .what = (enum ambassador_deed)e->deed,
		.day = e->day,
		.seq = ev->seq,
		.counted = e->counted };

	return e->unkept ? PALIER_OK : deed_write(t, e->member, d);
}

static int undone_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_undone *e = body;
	const struct deed d = { .what = (enum ambassador_deed)e->deed, .day = e->day, .seq = (uint64_t)e->seq };

	(void)ev;
	return deed_undo(t, e->member, &d);
}

static int risen_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_risen *e = body;

	(void)ev;
	return ambassador_stand(t, e->member, &(struct standing){ .since = e->since });
}

static int noticed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_noticed *e = body;
	struct standing st;
	int err = ambassador_standing(t, e->member, &st);

	(void)ev;
	if (err != PALIER_OK)
		return err;
	st.until = e->until;
	return ambassador_stand(t, e->member, &st);
}

static int left_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_left *e = body;

	(void)ev;
	return ambassador_stand(t, e->member, &(struct standing){ .since = 0 });
}

/* Of two ambassadors, who has been one for longer, and who stays longer. */
static void standing_join(struct standing *st, const struct standing *other)
{
	if (!st->since) {
		*st = *other;
		return;
	}
	if (!other->since)
		return;
	st->since = other->since < st->since ? other->since : st->since;
	st->until = !other->until || !st->until ? 0 : other->until > st->until ? other->until : st->until;
}

static int merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_merged *e = body;
	struct standing from, into;
	int err = ambassador_standing(t, e->from, &from);

	(void)ev;
	if (err == PALIER_OK)
		err = ambassador_standing(t, e->into, &into);
	if (err != PALIER_OK)
		return err;
	standing_join(&into, &from);
	err = ambassador_stand(t, e->into, &into);
	if (err == PALIER_OK)
		err = ambassador_stand(t, e->from, &(struct standing){ .since = 0 });
	return err == PALIER_OK ? deeds_move(t, e->from, e->into) : err;
}

static int forgotten_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_forgotten *e = body;
	const bool some = PALIER_HAS(e, ambassador_forgotten, before);
	int err = deeds_forget(t, e->member, some ? e->before : DAY_NEVER);

	(void)ev;
	return err == PALIER_OK && !some ? ambassador_stand(t, e->member, &(struct standing){ .since = 0 }) : err;
}

const struct palier_effect_kind ambassador_effects[] = {
	{ "ambassador.noted", &ambassador_noted_schema, noted_check, noted_apply },
	{ "ambassador.undone", &ambassador_undone_schema, NULL, undone_apply },
	{ "ambassador.risen", &ambassador_risen_schema, NULL, risen_apply },
	{ "ambassador.noticed", &ambassador_noticed_schema, NULL, noticed_apply },
	{ "ambassador.left", &ambassador_left_schema, NULL, left_apply },
	{ "ambassador.merged", &ambassador_merged_schema, NULL, merged_apply },
	{ "ambassador.forgotten", &ambassador_forgotten_schema, NULL, forgotten_apply },
	{ "ambassador.counted", &ambassador_counted_schema, NULL, often_apply },
	{ 0 },
};
