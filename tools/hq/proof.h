/* SPDX-License-Identifier: Apache-2.0 */
/* A proof that one line was in a sealed batch, without the others: a small JSON file, which certificates alone suffice to check.
 *
 *     {"format":1,"store":"lyon-03","batch":12,"seq":1201,"line":"{\"seq\":1201,...}","index":7,"leaves":412,"path":["<64 hex>",...],
 *      "manifest":"<base64>","signature":"<base64>"}
 *
 * The line is the event's, without its LF; its leaf is the index-th of the batch's lines, and the path leads from it to the manifest's merkle_root
 * (RFC 6962, section 2.1.1). */
#pragma once

#include "tools/hq/judge.h"

#define PROOF_MAX ((size_t)64 << 20) /* bytes of such a file */

/** Make one of a batch in a directory.
 * @param seq of the event @param m the batch's manifest @param why a sentence, when it fails
 * @return PALIER_OK; PALIER_EDAMAGED: the batch is not what its manifest says; PALIER_EIO */
int proof_make(const char *directory, uint64_t seq, struct palier_buffer *out, char *why, size_t size);

/** What a proof shows. Texts are borrowed from its text, or the arena. */
struct proved {
	struct palier_bytes store, line;
	uint32_t batch, day;
	uint64_t seq;
	int64_t at_ms; /* signed */
	struct palier_hash key_id;
};

/** Whose it says it is, to find the certificates that count. @return false: it is no proof */
bool proof_store(struct palier_bytes text, struct palier_arena *a, struct palier_bytes *out);
/** Check one. @param out on acceptance */
void proof_check(struct palier_bytes text, const struct keyring *ring, struct palier_arena *a, struct proved *out,
	struct verdict *verdict);
