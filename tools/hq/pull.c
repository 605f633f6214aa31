/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/pull.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/json_values.h"
#include "tools/hq/files.h"
#include "tools/hq/profiles.h"

#define LIST_MAX       ((size_t)4 << 20) /* bytes */
#define PROFILES_MAX   ((size_t)8 << 20) /* bytes: of a page, and of pages before they are written */
#define ANSWER_MAX     ((size_t)64 << 10)
#define BACKOFF_MAX_MS 60000

/* --- the ends --- */

static void end(struct pull *p, enum pull_end how, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void end(struct pull *p, enum pull_end how, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, args);
	va_end(args);
	p->end = how;
	if (p->file >= 0)
		close(p->file);
	p->file = -1;
}

static void stuck(struct pull *p)
{
	end(p, PULL_STUCK, "what came could not be kept: %s", strerror(errno));
}

static void refuse(struct pull *p, uint32_t batch, const struct verdict *v)
{
	if (shelf_refuse(&p->shelf, batch, v) != PALIER_OK)
		stuck(p);
	else
		end(p, PULL_REFUSED, "batch %u, %s: %s", batch, v->word, v->why);
}

/* --- asking --- */

static void answered(void *who, const struct fetch_answer *a);

/* @return false: it is stuck */
static bool emptied(struct pull *p)
{
	if (ftruncate(p->file, 0) == 0)
		return true;
	stuck(p);
	return false;
}

/* The same request, for what is still missing. */
static void ask_again(struct pull *p, int64_t wait_ms)
{
	struct stat st;

	p->body.len = 0;
	p->request.from = 0;
	p->request.if_tag = NULL;
	if (p->again && p->file >= 0 && !emptied(p))
		return;
	if (p->file >= 0 && fstat(p->file, &st) == 0 && st.st_size > 0) {
		p->request.from = (uint64_t)st.st_size;
		p->request.if_tag = p->tag[0] ? p->tag : NULL;
		p->pieced = true;
	}
	fetch_ask(p->fetch, &p->request, wait_ms);
}

/* @param path behind /v1/, owned by the shelf @param post NULL: GET */
static void ask(struct pull *p, const char *path, const char *post, uint64_t most,
	void (*then)(struct pull *p, const struct fetch_answer *a))
{
	p->then = then;
	p->attempts = 0;
	p->request = (struct fetch_request){ .url = palier_format(&p->shelf.arena, "%s/v1/%s", p->url, path),
		.post = post,
		.into = &p->body,
		.file = p->file,
		.most = most,
		.done = answered,
		.who = p };
	ask_again(p, 0);
}

static bool grown(struct pull *p)
{
	uint64_t had = p->had;
	struct stat st;

	if (p->file < 0 || fstat(p->file, &st) != 0)
		return false;
	p->had = (uint64_t)st.st_size;
	return p->had > had;
}

/* Twice as long each time, and a little by chance, so that hundreds do not come back together. */
static void retry(struct pull *p, const char *why)
{
	int64_t wait = p->options->backoff_ms;
	uint16_t chance;

	if (grown(p))
		p->attempts = 0;
	if (p->attempts++ >= p->options->retries) {
		end(p, PULL_AWAY, "%s", why);
		return;
	}
	for (unsigned i = 1; i < p->attempts && wait < BACKOFF_MAX_MS; i++)
		wait *= 2;
	crypto_random(&chance, sizeof(chance));
	wait = palier_least(wait, BACKOFF_MAX_MS);
	ask_again(p, wait + wait * chance / (2 * UINT16_MAX));
}

/* Another time it may be better. */
static bool passes(long status)
{
	return status >= 500 || status == 408 || status == 425 || status == 429;
}

static void answered(void *who, const struct fetch_answer *a)
{
	struct pull *p = who;
	char why[64];

	if (a->tag[0])
		memcpy(p->tag, a->tag, sizeof(p->tag));
	if (a->end == FETCH_DISK) {
		stuck(p);
	} else if (a->end == FETCH_DISTRUST) {
		end(p, PULL_AWAY, "%s", a->why);
	} else if (a->end == FETCH_RANGE) { /* what it says of parts is not to be trusted */
		if (p->file < 0 || emptied(p))
			retry(p, a->why);
	} else if (a->end == FETCH_CUT || a->end == FETCH_FAILED) {
		retry(p, a->why);
	} else if (passes(a->status)) {
		snprintf(why, sizeof(why), "it answers %ld", a->status);
		retry(p, why);
	} else {
		p->then(p, a);
	}
}

