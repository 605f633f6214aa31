/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hq/chain.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/rotation.h"
#include "tools/cli.h"

/* --- files --- */

const char *chain_path(const struct chain *c, const char *format, ...)
{
	static char paths[16][512];
	static unsigned turn;
	char *out = paths[turn++ % 16];
	int n = snprintf(out, sizeof(paths[0]), "%s/", c->dir);
	va_list args;

	va_start(args, format);
	vsnprintf(out + n, sizeof(paths[0]) - (size_t)n, format, args);
	va_end(args);
	return out;
}

char *chain_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text = f ? calloc(1, (size_t)1 << 20) : NULL;

	if (!f)
		return NULL;
	assert_non_null(text);
	*len = fread(text, 1, ((size_t)1 << 20) - 1, f);
	fclose(f);
	return text;
}

void chain_write(const char *path, const void *at, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fwrite(at, 1, len, f) == len);
	assert_int_equal(fclose(f), 0);
}

void chain_write_certificate(const char *path, const struct crypto_certificate *c)
{
	struct palier_buffer pem = { 0 };

	crypto_certificate_write(c, &pem);
	chain_write(path, pem.at, pem.len);
	palier_buffer_deinit(&pem);
}

void chain_write_key(const char *path, const struct crypto_key *k)
{
	struct palier_buffer pem = { 0 };

	crypto_key_write(k, &pem);
	chain_write(path, pem.at, pem.len);
	palier_buffer_deinit(&pem);
}

void chain_shell(const struct chain *c, const char *format, ...)
{
	char line[2048];
	int n = snprintf(line, sizeof(line), "set -e; cd '%s'; ", c->dir);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	if (system(line) != 0) /* NOLINT: the commands are the tests' own */
		fail_msg("failed: %s", line);
}

/* --- the chain --- */

void chain_open(struct chain *c)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(c->dir, sizeof(c->dir), "%s/palier-hq-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(c->dir));
	snprintf(c->config, sizeof(c->config), "%s/hq.conf", c->dir);
	office_make(&c->office, "Office");
	office_make(&c->stranger, "Office");
	chain_write_certificate(chain_path(c, "office-ca.pem"), c->office.ca);
	chain_configure(c, "directory = \"hq\"\nauthority = {\"office-ca.pem\"}\n");
}

void chain_close(struct chain *c)
{
	office_free(&c->office);
	office_free(&c->stranger);
	chain_shell(c, "cd / && rm -r '%s'", c->dir);
}

void chain_configure(const struct chain *c, const char *format, ...)
{
	FILE *f = fopen(c->config, "a");
	va_list args;

	assert_non_null(f);
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	assert_int_equal(fclose(f), 0);
}

void chain_store_open(const struct chain *c, struct chain_store *s, const char *id, const char *outbox)
{
	*s = (struct chain_store){ .chain = c, .key = crypto_key_make() };
	snprintf(s->id, sizeof(s->id), "%s", id);
	snprintf(s->outbox, sizeof(s->outbox), "%s", outbox);
	s->certificate = office_certify(&c->office, s->key, (struct office_wish){ .store = id });
	chain_shell(c, "mkdir -p '%s'", outbox);
}

void chain_lose_key(struct chain_store *s, struct chain_store *lost)
{
	*lost = *s;
	s->key = crypto_key_make();
	s->certificate = office_certify(&s->chain->office, s->key, (struct office_wish){ .store = s->id });
}

void chain_store_close(struct chain_store *s)
{
	crypto_key_free(s->key);
	crypto_certificate_free(s->certificate);
}

/* --- a day --- */

struct writing {
	struct palier_buffer text;
	struct palier_hash last;
	const char *store;
	uint64_t seq;
	unsigned day;
};

static void line_end(struct writing *w, size_t begin)
{
	crypto_sha256(palier_bytes_of(w->text.at + begin, w->text.len - begin), &w->last);
	palier_buffer_add(&w->text, "\n", 1);
}

static void add(struct writing *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct writing *w, const char *format, ...)
{
	char text[16384];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < sizeof(text));
	palier_buffer_add(&w->text, text, (size_t)n);
}

static const char *hex_of(const struct palier_hash *hash)
{
	static char hex[2 * SHA256_LEN + 1];

	palier_hex(hash->b, SHA256_LEN, hex);
	return hex;
}

