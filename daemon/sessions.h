/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in, badges, and the brake on guessing. */
#pragma once

#include "daemon/router.h"

/** session.open. @return PALIER_OK; PALIER_EUNAUTHORIZED, refused */
int session_sign_in(struct session *s, struct palier_ctx *c, const struct session_open *p);
/** Sign in the till whose token this is. @return PALIER_OK; PALIER_ENOENT: nobody's */
int session_bear(struct session *s, struct palier_ctx *c, struct palier_bytes token);
/** Signed in, and its till not revoked since. */
bool session_valid(struct session *s, struct palier_ctx *c);
/** Tills were added or revoked: sessions look theirs up again. */
void sessions_changed(void);
/** The role that a badge gives for one call. @return PALIER_OK; PALIER_EFORBIDDEN, refused */
int session_override(struct palier_ctx *c, struct palier_bytes token, enum role *role);
struct palier_bytes session_till(const struct session *s);

/** Misses on cards, codes and members, per till, in windows of a minute. */
#define THROTTLE_TILLS 256
struct throttle {
	unsigned used; /* rows */
	struct {
		char till[33];
		uint8_t till_len;
		int64_t begin_ms;
		int64_t misses;
	} row[THROTTLE_TILLS];
};

void throttle_miss(struct throttle *t, struct palier_bytes till, int64_t now_ms);
/** @return 0: go on; else how long this till must wait */
int64_t throttle_wait(const struct throttle *t, struct palier_bytes till, int64_t limit, int64_t now_ms);
