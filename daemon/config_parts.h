/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of palierd's own: their option tables, and the functions that compile them. */
#pragma once

#include "daemon/setup.h"

extern cfg_opt_t config_options[], store_options[], listen_options[];

/** An absolute path: relative ones are relative to `dir`, the configuration's directory. @return owned by the configuration
 */
const char *setup_path(struct palier_setup *s, const char *dir, const char *path);
/** store { }: to be compiled first, for the currency. */
void store_compile(struct palier_setup *s, cfg_t *root);
/** Every listen "..." { }. */
void doors_compile(struct palier_setup *s, cfg_t *root, const char *dir);
