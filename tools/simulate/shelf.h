/* SPDX-License-Identifier: Apache-2.0 */
/* What a shop's configuration says of products: those on its ladder, of its earn rules, and that it gives away. */
#pragma once

#include <confuse.h>

#include "tools/simulate/cast.h"

/** Add them. Only the sections `points`, `rewards` and `ladder` are looked at; palierd has checked the file. */
void shelf_read(struct cli *cli, const char *config, unsigned scale, struct cast *out);

/** A file's text, with that of the files that it includes behind it, to be freed. @return NULL: it cannot be read */
char *shelf_text(const char *path);
/** A top-level section with its name and braces, as it stands in the text. @return false: there is none */
bool shelf_section(struct palier_bytes text, const char *name, struct palier_bytes *out);
/** Such a section by itself; what `options` do not have is passed over. @param options of a file that has this section alone @param config for
 * what is said when it is not understood @return to be freed with cfg_free; NULL: there is none, or it is left out */
cfg_t *shelf_parse(struct cli *cli, const char *config, const char *text, const char *name, cfg_opt_t *options);
