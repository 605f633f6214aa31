/* SPDX-License-Identifier: Apache-2.0 */
/* A disk as a power cut leaves it. What palierd did to its files is read from the shim's log; an image holds all that was synced before
 * the cut, and of the rest what chance kept: a write whole, torn at its sectors or not at all, a file's name or not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

/** Syncs that an image pretends were never called. */
struct disk_forget {
	const char *path; /* how the name of what they sync ended when it was made; "/" is SHIM_ROOT itself */
	unsigned how;     /* enum disk_how */
	bool init;        /* those of the first process, else those of all others */
};

enum disk_how {
	DISK_FSYNC = 1,
	DISK_FSYNC_CUT = 2, /* right after the file was cut */
	DISK_FDATASYNC = 4,
	DISK_FDATASYNC_BLANK = 8, /* right after zeros were written */
	DISK_DSYNC = 16,          /* O_DSYNC: each write is one */
};

/** Read a log. Its paths begin at the directory that was SHIM_ROOT, which was empty. @return fails the test when it cannot be read */
struct disk *disk_load(const char *log);
void disk_free(struct disk *d);

/** Operations in the log. A cut is a number from 0 to this: so many were begun. */
size_t disk_ops(const struct disk *d);
/** The operations before the nth start of a process, from 0. */
size_t disk_start(const struct disk *d, unsigned nth);
/** Is it right behind a sync that the cut is? */
bool disk_just_synced(const struct disk *d, size_t cut);
/** A seed of an image that loses all that is not synced. @param seed drawn from */
uint64_t disk_losing_seed(uint64_t *seed);
/** What had left through sockets before a cut. @return NUL-terminated, borrowed until the next call */
const char *disk_replies(struct disk *d, size_t cut);

/** Make the files in an empty directory. @param forget NULL: nothing @param seed what chance does */
void disk_image(const struct disk *d, size_t cut, uint64_t seed, const struct disk_forget *forget, const char *dir);
