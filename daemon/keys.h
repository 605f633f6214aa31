/* SPDX-License-Identifier: Apache-2.0 */
/* The key file: a flat file of 32-byte slots, one a member, so that erasing a slot erases all that was sealed with it.
 * Slot 0 is the store's own: keyed hashes, cards without a member. A slot of zeros was never drawn, or is erased. */
#pragma once

#include "protocol/crypto.h"

struct keys;

/** Make the file with slot 0 drawn, synced. It must not exist. @return PALIER_OK; PALIER_EIO (errno tells) */
int keys_create(const char *path);
/** @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED when it is no key file; PALIER_EIO */
int keys_open(const char *path, bool read_only, struct keys **out);
void keys_close(struct keys *k);

/** Slots that the file holds, drawn, erased or never drawn. */
uint32_t keys_count(const struct keys *k);
/** Draw a slot's key. Whoever stored something under it before never acknowledged it. Reaches the disk with keys_sync. */
int keys_draw(struct keys *k, uint32_t slot);
/** Overwrite a slot with zeros, for good; one that holds no key is left alone. Reaches the disk with keys_sync.
 * @return PALIER_OK; PALIER_EIO */
int keys_erase(struct keys *k, uint32_t slot);
/** Have keys been drawn or erased since the last sync? */
bool keys_dirty(const struct keys *k);
/** fdatasync. @return PALIER_OK; PALIER_EIO: nothing drawn or erased since the last sync may be relied on */
int keys_sync(struct keys *k);

/** Seal under a slot: "SLOT.BASE64URL", as it stands in events and tables. @return in the arena; empty when the slot has no key */
struct palier_bytes keys_seal(struct keys *k, uint32_t slot, struct palier_bytes plain, struct palier_arena *a);
/** @return PALIER_OK; PALIER_ENOENT when the slot is erased: reads as absent; PALIER_EDAMAGED */
int keys_unseal(struct keys *k, struct palier_bytes sealed, struct palier_arena *a, struct palier_bytes *out);

/** A key of its own for a purpose, made of a slot's (HMAC-SHA-256): gone with it. @return PALIER_OK; PALIER_ENOENT when the slot has no key */
int keys_derive(const struct keys *k, uint32_t slot, const char *purpose, uint8_t out[CRYPTO_KEY_LEN]);

/** A keyed hash of the store, under slot 0: SipHash of a purpose and a text. */
void keys_hash(struct keys *k, char purpose, struct palier_bytes text, uint8_t out[16]);
