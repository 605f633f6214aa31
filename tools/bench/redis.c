/* SPDX-License-Identifier: Apache-2.0 */
/* The same work asked of redis-server, in RESP (https://redis.io/docs/reference/protocol-spec/) written and read by hand. */
#include <unistd.h>

#include "tools/bench/target.h"

/* A sale as careful as a till needs it: a request counts once for 60 days, the points and the ledger move together. */
static const char sale_script[] = "if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', 5184000) then "
				  "return redis.error_reply('DUPLICATE request') end "
				  "local balance = redis.call('HINCRBY', KEYS[2], 'points', ARGV[1]) "
				  "redis.call('XADD', KEYS[3], '*', 'event', ARGV[2]) "
				  "return balance";
static char sale_sha[40];

/* What an event of a sale weighs; the rest of the line is as incompressible to Redis as to anybody who does not look. */
#define LEDGER_LINE 600

static bool serves(enum bench_kind kind)
{
	static const char *const commands[KINDS] = {
#define K(name, word, palier, redis) [KIND_##name] = (redis),
		BENCH_KINDS(K)
#undef K
	};

	return commands[kind] != NULL;
}

static void put_count(struct palier_buffer *out, char mark, uint64_t n)
{
	palier_buffer_add(out, &mark, 1);
	put_uint(out, n);
	put(out, PALIER_LIT("\r\n"));
}

static void put_bulk(struct palier_buffer *out, struct palier_bytes text)
{
	put_count(out, '$', text.len);
	put(out, text);
	put(out, PALIER_LIT("\r\n"));
}

/* "c:2900000000014": a key of one letter and the card. */
static void put_key(struct palier_buffer *out, char letter, uint64_t n)
{
	char key[16] = { letter, ':' };

	bench_card(n, key + 2);
	put_bulk(out, palier_bytes_of(key, 15));
}

static void put_sale(struct palier_buffer *out, uint64_t serial, struct workload *w)
{
	char name[64], line[LEDGER_LINE];
	struct palier_buffer id = { name, 0, sizeof(name) };
	uint64_t card = bench_draw(w, w->cards);

	put(&id, PALIER_LIT("r:"));
	put(&id, palier_str(w->run));
	put(&id, PALIER_LIT("-"));
	put_uint(&id, serial);
	put_count(out, '*', 8);
	put_bulk(out, PALIER_LIT("EVALSHA"));
	put_bulk(out, palier_bytes_of(sale_sha, sizeof(sale_sha)));
	put_bulk(out, PALIER_LIT("3"));
	put_bulk(out, palier_buffer_bytes(&id));
	put_key(out, 'c', card);
	put_bulk(out, PALIER_LIT("ledger"));
	put_bulk(out, PALIER_LIT("12"));
	memset(line, 'x', sizeof(line));
	memcpy(line, id.at, id.len);
	put_bulk(out, palier_bytes_of(line, sizeof(line)));
}

/* What the member view holds, as a hash's fields. */
static void put_member(struct palier_buffer *out, uint64_t n)
{
	static const struct palier_bytes fields[] = { PALIER_LIT("member"), PALIER_LIT("m_4qz8w3c7hn2xk5dr"),
		PALIER_LIT("name"), PALIER_LIT("Camille Martin"), PALIER_LIT("email"),
		PALIER_LIT("camille.123456@example.org"), PALIER_LIT("language"), PALIER_LIT("fr"), PALIER_LIT("since"),
		PALIER_LIT("2026-11-21"), PALIER_LIT("status"), PALIER_LIT("active"), PALIER_LIT("tier"),
		PALIER_LIT("bronze"), PALIER_LIT("stage"), PALIER_LIT("loyalty"), PALIER_LIT("points"), PALIER_LIT("120"),
		PALIER_LIT("held"), PALIER_LIT("0"), PALIER_LIT("pending"), PALIER_LIT("0"), PALIER_LIT("purchases"),
		PALIER_LIT("14"), PALIER_LIT("spend"), PALIER_LIT("35120"), PALIER_LIT("last_purchase"),
		PALIER_LIT("2026-11-21T09:03:11.120Z") };
	const size_t count = sizeof(fields) / sizeof(fields[0]);

	put_count(out, '*', 2 + count);
	put_bulk(out, PALIER_LIT("HSET"));
	put_key(out, 'c', n);
	for (size_t i = 0; i < count; i++)
		put_bulk(out, fields[i]);
}

