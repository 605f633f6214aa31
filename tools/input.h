/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that a person hands over: a file, standard input, an argument. */
#pragma once

#include "tools/cli.h"

/** Parse text; `what` is its name in a report.
 * @param a owns the document
 * @return PALIER_OK; PALIER_EPARSE, reported */
int input_parse(struct cli *cli, struct palier_arena *a, const char *what, struct palier_bytes text, struct json_doc *out);
/** The same of a file's text, owned by the cli; "-" is standard input. @return also PALIER_EIO, reported */
int input_read(struct cli *cli, const char *path, struct json_doc *out);
/** Copy the object's members into the params, but those that `wanted` (NULL: all) refuses. */
void input_copy(struct cli *cli, const struct json_doc *d, bool (*wanted)(void *who, struct palier_bytes key), void *who);
/** One line of standard input, without its LF: asked for, and not shown while it is typed, where a person sits there.
 * @param size of `out`, the NUL included @return PALIER_OK; PALIER_EIO, reported; PALIER_EPARAMS, reported, when there is more */
int input_secret(struct cli *cli, const char *prompt, char *out, size_t size);
/** Begin the params with those given as JSON, an object; "-" is standard input. The caller ends the object.
 * @param out what was read @return PALIER_OK; PALIER_EPARSE, PALIER_EIO, PALIER_EPARAMS, reported */
int input_params(struct cli *cli, const char *json, struct json_doc *out);
