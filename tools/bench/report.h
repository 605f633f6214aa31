/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as people and scripts read them. */
#pragma once

#include "tools/bench/compare.h"
#include "tools/bench/options.h"
#include "tools/bench/probe.h"

void report_load(const struct load *l, const struct load_result *r, bool json);
void report_probe(const char *directory, const struct probe_result *r, bool json);
void report_comparison(const struct comparison *c, bool json);
