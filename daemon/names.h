/* SPDX-License-Identifier: Apache-2.0 */
/* Names as people search for them: folded to lower case without accents, cut into words. */
#pragma once

#include "protocol/bytes.h"

#define NAME_WORDS 6
#define NAME_INDEX 3 /* characters of a word that its index entry keeps */

struct name_words {
	unsigned count;
	struct palier_bytes at[NAME_WORDS]; /* in the arena */
};

/** "Élodie Le Gall-Martin" -> "elodie" "le" "gall" "martin". Letters beyond Latin stay as they are. */
void name_fold(struct palier_bytes name, struct palier_arena *a, struct name_words *out);
/** The characters of a word that index it: its first NAME_INDEX, or fewer. */
struct palier_bytes name_index(struct palier_bytes word);
/** Does every word of the query begin a word of the name? */
bool name_matches(const struct name_words *name, const struct name_words *query);
/** "Élodie Le Gall" -> "Élodie L." */
struct palier_bytes name_mask(struct palier_bytes name, struct palier_arena *a);