static void event_add(struct writing *w, const char *members)
{
	size_t begin = w->text.len;

	w->seq++;
	add(w, "{\"seq\":%llu,\"turn\":%llu,\"at\":\"2026-11-%02uT09:00:00.000Z\",\"store\":\"%s\",\"till\":\"t1\",\"day\":\"2026-11-%02u\",",
		(unsigned long long)w->seq, (unsigned long long)w->seq, w->day, w->store, w->day);
	add(w, "%s,\"prev\":\"%s\"}", members, hex_of(&w->last));
	line_end(w, begin);
}

#define CLOSED  "\"method\":\"day.close\",\"params\":{},\"effects\":[]"
#define NOTHING "\"method\":\"survey.ask\",\"params\":{},\"effects\":[]"
#define SOLD \
	"\"method\":\"sale.commit\",\"params\":{},\"effects\":[{\"kind\":\"sale.booked\",\"sale\":\"A\",\"payable\":1000}," \
	"{\"kind\":\"points.move\",\"unit\":\"points\",\"cause\":\"earn\",\"points\":10}]"
#define RETURNED \
	"\"method\":\"sale.return\",\"params\":{},\"effects\":[{\"kind\":\"sale.returned\",\"sale\":\"A\",\"amount\":300}," \
	"{\"kind\":\"points.move\",\"unit\":\"points\",\"cause\":\"reverse\",\"points\":-3,\"uncollected\":1}]"
#define TOTALS \
	"{\"sales\":%u,\"returns\":%u,\"voids\":0,\"payable\":%u,\"refunded\":%u,\"members\":0,\"units\":{\"points\":{\"earn\":%u," \
	"\"reverse\":-%u,\"uncollected\":%u,\"outstanding\":%lld}}}"

static void head_add(struct writing *w, const struct batch_before *before)
{
	add(w,
		"{\"head\":{\"format\":1,\"store\":\"%s\",\"batch\":%u,\"business_day\":\"2026-11-%02u\",\"prev_batch_sha256\":\"%s\","
		"\"first_seq\":%llu,\"software\":\"palier\"}}",
		w->store, before->batch + 1, w->day, hex_of(&before->sha256), (unsigned long long)before->last_seq + 1);
	line_end(w, 0);
}

static void totals_text(char *out, size_t size, unsigned days, int64_t outstanding)
{
	snprintf(out, size, TOTALS, days, days, 1000 * days, 300 * days, 10 * days, 3 * days, days, (long long)outstanding);
}

static void tail_add(struct writing *w, const struct chain_store *s, const struct chain_day *d)
{
	size_t begin = w->text.len;
	char day[512], ever[512];

	totals_text(day, sizeof(day), 1, s->outstanding);
	totals_text(ever, sizeof(ever), s->sealed, s->outstanding);
	add(w, "{\"tail\":{\"events\":%llu,\"last_seq\":%llu,\"last_sha256\":\"%s\",",
		(unsigned long long)(w->seq - s->before.last_seq), (unsigned long long)w->seq, hex_of(&w->last));
	add(w, "\"totals\":%s,\"perpetual\":%s,\"closed_at\":\"2026-11-26T08:00:00.000Z\"}}", d->totals ? d->totals : day,
		d->ever ? d->ever : ever);
	line_end(w, begin);
}

static void day_write(const struct chain_store *s, const struct chain_day *d, struct writing *w)
{
	*w = (struct writing){ .store = d->store ? d->store : s->id,
		.seq = s->before.last_seq,
		.day = 1 + s->before.batch % 28 };
	head_add(w, &s->before);
	event_add(w, SOLD);
	event_add(w, RETURNED);
	for (int i = 0; i < d->more; i++)
		event_add(w, NOTHING);
	if (d->event)
		event_add(w, d->event);
	event_add(w, CLOSED);
	tail_add(w, s, d);
}

static const char *part(const struct chain_store *s, uint32_t batch, const char *name)
{
	return chain_path(s->chain, "%s/%u/%s", s->outbox, batch, name);
}

void chain_sign(const struct chain_store *s, uint32_t batch, int64_t at_ms)
{
	struct palier_buffer signature = { 0 };
	size_t len;
	char *manifest = chain_read(part(s, batch, BATCH_MANIFEST), &len);

	crypto_cms_sign(s->key, s->certificate, palier_bytes_of(manifest, len), at_ms, &signature);
	chain_write(part(s, batch, BATCH_SIGNATURE), signature.at, signature.len);
	palier_buffer_deinit(&signature);
	free(manifest);
}

static void facts_read(const char *path, struct batch_facts *out)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(batch_read(fileno(f), NULL, out), BATCH_FINE);
	fclose(f);
}

