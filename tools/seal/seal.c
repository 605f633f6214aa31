/* SPDX-License-Identifier: Apache-2.0 */
/* One batch after the other. */
#include "tools/seal/seal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/seal/outbox.h"

struct seal {
	const struct seal_settings *settings;
	struct outbox outbox;
	struct signer present, retired; /* retired: key NULL until it is asked for, and where there is none */
	int64_t now_ms;
	struct batch_before before;
	char *why;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- where to go on --- */

/* The last manifest, which must be as it was signed; whose signature counts is the office's business. */
static int before_read(struct seal *s, uint32_t batch)
{
	struct palier_buffer manifest = { 0 }, signature = { 0 };
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	struct cms_signed by;
	enum batch_fault fault = BATCH_FINE;
	int err = outbox_read(&s->outbox, batch, BATCH_MANIFEST, &manifest, s->why);

	if (err == PALIER_OK)
		err = outbox_read(&s->outbox, batch, BATCH_SIGNATURE, &signature, s->why);
	if (err == PALIER_OK)
		fault = crypto_cms_verify(palier_buffer_bytes(&manifest), palier_buffer_bytes(&signature), NULL, &by);
	if (err == PALIER_OK && fault == BATCH_FINE)
		fault = batch_manifest_read(palier_buffer_bytes(&manifest), &a, &m);
	if (err == PALIER_OK && fault == BATCH_FINE && m.batch != batch)
		fault = BATCH_FILE_MANIFEST;
	if (err == PALIER_OK && fault == BATCH_FINE && !palier_is(m.store, s->settings->store))
		fault = BATCH_MANIFEST_STORE;
	if (err == PALIER_OK && fault == BATCH_FINE)
		batch_before_of(&m, palier_buffer_bytes(&manifest), &s->before);
	else if (err == PALIER_OK || err == PALIER_ENOENT)
		err = seal_fail(s->why, PALIER_EDAMAGED,
			"%s/%u, the batch sealed last, is not as it was (%s: %s); have it back from the office",
			s->outbox.path, batch, batch_fault_word(fault),
			err == PALIER_ENOENT ? "a file is missing" : batch_fault_text(fault));
	palier_buffer_deinit(&manifest);
	palier_buffer_deinit(&signature);
	palier_arena_deinit(&a);
	return err;
}

static int find_before(struct seal *s)
{
	uint32_t last;
	bool sealed;
	int err = outbox_last(&s->outbox, &last, &sealed, s->why);

	if (err != PALIER_OK)
		return err;
	if (!sealed && last > 0)
		last--; /* begun, and not ended */
	return last ? before_read(s, last) : PALIER_OK;
}

/* --- one batch --- */

static int damaged(struct seal *s, const struct batch_facts *facts, enum batch_fault fault)
{
	uint32_t batch = s->before.batch + 1;
	const char *where = fault == BATCH_FILE_CHAIN ? facts->chain.why : "";

	if (fault == BATCH_BATCH_FORK)
		return seal_fail(s->why, PALIER_EDAMAGED,
			"journal %u does not follow batch %u as it was sealed: one of the two was changed, or restored from an older backup (%s)",
			batch, batch - 1, batch_fault_word(fault));
	return seal_fail(s->why, fault == BATCH_FILE_UNREADABLE ? PALIER_EIO : PALIER_EDAMAGED,
		"journal %u is not sealed: %s (%s)%s%s; see palier check", batch, batch_fault_text(fault),
		batch_fault_word(fault), where[0] ? ": " : "", where);
}

/* The journal's file, verified as it lies in the outbox. */
static int events_seal(struct seal *s, struct outbox_batch *b, const char *journal, struct batch_facts *facts)
{
	char what[32];
	struct progress bar = { .what = what };
	enum batch_fault fault;
	int fd, err = outbox_bring(b, journal, BATCH_EVENTS, &fd, s->why);

	if (err != PALIER_OK)
		return err;
	snprintf(what, sizeof(what), "sealing %u", b->batch);
	fault = batch_read(fd, &bar, facts);
	progress_end(&bar);
	close(fd);
	if (fault == BATCH_FINE && !palier_is(facts->chain.head.store, s->settings->store))
		fault = BATCH_MANIFEST_STORE;
	if (fault == BATCH_FINE)
		fault = batch_follows(facts, &s->before);
	if (fault == BATCH_FINE)
		return outbox_keep(b, BATCH_EVENTS, s->why);
	outbox_drop(b, BATCH_EVENTS);
	return damaged(s, facts, fault);
}

/* The same for who has a slow line. It is made here, so that nobody waits at a till while palierd makes it. */
static int packed_seal(struct seal *s, struct outbox_batch *b)
{
	char line[2 * SHA256_LEN + sizeof("  " BATCH_PACKED "\n")];
	struct palier_hash sum;
	int err = outbox_pack(b, BATCH_EVENTS, BATCH_PACKED, &sum, s->why);

	if (err == PALIER_OK)
		err = outbox_keep(b, BATCH_PACKED, s->why);
	if (err != PALIER_OK)
		return err;
	palier_hex(sum.b, SHA256_LEN, line);
	memcpy(line + 2 * SHA256_LEN, "  " BATCH_PACKED "\n", sizeof("  " BATCH_PACKED "\n"));
	err = outbox_put(b, BATCH_PACKED_SUM, palier_str(line), s->why);
	return err == PALIER_OK ? outbox_keep(b, BATCH_PACKED_SUM, s->why) : err;
}

/* The key that must sign it: of the batch before, or the one that batch announced. */
static int choose(struct seal *s, const struct signer **out)
{
	static const struct palier_hash none;
	const struct palier_hash *id = &s->before.key_id;
	char hex[2 * SHA256_LEN + 1];
	int err = PALIER_OK;

	*out = &s->present;
	if (s->settings->new_key || memcmp(id->b, none.b, SHA256_LEN) == 0 ||
		memcmp(id->b, s->present.id.b, SHA256_LEN) == 0)
		return PALIER_OK;
	*out = &s->retired;
	if (!s->retired.key)
		err = signer_open(s->settings->certificate, s->settings->key, true, s->now_ms, &s->retired, s->why);
	if (err != PALIER_OK)
		return err;
	if (s->retired.key && memcmp(id->b, s->retired.id.b, SHA256_LEN) == 0)
		return PALIER_OK;
	palier_hex(id->b, SHA256_LEN, hex);
	return seal_fail(s->why, PALIER_ECONFIG,
		"batch %u must be signed with the key %.16s..., which is neither %s nor %s" SIGNER_RETIRED
		": announce a new one with palier key rotate, or, if that key is lost, tell the office (palier-hq trust) and use --new-key",
		s->before.batch + 1, hex, s->settings->key, s->settings->key);
}

/* Nothing leaves that an office would not accept. */
static int sign(struct seal *s, const struct signer *by, struct palier_bytes manifest, struct palier_buffer *out)
{
	const struct crypto_certificate *pinned[] = { by->certificate };
	const struct cms_trust trust = { .pinned = pinned, .pinned_count = 1 };
	struct cms_signed is;
	enum batch_fault fault;

	crypto_cms_sign(by->key, by->certificate, manifest, s->now_ms, out);
	fault = crypto_cms_verify(manifest, palier_buffer_bytes(out), &trust, &is);
	return fault == BATCH_FINE
	               ? PALIER_OK
	               : seal_fail(s->why, PALIER_ECONFIG, "what was signed would be refused: %s", batch_fault_text(fault));
}

/* @param manifest,signature empty */
static int manifest_seal(struct seal *s, struct outbox_batch *b, const struct batch_facts *facts,
	struct palier_buffer *manifest, struct palier_buffer *signature)
{
	const struct signer *by;
	int err = choose(s, &by);

