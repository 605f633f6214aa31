/* SPDX-License-Identifier: Apache-2.0 */
/* A program's manual against its tables of commands. */
#pragma once

/** It names exactly the commands and options that the program has. @param path of the page */
void manual_check(const char *path);