/* An answer other than what was asked for. */
static bool well(struct pull *p, const struct fetch_answer *a, const char *what)
{
	if (a->end == FETCH_ANSWERED && a->status / 100 == 2)
		return true;
	if (a->end == FETCH_ANSWERED)
		end(p, PULL_AWAY, "%s: it answers %ld", what, a->status);
	else
		end(p, PULL_AWAY, "%s: %s", what, a->why);
	return false;
}

/* --- members' data --- */

static void ask_profiles(struct pull *p);

/* The state says how far the file goes, so the file comes first. */
static bool profiles_keep(struct pull *p)
{
	int err = profiles_merge(shelf_path(&p->shelf, "profiles.jsonl"), palier_buffer_bytes(&p->profiles));

	if (err == PALIER_OK) {
		p->profiles.len = 0;
		p->shelf.profiles = p->profiles_seq;
		err = shelf_save(&p->shelf);
	}
	if (err == PALIER_EDAMAGED)
		end(p, PULL_STUCK, "profiles.jsonl holds something else: move it away, and it is made anew");
	else if (err != PALIER_OK)
		stuck(p);
	return err == PALIER_OK;
}

static void on_profiles(struct pull *p, const struct fetch_answer *a)
{
	bool more = false;

	if (!well(p, a, "its members' data"))
		return;
	if (profiles_page(palier_buffer_bytes(&p->body), &p->profiles, &p->profiles_seq, &more) != PALIER_OK) {
		end(p, PULL_AWAY, "its members' data cannot be read");
		return;
	}
	if ((p->profiles.len > PROFILES_MAX || (!more && p->profiles_seq != p->shelf.profiles)) && !profiles_keep(p))
		return;
	if (more)
		ask_profiles(p);
	else
		end(p, PULL_DONE, "up to date");
}

static void ask_profiles(struct pull *p)
{
	if (p->options->no_profiles)
		end(p, PULL_DONE, "up to date");
	else
		ask(p, palier_format(&p->shelf.arena, "profiles?after=%llu", (unsigned long long)p->profiles_seq), NULL,
			PROFILES_MAX, on_profiles);
}

/* --- a batch --- */

static void list(struct pull *p, uint32_t after), next(struct pull *p), ask_events(struct pull *p);

static uint32_t number(const struct pull *p)
{
	return p->shelf.judge.before.batch + 1;
}

static const char *part(struct pull *p, const char *name)
{
	return shelf_path(&p->shelf, "incoming/%u/%s", number(p), name);
}

static const char *part_url(struct pull *p, uint32_t batch, const char *name)
{
	return palier_format(&p->shelf.arena, "batches/%u/%s", batch, name);
}

/* The file again, from its first byte: its parts did not belong together. */
static void ask_whole(struct pull *p)
{
	p->file = open(part(p, BATCH_EVENTS), O_RDWR | O_TRUNC | O_CLOEXEC);
	p->pieced = false;
	if (p->file < 0) {
		stuck(p);
		return;
	}
	p->again = true;
	p->tag[0] = '\0';
	ask_events(p);
}

static void take(struct pull *p)
{
	struct verdict v;
	int err;

	close(p->file);
	p->file = -1;
	err = shelf_take(&p->shelf, &v);
	if (err != PALIER_OK) {
		stuck(p);
	} else if (v.word && p->pieced && !p->again) {
		ask_whole(p);
	} else if (v.word) {
		refuse(p, number(p), &v);
	} else {
		p->taken++;
		p->probed = true;
		next(p);
	}
}

/* What is longer than the manifest says is judged as it is; so is what ends early, though the store says that it is whole. */
static void on_events(struct pull *p, const struct fetch_answer *a)
{
	bool less = a->end == FETCH_ANSWERED && a->status == 416 && p->pieced; /* than is here */

	if (less || a->end == FETCH_LONG || well(p, a, BATCH_EVENTS))
		take(p);
}

static void ask_events(struct pull *p)
{
	p->had = 0;
	ask(p, part_url(p, number(p), BATCH_EVENTS), NULL, p->size, on_events);
}

