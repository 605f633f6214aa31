/* SPDX-License-Identifier: Apache-2.0 */
/* What the office keeps of one store, in DIRECTORY/STORE/:
 *
 *     batches/N/          accepted, whole
 *     incoming/N/         under way
 *     refused/N-REASON/   what was refused, and why.txt; the store is left alone until somebody has moved it away
 *     state               the last batch, its hashes and the key that signs the next; made again from batches/ when it is lost
 *     trusted             whose keys were accepted without an announcement, by palier-hq trust (trusted.h)
 *     profiles.jsonl      its members' personal data */
#pragma once

#include "tools/hq/judge.h"
#include "tools/report/events.h"

#define SHELF_WHY "why.txt"

struct shelf {
	const char *store, *path;
	struct judge judge;
	struct palier_arena arena;
	uint32_t acked;    /* the last batch of which the store knows that the office has it */
	uint64_t profiles; /* members' data is there up to this event */
};

/** Open it, made where it is missing, and go on behind its last batch; what is in batches/ beyond the state is verified anew.
 * @param bar   shown while batches are verified; NULL: none
 * @param kept  refused: a batch that was accepted once is no longer what it was; its number is before.batch + 1
 * @return PALIER_OK; PALIER_ECONFIG, PALIER_EIO, reported */
int shelf_open(struct cli *cli, const struct hq_config *c, const char *store, struct progress *bar, struct shelf *out,
	struct verdict *kept);
void shelf_close(struct shelf *s);

/** A path in it, owned by it. */
const char *shelf_path(struct shelf *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** What is still refused. @return the name of one of its directories; NULL: nothing */
const char *shelf_refused(struct shelf *s);
/** Write the state, durably. @return PALIER_OK; PALIER_EIO */
int shelf_save(struct shelf *s);

/** Judge incoming/N, N being the next. Accepted, it is in batches/ and in the state, durably; refused, it is still there.
 * @return PALIER_OK, with the verdict; PALIER_EIO */
int shelf_take(struct shelf *s, struct verdict *out);
/** Set a batch aside, with what is there of it in incoming/. @return PALIER_OK; PALIER_EIO */
int shelf_refuse(struct shelf *s, uint32_t batch, const struct verdict *v);

/** While one program writes into the shelves, another does not. @param out to be closed at the end @return PALIER_OK; PALIER_EIO, PALIER_EBUSY, reported */
int shelves_lock(struct cli *cli, const struct hq_config *c, int *out);

/** The stores that have a folder, in the order of their names, whatever the configuration says.
 * @param visit returns PALIER_OK to go on, or what is then returned; the name is its caller's
 * @return PALIER_OK; PALIER_ENOENT: there is no such directory; PALIER_EIO: errno says why */
int shelves_each(const char *directory, int (*visit)(void *who, const char *store), void *who);
/** The stores of the configuration; where it names none, those that have a folder. @return as shelves_each */
int shelves_named(const struct hq_config *c, int (*visit)(void *who, const char *store), void *who);

/** The files of a store's batches, in DIRECTORY/STORE/batches/, or in DIRECTORY/STORE/ where they lie there.
 * @param path where they were looked for last, owned by the arena @return as event_files_find */
int shelf_files(struct palier_arena *a, const char *directory, const char *store, const char **path,
	struct event_files *out);
