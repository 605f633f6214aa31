/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree over a batch's lines, as RFC 6962 (section 2.1) has it: a leaf is SHA-256(0x00, line), a node SHA-256(0x01, left, right). With
 * the root signed, one line can be shown to be of the batch by a few hashes, without the others. */
#pragma once

#include "protocol/crypto.h"

#define BATCH_TREE_DEPTH 64

/** A tree that grows by its leaves; it keeps one hash a level. Zeroed is empty. */
struct batch_tree {
	uint64_t leaves;
	struct palier_hash level[BATCH_TREE_DEPTH]; /* where leaves has a bit: the root of so many */
};

void batch_tree_leaf(struct palier_bytes line, struct palier_hash *out);
void batch_tree_add(struct batch_tree *t, const struct palier_hash *leaf);
/** Of the leaves so far; that of none is the hash of nothing. */
void batch_tree_root(const struct batch_tree *t, struct palier_hash *out);

/** The audit path of one leaf, from its neighbour up to the root. */
struct batch_proof {
	uint64_t index, leaves;
	unsigned count;
	struct palier_hash path[BATCH_TREE_DEPTH];
};

/** Makes a proof of leaves that come by one after the other. */
struct batch_prover {
	struct batch_proof proof;
	struct {
		uint64_t from, to; /* the leaves below this hash of the path */
	} range[BATCH_TREE_DEPTH];
	struct batch_tree tree; /* of the range under way */
	uint64_t at;
};

/** @return PALIER_OK; PALIER_ERANGE unless index < leaves < 2^63 */
int batch_prover_begin(struct batch_prover *p, uint64_t index, uint64_t leaves);
/** Each leaf in order. @return PALIER_OK; PALIER_ERANGE: there are more than it was told */
int batch_prover_add(struct batch_prover *p, const struct palier_hash *leaf);
/** @param out untouched unless all leaves were there @return PALIER_OK; PALIER_ERANGE */
int batch_prover_end(const struct batch_prover *p, struct batch_proof *out);

/** Does the path lead from this leaf to this root (RFC 9162, 2.1.3.2)? */
bool batch_proof_fits(const struct batch_proof *p, const struct palier_hash *leaf, const struct palier_hash *root);