/* What an earlier run has left of the file is gone on with. */
static void begin_events(struct pull *p, const struct batch_manifest *m)
{
	struct stat st;

	p->size = (uint64_t)m->size;
	p->again = p->pieced = false;
	p->tag[0] = '\0';
	p->file = open(part(p, BATCH_EVENTS), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (p->file < 0 || fstat(p->file, &st) != 0) {
		stuck(p);
	} else if (st.st_size >= m->size) {
		p->pieced = true;
		take(p);
	} else {
		ask_events(p);
	}
}

static void on_signature(struct pull *p, const struct fetch_answer *a)
{
	struct palier_arena arena = { .used = 0 };
	struct batch_manifest m;
	struct verdict v;

	if (a->end != FETCH_LONG && !well(p, a, BATCH_SIGNATURE))
		return;
	if (files_write(part(p, BATCH_SIGNATURE), palier_buffer_bytes(&p->body), 0644) != PALIER_OK) {
		stuck(p);
		return;
	}
	/* Before anything large is fetched: is it the store that says how large it is? */
	judge_manifest(&p->shelf.judge, palier_buffer_bytes(&p->manifest), palier_buffer_bytes(&p->body), &arena, &m, &v);
	if (v.word)
		refuse(p, number(p), &v);
	else
		begin_events(p, &m);
	palier_arena_deinit(&arena);
}

/* What is there of another batch of this number does not belong to it. */
static int manifest_keep(struct pull *p)
{
	struct palier_buffer there = { 0 };
	const char *directory = shelf_path(&p->shelf, "incoming/%u", number(p));
	int err = files_read(part(p, BATCH_MANIFEST), BATCH_MANIFEST_MAX, &there);

	if (err == PALIER_OK && palier_equal(palier_buffer_bytes(&there), palier_buffer_bytes(&p->body)))
		err = PALIER_OK;
	else
		err = files_remove(directory);
	palier_buffer_deinit(&there);
	if (err == PALIER_OK)
		err = files_directory(directory);
	return err == PALIER_OK ? files_write(part(p, BATCH_MANIFEST), palier_buffer_bytes(&p->body), 0644) : err;
}

static void on_manifest(struct pull *p, const struct fetch_answer *a)
{
	if (a->end != FETCH_LONG && !well(p, a, BATCH_MANIFEST))
		return;
	if (manifest_keep(p) != PALIER_OK) {
		stuck(p);
		return;
	}
	p->manifest.len = 0;
	palier_buffer_add(&p->manifest, p->body.at, p->body.len);
	ask(p, part_url(p, number(p), BATCH_SIGNATURE), NULL, BATCH_MANIFEST_MAX, on_signature);
}

/* --- the receipt --- */

/* Of a batch that is here. @return false: there is none any more */
static bool sha256_of(struct pull *p, uint32_t batch, char hex[2 * SHA256_LEN + 1])
{
	const struct batch_before *before = &p->shelf.judge.before;
	struct palier_buffer text = { 0 };
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	bool good = true;

	if (batch == before->batch) {
		palier_hex(before->sha256.b, SHA256_LEN, hex);
		return true;
	}
	good = files_read(shelf_path(&p->shelf, "batches/%u/" BATCH_MANIFEST, batch), BATCH_MANIFEST_MAX, &text) ==
	               PALIER_OK &&
	       batch_manifest_read(palier_buffer_bytes(&text), &a, &m) == BATCH_FINE;
	if (good)
		snprintf(hex, 2 * SHA256_LEN + 1, "%.*s", PALIER_ARG(m.sha256));
	palier_arena_deinit(&a);
	palier_buffer_deinit(&text);
	return good;
}

static void on_ack(struct pull *p, const struct fetch_answer *a)
{
	if (!well(p, a, "its receipt"))
		return;
	p->shelf.acked++;
	if (p->shelf.acked == p->shelf.judge.before.batch && shelf_save(&p->shelf) != PALIER_OK)
		stuck(p);
	else
		next(p);
}

/* @return false: all are known to the store */
static bool acknowledge(struct pull *p)
{
	char sha256[2 * SHA256_LEN + 1];

	while (p->shelf.acked < p->shelf.judge.before.batch) {
		uint32_t batch = p->shelf.acked + 1;

		if (sha256_of(p, batch, sha256)) {
			ask(p, part_url(p, batch, "ack"), palier_format(&p->shelf.arena, "{\"sha256\":\"%s\"}", sha256),
				ANSWER_MAX, on_ack);
			return true;
		}
		p->shelf.acked++;
	}
	return false;
}

static void next(struct pull *p)
{
	if (acknowledge(p))
		return;
	if (p->listed == 0)
		ask_profiles(p);
	else if (number(p) > p->listed)
		list(p, p->shelf.judge.before.batch - 1); /* it lists them in parts */
	else
		ask(p, part_url(p, number(p), BATCH_MANIFEST), NULL, BATCH_MANIFEST_MAX, on_manifest);
}

/* --- what the store has --- */

struct listing {
	bool last;            /* the batch that was taken last */
	uint32_t first, most; /* beyond it; 0: none */
	uint32_t next;        /* the next part is behind this one; 0: there is none */
};

static uint32_t next_read(const struct json_doc *d)
{
	uint64_t next = 0;

	return json_uint_in(d, json_member(d, 0, "next"), &next) && next <= UINT32_MAX ? (uint32_t)next : 0;
}

static bool list_read(struct palier_bytes text, uint32_t last, struct listing *out)
{
	struct palier_arena a = { .used = 0 };
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };
	uint32_t batches, left, at;
	bool good;

	*out = (struct listing){ .first = 0 };
	d.tokens = palier_alloc(&a, d.capacity * sizeof(*d.tokens));
	good = json_parse(&d, text, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT;
	batches = good ? json_member(&d, 0, "batches") : 0;
	good = batches && d.tokens[batches].type == JSON_ARRAY;
	left = good ? d.tokens[batches].count : 0;
	out->next = good ? next_read(&d) : 0;
	for (at = batches + 1; good && left; left--, at += d.tokens[at].span) {
		uint64_t batch = 0;

		good = d.tokens[at].type == JSON_OBJECT && json_uint_in(&d, json_member(&d, at, "batch"), &batch) &&
		       batch <= UINT32_MAX;
		out->last |= batch == last;
		if (batch > last && (!out->first || batch < out->first))
			out->first = (uint32_t)batch;
		if (batch > last && batch > out->most)
			out->most = (uint32_t)batch;
	}
	palier_arena_deinit(&a);
	return good;
}

/* The store's batch of the number that was taken last: is it that one? Another is kept as evidence. */
static void on_probe(struct pull *p, const struct fetch_answer *a)
{
	uint32_t last = p->shelf.judge.before.batch;
	struct palier_hash hash;
	struct verdict v;

	if (a->end != FETCH_LONG && !well(p, a, BATCH_MANIFEST))
		return;
	crypto_sha256(palier_buffer_bytes(&p->body), &hash);
	if (memcmp(hash.b, p->shelf.judge.before.manifest.b, SHA256_LEN) == 0) {
		p->probed = true;
		next(p);
		return;
	}
	if (files_directory(shelf_path(&p->shelf, "incoming/%u", last)) != PALIER_OK ||
		files_write(shelf_path(&p->shelf, "incoming/%u/" BATCH_MANIFEST, last), palier_buffer_bytes(&p->body),
			0644) != PALIER_OK) {
		stuck(p);
		return;
	}
	judge_refuse(&v, JUDGE_BATCH_OTHER, NULL);
	refuse(p, last, &v);
}

static void on_list(struct pull *p, const struct fetch_answer *a)
{
	uint32_t last = p->shelf.judge.before.batch;
	struct listing l;
	struct verdict v;

	if (!well(p, a, "its list of batches"))
		return;
	if (!list_read(palier_buffer_bytes(&p->body), last, &l)) {
		end(p, PULL_AWAY, "its list of batches cannot be read");
	} else if (!l.last && !l.first && l.next > p->after) {
		list(p, l.next); /* nothing of this part is there any more */
	} else if (last && !l.last && !l.first) {
		judge_refuse(&v, JUDGE_ROLLED_BACK, NULL);
		refuse(p, last, &v);
	} else if (l.first > last + 1) {
		judge_fault(&v, BATCH_BATCH_GAP, "the store no longer has it");
		refuse(p, last + 1, &v);
	} else {
		p->listed = l.most;
		if (l.last && !p->probed)
			ask(p, part_url(p, last, BATCH_MANIFEST), NULL, BATCH_MANIFEST_MAX, on_probe);
		else
			next(p);
	}
}

static void list(struct pull *p, uint32_t after)
{
	p->after = after;
	ask(p, palier_format(&p->shelf.arena, "batches?after=%u", after), NULL, LIST_MAX, on_list);
}

/* --- the whole --- */

void pull_begin(struct pull *p, struct fetch *f, const struct pull_options *o)
{
	p->fetch = f;
	p->options = o;
	p->file = -1;
	p->from = p->shelf.judge.before.batch;
	if (access(shelf_path(&p->shelf, "profiles.jsonl"), F_OK) != 0)
		p->shelf.profiles = 0;
	p->profiles_seq = p->shelf.profiles;
	list(p, p->from ? p->from - 1 : 0);
}

unsigned pull_progress(const struct pull *p)
{
	uint64_t all = p->listed > p->from ? p->listed - p->from : 0;

	if (p->end != PULL_GOES_ON)
		return 1000;
	return all ? (unsigned)((uint64_t)p->taken * 1000 / (all + 1)) : 0;
}

void pull_close(struct pull *p)
{
	palier_buffer_deinit(&p->body);
	palier_buffer_deinit(&p->manifest);
	palier_buffer_deinit(&p->profiles);
	shelf_close(&p->shelf);
}
