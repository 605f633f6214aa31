/* SPDX-License-Identifier: Apache-2.0 */
/* Files: what the conditions and the range of a request make of one (RFC 9110, 13 and 14; RFC 9530). */
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/http_call.h"

/* Does the list of If-None-Match hold this tag? Weak ones count like strong ones there. */
static bool tag_listed(struct palier_bytes list, const char *etag)
{
	size_t n = strlen(etag);

	if (palier_is(list, "*"))
		return true;
	for (size_t i = 0; i + n <= list.len; i++)
		if (memcmp(list.at + i, etag, n) == 0)
			return true;
	return false;
}

enum range { RANGE_WHOLE, RANGE_PART, RANGE_NONE };

/* @return digits read; beyond what a file may have, the number stays as large as that */
static size_t figure_read(struct palier_bytes s, uint64_t *out)
{
	size_t i = 0;

	for (*out = 0; i < s.len && s.at[i] >= '0' && s.at[i] <= '9'; i++)
		*out = *out < UINT64_MAX / 20 ? *out * 10 + (uint64_t)(s.at[i] - '0') : *out;
	return i;
}

/* One range, `bytes=0-99`, `bytes=100-` or `bytes=-100`. Several, and what is no range, are passed over, as the RFC has it. */
static enum range range_read(struct palier_bytes text, uint64_t size, uint64_t *first, uint64_t *end)
{
	size_t unit = sizeof("bytes=") - 1, n, m;
	uint64_t a, b;

	if (text.len <= unit || strncasecmp(text.at, "bytes=", unit) != 0)
		return RANGE_WHOLE;
	text = palier_bytes_of(text.at + unit, text.len - unit);
	n = figure_read(text, &a);
	if (n == text.len || text.at[n] != '-')
		return RANGE_WHOLE;
	text = palier_bytes_of(text.at + n + 1, text.len - n - 1);
	m = figure_read(text, &b);
	if (m != text.len || (n == 0 && m == 0) || (n > 0 && m > 0 && b < a))
		return RANGE_WHOLE;
	*first = n > 0 ? a : b < size ? size - b : 0;
	*end = n > 0 && m > 0 && b < size ? b + 1 : size;
	return *first < *end ? RANGE_PART : RANGE_NONE;
}

static enum range range_of(const struct http_head *h, const struct http_file *f, uint64_t *first, uint64_t *end)
{
	*first = 0;
	*end = f->size;
	if (!h->range.len || h->verb != HTTP_GET || (h->if_range.len && !palier_is(h->if_range, f->etag)))
		return RANGE_WHOLE;
	return range_read(h->range, f->size, first, end);
}

/* The tag, the digest, and what is sent of it. */
static void fields_write(const struct http_file *f, enum range range, uint64_t first, uint64_t end, char *out, size_t size)
{
	char digest[SHA256_LEN * 2] = "", of_whole[96] = "", part[96] = "";

	if (f->sha256) {
		palier_base64_padded(f->sha256->b, SHA256_LEN, digest);
		snprintf(of_whole, sizeof(of_whole), "Repr-Digest: sha-256=:%s:\r\n", digest);
	}
	if (range == RANGE_PART)
		snprintf(part, sizeof(part), "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)first,
			(unsigned long long)end - 1, (unsigned long long)f->size);
	snprintf(out, size, "ETag: %s\r\nAccept-Ranges: bytes\r\n%s%s", f->etag, of_whole, part);
}

static void refuse_range(struct http_call *c, const struct http_file *f)
{
	char fields[64];

	snprintf(fields, sizeof(fields), "Content-Range: bytes */%llu\r\n", (unsigned long long)f->size);
	http_begin(c, 416, NULL, 0, fields);
}

void http_send_file(struct http_call *c, const struct http_file *f)
{
	struct http *h = c->talk->http;
	bool known = c->head->if_none_match.len && tag_listed(c->head->if_none_match, f->etag);
	uint64_t first, end;
	enum range range = range_of(c->head, f, &first, &end);
	char fields[512];

	fields_write(f, known ? RANGE_WHOLE : range, first, end, fields, sizeof(fields));
	if (known) {
		http_begin(c, 304, NULL, 0, fields);
	} else if (range == RANGE_NONE) {
		refuse_range(c, f);
	} else {
		http_begin(c, range == RANGE_PART ? 206 : 200, f->type, end - first, fields);
		if (c->head->verb == HTTP_GET && first < end) {
			h->file = f->fd;
			h->file_at = first;
			h->file_end = end;
			return;
		}
	}
	close(f->fd);
}
