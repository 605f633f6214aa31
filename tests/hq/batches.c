/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/batches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/datetime.h"

static void must(bool held, const char *what)
{
	if (held)
		return;
	perror(what);
	abort();
}

static void line_add(struct chain *c, const char *text, size_t len)
{
	crypto_sha256(palier_bytes_of(text, len), &c->last);
	palier_buffer_add(&c->text, text, len);
	palier_buffer_add(&c->text, "\n", 1);
}

static void line_write(struct chain *c, struct palier_arena *a, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void line_write(struct chain *c, struct palier_arena *a, const char *format, ...)
{
	va_list args, again;
	char *text;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	text = palier_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	va_end(args);
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	line_add(c, text, (size_t)n);
}

void chain_begin(struct chain *c, const char *directory, const char *store)
{
	*c = (struct chain){ .directory = directory, .store = store };
}

void chain_day(struct chain *c, const char *day)
{
	struct palier_arena a = { .used = 0 };
	char hex[2 * SHA256_LEN + 1];

	snprintf(c->day, sizeof(c->day), "%s", day);
	must(time_parse(palier_str(palier_format(&a, "%sT08:00:00.000Z", day)), &c->at_ms), day);
	palier_hex(c->before.sha256.b, SHA256_LEN, hex);
	c->batch++;
	c->events = 0;
	c->text.len = 0;
	line_write(c, &a,
		"{'head':{'format':1,'store':'%s','batch':%u,'business_day':'%s','prev_batch_sha256':'%s','first_seq':%llu,"
		"'software':'palier'}}",
		c->store, c->batch, day, hex, (unsigned long long)c->seq + 1);
	palier_arena_deinit(&a);
}

uint64_t chain_event(struct chain *c, const char *method, const char *member, const char *params, const char *effects)
{
	struct palier_arena a = { .used = 0 };
	char at[32], hex[2 * SHA256_LEN + 1], hashed[2 * SHA256_LEN + 1];
	unsigned long long seq = ++c->seq;
	struct palier_hash hash;

	time_format(c->at_ms, at);
	palier_hex(c->last.b, SHA256_LEN, hex);
	crypto_sha256(palier_str(params), &hash);
	palier_hex(hash.b, 16, hashed);
	line_write(c, &a,
		"{'seq':%llu,'turn':%llu,'params_hash':'%s','at':'%s','received':'%s','store':'%s','till':'till-1',"
		"'operator':'07','day':'%s','request':'r-%llu','method':'%s'%s%s%s,'params':{%s},'effects':[%s],'prev':'%s'}",
		seq, seq, hashed, at, at, c->store, c->day, seq, method, member ? ",'member':'" : "", member ? member : "",
		member ? "'" : "", params, effects, hex);
	c->at_ms += 1000;
	c->events++;
	palier_arena_deinit(&a);
	return seq;
}

/* --- the files --- */

static void file_put(const char *directory, const char *name, struct palier_bytes text)
{
	struct palier_arena a = { .used = 0 };
	FILE *file = fopen(palier_format(&a, "%s/%s", directory, name), "we");

	must(file && fwrite(text.at, 1, text.len, file) == text.len && fclose(file) == 0, name);
	palier_arena_deinit(&a);
}

static void directories_make(struct palier_arena *a, const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
		must(mkdir(palier_cstr(a, palier_bytes_of(path, (size_t)(slash - path))), 0755) == 0 || errno == EEXIST,
			path);
	must(mkdir(path, 0755) == 0 || errno == EEXIST, path);
}

static void batch_write(struct chain *c)
{
	struct palier_arena a = { .used = 0 };
	const char *path = palier_format(&a, "%s/%s/batches/%u", c->directory, c->store, c->batch);
	struct palier_hash key = { { 0 } };
	struct palier_buffer manifest = { .len = 0 };
	struct batch_manifest m;
	struct batch_facts facts;
	int fd;

	directories_make(&a, path);
	file_put(path, BATCH_EVENTS, palier_buffer_bytes(&c->text));
	fd = open(palier_format(&a, "%s/" BATCH_EVENTS, path), O_RDONLY | O_CLOEXEC);
	must(fd >= 0 && batch_read(fd, NULL, &facts) == BATCH_FINE, facts.chain.why);
	close(fd);
	batch_manifest_write(&facts, &c->before, &key, &manifest);
	file_put(path, BATCH_MANIFEST, palier_buffer_bytes(&manifest));
	must(batch_manifest_read(palier_buffer_bytes(&manifest), &a, &m) == BATCH_FINE, "manifest");
	batch_before_of(&m, palier_buffer_bytes(&manifest), &c->before);
	palier_buffer_deinit(&manifest);
	palier_arena_deinit(&a);
}

void chain_close(struct chain *c, const char *totals, const char *perpetual)
{
	struct palier_arena a = { .used = 0 };
	char hex[2 * SHA256_LEN + 1], at[32];

	chain_event(c, "day.close", NULL, "", "");
	time_format(c->at_ms, at);
	palier_hex(c->last.b, SHA256_LEN, hex);
	line_write(c, &a,
		"{'tail':{'events':%llu,'last_seq':%llu,'last_sha256':'%s','totals':{%s},'perpetual':{%s},'closed_at':'%s'}}",
		(unsigned long long)c->events, (unsigned long long)c->seq, hex, totals, perpetual, at);
	batch_write(c);
	palier_arena_deinit(&a);
}

void chain_end(struct chain *c)
{
	palier_buffer_deinit(&c->text);
}