void chain_seal(struct chain_store *s, const struct chain_day *d)
{
	static const struct chain_day usual = { .event = NULL };
	uint32_t batch = s->before.batch + 1;
	struct palier_buffer manifest = { 0 };
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	struct batch_facts facts;
	struct palier_hash key_id;
	struct writing w;

	d = d ? d : &usual;
	s->sealed++;
	s->outstanding += 7;
	day_write(s, d, &w);
	assert_int_equal(mkdir(chain_path(s->chain, "%s/%u", s->outbox, batch), 0777), 0);
	chain_write(part(s, batch, BATCH_EVENTS), w.text.at, w.text.len);
	facts_read(part(s, batch, BATCH_EVENTS), &facts);
	crypto_key_id(s->key, &key_id);
	batch_manifest_write(&facts, &s->before, &key_id, &manifest);
	chain_write(part(s, batch, BATCH_MANIFEST), manifest.at, manifest.len);
	chain_sign(s, batch, d->at_ms ? d->at_ms : CHAIN_SIGNED);
	assert_int_equal(batch_manifest_read(palier_buffer_bytes(&manifest), &a, &m), BATCH_FINE);
	batch_before_of(&m, palier_buffer_bytes(&manifest), &s->before);
	palier_buffer_deinit(&manifest);
	palier_buffer_deinit(&w.text);
	palier_arena_deinit(&a);
}

void chain_seal_days(struct chain_store *s, unsigned days)
{
	while (days--)
		chain_seal(s, NULL);
}

/* --- a new key --- */

static void pem_add(struct palier_json *w, const char *key, const struct crypto_certificate *c)
{
	struct palier_buffer pem = { 0 };

	crypto_certificate_write(c, &pem);
	palier_json_key(w, key);
	palier_json_string(w, palier_buffer_bytes(&pem));
	palier_buffer_deinit(&pem);
}

static void proof_add(struct palier_json *w, const char *key, const struct palier_buffer *statement,
	const struct crypto_key *k)
{
	struct palier_buffer signature = { 0 };

	rotation_sign(palier_buffer_bytes(statement), k, &signature);
	palier_json_key(w, key);
	palier_json_string(w, palier_buffer_bytes(&signature));
	palier_buffer_deinit(&signature);
}

char *chain_announcement(const struct chain_store *s, const struct crypto_key *k, const struct crypto_certificate *c)
{
	struct palier_buffer text = { 0 }, statement = { 0 };
	struct palier_json w = palier_json_to(&text);
	static const char begin[] = "\"method\":\"key.rotate\",\"params\":",
			  effects[] = ",\"effects\":[{\"kind\":\"key.rotated\",\"key_id\":\"";
	struct palier_hash id;

	palier_buffer_add(&text, begin, sizeof(begin) - 1);
	palier_json_object(&w);
	pem_add(&w, "certificate", c);
	pem_add(&w, "previous", s->certificate);
	rotation_statement(palier_str(s->id), s->certificate, c, &statement);
	proof_add(&w, "by_previous", &statement, s->key);
	proof_add(&w, "by_new", &statement, k);
	palier_json_end_object(&w);
	palier_buffer_deinit(&statement);
	crypto_certificate_key_id(c, &id);
	palier_buffer_add(&text, effects, sizeof(effects) - 1);
	palier_buffer_add(&text, hex_of(&id), 2 * SHA256_LEN);
	palier_buffer_add(&text, "\"}]", sizeof("\"}]"));
	return text.at;
}

/* --- palier-hq --- */

int chain_run(const struct chain *c, const char *const *args, char **out)
{
	const char *argv[24] = { "palier-hq", "--config", c->config };
	char *said = NULL;
	size_t len;
	FILE *both = open_memstream(&said, &len);
	int n = 3, code;

	assert_non_null(both);
	for (; *args; args++) {
		assert_true(n < 23);
		argv[n++] = *args;
	}
	code = cli_run(n, argv, both, both);
	fclose(both);
	if (out)
		*out = said;
	else
		free(said);
	return code;
}

/* Columns are as wide as what stands in them: one space does. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++)
		if (*at != ' ' || at[1] != ' ')
			*to++ = *at;
	*to = '\0';
}

void chain_expect(const struct chain *c, const char *const *args, int code, const char *const *said)
{
	char *text;
	int ended = chain_run(c, args, &text);

	squeeze(text);
	for (; *said; said++)
		if (!strstr(text, *said))
			fail_msg("no \"%s\" in: %s", *said, text);
	if (ended != code)
		fail_msg("it ended with %d, not %d: %s", ended, code, text);
	free(text);
}