/* The same as one string, as a cache would keep it. */
static void put_cached(struct palier_buffer *out, uint64_t n)
{
	put_count(out, '*', 3);
	put_bulk(out, PALIER_LIT("SET"));
	put_key(out, 's', n);
	put_bulk(out,
		PALIER_LIT(
			"{\"member\":\"m_4qz8w3c7hn2xk5dr\",\"card\":{\"number\":\"2900000000014\",\"status\":\"active\"},"
			"\"name\":\"Camille "
			"Martin\",\"language\":\"fr\",\"since\":\"2026-11-21\",\"tier\":null,\"stage\":null,"
			"\"balances\":{\"points\":120},\"held\":{\"points\":0},\"pending\":{\"points\":0},\"expiring\":[],"
			"\"rewards\":[],\"offers\":[],\"suggestions\":[],\"prompts\":[],\"stats\":{\"purchases\":14,"
			"\"spend\":35120,\"last_purchase\":\"2026-11-21T09:03:11.120Z\"}}"));
}

static void request(struct palier_buffer *out, enum bench_kind kind, uint64_t serial, struct workload *w)
{
	switch (kind) {
	case KIND_LOOKUP:
		put_count(out, '*', 2);
		put_bulk(out, PALIER_LIT("HGETALL"));
		put_key(out, 'c', bench_draw(w, w->cards));
		break;
	case KIND_GET:
		put_count(out, '*', 2);
		put_bulk(out, PALIER_LIT("GET"));
		put_key(out, 's', bench_draw(w, w->cards));
		break;
	case KIND_SALE:
		put_sale(out, serial, w);
		break;
	case KIND_ENROLL: /* even requests make the hash, odd ones the string */
		if (serial % 2 == 0)
			put_member(out, w->enroll_from + serial / 2);
		else
			put_cached(out, w->enroll_from + serial / 2);
		break;
	case KIND_QUOTE:
	case KIND_PING:
	case KINDS:
		put(out, PALIER_LIT("*1\r\n$4\r\nPING\r\n"));
		break;
	}
}

/* The figure after a mark, up to its CR LF. @return false when it is not all there; -1 is the null bulk's */
static bool read_figure(struct palier_bytes in, size_t *at, int64_t *out)
{
	const char *end = *at < in.len ? memchr(in.at + *at, '\n', in.len - *at) : NULL;
	int64_t v = 0;

	if (!end)
		return false;
	if (in.at[*at] == '-')
		v = -1;
	else
		for (const char *p = in.at + *at; *p >= '0' && *p <= '9' && v < INT32_MAX; p++)
			v = v * 10 + (*p - '0');
	*at = (size_t)(end - in.at) + 1;
	*out = v;
	return true;
}

/* An empty answer is an error too: the key should have been there. */
static enum verdict judge(struct palier_bytes in, uint64_t serial, struct reply *out)
{
	size_t at = 0, begin;
	int64_t left = 1, figure;

	(void)serial;
	for (; left > 0; left--) {
		char mark;

		if (at >= in.len)
			return VERDICT_MORE;
		mark = in.at[at];
		begin = ++at;
		if (!read_figure(in, &at, &figure))
			return VERDICT_MORE;
		if (mark == '-')
			out->reason = palier_bytes_of(in.at + begin, strcspn(in.at + begin, " \r\n"));
		else if ((mark == '*' || mark == '$') && figure <= 0)
			out->reason = PALIER_LIT("empty");
		else if (mark == '*')
			left += figure;
		else if (mark == '$')
			at += (size_t)figure + 2;
		else if (mark != '+' && mark != ':')
			return VERDICT_LOST;
		if (at > in.len)
			return VERDICT_MORE;
	}
	out->len = at;
	return out->reason.len ? VERDICT_ERROR : VERDICT_OK;
}

/* Load the sale's script and keep its name: a bulk of 40 hex digits. */
static int prepare(int fd)
{
	struct palier_buffer out = { 0 };
	char answer[64];
	size_t have = 0;
	ssize_t n;

	put_count(&out, '*', 3);
	put_bulk(&out, PALIER_LIT("SCRIPT"));
	put_bulk(&out, PALIER_LIT("LOAD"));
	put_bulk(&out, palier_bytes_of(sale_script, sizeof(sale_script) - 1));
	n = write(fd, out.at, out.len);
	while (n > 0 && have < 5 + sizeof(sale_sha) + 2) {
		n = read(fd, answer + have, sizeof(answer) - have);
		have += n > 0 ? (size_t)n : 0;
	}
	palier_buffer_deinit(&out);
	if (n <= 0 || memcmp(answer, "$40\r\n", 5) != 0)
		return PALIER_EUNREACHABLE;
	memcpy(sale_sha, answer + 5, sizeof(sale_sha));
	return PALIER_OK;
}

const struct target redis_target = {
	.name = "redis",
	.serves = serves,
	.prepare = prepare,
	.request = request,
	.judge = judge,
};
