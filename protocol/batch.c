/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed batches. */
#include "protocol/batch.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/json_values.h"

PALIER_SCHEMA(batch_manifest);

#define CHUNK    ((size_t)1 << 20)
#define LINE_MAX ((size_t)16 << 20) /* no line of ours comes near it */

/* --- the file of events --- */

struct reading {
	struct batch_facts *facts;
	struct batch_tree tree;
	struct crypto_sum *sum;
	struct palier_buffer in; /* from the first byte of a line on */
};

#define ROTATED_MARK ",\"method\":\"" BATCH_ROTATED_METHOD "\","

/* The key that an event announces. Quotes within texts are escaped, so that only a member's name can look like the mark; which member's, is
 * seen by parsing it. */
static void rotation_in(struct batch_facts *facts, struct palier_bytes line)
{
	uint32_t room = line.len < UINT32_MAX ? (uint32_t)(line.len / 2 + 1) : 1, effect;
	struct palier_arena a = { .used = 0 };
	struct json_doc d = { .capacity = room };

	if (!memmem(line.at, line.len, ROTATED_MARK, sizeof(ROTATED_MARK) - 1))
		return;
	d.tokens = palier_alloc(&a, room * sizeof(*d.tokens));
	if (json_parse(&d, line, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT) {
		uint32_t method = json_member(&d, 0, "method"), effects = json_member(&d, 0, "effects");

		effect = effects && d.tokens[effects].type == JSON_ARRAY && d.tokens[effects].count ? effects + 1 : 0;
		if (method && json_string_is(&d, method, PALIER_LIT(BATCH_ROTATED_METHOD)) && effect &&
			d.tokens[effect].type == JSON_OBJECT &&
			json_hex_in(&d, json_member(&d, effect, "key_id"), &a, facts->new_id.b, SHA256_LEN))
			facts->rotates = true;
	}
	palier_arena_deinit(&a);
}

static enum batch_fault line_in(struct reading *r, struct palier_bytes line)
{
	struct palier_hash hash, leaf;

	crypto_sha256(line, &hash);
	if (batch_chain_line(&r->facts->chain, line, &hash) != PALIER_OK)
		return BATCH_FILE_CHAIN;
	batch_tree_leaf(line, &leaf);
	batch_tree_add(&r->tree, &leaf);
	rotation_in(r->facts, line);
	return BATCH_FINE;
}

/* The whole lines of what was read; the rest of it waits for more. */
static enum batch_fault lines_in(struct reading *r, size_t seen)
{
	enum batch_fault fault = BATCH_FINE;
	size_t from = 0;
	const char *lf;

	while (fault == BATCH_FINE && (lf = memchr(r->in.at + seen, '\n', r->in.len - seen))) {
		seen = (size_t)(lf - r->in.at) + 1;
		fault = line_in(r, palier_bytes_of(r->in.at + from, seen - 1 - from));
		from = seen;
	}
	palier_buffer_shift(&r->in, from);
	return fault == BATCH_FINE && r->in.len > LINE_MAX ? BATCH_FILE_CHAIN : fault;
}

static enum batch_fault chunk_in(struct reading *r, int fd, uint64_t at, size_t *got)
{
	size_t before = r->in.len;
	ssize_t n;

	palier_buffer_reserve(&r->in, CHUNK);
	do
		n = pread(fd, r->in.at + before, CHUNK, (off_t)at);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		return n < 0 ? BATCH_FILE_UNREADABLE : BATCH_FINE;
	crypto_sum_add(r->sum, palier_bytes_of(r->in.at + before, (size_t)n));
	r->in.len += (size_t)n;
	return lines_in(r, before);
}

static enum batch_fault read_all(struct reading *r, int fd, struct progress *bar)
{
	enum batch_fault fault = BATCH_FINE;
	struct stat st;
	size_t got = 1;

	if (fstat(fd, &st) != 0)
		return BATCH_FILE_UNREADABLE;
	while (fault == BATCH_FINE && got > 0) {
		fault = chunk_in(r, fd, r->facts->size, &got);
		r->facts->size += got;
		if (bar)
			progress_show(bar, r->facts->size, (uint64_t)st.st_size);
	}
	if (fault == BATCH_FINE && (r->in.len || batch_chain_end(&r->facts->chain) != PALIER_OK))
		fault = BATCH_FILE_CHAIN;
	return fault;
}

enum batch_fault batch_read(int fd, struct progress *bar, struct batch_facts *out)
{
	struct reading r = { .facts = out, .sum = crypto_sum_new() };
	enum batch_fault fault;

	memset(out, 0, sizeof(*out));
	palier_buffer_reserve(&r.in, CHUNK);
	fault = read_all(&r, fd, bar);
	out->chain.head.store.at = out->chain.store_text;
	crypto_sum_end(r.sum, &out->sha256);
	batch_tree_root(&r.tree, &out->root);
	palier_buffer_deinit(&r.in);
	return fault;
}

/* --- from one batch to the next --- */

static void hash_of_hex(struct palier_bytes hex, struct palier_hash *out)
{
	if (!palier_unhex(hex, out->b, SHA256_LEN))
		*out = (struct palier_hash){ { 0 } };
}

static bool hash_equal(const struct palier_hash *a, const struct palier_hash *b)
{
	return memcmp(a->b, b->b, SHA256_LEN) == 0;
}

static bool hash_is(struct palier_bytes hex, const struct palier_hash *hash)
{
	char text[2 * SHA256_LEN + 1];

	palier_hex(hash->b, SHA256_LEN, text);
	return palier_is(hex, text);
}

void batch_before_of(const struct batch_manifest *m, struct palier_bytes text, struct batch_before *out)
{
	*out = (struct batch_before){ .batch = (uint32_t)m->batch, .last_seq = (uint64_t)m->last_seq };
	hash_of_hex(m->sha256, &out->sha256);
	hash_of_hex(PALIER_HAS(m, batch_manifest, next_key_id) ? m->next_key_id : m->key_id, &out->key_id);
	crypto_sha256(text, &out->manifest);
}

static enum batch_fault number_follows(uint64_t batch, uint32_t before)
{
	if (batch <= before)
		return BATCH_BATCH_REPLAYED;
	return batch == (uint64_t)before + 1 ? BATCH_FINE : BATCH_BATCH_GAP;
}

enum batch_fault batch_follows(const struct batch_facts *facts, const struct batch_before *before)
{
	const struct batch_head *head = &facts->chain.head;
	enum batch_fault fault = number_follows(head->batch, before->batch);

	if (fault != BATCH_FINE)
		return fault;
	return hash_equal(&head->prev_batch, &before->sha256) && head->first_seq == before->last_seq + 1 ? BATCH_FINE
	                                                                                                 : BATCH_BATCH_FORK;
}

/* --- the manifest --- */

static struct palier_bytes hex_of(struct palier_arena *a, const struct palier_hash *hash)
{
	char *text = palier_alloc(a, 2 * SHA256_LEN + 1);

	palier_hex(hash->b, SHA256_LEN, text);
	return palier_bytes_of(text, 2 * SHA256_LEN);
}

/* Whatever is in the file is said in one place, for who writes a manifest and for who verifies one. */
static void manifest_of(const struct batch_facts *facts, const struct batch_before *before, const struct palier_hash *key_id,
	struct palier_arena *a, struct batch_manifest *m)
{
	const struct batch_chain *chain = &facts->chain;

	*m = (struct batch_manifest){ .set = { 0, 0 } };
	PALIER_SET(m, batch_manifest, format, BATCH_FORMAT);
	PALIER_SET(m, batch_manifest, store, chain->head.store);
	PALIER_SET(m, batch_manifest, batch, chain->head.batch);
	PALIER_SET(m, batch_manifest, business_day, chain->head.day);
	PALIER_SET(m, batch_manifest, file, PALIER_LIT(BATCH_EVENTS));
	PALIER_SET(m, batch_manifest, size, (int64_t)facts->size);
	PALIER_SET(m, batch_manifest, sha256, hex_of(a, &facts->sha256));
	PALIER_SET(m, batch_manifest, lines, (int64_t)chain->lines);
	PALIER_SET(m, batch_manifest, merkle_root, hex_of(a, &facts->root));
	PALIER_SET(m, batch_manifest, events, (int64_t)chain->events);
	PALIER_SET(m, batch_manifest, first_seq, (int64_t)chain->head.first_seq);
	PALIER_SET(m, batch_manifest, last_seq, (int64_t)chain->seq);
	PALIER_SET(m, batch_manifest, closed_at, chain->tail.closed_ms);
	PALIER_SET(m, batch_manifest, prev_batch_sha256, hex_of(a, &chain->head.prev_batch));
	PALIER_SET(m, batch_manifest, prev_manifest_sha256, hex_of(a, &before->manifest));
	PALIER_SET(m, batch_manifest, key_id, hex_of(a, key_id));
	if (facts->rotates)
		PALIER_SET(m, batch_manifest, next_key_id, hex_of(a, &facts->new_id));
}

static void manifest_encode(const struct batch_manifest *m, struct palier_buffer *out)
{
	struct palier_json w = palier_json_to(out);

	schema_encode(&batch_manifest_schema, SCHEMA_WIRE, m, &w);
	palier_buffer_add(out, "\n", 1);
}

void batch_manifest_write(const struct batch_facts *facts, const struct batch_before *before,
	const struct palier_hash *key_id, struct palier_buffer *out)
{
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;

	manifest_of(facts, before, key_id, &a, &m);
	manifest_encode(&m, out);
	palier_arena_deinit(&a);
}

static bool same_text(const struct batch_manifest *m, struct palier_bytes text)
{
	struct palier_buffer again = { 0 };
	bool same;

	manifest_encode(m, &again);
	same = palier_equal(palier_buffer_bytes(&again), text);
	palier_buffer_deinit(&again);
	return same;
}

enum batch_fault batch_manifest_read(struct palier_bytes text, struct palier_arena *a, struct batch_manifest *out)
{
	struct palier_problem why;
	struct json_doc d = { .capacity = (uint32_t)(BATCH_MANIFEST_MAX / 2 + 1) };

	if (text.len > BATCH_MANIFEST_MAX)
		return BATCH_MANIFEST_FORM;
	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, text, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT ||
		schema_decode(&batch_manifest_schema, SCHEMA_WIRE, &d, 0, a, out, &why) != PALIER_OK)
		return BATCH_MANIFEST_FORM;
	return same_text(out, text) ? BATCH_FINE : BATCH_MANIFEST_FORM;
}

