/* SPDX-License-Identifier: Apache-2.0 */
/* What commands over many stores print for scripts. */
#pragma once

#include "tools/cli.h"

/** {"stores":[...]}, each written by `store`. */
void stores_json(struct cli *cli, size_t count, void (*store)(const void *who, size_t i, struct palier_json *w),
	const void *who);
