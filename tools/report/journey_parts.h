/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the journey share among themselves. */
#pragma once

#include <stdlib.h>

#include "tools/report/journey.h"

#define DAY_S 86400

static inline void *journey_zeroed(size_t count, size_t size)
{
	void *zeroed = calloc(count ? count : 1, size);

	if (!zeroed)
		abort();
	return zeroed;
}

#define TOUCH_CHUNK 65536
#define PLACES_MOST \
	((1u << PLACE_BITS) - 1) /* tills, people, and places they make together; those beyond are the last one */
static inline struct journey_touch *journey_touch_at(const struct journey *j, uint32_t index)
{
	return &j->chunks[index / TOUCH_CHUNK][index % TOUCH_CHUNK];
}

/** The numbers of what is made out of methods where there is no journey. */
enum { ACTIVITY_PURCHASE, ACTIVITY_RETURN, ACTIVITY_ENROL, ACTIVITY_SURVEY };

/** An answer's part in a score. */
void journey_score_add(struct journey_score *s, const struct journey_touch *t);

/** A sale's key among numbers. */
uint64_t journey_sale_key(struct palier_bytes store, struct palier_bytes sale);
/** The member's number, who is new where there was none; of one who was merged, the other's. */
uint32_t journey_member_number(struct journey *j, struct palier_id id);
/** Have one near who will be asked for before long. */
void journey_member_soon(const struct journey *j, struct palier_id id);
/** Of one who was merged, the other's. */
uint32_t journey_member_now(const struct journey *j, uint32_t number);
void journey_member_move(struct journey *j, uint32_t from, uint32_t into);
/** @return its index */
uint32_t journey_touch_add(struct journey *j, uint32_t member, const struct journey_touch *touch, int64_t amount);
/** Sort times, and tell their median and the point below which `part` per cent lie; nothing of none. */
void journey_spans(uint32_t *at, size_t count, uint32_t part, uint32_t *median, uint32_t *point);

/** Rounded to tenths, half up. */
static inline int64_t journey_tenths(double value)
{
	double tenths = value * 10 + 0.5;
	int64_t down = (int64_t)tenths;

	return (double)down > tenths ? down - 1 : down;
}
struct words;
const char *journey_channel_said(const struct words *w, unsigned channel);
