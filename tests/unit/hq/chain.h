/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of shops in a temporary directory: an office with its authority, and stores that seal days into their outboxes, as palier-seal does. */
#pragma once

#include <stdint.h>

#include "protocol/batch.h"
#include "tests/unit/protocol/office.h"

#define CHAIN_SIGNED INT64_C(1795683600000) /* 2026-11-26T09:00:00Z */

struct chain {
	char dir[128];
	char config[160]; /* DIR/hq.conf */
	struct office office, stranger;
};

/** Made, with DIR/office-ca.pem; stores are then added to the configuration. */
void chain_open(struct chain *c);
void chain_close(struct chain *c);
/** A path in it, in one of 16 buffers used in turn. */
const char *chain_path(const struct chain *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** More of the configuration. */
void chain_configure(const struct chain *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct chain_store {
	const struct chain *chain;
	char id[32], outbox[64];
	struct crypto_key *key;
	struct crypto_certificate *certificate;
	struct batch_before before;
	int64_t outstanding; /* points */
	unsigned sealed;
};

/** A store with a key and a certificate. @param outbox where its days are sealed: DIR/OUTBOX/N/ */
void chain_store_open(const struct chain *c, struct chain_store *s, const char *id, const char *outbox);
void chain_store_close(struct chain_store *s);

/** How a day differs from an ordinary one. */
struct chain_day {
	const char *event;  /* members of its first event: "\"method\":...,\"params\":{},\"effects\":[]" */
	const char *totals; /* what the tail states of the day, */
	const char *ever;   /* and since the first */
	const char *store;  /* whose it says it is */
	int more;           /* so many events more */
	int64_t at_ms;      /* signed then */
};
/** Seal the next day: a sale of 10.00 for ten points, of which 3.00 and three points come back, and the close. */
void chain_seal(struct chain_store *s, const struct chain_day *d);
/** The same so many times. */
void chain_seal_days(struct chain_store *s, unsigned days);
/** The store has lost its key, and has a new one that its office has certified. @param lost the store as it was, to be closed, too */
void chain_lose_key(struct chain_store *s, struct chain_store *lost);
/** Sign a day's manifest anew, as it lies there. */
void chain_sign(const struct chain_store *s, uint32_t batch, int64_t at_ms);
/** An event that announces the other's key: to be freed. */
char *chain_announcement(const struct chain_store *s, const struct crypto_key *k, const struct crypto_certificate *c);

/* --- files --- */

/** @return NUL-terminated, to be freed; NULL when there is none */
char *chain_read(const char *path, size_t *len);
void chain_write(const char *path, const void *at, size_t len);
void chain_write_certificate(const char *path, const struct crypto_certificate *c);
void chain_write_key(const char *path, const struct crypto_key *k);
/** Run a command of the shell in the directory; it must succeed. */
void chain_shell(const struct chain *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- palier-hq --- */

/** Run it in this process. @param args NULL-terminated, --config is added @param out what it said on both streams, to be freed; NULL: not wanted
 * @return its exit code */
int chain_run(const struct chain *c, const char *const *args, char **out);
/** It must end with this code and say all of this, several spaces read as one; NULL-terminated. */
void chain_expect(const struct chain *c, const char *const *args, int code, const char *const *said);
