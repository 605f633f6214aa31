/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a configuration, read and made safe for libConfuse's lexer, which miscounts lines after comments, refuses
 * comments in lists, expands the environment, and forgets where a section began. */
#pragma once

#include "protocol/bytes.h"

#define CONFIG_TEXT_MAX  (1u << 20)
#define CONFIG_DEPTH_MAX 16

struct config_text {
	struct palier_buffer text;   /* NUL-terminated; comments are blanks */
	struct palier_buffer starts; /* unsigned: the lines on which sections begin, in the order in which they end */
	struct palier_bytes plugins; /* the statement `plugins = ...` of the top level; empty: there is none */
	unsigned line;               /* of the error */
	char error[256];
};

/** Read the file and check its grammar.
 * @param t zeroed by the caller; to be deinited whatever is returned
 * @return PALIER_OK; PALIER_EIO (no line), PALIER_ECONFIG, both with t->error */
int config_text_read(struct config_text *t, const char *file);
void config_text_deinit(struct config_text *t);
