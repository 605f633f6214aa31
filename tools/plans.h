/* SPDX-License-Identifier: Apache-2.0 */
/* The planned journeys of a shop's configuration. */
#pragma once

#include "tools/cli.h"
#include "tools/report/planned.h"

/** Only the section `journey` is looked at; palierd has checked the file. What it names is the cli's.
 * @param config the file; NULL: there are none */
void plans_read(struct cli *cli, const char *config, struct plans *out);
