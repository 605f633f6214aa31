/* SPDX-License-Identifier: Apache-2.0 */
/* Events for whoever subscribed. They are read back from the journal, so only what is on disk leaves, and of a subscriber nothing is kept
 * but the place where it stands: one that is far behind costs a slice of a pass, not memory. */
#pragma once

#include "daemon/turn.h"

/** events.subscribe. @return PALIER_OK; PALIER_EPARAMS, PALIER_EFORBIDDEN, refused; PALIER_EIO */
int subscription_begin(struct palier_ctx *c, struct session *s, const struct events_subscribe *p);

struct feed;

/** @param lent a context that nobody uses between turns */
struct feed *feed_new(struct ledger *l, struct palier_ctx *lent);
void feed_free(struct feed *f);

/** Its session has subscribed. Being in already is no harm. */
void feed_join(struct feed *f, struct talk *k);
/** Its connection ends, or its session has ended the subscription. Not being in is no harm. */
void feed_leave(struct feed *f, struct talk *k);

/** Between turns: append events to what subscribers are sent, as long as a slice of a pass lasts.
 * @param push called for each talk that was given something, or is lost; it may end it */
void feed_run(struct feed *f, void (*push)(struct talk *k));
/** Is there more to tell to somebody who can take it? */
bool feed_is_busy(const struct feed *f);
