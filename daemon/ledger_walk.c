/* SPDX-License-Identifier: Apache-2.0 */
/* The chain: verified line by line. Damage is told from a torn write as architecture.md says: a turn is synced whole before the next one
 * begins, so a bad line with a line of a later turn behind it, or one that the index had already applied, was once good. */
#include "daemon/ledger_walk.h"

#include <stdio.h>
#include <stdlib.h>

static struct json_doc doc_of(struct ledger *l, size_t len)
{
	uint32_t need = (uint32_t)(len / 2 + 2);

	if (need > l->tape_size) {
		free(l->tape);
		l->tape = malloc(need * sizeof(*l->tape));
		if (!l->tape)
			abort();
		l->tape_size = need;
	}
	return (struct json_doc){ .tokens = l->tape, .capacity = l->tape_size };
}

static int line_fold(struct walk *w, uint32_t batch, uint64_t offset, struct palier_bytes line)
{
	static const struct speaker nobody;
	struct ledger *l = w->ledger;
	struct palier_event ev;
	struct json_doc d = doc_of(l, line.len);
	char what[WHY_LEN];
	int err = event_read(l->plugins, &d, line, &l->arena, &ev, what);

	if (err == PALIER_ENOENT)
		err = complain(w->why, PALIER_ECONFIG,
			"journal %u, byte %llu: %s: install the plugin that wrote it, or a newer palier; if none did, it is damaged: restore a backup",
			batch, (unsigned long long)offset, what);
	if (err != PALIER_OK)
		return err;
	ev.batch = batch;
	ev.offset = offset;
	ctx_begin(&l->fold, &nobody, ev.received_ms);
	err = event_fold(&l->fold, &ev);
	if (err == PALIER_OK)
		err = view_write(&l->fold.view);
	palier_arena_reset(&l->arena);
	if (err != PALIER_OK)
		return complain(w->why, PALIER_ESTORE, "event %llu cannot be folded into the index (%s): is the disk full?",
			(unsigned long long)ev.seq, palier_error_info(err)->name);
	w->folded++;
	return PALIER_OK;
}

static int head_walk(struct walk *w, uint32_t batch, struct palier_bytes line)
{
	struct ledger *l = w->ledger;
	struct json_doc d = doc_of(l, line.len);
	struct batch_head head;
	int err = PALIER_OK;

	if (!batch_head_read(&d, line, &l->arena, &head) || head.batch != batch)
		err = complain(w->why, PALIER_EDAMAGED,
			"journal %u does not begin with its head line: restore it from a backup", batch);
	else if (head.format != BATCH_FORMAT)
		err = complain(w->why, PALIER_EDAMAGED,
			"journal %u has format %lld, this palier reads %d: install the palier that wrote it", batch,
			(long long)head.format, BATCH_FORMAT);
	else if (!palier_is(head.store, l->config->store.id))
		err = complain(w->why, PALIER_EDAMAGED, "journal %u is of store %.*s, the configuration says %s", batch,
			PALIER_ARG(head.store), l->config->store.id);
	else if (w->at.seq && head.first_seq != w->at.seq + 1)
		err = complain(w->why, PALIER_EDAMAGED,
			"journal %u begins at event %llu, but %llu was the last before it: a file is missing", batch,
			(unsigned long long)head.first_seq, (unsigned long long)w->at.seq);
	else if (w->closed_before && memcmp(head.prev_batch.b, w->closed_hash.b, SHA256_LEN) != 0)
		err = complain(w->why, PALIER_EDAMAGED,
			"journal %u does not follow journal %u as it is now: one of them was changed; restore it from a backup",
			batch, batch - 1);
	if (err == PALIER_OK) {
		w->at.seq = head.first_seq - 1;
		w->day = head.day;
		w->first_seq = head.first_seq;
	}
	palier_arena_reset(&l->arena);
	return err;
}

