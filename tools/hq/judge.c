/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/lines.h"
#include "tools/hq/files.h"

static const struct {
	const char *word, *text;
} refusals[] = {
#define F(name, word, text) { word, text },
	JUDGE_REFUSALS(F)
#undef F
};

static void say(struct verdict *v, const char *word, const char *text, const char *more)
{
	char line[sizeof(v->why)];

	snprintf(line, sizeof(line), "%s%s%s", text, more && *more ? ": " : "", more ? more : "");
	memcpy(v->why, line, sizeof(line));
	v->word = word;
}

void judge_fault(struct verdict *v, enum batch_fault fault, const char *more)
{
	say(v, batch_fault_word(fault), batch_fault_text(fault), more);
}

void judge_refuse(struct verdict *v, enum judge_refusal refusal, const char *more)
{
	say(v, refusals[refusal].word, refusals[refusal].text, more);
}

struct palier_bytes judge_hex(struct palier_arena *a, const struct palier_hash *hash)
{
	char *text = palier_alloc(a, 2 * SHA256_LEN + 1);

	palier_hex(hash->b, SHA256_LEN, text);
	return palier_bytes_of(text, 2 * SHA256_LEN);
}

/* --- a batch's files --- */

struct batch_files {
	struct palier_buffer manifest, signature;
	char events[PATH_MAX]; /* plain or compressed */
	int fd;                /* of the plain text */
};

static const char *name_in(const char *directory, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	return path;
}

/* The text of a compressed file, in one without a name. */
static int inflated(const char *path)
{
	FILE *plain = tmpfile();
	struct palier_bytes line;
	struct lines *l;
	int err = plain ? lines_open(path, &l) : PALIER_EIO, fd = -1;

	if (err == PALIER_OK) {
		while ((err = lines_next(l, &line)) == PALIER_OK)
			if (fwrite(line.at, 1, line.len, plain) != line.len || fputc('\n', plain) == EOF)
				break;
		lines_close(l);
	}
	if (err == PALIER_ENOENT && fflush(plain) == 0)
		fd = fcntl(fileno(plain), F_DUPFD_CLOEXEC, 0);
	if (plain)
		fclose(plain);
	return fd;
}

static int events_open(const char *directory, struct batch_files *f)
{
	f->fd = open(name_in(directory, BATCH_EVENTS, f->events), O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 && errno == ENOENT && access(name_in(directory, BATCH_EVENTS ARCHIVE_ENDING, f->events), F_OK) == 0)
		f->fd = inflated(f->events);
	return f->fd >= 0 ? PALIER_OK : errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
}

static void files_close(struct batch_files *f)
{
	if (f->fd >= 0)
		close(f->fd);
	palier_buffer_deinit(&f->manifest);
	palier_buffer_deinit(&f->signature);
}

/* A part that is too long is read as far as none of ours goes, and refused for its form. */
static int part_read(const char *directory, const char *name, struct palier_buffer *out)
{
	char path[PATH_MAX];
	int err = files_read(name_in(directory, name, path), BATCH_MANIFEST_MAX, out);

	return err == PALIER_ERANGE ? PALIER_OK : err;
}

/* @return false: refused */
static bool files_open(const char *directory, struct batch_files *f, struct verdict *v)
{
	const char *name = BATCH_MANIFEST;
	int err = part_read(directory, name, &f->manifest);

	if (err == PALIER_OK)
		err = part_read(directory, name = BATCH_SIGNATURE, &f->signature);
	if (err == PALIER_OK)
		err = events_open(directory, f), name = BATCH_EVENTS;
	if (err == PALIER_ENOENT)
		judge_refuse(v, JUDGE_FILE_MISSING, name);
	else if (err != PALIER_OK)
		judge_fault(v, BATCH_FILE_UNREADABLE, strerror(errno));
	return err == PALIER_OK;
}

/* --- what is in its events --- */

#define TAIL_MAX ((off_t)1 << 20) /* bytes; no tail line is longer */

