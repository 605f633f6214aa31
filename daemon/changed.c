/* SPDX-License-Identifier: Apache-2.0 */
/* Whose personal data have changed, in the order in which they did: what the head office pulls, since no batch holds it in clear.
 *
 * changed  's', seq u64, member id 10 -> nothing: the last event that changed the member's
 *          'm', member id 10         -> seq u64: the same the other way round */
#include "daemon/core.h"

#define PAGE       100
#define PAGE_BYTES ((size_t)1 << 17) /* a page ends behind the event that passes either */

PALIER_SCHEMA(persons_changed);

const struct palier_method method_persons_changed = {
	.name = "persons.changed",
	.flags = METHOD_INTERNAL,
	.least = ROLE_OFFICE,
	.params = &persons_changed_schema,
	.result = &nothing_schema,
	.doc = "whose personal data have changed",
};

/* --- rows --- */

static struct palier_key by_seq(uint64_t seq, const struct palier_id *member)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, "s", 1);
	palier_key_uint(&k, seq, 8);
	palier_key_id(&k, *member);
	return k;
}

static struct palier_key by_member(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, "m", 1);
	palier_key_id(&k, member);
	return k;
}

int person_changed(struct palier_tables *t, const struct palier_event *ev, struct palier_id member)
{
	struct palier_key whose = by_member(member), now = by_seq(ev->seq, &member), before;
	struct palier_value seq = { .len = 0 };
	struct palier_bytes old;
	struct member_row row;
	struct palier_cut cut;
	int err = member_row(t, member, &row);

	if (err != PALIER_OK || (row.flags & MEMBER_BEARER)) /* a gift card's purse is nobody */
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	err = palier_get(t, T_CHANGED, &whose, &old);
	if (err == PALIER_OK) {
		cut = palier_cut_of(old);
		before = by_seq(palier_cut_uint(&cut, 8), &member);
		err = cut.bad ? PALIER_ESTORE : palier_del(t, T_CHANGED, &before);
	}
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = palier_put(t, T_CHANGED, &now, PALIER_LIT(""));
	palier_value_uint(&seq, ev->seq, 8);
	return err == PALIER_OK ? palier_put(t, T_CHANGED, &whose, palier_value_bytes(&seq)) : err;
}

/* --- pages --- */

/* Of those who are gone, that they are: erased ones, and those who are another now. */
static int changed_write(struct palier_ctx *c, struct palier_id member, uint64_t seq, struct palier_json *w)
{
	struct member_row row;
	int err = member_row(core_tables(c), member, &row);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	palier_json_object(w);
	palier_json_key(w, "member");
	palier_json_id(w, member);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)seq);
	if (row.flags & MEMBER_ERASED) {
		palier_json_key(w, "erased");
		palier_json_bool(w, true);
	} else if (row.flags & MEMBER_MERGED) {
		palier_json_key(w, "into");
		palier_json_id(w, row.into);
	} else {
		palier_json_key(w, "since");
		palier_json_day(w, row.since);
		if (row.flags & MEMBER_PROVISIONAL) {
			palier_json_key(w, "provisional");
			palier_json_bool(w, true);
		}
		palier_json_key(w, "language");
		palier_json_string(w, palier_language(c, &member));
		err = person_write(c, member, w);
	}
	palier_json_end_object(w);
	return err;
}

CORE_ANSWER(persons_changed_answer)
{
	static const struct palier_id last_id = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	const struct persons_changed *p = params;
	struct palier_key all = { .len = 0 }, after = by_seq((uint64_t)p->after, &last_id);
	struct palier_cursor *rows;
	struct palier_bytes key, value;
	uint64_t last = (uint64_t)p->after;
	size_t begin = w->out->len;
	int n = 0, err;

	palier_key_raw(&all, "s", 1);
	rows = palier_seek_after(core_tables(c), T_CHANGED, &all, &after);
	palier_json_object(w);
	palier_json_key(w, "profiles");
	palier_json_array(w);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + 1, key.len - 1));
		uint64_t seq = palier_cut_uint(&cut, 8);

		if (seq != last && (n >= PAGE || w->out->len - begin > PAGE_BYTES))
			break; /* those of one event stay together, so that `next` passes over nobody */
		err = changed_write(c, palier_cut_id(&cut), seq, w);
		if (err != PALIER_OK)
			return err;
		last = seq;
		n++;
	}
	palier_json_end_array(w);
	if (err == PALIER_OK) {
		palier_json_key(w, "next");
		palier_json_int(w, (int64_t)last);
	}
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
