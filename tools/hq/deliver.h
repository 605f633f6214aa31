/* SPDX-License-Identifier: Apache-2.0 */
/* Directives to a store with a door, in their order: text, signature, and the answer. A store that does not know who signed it is given the
 * signature of who signs now. */
#pragma once

#include "tools/hq/fetch.h"
#include "tools/hq/issue.h"

enum delivery_end {
	DELIVERY_GOES_ON,
	DELIVERY_DONE,    /* all of the store's directives are carried out */
	DELIVERY_REFUSED, /* the store refuses one; those behind it wait until somebody has resolved it */
	DELIVERY_AWAY,    /* left for the next time */
	DELIVERY_STUCK,   /* the database does not keep what was answered */
};

struct delivery {
	const char *store, *url;
	enum delivery_end end;
	char why[512];  /* after anything but DELIVERY_DONE: a sentence */
	unsigned taken; /* carried out in this run */

	/* its own */
	const struct issuer *issuer;
	struct fetch *fetch;
	struct fetch_request request;
	struct palier_arena arena; /* of one directive */
	const char *number;
	struct palier_bytes text;
	struct palier_bytes signatures[2]; /* DER: as it was issued, and by who signs now, where that is another */
	unsigned signature_count, sent;    /* of these; 0 sent: the text is on its way */
	struct palier_buffer answer, said;
};

/** Begin; fetch_run does the rest. @param d zero but for store and url; its end is then DELIVERY_GOES_ON, unless there is nothing to do */
void delivery_begin(struct delivery *d, const struct issuer *is, struct fetch *f);
void delivery_deinit(struct delivery *d);
