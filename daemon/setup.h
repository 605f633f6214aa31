/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration while it is being compiled: what stands behind palier_setup_* of the contract. */
#pragma once

#include "daemon/config.h"

/* A line of an included file is told from the main file's by what stands above LINE_BITS. */
#define LINE_BITS    21 /* no text has more lines: CONFIG_TEXT_MAX */
#define LINE_OF(at)  ((at) & ((1u << LINE_BITS) - 1))
#define INCLUDES_MAX 16

struct palier_setup {
	struct config *config;
	const char *file;                   /* as given, for messages */
	const char *included[INCLUDES_MAX]; /* likewise */
	void (*say)(const char *error);
	unsigned errors;
	struct setup_name *names; /* made known so far, the last one first */
	struct setup_price *prices;
	struct setup_coupon *coupons;
};

/** Report at a line, of whichever file; 0: the main file as a whole. */
void setup_error(struct palier_setup *s, unsigned line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Report at the line on which the option is set, or where its section begins when it is not. */
void setup_option_error(struct palier_setup *s, cfg_t *section, const char *option, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** Where that is. */
unsigned setup_option_line(cfg_t *section, const char *option);
/** Note where an option is set. @return the line noted before, 0 for none */
unsigned setup_note_line(cfg_opt_t *option, unsigned line);
/** A string that must be there. @return owned by the configuration, NULL after an error */
const char *setup_string(struct palier_setup *s, cfg_t *section, const char *option, const char *example);