	if (err != PALIER_OK)
		return err;
	batch_manifest_write(facts, &s->before, &by->id, manifest);
	err = sign(s, by, palier_buffer_bytes(manifest), signature);
	if (err == PALIER_OK)
		err = outbox_put(b, BATCH_MANIFEST, palier_buffer_bytes(manifest), s->why);
	if (err == PALIER_OK)
		err = outbox_keep(b, BATCH_MANIFEST, s->why);
	if (err == PALIER_OK)
		err = outbox_put(b, BATCH_SIGNATURE, palier_buffer_bytes(signature), s->why);
	return err == PALIER_OK ? outbox_keep(b, BATCH_SIGNATURE, s->why) : err;
}

static int batch_seal(struct seal *s, const char *journal, struct sealed *out)
{
	struct palier_buffer manifest = { 0 }, signature = { 0 };
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	struct batch_facts facts;
	struct outbox_batch b;
	int err = outbox_begin(&s->outbox, s->before.batch + 1, &b, s->why);

	if (err != PALIER_OK)
		return err;
	err = events_seal(s, &b, journal, &facts);
	if (err == PALIER_OK)
		err = packed_seal(s, &b);
	if (err == PALIER_OK)
		err = manifest_seal(s, &b, &facts, &manifest, &signature);
	if (err == PALIER_OK && batch_manifest_read(palier_buffer_bytes(&manifest), &a, &m) == BATCH_FINE) {
		batch_before_of(&m, palier_buffer_bytes(&manifest), &s->before);
		*out = (struct sealed){ s->before.batch, facts.chain.events };
	}
	outbox_end(&b);
	palier_buffer_deinit(&manifest);
	palier_buffer_deinit(&signature);
	palier_arena_deinit(&a);
	return err;
}

/* --- all of them --- */

/* The next closed file. @param path PATH_MAX bytes @param there there is none @return PALIER_OK; PALIER_EIO: it cannot be looked at */
static int next_journal(const struct seal *s, char *path, bool *there)
{
	struct stat st;

	snprintf(path, PATH_MAX, "%s/journal/%u.jsonl", s->settings->data, s->before.batch + 1);
	*there = stat(path, &st) == 0;
	if (*there || errno == ENOENT)
		return PALIER_OK;
	return seal_fail(s->why, PALIER_EIO, "%s cannot be looked at: %s", path, strerror(errno));
}

static int ledger_there(const struct seal *s)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/journal", s->settings->data);
	return stat(path, &st) == 0 ? PALIER_OK
	                            : seal_fail(s->why, PALIER_ENOENT, "there is no ledger at %s: %s", s->settings->data,
					      strerror(errno));
}

