/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq: the head office of a chain of shops. */
#include "tools/cli.h"

int main(int argc, char **argv)
{
	return cli_run(argc, (const char *const *)argv, stdout, stderr);
}
