/* SPDX-License-Identifier: Apache-2.0 */
/* The shim before a shop's palierd. */
#pragma once

#include "tests/e2e/harness.h"
#include "tests/fault/shim.h"

/** Shops lie in memory from now on, where there is room for it: the disk's own syncs take time and prove nothing here. */
void shops_in_memory(void);

/** From now on palierd starts with the shim, which writes down what it does. @param log where; NULL: nowhere
 * @return the switchboard, all off; to be given to shim_off */
struct shim_switch *shim_on(const struct shop *s, const char *log);
/** From now on it starts without. */
void shim_off(struct shim_switch *faults);

/** Let operations of a kind fail.
 * @param after so many go well first @param left so many fail then @param error an errno, or SHIM_SHORT */
void shim_fail(struct shim_switch *faults, enum shim_op op, int after, int left, int error);
/** Nothing fails any more. */
void shim_mend(struct shim_switch *faults);