static int present_open(struct seal *s)
{
	const char *certificate = s->settings->certificate, *key = s->settings->key;

	if (!certificate || !key)
		return seal_fail(s->why, PALIER_ECONFIG,
			"the configuration says nothing of signing: signing { certificate = \"store.pem\"  key = \"store.key\" }");
	return signer_open(certificate, key, false, s->now_ms, &s->present, s->why);
}

static int seal_closed(struct seal *s, void (*told)(const struct sealed *batch))
{
	char journal[PATH_MAX];
	bool there;
	int err = find_before(s);

	while (err == PALIER_OK && (err = next_journal(s, journal, &there)) == PALIER_OK && there) {
		struct sealed batch = { .batch = 0 };

		err = batch_seal(s, journal, &batch);
		if (err == PALIER_OK)
			told(&batch);
	}
	return err;
}

int seal_all(const struct seal_settings *settings, void (*told)(const struct sealed *batch), char *why)
{
	struct seal s = { .settings = settings, .outbox = { .fd = -1 }, .now_ms = now_ms(), .why = why };
	int err = ledger_there(&s);

	if (err == PALIER_OK)
		err = present_open(&s);
	if (err == PALIER_OK)
		err = outbox_open(settings->outbox, &s.outbox, why);
	if (err == PALIER_OK)
		err = seal_closed(&s, told);
	outbox_close(&s.outbox);
	signer_close(&s.present);
	signer_close(&s.retired);
	return err;
}
