/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of HTTP requests: the first byte says how the rest arrives. Whatever the pieces are, the head is that of the whole; what it lends lies
 * within it. */
#include <stdlib.h>

#include "daemon/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct palier_bytes part, const uint8_t *data, size_t size)
{
	if (part.len && (part.at < (const char *)data || part.at + part.len > (const char *)data + size))
		abort();
}

static void head_check(const struct http_head *h, const uint8_t *data, size_t size)
{
	if (h->size < 4 || h->size > size || h->size > HTTP_HEAD_MAX || memcmp(data + h->size - 4, "\r\n\r\n", 4) != 0 ||
		memchr(data, 0, h->size) || !h->host.len || h->path.at[0] != '/' || (h->length && !h->has_length))
		abort();
	within(h->path, data, h->size);
	within(h->query, data, h->size);
	within(h->host, data, h->size);
	within(h->authorization, data, h->size);
	within(h->content_type, data, h->size);
	within(h->range, data, h->size);
	within(h->if_range, data, h->size);
	within(h->if_none_match, data, h->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head whole, piece;
	struct http_fault why = { 0, NULL }, why_piece = { 0, NULL };
	size_t seen = 0, seen_piece = 0, step;
	enum http_read read, read_piece = HTTP_MORE;

	if (size < 1)
		return 0;
	step = data[0] % 64u + 1;
	data++;
	size--;
	read = http_head_read(palier_bytes_of(data, size), &seen, &whole, &why);
	for (size_t n = 0; n < size && read_piece == HTTP_MORE; n += step)
		read_piece = http_head_read(palier_bytes_of(data, n), &seen_piece, &piece, &why_piece);
	if (read_piece == HTTP_MORE)
		read_piece = http_head_read(palier_bytes_of(data, size), &seen_piece, &piece, &why_piece);
	if (read != read_piece || why.status != why_piece.status || (read == HTTP_BAD && !why.text))
		abort();
	if (read == HTTP_WHOLE) {
		head_check(&whole, data, size);
		if (piece.size != whole.size || piece.length != whole.length || piece.verb != whole.verb)
			abort();
	}
	return 0;
}
