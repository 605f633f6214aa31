/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/proof.h"

#include <errno.h>
#include <stdio.h>

#include "protocol/lines.h"
#include "tools/hq/files.h"

#define PROOF_FORMAT 1

/* clang-format off */
#define PALIER_FIELDS_line_proof(F, M) \
	F(M, INT, format, "format", PALIER_REQUIRED, PALIER_RANGE(PROOF_FORMAT, PROOF_FORMAT), "of the proof") \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_RANGE(1, BATCH_STORE_MAX), "whose") \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "in which") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "which event") \
	F(M, STRING, line, "line", PALIER_REQUIRED, PALIER_ANY, "the event's, without its LF") \
	F(M, INT, index, "index", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "of the line among the batch's, from 0") \
	F(M, INT, leaves, "leaves", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "lines of the batch") \
	F(M, STRINGS, path, "path", PALIER_REQUIRED, PALIER_RANGE(0, BATCH_TREE_DEPTH), "hashes, from the line's neighbour up") \
	F(M, STRING, manifest, "manifest", PALIER_REQUIRED, PALIER_ANY, "manifest.json, base64") \
	F(M, STRING, signature, "signature", PALIER_REQUIRED, PALIER_ANY, "manifest.p7s, base64")
/* clang-format on */
PALIER_MESSAGE(line_proof);
PALIER_SCHEMA(line_proof);

/* --- base64 with its padding --- */

static struct palier_bytes base64_of(struct palier_arena *a, const struct palier_buffer *b)
{
	char *text = palier_alloc(a, (b->len + 2) / 3 * 4 + 1);

	return palier_bytes_of(text, palier_base64_padded(b->at, b->len, text));
}

/* @return false: it is none */
static bool base64_read(struct palier_arena *a, struct palier_bytes text, struct palier_bytes *out)
{
	struct palier_bytes plain = palier_copy(a, text);
	char *at = (char *)(uintptr_t)plain.at, *raw = palier_alloc(a, text.len + 1);
	long n;

	for (size_t i = 0; i < plain.len; i++) /* as palier_unbase64 reads it */
		at[i] = (char)(at[i] == '+' ? '-' : at[i] == '/' ? '_' : at[i]);
	while (plain.len && plain.at[plain.len - 1] == '=')
		plain.len--;
	n = palier_unbase64(plain, raw);
	*out = palier_bytes_of(raw, n > 0 ? (size_t)n : 0);
	return n > 0 && text.len % 4 == 0;
}

/* --- making --- */

struct making {
	struct batch_manifest m;
	struct batch_prover prover;
	struct palier_buffer line; /* the event's */
};

