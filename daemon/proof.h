/* SPDX-License-Identifier: Apache-2.0 */
/* Proof that the customer is there: a PIN, or a one-time code. What plugins ask is palier_proven. */
#pragma once

#include "daemon/core.h"

/** Say which proof came with the command in hand, before anything may ask for one. @param p NULL: none
 * @return PALIER_OK; PALIER_EPARAMS, refused, when it is two */
int ctx_proof(struct palier_ctx *c, const struct proof *p);
#define CTX_PROOF(c, p, message) ctx_proof(c, PALIER_HAS(p, message, proof) ? &(p)->proof : NULL)

/** Is a PIN set? */
int proof_has_pin(struct palier_ctx *c, struct palier_id member, bool *out);
/** Remove what the member's proofs are compared with. */
int proof_forget(struct palier_tables *t, struct palier_id member);
