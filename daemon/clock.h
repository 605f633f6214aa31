/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks: what time it is, and how long something takes. */
#pragma once

#include <stdint.h>

/** Milliseconds since 1970, as the machine's clock says: it may jump. */
int64_t clock_now_ms(void);
/** From now on it is what these eight bytes say, which somebody else moves on: an int64 of this machine. @return PALIER_OK; PALIER_EIO */
int clock_follow(const char *path);
/** Microseconds on a clock that never jumps. */
int64_t clock_steady_us(void);