static int lines_walk(struct making *k, struct lines *l)
{
	struct palier_bytes line;
	struct palier_hash leaf;
	int err;

	while ((err = lines_next(l, &line)) == PALIER_OK) {
		batch_tree_leaf(line, &leaf);
		if (k->prover.at == k->prover.proof.index)
			palier_buffer_add(&k->line, line.at, line.len);
		if (batch_prover_add(&k->prover, &leaf) != PALIER_OK)
			return PALIER_EDAMAGED;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int events_walk(struct making *k, const char *directory, struct palier_arena *a)
{
	struct lines *l;
	int err = lines_open(palier_format(a, "%s/" BATCH_EVENTS, directory), &l);

	if (err == PALIER_ENOENT)
		err = lines_open(palier_format(a, "%s/" BATCH_EVENTS ARCHIVE_ENDING, directory), &l);
	if (err != PALIER_OK)
		return err;
	err = lines_walk(k, l);
	lines_close(l);
	return err;
}

/* Does the path lead to the root that was signed, from the very event that was asked for? */
static bool is_proof(const struct batch_manifest *m, const struct batch_proof *p, struct palier_bytes line, uint64_t seq)
{
	struct palier_hash root, leaf, prev;
	uint64_t says, turn;

	batch_tree_leaf(line, &leaf);
	return palier_unhex(m->merkle_root, root.b, SHA256_LEN) && batch_links(line, &says, &turn, &prev) && says == seq &&
	       p->leaves == (uint64_t)m->lines && p->index == seq - (uint64_t)m->first_seq + 1 &&
	       batch_proof_fits(p, &leaf, &root);
}

static void proof_write(const struct making *k, const struct batch_proof *p, const struct palier_buffer parts[2],
	uint64_t seq, struct palier_buffer *out)
{
	struct line_proof proof = { .set = { 0, 0 } };
	struct palier_arena a = { .used = 0 };
	struct palier_json w = palier_json_to(out);

	PALIER_SET(&proof, line_proof, format, PROOF_FORMAT);
	PALIER_SET(&proof, line_proof, store, k->m.store);
	PALIER_SET(&proof, line_proof, batch, k->m.batch);
	PALIER_SET(&proof, line_proof, seq, (int64_t)seq);
	PALIER_SET(&proof, line_proof, line, palier_buffer_bytes(&k->line));
	PALIER_SET(&proof, line_proof, index, (int64_t)p->index);
	PALIER_SET(&proof, line_proof, leaves, (int64_t)p->leaves);
	PALIER_SET(&proof, line_proof, path,
		(struct palier_strings){ palier_alloc(&a, (p->count + 1) * sizeof(*proof.path.at)), p->count });
	for (unsigned i = 0; i < p->count; i++)
		proof.path.at[i] = judge_hex(&a, &p->path[i]);
	PALIER_SET(&proof, line_proof, manifest, base64_of(&a, &parts[0]));
	PALIER_SET(&proof, line_proof, signature, base64_of(&a, &parts[1]));
	schema_encode(&line_proof_schema, SCHEMA_WIRE, &proof, &w);
	palier_buffer_add(out, "\n", 1);
	palier_arena_deinit(&a);
}

static int make(struct making *k, const char *directory, const struct palier_buffer parts[2], uint64_t seq,
	struct palier_arena *a, struct palier_buffer *out)
{
	struct batch_proof p;
	int err = PALIER_EDAMAGED;

	if (batch_manifest_read(palier_buffer_bytes(&parts[0]), a, &k->m) == BATCH_FINE && (uint64_t)k->m.first_seq <= seq)
		err = batch_prover_begin(&k->prover, seq - (uint64_t)k->m.first_seq + 1, (uint64_t)k->m.lines);
	if (err == PALIER_OK)
		err = events_walk(k, directory, a);
	if (err == PALIER_OK &&
		(batch_prover_end(&k->prover, &p) != PALIER_OK || !is_proof(&k->m, &p, palier_buffer_bytes(&k->line), seq)))
		err = PALIER_EDAMAGED;
	if (err == PALIER_OK)
		proof_write(k, &p, parts, seq, out);
	return err == PALIER_ERANGE ? PALIER_EDAMAGED : err;
}

int proof_make(const char *directory, uint64_t seq, struct palier_buffer *out, char *why, size_t size)
{
	struct palier_buffer parts[2] = { { 0 } };
	struct palier_arena a = { .used = 0 };
	struct making k = { .line = { 0 } };
	int err = files_read(palier_format(&a, "%s/" BATCH_MANIFEST, directory), BATCH_MANIFEST_MAX, &parts[0]);

	if (err == PALIER_OK)
		err = files_read(palier_format(&a, "%s/" BATCH_SIGNATURE, directory), BATCH_MANIFEST_MAX, &parts[1]);
	if (err == PALIER_OK)
		err = make(&k, directory, parts, seq, &a, out);
	if (err == PALIER_EDAMAGED)
		snprintf(why, size, "%s is not what its manifest says: palier-hq verify says more", directory);
	else if (err != PALIER_OK)
		snprintf(why, size, "%s: %s", directory, strerror(errno));
	palier_buffer_deinit(&k.line);
	palier_buffer_deinit(&parts[0]);
	palier_buffer_deinit(&parts[1]);
	palier_arena_deinit(&a);
	return err;
}

/* --- checking --- */

static bool proof_read(struct palier_bytes text, struct palier_arena *a, struct line_proof *out)
{
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };
	struct palier_problem why;

	if (text.len > PROOF_MAX)
		return false;
	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	return json_parse(&d, text, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT &&
	       schema_decode(&line_proof_schema, SCHEMA_WIRE, &d, 0, a, out, &why) == PALIER_OK;
}

bool proof_store(struct palier_bytes text, struct palier_arena *a, struct palier_bytes *out)
{
	struct line_proof proof;

	if (!proof_read(text, a, &proof))
		return false;
	*out = proof.store;
	return true;
}

static bool path_read(const struct line_proof *proof, struct batch_proof *out)
{
	*out = (struct batch_proof){ (uint64_t)proof->index, (uint64_t)proof->leaves, proof->path.count, { { { 0 } } } };
	for (unsigned i = 0; i < out->count; i++)
		if (!palier_unhex(proof->path.at[i], out->path[i].b, SHA256_LEN))
			return false;
	return true;
}

static void line_check(const struct line_proof *proof, const struct batch_manifest *m, struct verdict *v)
{
	struct batch_proof path;

	if (!palier_equal(m->store, proof->store))
		judge_fault(v, BATCH_MANIFEST_STORE, NULL);
	else if (m->batch != proof->batch || !path_read(proof, &path) || proof->seq > m->last_seq ||
		 !is_proof(m, &path, proof->line, (uint64_t)proof->seq))
		judge_refuse(v, JUDGE_PROOF_WRONG, NULL);
}

void proof_check(struct palier_bytes text, const struct keyring *ring, struct palier_arena *a, struct proved *out,
	struct verdict *verdict)
{
	struct cms_trust trust = keyring_trust(ring);
	struct palier_bytes manifest, signature;
	struct line_proof proof;
	struct batch_manifest m;
	struct cms_signed by;
	enum batch_fault fault;

	*verdict = (struct verdict){ .word = NULL };
	if (!proof_read(text, a, &proof) || !base64_read(a, proof.manifest, &manifest) ||
		!base64_read(a, proof.signature, &signature)) {
		judge_refuse(verdict, JUDGE_PROOF_FORM, NULL);
		return;
	}
	fault = crypto_cms_verify(manifest, signature, &trust, &by);
	if (fault == BATCH_FINE)
		fault = batch_manifest_read(manifest, a, &m);
	if (fault == BATCH_FINE && !palier_equal(m.key_id, judge_hex(a, &by.key_id)))
		fault = BATCH_MANIFEST_KEY;
	if (fault != BATCH_FINE)
		judge_fault(verdict, fault, NULL);
	else
		line_check(&proof, &m, verdict);
	if (!verdict->word)
		*out = (struct proved){ m.store, proof.line, (uint32_t)m.batch, m.business_day, (uint64_t)proof.seq,
			by.at_ms, by.key_id };
}
