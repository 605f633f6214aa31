/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the outbox. */
#pragma once

#include "daemon/http_call.h"
#include "protocol/batch.h"

/** The manifest of a batch that is sealed. @param out in the arena @return PALIER_OK; PALIER_ENOENT: it is not; PALIER_EDAMAGED, logged */
int batch_sealed(const struct config *config, uint32_t batch, struct palier_arena *a, struct batch_manifest *out);
/** The same of the request's. @return false, answered */
bool http_sealed(struct http_call *c, struct palier_arena *a, struct batch_manifest *out);
