/* SPDX-License-Identifier: Apache-2.0 */
/* What the preloaded shim and the tests that use it agree on: the log of what palierd did to its files, and the switchboard by which a
 * test makes an operation fail. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/** The directory whose files are meant, absolute; what is there already is none of them. */
#define SHIM_ROOT "PALIER_SHIM_ROOT"
/** A file to which every operation is appended, as struct shim_record. */
#define SHIM_LOG "PALIER_SHIM_LOG"
/** A file that holds a struct shim_switch, which both sides map. */
#define SHIM_SWITCH "PALIER_SHIM_SWITCH"

enum shim_op {
	SHIM_START,    /* a process begins: no file is open */
	SHIM_OPEN,     /* number: flags; O_CREAT only when it made the file */
	SHIM_WRITE,    /* number: offset; bytes */
	SHIM_SIZE,     /* number: the new size */
	SHIM_ALLOCATE, /* number: the file is at least this long now */
	SHIM_SYNC,     /* number: 0 fsync, 1 fdatasync */
	SHIM_RENAME,   /* bytes: the new name */
	SHIM_UNLINK,
	SHIM_MKDIR,
	SHIM_RMDIR,
	SHIM_MAP,   /* not in the log */
	SHIM_REPLY, /* bytes left through a socket */
	SHIM_OPS,
};

/** What it did, in order. Behind it the path, from the root on, and the bytes. */
struct shim_record {
	uint32_t op, path_len;
	int32_t fd; /* -1: the file is named by its path */
	uint64_t number, len;
};

#define SHIM_SHORT (-1) /* instead of an error: half of a write is done */

/** The nth operation of a kind from now on fails, and so do those after it until `left` of them have. */
struct shim_switch {
	atomic_int seen[SHIM_OPS]; /* operations, also those that fail */
	atomic_int op;             /* which kind fails; 0: none */
	atomic_int after;          /* so many go well first */
	atomic_int left;           /* so many fail then */
	atomic_int error;          /* an errno, or SHIM_SHORT */
	atomic_int failed;         /* so many have */
};
