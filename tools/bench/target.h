/* SPDX-License-Identifier: Apache-2.0 */
/* A server under load: how its requests are written and its replies judged. One struct each for palierd and redis-server. */
#pragma once

#include "protocol/bytes.h"

/* K(name, option word, palier's method, what Redis does instead) */
#define BENCH_KINDS(K) \
	K(LOOKUP, "lookup", "card.lookup", "HGETALL") \
	K(GET, "get", NULL, "GET") \
	K(QUOTE, "quote", "sale.quote", NULL) \
	K(SALE, "sale", "sale.commit", "EVALSHA") \
	K(ENROLL, "enroll", "member.enroll", "HSET, SET") \
	K(PING, "ping", "system.status", "PING")

enum bench_kind {
#define K(name, word, palier, redis) KIND_##name,
	BENCH_KINDS(K)
#undef K
		KINDS
};
extern const char *const kind_names[KINDS];

/** What requests are drawn from. */
struct workload {
	uint64_t cards;       /* members 0..cards-1 were enrolled by --fill */
	uint64_t enroll_from; /* the first member that KIND_ENROLL makes; its n-th request makes the n-th after it */
	unsigned lines;       /* of a basket */
	char run[16];         /* what sets this run's request ids and receipts apart from other runs' */
	uint64_t dice;        /* state of the generator */
};

/** Where a reply stands. */
enum verdict {
	VERDICT_MORE,  /* not all of it is there yet */
	VERDICT_OK,    /* it is the reply to this request, and a good one */
	VERDICT_ERROR, /* whole, but an error or another request's: *reason says which */
	VERDICT_LOST,  /* these bytes are no reply */
};

struct reply {
	size_t len;                 /* bytes of the whole reply */
	struct palier_bytes reason; /* borrowed from the reply or static */
};

struct target {
	const char *name;
	/** May this kind be asked of it? */
	bool (*serves)(enum bench_kind kind);
	/** Whatever must be said once, on a blocking socket. @return PALIER_OK; PALIER_EUNREACHABLE */
	int (*prepare)(int fd);
	/** Append a request. @param serial its number in this run, from 0 */
	void (*request)(struct palier_buffer *out, enum bench_kind kind, uint64_t serial, struct workload *w);
	/** Judge the reply at the beginning of `in` as the one to `serial`. */
	enum verdict (*judge)(struct palier_bytes in, uint64_t serial, struct reply *out);
};

extern const struct target palier_target, redis_target;

/** The n-th member's card: EAN-13 of prefix 29 and n in ten digits. @param text 14 bytes */
void bench_card(uint64_t n, char *text);
/** Give the workload a new random run name, so that no request id or receipt number comes back. */
void workload_rename(struct workload *w);
/** A number below `below`, by splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
uint64_t bench_draw(struct workload *w, uint64_t below);

/* --- writing requests: no format strings, as the generator shares the machine with what it measures --- */

static inline void put(struct palier_buffer *out, struct palier_bytes b)
{
	palier_buffer_add(out, b.at, b.len);
}

void put_uint(struct palier_buffer *out, uint64_t v);
