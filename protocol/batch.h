/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed batch: events.jsonl, the closed journal file; manifest.json, which says what is in it and which batch came before; manifest.p7s, the
 * store's signature of the manifest. Both sides of the format: palier-seal makes it, a head office verifies it. */
#pragma once

#include "protocol/batch_chain.h"
#include "protocol/batch_tree.h"
#include "protocol/crypto_cms.h"
#include "protocol/progress.h"
#include "protocol/schema.h"

#define BATCH_EVENTS         "events.jsonl"
#define BATCH_PACKED         "events.jsonl.zst"        /* the same, compressed: for who pulls by a slow line */
#define BATCH_PACKED_SUM     "events.jsonl.zst.sha256" /* of the compressed bytes, as sha256sum(1) writes it */
#define BATCH_MANIFEST       "manifest.json"
#define BATCH_SIGNATURE      "manifest.p7s"
#define BATCH_MANIFEST_MAX   16384 /* bytes; no manifest or signature of ours is longer */
#define BATCH_ROTATED_METHOD "key.rotate"

/* clang-format off */
#define BATCH_HEX PALIER_RANGE(2 * SHA256_LEN, 2 * SHA256_LEN)
#define PALIER_FIELDS_batch_manifest(F, M) \
	F(M, INT, format, "format", PALIER_REQUIRED, PALIER_RANGE(BATCH_FORMAT, BATCH_FORMAT), "of the batch") \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_RANGE(1, BATCH_STORE_MAX), "whose") \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "its number: 1, 2, ...") \
	F(M, DAY, business_day, "business_day", PALIER_REQUIRED, PALIER_ANY, "of its events; dates may repeat") \
	F(M, STRING, file, "file", PALIER_REQUIRED, PALIER_RANGE(1, 64), "events.jsonl") \
	F(M, INT, size, "size", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "bytes of the file") \
	F(M, STRING, sha256, "sha256", PALIER_REQUIRED, BATCH_HEX, "of the file") \
	F(M, INT, lines, "lines", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "of the file, head and tail too") \
	F(M, STRING, merkle_root, "merkle_root", PALIER_REQUIRED, BATCH_HEX, "RFC 6962, over the lines without their LF") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "in it") \
	F(M, INT, first_seq, "first_seq", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "of them") \
	F(M, INT, last_seq, "last_seq", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "of them") \
	F(M, TIME, closed_at, "closed_at", PALIER_REQUIRED, PALIER_ANY, "when the day was closed") \
	F(M, STRING, prev_batch_sha256, "prev_batch_sha256", PALIER_REQUIRED, BATCH_HEX, "events.jsonl of the batch before; 64 zeros in the first") \
	F(M, STRING, prev_manifest_sha256, "prev_manifest_sha256", PALIER_REQUIRED, BATCH_HEX, "manifest.json of the batch before; 64 zeros in the first") \
	F(M, STRING, key_id, "key_id", PALIER_REQUIRED, BATCH_HEX, "SHA-256 of the public key (SubjectPublicKeyInfo) that signs it") \
	F(M, STRING, next_key_id, "next_key_id", 0, BATCH_HEX, "the key that its events announce: it signs the batches that follow")
/* clang-format on */
PALIER_MESSAGE(batch_manifest);

/* --- what is in a file of events --- */

struct batch_facts {
	uint64_t size;
	struct palier_hash sha256, root;
	struct batch_chain chain;
	bool rotates;              /* an event announces a new key, */
	struct palier_hash new_id; /* this one; the last, where there are several */
};

/** Read a closed file from end to end, once, in memory that does not grow with it, and verify its chain.
 * @param bar NULL: none @return BATCH_FINE; BATCH_FILE_UNREADABLE; BATCH_FILE_CHAIN, and out->chain.why says where */
enum batch_fault batch_read(int fd, struct progress *bar, struct batch_facts *out);

/* --- the state between two batches --- */

/** What the next batch must follow. Zeroed: there was none yet. */
struct batch_before {
	uint32_t batch;
	uint64_t last_seq;
	struct palier_hash sha256, manifest; /* of its two files */
	struct palier_hash key_id;           /* that signs the next */
};

/** Of a manifest. @param text its bytes */
void batch_before_of(const struct batch_manifest *m, struct palier_bytes text, struct batch_before *out);

/* --- the manifest --- */

/** Does the file follow the batch before? @return BATCH_FINE; BATCH_BATCH_REPLAYED, _GAP, _FORK */
enum batch_fault batch_follows(const struct batch_facts *facts, const struct batch_before *before);
/** Write it, with its LF. @param key_id of who will sign it */
void batch_manifest_write(const struct batch_facts *facts, const struct batch_before *before,
	const struct palier_hash *key_id, struct palier_buffer *out);
/** Read one, in the one form in which it is written.
 * @param out borrows from the text @return BATCH_FINE; BATCH_MANIFEST_FORM */
enum batch_fault batch_manifest_read(struct palier_bytes text, struct palier_arena *a, struct batch_manifest *out);

/* --- verifying a batch --- */

/** Verify a sealed batch and go on behind it.
 * @param store   whose it must be; trust->store is not looked at
 * @param trust   the certificates that count; those that the batches themselves have announced are the caller's to add
 * @param events  descriptor of events.jsonl
 * @param before  what came before; on BATCH_FINE what the next must follow, else untouched
 * @param at_ms   on BATCH_FINE when it was signed; may be NULL */
enum batch_fault batch_verify(struct palier_bytes store, const struct cms_trust *trust, struct palier_bytes manifest,
	struct palier_bytes signature, int events, struct batch_before *before, int64_t *at_ms);
