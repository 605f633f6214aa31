/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a member: where it stands, which stages it has entered, which events are as if they had not been. */
#include "plugins/journey/internal.h"

const struct palier_table journey_tables[] = {
	[T_STAND] = { "stand", "member id",
		"stage u8 (8: none), seq u64 of the event that led there, segment u8 (8: none), friends u32, "
		"met u8 (1: anyhow, 2: for advice), persona",
		PALIER_BY_MEMBER },
	[T_STEP] = { "step", "member id, seq u64",
		"stage u8, since i64 ms, day u32, day of going on u32 (0: not), channel u8 (5: none), length u8, persona, till",
		PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_UNDONE] = { "undone", "member id, seq u64", "0 u8", PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_DAY] = { "day", "day u32, stage u8, persona",
		"entries, touchpoints in 5 channels, emotions, their sum, promoters, passives, detractors, answers of "
		"satisfaction, satisfied, returns: each i64",
		PALIER_FOLDED },
	[T_PACE] = { "pace", "day u32, stage u8, days u32, persona", "members i64 who went on after so many days",
		PALIER_FOLDED },
	[T_SPLIT] = { "split", "day u32, stage u8, split u8 (0: channel, 1: till), length u8, persona, value",
		"entries i64, of these gone on i64", PALIER_FOLDED },
	[T_NOW] = { "now", "stage u8, persona", "members i64, of these lapsed i64", PALIER_FOLDED },
	[T_GAP] = { "gap", "days u32 between two purchases", "how often i64", PALIER_FOLDED },
	[T_SILENCE] = { "silence", "0 u8", "gaps, days of 8 in 10, days of 9 in 10: each i64", PALIER_FOLDED },
	{ 0 },
};

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

static struct palier_key seq_key(struct palier_id member, uint64_t seq)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, seq, 8);
	return k;
}

static uint64_t seq_of(struct palier_bytes key)
{
	struct palier_cut cut = palier_cut_of(key);

	(void)palier_cut_id(&cut);
	return palier_cut_uint(&cut, 8);
}

/* --- where it stands --- */

static int standing_cut(struct palier_bytes value, struct journey_standing *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct journey_standing s;

	s.stage = (unsigned)palier_cut_uint(&cut, 1);
	s.step = palier_cut_uint(&cut, 8);
	s.segment = (unsigned)palier_cut_uint(&cut, 1);
	s.friends = (uint32_t)palier_cut_uint(&cut, 4);
	s.met = (unsigned)palier_cut_uint(&cut, 1);
	s.persona = palier_bytes_of(cut.at, cut.left);
	if (cut.bad || s.stage > NO_STAGE || s.segment > NO_SEGMENT)
		return PALIER_EDAMAGED;
	*out = s;
	return PALIER_OK;
}

int journey_standing_find(const struct palier_tables *t, struct palier_id member, struct journey_standing *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	int err = palier_get(t, T_STAND, &k, &value);

	*out = (struct journey_standing){ .stage = NO_STAGE, .segment = NO_SEGMENT };
	return err == PALIER_OK ? standing_cut(value, out) : err;
}

int journey_standing_get(const struct palier_tables *t, struct palier_id member, struct journey_standing *out)
{
	int err = journey_standing_find(t, member, out);

	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int journey_standing_put(struct palier_tables *t, struct palier_id member, const struct journey_standing *s)
{
	struct palier_key k = member_key(member);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, s->stage, 1);
	palier_value_uint(&v, s->step, 8);
	palier_value_uint(&v, s->segment, 1);
	palier_value_uint(&v, s->friends, 4);
	palier_value_uint(&v, s->met, 1);
	palier_value_raw(&v, s->persona.at, s->persona.len);
	return palier_put(t, T_STAND, &k, palier_value_bytes(&v));
}

int journey_standing_drop(struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = member_key(member);

	return palier_del(t, T_STAND, &k);
}

/* --- stages --- */

static int step_cut(uint64_t seq, struct palier_bytes value, struct journey_step *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct journey_step s = { .seq = seq };

	s.stage = (unsigned)palier_cut_uint(&cut, 1);
	s.since = palier_cut_i64(&cut);
	s.day = (uint32_t)palier_cut_uint(&cut, 4);
	s.onward = (uint32_t)palier_cut_uint(&cut, 4);
	s.channel = (unsigned)palier_cut_uint(&cut, 1);
	s.persona = palier_cut_raw(&cut, palier_cut_uint(&cut, 1));
	s.till = palier_bytes_of(cut.at, cut.left);
	if (cut.bad || s.stage >= NO_STAGE || s.channel > NO_CHANNEL || !day_valid(s.day) ||
		(s.onward && !day_valid(s.onward)))
		return PALIER_EDAMAGED;
	*out = s;
	return PALIER_OK;
}

struct palier_cursor *journey_steps_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member);

	return palier_seek(t, T_STEP, &prefix);
}

int journey_step_next(struct palier_cursor *cur, struct journey_step *out)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	return err == PALIER_OK ? step_cut(seq_of(key), value, out) : err;
}

int journey_step_get(const struct palier_tables *t, struct palier_id member, uint64_t seq, struct journey_step *out)
{
	struct palier_key k = seq_key(member, seq);
	struct palier_bytes value;
	int err = palier_get(t, T_STEP, &k, &value);

	return err == PALIER_OK ? step_cut(seq, value, out) : err;
}

int journey_step_put(struct palier_tables *t, struct palier_id member, const struct journey_step *s)
{
	struct palier_key k = seq_key(member, s->seq);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, s->stage, 1);
	palier_value_i64(&v, s->since);
	palier_value_uint(&v, s->day, 4);
	palier_value_uint(&v, s->onward, 4);
	palier_value_uint(&v, s->channel, 1);
	palier_value_uint(&v, s->persona.len, 1);
	palier_value_raw(&v, s->persona.at, s->persona.len);
	palier_value_raw(&v, s->till.at, s->till.len);
	return palier_put(t, T_STEP, &k, palier_value_bytes(&v));
}

int journey_step_drop(struct palier_tables *t, struct palier_id member, uint64_t seq)
{
	struct palier_key k = seq_key(member, seq);

	return palier_del(t, T_STEP, &k);
}

/* --- what is undone --- */

int journey_undone_put(struct palier_tables *t, struct palier_id member, uint64_t seq)
{
	struct palier_key k = seq_key(member, seq);

	return palier_put(t, T_UNDONE, &k, palier_bytes_of("", 1));
}

bool journey_is_undone(const struct palier_tables *t, struct palier_id member, uint64_t seq)
{
	struct palier_key k = seq_key(member, seq);
	struct palier_bytes value;

	return palier_get(t, T_UNDONE, &k, &value) == PALIER_OK;
}

/* --- members that go --- */

static int rows_move(struct palier_tables *t, unsigned table, struct palier_id from, const struct palier_id *into)
{
	struct palier_key prefix = member_key(from), old, new;
	struct palier_cursor *cur = palier_seek(t, table, &prefix);
	struct palier_bytes key, value, own;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		old = seq_key(from, seq_of(key));
		if (into) {
			new = seq_key(*into, seq_of(key));
			err = palier_get(t, table, &new, &own);
		}
		if (err == PALIER_ENOENT)
			err = palier_put(t, table, &new, value);
		if (err == PALIER_OK)
			err = palier_del(t, table, &old);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int journey_rows_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	int err = rows_move(t, T_STEP, from, into);

	return err == PALIER_OK ? rows_move(t, T_UNDONE, from, into) : err;
}