static bool follows(const struct walk *w, const struct palier_hash *prev)
{
	return memcmp(prev->b, w->at.hash, SHA256_LEN) == 0;
}

/* The tail can be made again from the event before it, so every byte of it is known. */
static int tail_walk(struct walk *w, uint32_t batch, uint64_t next, struct palier_bytes line)
{
	struct ledger *l = w->ledger;
	struct palier_event ev;
	bool same = false;

	if (w->line_at && ledger_event_at(l, batch, w->line_at, &l->arena, &ev) == PALIER_OK) {
		l->line.len = 0;
		same = tail_write(&ev, (const struct palier_hash *)w->at.hash, &l->line) &&
		       palier_equal(line, palier_buffer_bytes(&l->line));
	}
	palier_arena_reset(&l->arena);
	if (!same)
		return PALIER_EDAMAGED;
	w->tail_end = next;
	return PALIER_OK;
}

/* One line that scanning found whole.
 * @return PALIER_OK; PALIER_EDAMAGED, silently: it is no event, or does not follow; an error with why */
static int line_walk(struct walk *w, uint32_t batch, uint64_t offset, uint64_t next, struct palier_bytes line)
{
	struct palier_hash prev, hash;
	uint64_t seq, turn;
	bool new_to_index = batch > w->mark.batch || (batch == w->mark.batch && next > w->mark.offset);
	int err = PALIER_OK;

	if (w->tail_end)
		return PALIER_EDAMAGED;
	if (offset > 0 && batch_tail_is(line))
		return tail_walk(w, batch, next, line);
	if (offset == 0)
		err = head_walk(w, batch, line);
	else if (!batch_links(line, &seq, &turn, &prev) || seq != w->at.seq + 1 || turn > seq ||
		 (turn < seq && !follows(w, &prev)))
		return PALIER_EDAMAGED;
	else if (!follows(w, &prev))
		/* A whole line that begins a turn: the one before it was durable by then, and is not what it was. */
		err = complain(w->why, PALIER_EDAMAGED,
			"journal %u is damaged before byte %llu: event %llu is not the one that was booked; restore it from a backup",
			batch, (unsigned long long)offset, (unsigned long long)w->at.seq);
	if (err != PALIER_OK)
		return err;
	crypto_sha256(line, &hash);
	if (batch == w->mark.batch && offset < w->mark.offset && next >= w->mark.offset &&
		(next > w->mark.offset || memcmp(hash.b, w->mark.hash, SHA256_LEN) != 0))
		return complain(w->why, PALIER_EDAMAGED,
			"journal %u is damaged at byte %llu: event %llu is not the one that was booked; restore it from a backup",
			batch, (unsigned long long)offset, (unsigned long long)w->mark.seq);
	if (offset > 0) {
		if (w->fold && new_to_index && seq <= w->until)
			err = line_fold(w, batch, offset, line);
		if (err != PALIER_OK)
			return err;
		w->at.seq = seq;
		w->line_at = offset;
	}
	w->at.batch = batch;
	w->at.offset = next;
	memcpy(w->at.hash, hash.b, SHA256_LEN);
	w->lines++;
	return PALIER_OK;
}

/* Behind a bad line: is there one of a turn that began after it? */
static int later_turn(struct walk *w, struct journal_scan *s, bool *found)
{
	struct palier_bytes line;
	struct palier_hash prev;
	uint64_t seq, turn;
	int what;

	*found = false;
	while ((what = journal_scan_next(s, &line)) >= 0 && what != JOURNAL_END)
		if (what == JOURNAL_LINE && batch_links(line, &seq, &turn, &prev) && turn > w->at.seq + 1)
			*found = true;
	return what < 0 ? what : PALIER_OK;
}

