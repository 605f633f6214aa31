/* SPDX-License-Identifier: Apache-2.0 */
/* Small files of the data directory beside the ledger: what the head office has acknowledged, and what it sent. A file is there whole or not at
 * all, and once it was written no power cut takes it. */
#pragma once

#include <stdint.h>

#include "protocol/crypto.h"

/** DIR/FOLDER/NAME. @return PALIER_OK; PALIER_ENOENT; PALIER_ERANGE: longer than `most`; PALIER_EIO */
int kept_read(const char *dir, const char *folder, const char *name, size_t most, struct palier_buffer *out);
/** The folder is made where there is none. @return PALIER_OK; PALIER_ESTORAGE_FULL; PALIER_EIO: what was there is still there */
int kept_write(const char *dir, const char *folder, const char *name, struct palier_bytes text);
/** @return PALIER_OK, also where there is none; PALIER_EIO */
int kept_remove(const char *dir, const char *folder, const char *name);

/** acks/BATCH: the head office has the batch, with this sum, since then. */
struct ack {
	struct palier_hash sha256;
	int64_t at_ms;
};
/** @return PALIER_OK; PALIER_ENOENT: not acknowledged; PALIER_EIO; PALIER_EDAMAGED */
int ack_read(const char *dir, uint32_t batch, struct ack *out);
/** As kept_write. */
int ack_write(const char *dir, uint32_t batch, const struct ack *ack);
