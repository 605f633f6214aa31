/* SPDX-License-Identifier: Apache-2.0 */
/* Values out of a token tape. */
#include "protocol/json_values.h"

#include "protocol/datetime.h"

bool json_text_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, struct palier_bytes *out)
{
	if (!token || d->tokens[token].type != JSON_STRING)
		return false;
	*out = json_string(d, token, a);
	return true;
}

bool json_uint_in(const struct json_doc *d, uint32_t token, uint64_t *out)
{
	int64_t v;

	if (!token || !json_integer(d, token, &v) || v < 0)
		return false;
	*out = (uint64_t)v;
	return true;
}

bool json_time_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, int64_t *out_ms)
{
	struct palier_bytes text;

	return json_text_in(d, token, a, &text) && time_parse(text, out_ms);
}

bool json_day_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, uint32_t *out)
{
	struct palier_bytes text;

	return json_text_in(d, token, a, &text) && day_parse(text, out);
}

bool json_hex_in(const struct json_doc *d, uint32_t token, struct palier_arena *a, void *out, size_t n)
{
	struct palier_bytes text;

	return json_text_in(d, token, a, &text) && palier_unhex(text, out, n);
}
