/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed batches, out of the outbox. What palier-seal has not finished is not there yet: the signature comes last. */
#include "daemon/http_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"

/* Not a pipe that waits, nor a directory. @return a descriptor; -1 */
static int file_open(const struct config *config, uint32_t batch, const char *name, struct stat *st)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%u/%s", config->outbox, batch, name);
	int fd = n > 0 && (size_t)n < sizeof(path) ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;

	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A manifest or a signature: none of ours is long. */
static int small_read(const struct config *config, uint32_t batch, const char *name, struct palier_buffer *out)
{
	struct stat st;
	ssize_t n;
	int fd = file_open(config, batch, name, &st);

	if (fd < 0)
		return PALIER_ENOENT;
	palier_buffer_reserve(out, BATCH_MANIFEST_MAX + 1);
	n = read(fd, out->at, BATCH_MANIFEST_MAX + 1);
	close(fd);
	if (n <= 0 || n > BATCH_MANIFEST_MAX)
		return PALIER_EDAMAGED;
	out->len = (size_t)n;
	return PALIER_OK;
}

int batch_sealed(const struct config *config, uint32_t batch, struct palier_arena *a, struct batch_manifest *out)
{
	struct palier_buffer text = { 0 };
	struct stat st;
	int signature = file_open(config, batch, BATCH_SIGNATURE, &st);
	int err = signature >= 0 ? small_read(config, batch, BATCH_MANIFEST, &text) : PALIER_ENOENT;

	if (signature >= 0)
		close(signature);
	if (err == PALIER_OK && (batch_manifest_read(palier_copy(a, palier_buffer_bytes(&text)), a, out) != BATCH_FINE ||
					out->batch != batch))
		err = PALIER_EDAMAGED;
	palier_buffer_deinit(&text);
	if (err == PALIER_EDAMAGED)
		log_warn("http.batch", "batch=%u: its manifest in the outbox is damaged", batch);
	return err;
}

bool http_sealed(struct http_call *c, struct palier_arena *a, struct batch_manifest *out)
{
	int err = batch_sealed(c->turn->config, c->number, a, out);

	if (err == PALIER_ENOENT)
		http_refuse(c, 404, palier_error_info(PALIER_EBATCH_UNKNOWN)->reason, "there is no sealed batch %u",
			c->number);
	else if (err != PALIER_OK)
		http_refuse(c, 500, NULL, "the log says why");
	return err == PALIER_OK;
}

/* --- the events --- */

/* @return a descriptor of the file that the manifest sums; -1, answered */
static int events_open(struct http_call *c, const struct batch_manifest *m)
{
	struct stat st;
	int fd = file_open(c->turn->config, c->number, BATCH_EVENTS, &st);

	if (fd >= 0 && st.st_size == m->size)
		return fd;
	if (fd >= 0)
		close(fd);
	log_warn("http.batch", "batch=%u: its events in the outbox are not those of its manifest", c->number);
	http_refuse(c, 500, NULL, "the log says why");
	return -1;
}

static void events_send(struct http_call *c, const struct batch_manifest *m)
{
	struct http_file f = { .type = "application/x-ndjson", .fd = events_open(c, m), .size = (uint64_t)m->size };
	struct palier_hash sum;
	char etag[2 * SHA256_LEN + 3];

	if (f.fd < 0)
		return;
	if (!palier_unhex(m->sha256, sum.b, SHA256_LEN)) {
		close(f.fd);
		http_refuse(c, 500, NULL, "the manifest of this batch has no sum");
		return;
	}
	f.sha256 = &sum;
	f.etag = etag;
	snprintf(etag, sizeof(etag), "\"%.*s\"", (int)m->sha256.len, m->sha256.at);
	http_send_file(c, &f);
}

void http_batch_events(struct http_call *c)
{
	struct palier_arena a = { 0 };
	struct batch_manifest m;

	if (http_sealed(c, &a, &m))
		events_send(c, &m);
	palier_arena_deinit(&a);
}

/* The same file, compressed by palier-seal: its tag and its sum are those of what is sent, not of what comes out of it. */
static void packed_send(struct http_call *c)
{
	struct http_file f = { .type = "application/zstd" };
	struct palier_buffer line = { 0 };
	struct palier_hash sum;
	struct stat st;
	char etag[2 * SHA256_LEN + 3];
	const struct config *config = c->turn->config;
	int err = small_read(config, c->number, BATCH_PACKED_SUM, &line);

	if (err == PALIER_OK &&
		(line.len < 2 * SHA256_LEN || !palier_unhex(palier_bytes_of(line.at, 2 * SHA256_LEN), sum.b, SHA256_LEN)))
		err = PALIER_EDAMAGED;
	f.fd = err == PALIER_OK ? file_open(config, c->number, BATCH_PACKED, &st) : -1;
	if (f.fd >= 0) {
		f.size = (uint64_t)st.st_size;
		f.sha256 = &sum;
		f.etag = etag;
		snprintf(etag, sizeof(etag), "\"%.*s\"", 2 * SHA256_LEN, line.at);
		http_send_file(c, &f);
	} else {
		http_refuse(c, 404, NULL, "this batch was sealed without it: pull events.jsonl");
	}
	palier_buffer_deinit(&line);
}

void http_batch_packed(struct http_call *c)
{
	struct palier_arena a = { 0 };
	struct batch_manifest m;

	if (http_sealed(c, &a, &m))
		packed_send(c);
	palier_arena_deinit(&a);
}

/* --- manifest and signature --- */

static void small_send(struct http_call *c, const char *name, const char *type)
{
	struct http_file f = { .type = type };
	struct palier_buffer text = { 0 };
	struct palier_hash sum;
	struct stat st;
	char hex[2 * SHA256_LEN + 1], etag[sizeof(hex) + 2];
	int err = small_read(c->turn->config, c->number, name, &text);

	f.fd = err == PALIER_OK ? file_open(c->turn->config, c->number, name, &st) : -1;
	if (f.fd < 0 || (size_t)st.st_size != text.len) {
		if (f.fd >= 0)
			close(f.fd);
		http_refuse(c, 500, NULL, "a file of the outbox cannot be read");
	} else {
		crypto_sha256(palier_buffer_bytes(&text), &sum);
		palier_hex(sum.b, SHA256_LEN, hex);
		snprintf(etag, sizeof(etag), "\"%s\"", hex);
		f.size = text.len;
		f.sha256 = &sum;
		f.etag = etag;
		http_send_file(c, &f);
	}
	palier_buffer_deinit(&text);
}

static void small_serve(struct http_call *c, const char *name, const char *type)
{
	struct palier_arena a = { 0 };
	struct batch_manifest m;

	if (http_sealed(c, &a, &m))
		small_send(c, name, type);
	palier_arena_deinit(&a);
}

void http_batch_manifest(struct http_call *c)
{
	small_serve(c, BATCH_MANIFEST, "application/json");
}

void http_batch_signature(struct http_call *c)
{
	small_serve(c, BATCH_SIGNATURE, "application/pkcs7-signature");
}
