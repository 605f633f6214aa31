/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC 2.0 (https://www.jsonrpc.org/specification) without notifications and batches: the envelope of a request and of a reply. */
#pragma once

#include "protocol/messages.h"

struct rpc_request {
	struct palier_bytes id; /* as written (a string or an integer); empty when the line has none that can be answered */
	struct palier_bytes method; /* empty when unreadable */
	uint32_t params;            /* token of the params object; 0: none were sent */
};

/** Read the envelope of a parsed line. out->id is set even on refusal where it could be read.
 * @return PALIER_OK; PALIER_EREQUEST with *why */
int rpc_read(const struct json_doc *d, struct palier_arena *a, struct rpc_request *out, struct palier_problem *why);

/** `{"jsonrpc":"2.0","id":ID,"result":`; the caller writes the result, then rpc_end. An empty id is written null. */
void rpc_begin_result(struct palier_json *w, struct palier_bytes id);
/** `}` and LF */
void rpc_end(struct palier_json *w);
/** A whole error reply with its LF. @param extra members of data besides reason, field and retryable, already JSON
 * (`"quote":{...},"sale":"..."`); empty: none */
void rpc_error(struct palier_json *w, struct palier_bytes id, const struct palier_problem *why, struct palier_bytes extra);