/* The last line, without its LF. */
static bool tail_read(int fd, struct palier_buffer *out)
{
	struct stat st;
	off_t size, from;
	const char *lf;
	ssize_t n;

	if (fstat(fd, &st) != 0 || st.st_size < 2)
		return false;
	size = st.st_size - 1; /* its LF */
	from = size > TAIL_MAX ? size - TAIL_MAX : 0;
	palier_buffer_reserve(out, (size_t)(size - from));
	n = pread(fd, out->at, (size_t)(size - from), from);
	if (n != size - from)
		return false;
	out->len = (size_t)n;
	lf = out->len ? memrchr(out->at, '\n', out->len) : NULL;
	if (lf)
		palier_buffer_shift(out, (size_t)(lf - out->at) + 1);
	return true;
}

struct reckoning {
	struct keyring *ring;
	struct palier_hash signer;
	struct totals day;
	bool fits;
};

static int event_reckon(void *who, const struct booked *e)
{
	struct reckoning *r = who;

	r->fits &= totals_event(&r->day, e);
	keyring_follow(r->ring, &r->signer, e);
	return PALIER_OK;
}

/* Sums that left what a figure holds are the store's to explain, not the office's to refuse. */
static void totals_judge(struct judge *j, const struct reckoning *r, int fd, struct verdict *v)
{
	struct palier_buffer tail = { 0 };
	char why[256] = "";
	bool known = j->ever_known && r->fits && totals_add(&j->ever, &r->day);

	if (!tail_read(fd, &tail))
		judge_fault(v, BATCH_FILE_UNREADABLE, strerror(errno));
	else if (r->fits && !totals_agree(&r->day, known ? &j->ever : NULL, palier_buffer_bytes(&tail), why, sizeof(why)))
		judge_refuse(v, JUDGE_TOTALS_WRONG, why);
	totals_free(&j->ever);
	j->ever_known = totals_read(palier_buffer_bytes(&tail), &j->ever);
	palier_buffer_deinit(&tail);
}

static void events_judge(struct judge *j, const struct batch_files *f, const struct batch_manifest *m, struct verdict *v)
{
	struct event_file file = { .path = (char *)(uintptr_t)f->events };
	const struct event_files one = { .at = &file, .count = 1 };
	struct reckoning r = { .ring = &j->ring, .fits = true };
	char why[256];

	(void)palier_unhex(m->key_id, r.signer.b, SHA256_LEN);
	if (events_each(&one, NULL, event_reckon, &r, why) != PALIER_OK)
		judge_fault(v, BATCH_FILE_CHAIN, why);
	else
		totals_judge(j, &r, f->fd, v);
	totals_free(&r.day);
}

/* --- the judge --- */

void judge_begin(struct judge *j)
{
	j->before = (struct batch_before){ .batch = 0 };
	totals_free(&j->ever);
	j->ever_known = true;
}

void judge_resume(struct judge *j, const struct batch_before *before, const char *directory)
{
	struct batch_files f = { .fd = -1 };
	struct palier_buffer tail = { 0 };

	judge_begin(j);
	if (before->batch == 0)
		return;
	j->before = *before;
	j->ever_known = events_open(directory, &f) == PALIER_OK && tail_read(f.fd, &tail) &&
	                totals_read(palier_buffer_bytes(&tail), &j->ever);
	palier_buffer_deinit(&tail);
	files_close(&f);
}

void judge_end(struct judge *j)
{
	totals_free(&j->ever);
	keyring_close(&j->ring);
}

/* A key that is lost announces nothing: then it is for the office to decide. */
static void signer_fault(const struct judge *j, enum batch_fault fault, struct verdict *v)
{
	bool may_be_lost = fault == BATCH_KEY_UNANNOUNCED || (fault == BATCH_CERTIFICATE_UNKNOWN && j->ring.given);
	char more[160] = "";

	if (may_be_lost)
		snprintf(more, sizeof(more), "if the store has lost its key, palier-hq trust %.64s accepts the new one",
			j->ring.store);
	judge_fault(v, fault, more);
}

/* Of a broken chain, where it is broken. */
static void fault_say(const struct judge *j, enum batch_fault fault, const struct batch_files *f, struct verdict *v)
{
	struct batch_facts facts = { .size = 0 };

	if (fault != BATCH_FILE_CHAIN) {
		signer_fault(j, fault, v);
		return;
	}
	(void)batch_read(f->fd, NULL, &facts);
	judge_fault(v, fault, facts.chain.why);
}

