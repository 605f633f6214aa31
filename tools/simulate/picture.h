/* SPDX-License-Identifier: Apache-2.0 */
/* A simulation as a page with pictures. */
#pragma once

#include "tools/report/page.h"
#include "tools/report/words.h"
#include "tools/simulate/cast.h"
#include "tools/simulate/figures.h"

void picture_page(const struct figures *f, const struct cast *cast, const struct words *w, struct page *p);
