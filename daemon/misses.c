/* SPDX-License-Identifier: Apache-2.0 */
/* Misses (rules.md "Proof for spending"). */
#include "daemon/misses.h"

static unsigned row_of(const struct misses *m, struct palier_id member)
{
	unsigned i = 0;

	while (i < m->used && !palier_id_equal(m->row[i].member, member))
		i++;
	return i;
}

static unsigned row_oldest(const struct misses *m)
{
	unsigned oldest = 0;

	for (unsigned i = 1; i < m->used; i++)
		if (m->row[i].last_ms < m->row[oldest].last_ms)
			oldest = i;
	return oldest;
}

int64_t misses_wait(struct misses *m, struct palier_id member, int64_t now_ms)
{
	unsigned i = row_of(m, member);

	if (i == m->used || m->row[i].count < MISSES_MOST)
		return 0;
	/* A clock that was set back makes no lock longer than it is. */
	if (now_ms < m->row[i].last_ms)
		m->row[i].last_ms = now_ms;
	if (now_ms - m->row[i].last_ms < MISSES_LOCK_MS)
		return m->row[i].last_ms + MISSES_LOCK_MS - now_ms;
	misses_clear(m, member);
	return 0;
}

void misses_add(struct misses *m, struct palier_id member, int64_t now_ms)
{
	unsigned i = row_of(m, member);

	if (i == m->used) {
		i = m->used < MISSES_MEMBERS ? m->used++ : row_oldest(m);
		m->row[i].member = member;
		m->row[i].count = 0;
	}
	m->row[i].count++;
	m->row[i].last_ms = now_ms;
}

void misses_clear(struct misses *m, struct palier_id member)
{
	unsigned i = row_of(m, member);

	if (i < m->used)
		m->row[i] = m->row[--m->used];
}
