/* SPDX-License-Identifier: Apache-2.0 */
/* Merkle tree hashes. */
#include "protocol/batch_tree.h"

void batch_tree_leaf(struct palier_bytes line, struct palier_hash *out)
{
	crypto_sha256_tagged(0x00, line, out);
}

static void node(const struct palier_hash *left, const struct palier_hash *right, struct palier_hash *out)
{
	uint8_t both[2 * SHA256_LEN];

	memcpy(both, left->b, SHA256_LEN);
	memcpy(both + SHA256_LEN, right->b, SHA256_LEN);
	crypto_sha256_tagged(0x01, palier_bytes_of(both, sizeof(both)), out);
}

/* As a number in binary is counted up: two roots of equal size become one of the next level. */
void batch_tree_add(struct batch_tree *t, const struct palier_hash *leaf)
{
	struct palier_hash carry = *leaf;
	unsigned level = 0;

	for (; (t->leaves >> level) & 1; level++)
		node(&t->level[level], &carry, &carry);
	t->level[level] = carry;
	t->leaves++;
}

void batch_tree_root(const struct batch_tree *t, struct palier_hash *out)
{
	bool begun = false;

	if (t->leaves == 0)
		crypto_sha256(palier_bytes_of("", 0), out);
	for (unsigned level = 0; level < BATCH_TREE_DEPTH; level++) {
		if (!((t->leaves >> level) & 1))
			continue;
		if (begun)
			node(&t->level[level], out, out);
		else
			*out = t->level[level];
		begun = true;
	}
}

/* --- proofs --- */

/* The largest power of two below n, n > 1: so many leaves stand on the left. */
static uint64_t left_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

int batch_prover_begin(struct batch_prover *p, uint64_t index, uint64_t leaves)
{
	uint64_t from = 0, to = leaves;
	unsigned n = 0;

	if (index >= leaves || leaves > INT64_MAX)
		return PALIER_ERANGE;
	*p = (struct batch_prover){ .proof = { .index = index, .leaves = leaves } };
	/* From the root down: the half that the leaf is not in. The path wants them from the leaf up. */
	while (to - from > 1) {
		uint64_t middle = from + left_of(to - from);

		memmove(&p->range[1], &p->range[0], n * sizeof(p->range[0]));
		p->range[0].from = index < middle ? middle : from;
		p->range[0].to = index < middle ? to : middle;
		n++;
		if (index < middle)
			to = middle;
		else
			from = middle;
	}
	p->proof.count = n;
	return PALIER_OK;
}

int batch_prover_add(struct batch_prover *p, const struct palier_hash *leaf)
{
	uint64_t at = p->at;

	if (at >= p->proof.leaves)
		return PALIER_ERANGE;
	p->at++;
	for (unsigned i = 0; i < p->proof.count; i++) {
		if (at < p->range[i].from || at >= p->range[i].to)
			continue;
		if (at == p->range[i].from)
			p->tree.leaves = 0;
		batch_tree_add(&p->tree, leaf);
		if (at + 1 == p->range[i].to)
			batch_tree_root(&p->tree, &p->proof.path[i]);
	}
	return PALIER_OK;
}

int batch_prover_end(const struct batch_prover *p, struct batch_proof *out)
{
	if (p->at != p->proof.leaves)
		return PALIER_ERANGE;
	*out = p->proof;
	return PALIER_OK;
}

bool batch_proof_fits(const struct batch_proof *p, const struct palier_hash *leaf, const struct palier_hash *root)
{
	uint64_t index = p->index, last = p->leaves - 1;
	struct palier_hash hash = *leaf;

	if (p->index >= p->leaves || p->count > BATCH_TREE_DEPTH)
		return false;
	for (unsigned i = 0; i < p->count; i++) {
		if (last == 0)
			return false;
		if (index & 1 || index == last) {
			node(&p->path[i], &hash, &hash);
			while (!(index & 1) && index != 0) {
				index >>= 1;
				last >>= 1;
			}
		} else {
			node(&hash, &p->path[i], &hash);
		}
		index >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(hash.b, root->b, SHA256_LEN) == 0;
}
