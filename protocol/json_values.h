/* SPDX-License-Identifier: Apache-2.0 */
/* Values out of a token tape, where no field table reads it. A token 0, of a member that is not there, is none of them. */
#pragma once

#include "protocol/json.h"

bool json_text_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, struct palier_bytes *out);
/** An integer >= 0. */
bool json_uint_in(const struct json_doc *d, uint32_t token, uint64_t *out);
/** RFC 3339. */
bool json_time_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, int64_t *out_ms);
bool json_day_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, uint32_t *out);
/** Exactly n bytes as hex digits. */
bool json_hex_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, void *out, size_t n);
