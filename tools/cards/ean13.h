/* SPDX-License-Identifier: Apache-2.0 */
/* EAN-13 as bars: GS1 General Specifications 5.2.1, "EAN/UPC symbology"; ISO/IEC 15420. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EAN13_DIGITS  13
#define EAN13_MODULES 95
/** The light margins that scanners need, in modules. */
#define EAN13_QUIET_LEFT  11
#define EAN13_QUIET_RIGHT 7
/** The width of a module at the nominal size, in thousandths of a millimetre; 80 to 200 per cent of it are allowed. */
#define EAN13_MODULE_UM 330

/** @param digits 13 of them, the last a right check digit, which is not looked at
 * @param modules 1 dark, 0 light, from left to right */
void ean13_encode(const char *digits, uint8_t modules[EAN13_MODULES]);
/** Is this module one of the guard bars, which are longer than the others? */
bool ean13_guard(unsigned module);