static void key_replace(const struct keyring *ring, struct palier_bytes manifest, struct batch_before *after)
{
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	struct palier_hash key;

	if (batch_manifest_read(manifest, &a, &m) == BATCH_FINE && palier_unhex(m.key_id, key.b, SHA256_LEN) &&
		keyring_replaces(ring, &after->key_id, &key))
		after->key_id = key;
	palier_arena_deinit(&a);
}

static void files_judge(struct judge *j, const struct batch_files *f, struct verdict *v)
{
	struct cms_trust trust = keyring_trust(&j->ring);
	struct palier_bytes manifest = palier_buffer_bytes(&f->manifest);
	struct batch_before after = j->before;
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	enum batch_fault fault;

	key_replace(&j->ring, manifest, &after);
	fault = batch_verify(palier_str(j->ring.store), &trust, manifest, palier_buffer_bytes(&f->signature), f->fd, &after,
		NULL);
	if (fault != BATCH_FINE)
		fault_say(j, fault, f, v);
	else if (batch_manifest_read(manifest, &a, &m) == BATCH_FINE)
		events_judge(j, f, &m, v);
	if (!v->word)
		j->before = after;
	palier_arena_deinit(&a);
}

void judge_batch(struct judge *j, const char *directory, struct verdict *out)
{
	struct batch_files f = { .fd = -1 };

	*out = (struct verdict){ .word = NULL };
	if (files_open(directory, &f, out))
		files_judge(j, &f, out);
	files_close(&f);
}

/* What a manifest says, whoever has signed it. @param a owns what out borrows */
static bool manifest_of(const char *directory, struct palier_arena *a, struct batch_manifest *out, struct palier_bytes *text)
{
	struct palier_buffer manifest = { 0 };
	bool read = part_read(directory, BATCH_MANIFEST, &manifest) == PALIER_OK;

	*text = palier_copy(a, palier_buffer_bytes(&manifest));
	palier_buffer_deinit(&manifest);
	return read && batch_manifest_read(*text, a, out) == BATCH_FINE;
}

bool judge_pass(struct judge *j, const char *directory)
{
	struct palier_arena a = { .used = 0 };
	struct batch_before before;
	struct palier_bytes text;
	struct batch_manifest m;
	bool read = manifest_of(directory, &a, &m, &text);

	if (read) {
		batch_before_of(&m, text, &before);
		judge_resume(j, &before, directory);
	}
	palier_arena_deinit(&a);
	return read;
}

bool judge_leap(struct judge *j, const char *directory)
{
	struct palier_arena a = { .used = 0 };
	struct batch_before before = { .batch = 0 };
	struct palier_bytes text;
	struct batch_manifest m;
	bool read = manifest_of(directory, &a, &m, &text) &&
	            palier_unhex(m.prev_batch_sha256, before.sha256.b, SHA256_LEN) &&
	            palier_unhex(m.prev_manifest_sha256, before.manifest.b, SHA256_LEN);

	if (read) {
		judge_begin(j);
		before.batch = (uint32_t)m.batch - 1;
		before.last_seq = (uint64_t)m.first_seq - 1;
		j->before = before;
		j->ever_known = before.batch == 0;
	}
	palier_arena_deinit(&a);
	return read;
}

void judge_manifest(const struct judge *j, struct palier_bytes manifest, struct palier_bytes signature,
	struct palier_arena *a, struct batch_manifest *out, struct verdict *verdict)
{
	struct cms_trust trust = keyring_trust(&j->ring);
	struct cms_signed by;
	enum batch_fault fault = crypto_cms_verify(manifest, signature, &trust, &by);

	*verdict = (struct verdict){ .word = NULL };
	if (fault == BATCH_FINE)
		fault = batch_manifest_read(manifest, a, out);
	if (fault == BATCH_FINE && !palier_is(out->store, j->ring.store))
		fault = BATCH_MANIFEST_STORE;
	if (fault == BATCH_FINE && out->batch != (int64_t)j->before.batch + 1)
		fault = out->batch <= j->before.batch ? BATCH_BATCH_REPLAYED : BATCH_BATCH_GAP;
	if (fault != BATCH_FINE)
		signer_fault(j, fault, verdict);
}
