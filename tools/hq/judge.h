/* SPDX-License-Identifier: Apache-2.0 */
/* A store's batches, one after the other, accepted or refused with a reason: signature, manifest, chain and place as libpalier judges them, then
 * the totals of the tail against the events, and the keys that the events announce. */
#pragma once

#include "tools/hq/keyring.h"
#include "tools/hq/totals.h"

/* F(name, word for logs and scripts, sentence): why the office refuses, besides BATCH_FAULTS */
/* clang-format off */
#define JUDGE_REFUSALS(F) \
	F(FILE_MISSING, "file_missing", "a file of the batch is missing") \
	F(TOTALS_WRONG, "totals_wrong", "the totals are not those of the events") \
	F(PROOF_FORM,   "proof_form",   "this is not a proof as palier-hq prove writes it") \
	F(PROOF_WRONG,  "proof_wrong",  "the line was not in the batch, or not there") \
	F(ROLLED_BACK,  "rolled_back",  "the store no longer has batches that were taken from it") \
	F(BATCH_OTHER,  "batch_other",  "the store has another batch of this number than the one that was taken")
/* clang-format on */
enum judge_refusal {
#define F(name, word, text) JUDGE_##name,
	JUDGE_REFUSALS(F)
#undef F
};

/** Zeroed is: nothing was refused. */
struct verdict {
	const char *word; /* "signature_wrong"; NULL: accepted */
	char why[384];    /* a sentence */
};

struct judge {
	struct keyring ring;
	struct batch_before before; /* what the next batch must follow */
	struct totals ever;         /* up to there, since the first day, */
	bool ever_known;            /* where that is known */
};

/** At the beginning, before the first batch. */
void judge_begin(struct judge *j);
/** Go on behind a batch that was accepted before. @param before of it @param directory where it is; without it, perpetual totals are not known */
void judge_resume(struct judge *j, const struct batch_before *before, const char *directory);
void judge_end(struct judge *j);

/** Verify the batch in a directory and, where it is accepted, go on behind it. Of its file a compressed one will do. */
void judge_batch(struct judge *j, const char *directory, struct verdict *out);
/** Go on behind a refused batch as if it were what its manifest says, so that those after it can be judged. @return false: that cannot be read */
bool judge_pass(struct judge *j, const char *directory);
/** Take the word of a batch for what came before it, so that it can be judged behind a gap. @return false: its manifest cannot be read */
bool judge_leap(struct judge *j, const char *directory);
/** Only its manifest and its signature: is it the next of this store, signed by whom it must be? @param out of the manifest, borrowed from it */
void judge_manifest(const struct judge *j, struct palier_bytes manifest, struct palier_bytes signature,
	struct palier_arena *a, struct batch_manifest *out, struct verdict *verdict);

/** A hash as manifests have it. */
struct palier_bytes judge_hex(struct palier_arena *a, const struct palier_hash *hash);

/** @param more NULL: nothing to add */
void judge_fault(struct verdict *v, enum batch_fault fault, const char *more);
void judge_refuse(struct verdict *v, enum judge_refusal refusal, const char *more);