/* --- verifying --- */

static const struct palier_hash none;

/* What the manifest says of its place in the chain. */
static enum batch_fault place_fault(const struct batch_manifest *m, const struct batch_before *before)
{
	enum batch_fault fault = number_follows((uint64_t)m->batch, before->batch);

	if (fault != BATCH_FINE)
		return fault;
	if (!hash_is(m->prev_manifest_sha256, &before->manifest) || !hash_is(m->prev_batch_sha256, &before->sha256))
		return BATCH_BATCH_FORK;
	return !hash_equal(&before->key_id, &none) && !hash_is(m->key_id, &before->key_id) ? BATCH_KEY_UNANNOUNCED
	                                                                                   : BATCH_FINE;
}

/* Read once; a file that is not even a chain is for the most part another file, which its hash says better. */
static enum batch_fault file_read(const struct batch_manifest *m, int events, struct batch_facts *facts)
{
	struct palier_hash sha256;
	enum batch_fault fault;
	struct stat st;

	if (fstat(events, &st) != 0)
		return BATCH_FILE_UNREADABLE;
	if (st.st_size != m->size)
		return BATCH_FILE_SIZE;
	fault = batch_read(events, NULL, facts);
	if (fault == BATCH_FILE_UNREADABLE)
		return fault;
	sha256 = facts->sha256;
	if (fault == BATCH_FILE_CHAIN && crypto_sha256_file(events, &sha256) != PALIER_OK)
		return BATCH_FILE_UNREADABLE;
	return hash_is(m->sha256, &sha256) ? fault : BATCH_FILE_SHA256;
}