static int bad_line(struct walk *w, uint32_t batch, bool open, struct journal_scan *s, uint64_t *bad_at)
{
	uint64_t offset = s->offset;
	bool later;

	if (w->why[0])
		return PALIER_EDAMAGED;
	if (!open)
		return complain(w->why, PALIER_EDAMAGED,
			"journal %u is damaged at byte %llu (event %llu): restore it from a backup", batch,
			(unsigned long long)offset, (unsigned long long)w->at.seq + 1);
	if (batch == w->mark.batch && offset < w->mark.offset)
		return complain(w->why, PALIER_EDAMAGED,
			"journal %u is damaged at byte %llu: event %llu was booked and is no longer readable there; restore it from a backup",
			batch, (unsigned long long)offset, (unsigned long long)w->at.seq + 1);
	if (later_turn(w, s, &later) != PALIER_OK)
		return complain(w->why, PALIER_EIO, "journal %u cannot be read", batch);
	if (later)
		return complain(w->why, PALIER_EDAMAGED,
			"journal %u is damaged at byte %llu: events booked after event %llu follow; restore it from a backup",
			batch, (unsigned long long)offset, (unsigned long long)w->at.seq + 1);
	*bad_at = offset;
	return PALIER_OK;
}

/* A closed file ends with its tail line. */
static int closed_walk(struct walk *w, uint32_t batch, uint64_t size)
{
	if (!w->tail_end || w->tail_end != size)
		return complain(w->why, PALIER_EDAMAGED,
			"journal %u is closed, but does not end with its tail line: restore it from a backup", batch);
	if (journal_hash(w->ledger->journal, batch, &w->closed_hash) != PALIER_OK)
		return complain(w->why, PALIER_EIO, "journal %u cannot be read", batch);
	w->closed_before = true;
	return PALIER_OK;
}

static int walk_batch(struct walk *w, uint32_t batch, bool open, uint64_t *bad_at)
{
	struct journal_scan s;
	struct palier_bytes line;
	int what, err = journal_scan_open(w->ledger->journal, batch, 0, &s);

	w->line_at = w->tail_end = 0;

	if (err != PALIER_OK)
		return complain(w->why, PALIER_EDAMAGED, "journal %u is %s: restore it from a backup", batch,
			err == PALIER_ENOENT ? "missing" : "damaged");
	while ((what = journal_scan_next(&s, &line)) == JOURNAL_LINE) {
		err = line_walk(w, batch, s.offset, s.next, line);
		if (err == PALIER_EDAMAGED)
			err = bad_line(w, batch, open, &s, bad_at);
		else if (err == PALIER_OK) {
			w->done += s.next - s.offset;
			if (w->progress)
				w->progress(w);
			continue;
		}
		break;
	}
	if (what == JOURNAL_TORN || (what == JOURNAL_END && s.offset == 0)) /* not even a head line */
		err = bad_line(w, batch, open, &s, bad_at);
	else if (what == PALIER_EDAMAGED)
		err = complain(w->why, PALIER_EDAMAGED, "journal %u is damaged behind byte %llu: restore it from a backup",
			batch, (unsigned long long)s.next);
	else if (what < 0)
		err = complain(w->why, PALIER_EIO, "journal %u cannot be read", batch);
	else if (err == PALIER_OK && !open)
		err = closed_walk(w, batch, s.size);
	journal_scan_close(&s);
	return err;
}

int walk_batches(struct walk *w, uint32_t first, uint32_t last, bool last_open, uint64_t *bad_at)
{
	int err = PALIER_OK;

	w->why[0] = 0;
	for (uint32_t batch = first; batch <= last && err == PALIER_OK; batch++)
		err = walk_batch(w, batch, last_open && batch == last, bad_at);
	if (err == PALIER_OK &&
		(w->at.batch < w->mark.batch || (w->at.batch == w->mark.batch && w->at.offset < w->mark.offset)))
		return complain(w->why, PALIER_EDAMAGED,
			"the journal ends at event %llu, but event %llu was booked: restore journal %u from a backup",
			(unsigned long long)w->at.seq, (unsigned long long)w->mark.seq, w->mark.batch);
	return err;
}
