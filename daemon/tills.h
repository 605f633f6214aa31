/* SPDX-License-Identifier: Apache-2.0 */
/* Tills that may sign in. */
#pragma once

#include "daemon/ctx.h"

struct till_row {
	enum role role;
	bool revoked;
	struct palier_hash token; /* SHA-256 of it */
};

/** @return PALIER_OK; PALIER_ENOENT */
int till_find(struct palier_ctx *c, struct palier_bytes name, struct till_row *out);
/** The till whose token this is: a supervisor's badge, say. @param name borrowed until the tables are used again
 * @return PALIER_OK; PALIER_ENOENT */
int till_by_token(struct palier_ctx *c, struct palier_bytes token, struct palier_bytes *name, struct till_row *out);
/** Is it a name that the daemon itself uses? */
bool till_is_reserved(struct palier_bytes name);