/* The file against the manifest: everything that it says follows from the file. */
static enum batch_fault file_fault(const struct batch_manifest *m, struct palier_bytes text, int events,
	const struct batch_before *before)
{
	struct palier_buffer again = { 0 };
	struct batch_facts facts;
	struct palier_hash key_id;
	enum batch_fault fault = file_read(m, events, &facts);
	bool same;

	if (fault == BATCH_FINE)
		fault = batch_follows(&facts, before);
	if (fault != BATCH_FINE)
		return fault;
	hash_of_hex(m->key_id, &key_id);
	batch_manifest_write(&facts, before, &key_id, &again);
	same = palier_equal(palier_buffer_bytes(&again), text);
	palier_buffer_deinit(&again);
	return same ? BATCH_FINE : BATCH_FILE_MANIFEST;
}

enum batch_fault batch_verify(struct palier_bytes store, const struct cms_trust *trust, struct palier_bytes manifest,
	struct palier_bytes signature, int events, struct batch_before *before, int64_t *at_ms)
{
	struct cms_trust of_store = *trust;
	struct palier_arena a = { .used = 0 };
	struct cms_signed by;
	struct batch_manifest m;
	enum batch_fault fault;

	of_store.store = store;
	fault = crypto_cms_verify(manifest, signature, &of_store, &by);
	if (fault == BATCH_FINE)
		fault = batch_manifest_read(manifest, &a, &m);
	if (fault == BATCH_FINE && !palier_equal(m.store, store))
		fault = BATCH_MANIFEST_STORE;
	if (fault == BATCH_FINE && !hash_is(m.key_id, &by.key_id))
		fault = BATCH_MANIFEST_KEY;
	if (fault == BATCH_FINE)
		fault = place_fault(&m, before);
	if (fault == BATCH_FINE)
		fault = file_fault(&m, manifest, events, before);
	if (fault == BATCH_FINE) {
		batch_before_of(&m, manifest, before);
		if (at_ms)
			*at_ms = by.at_ms;
	}
	palier_arena_deinit(&a);
	return fault;
}
