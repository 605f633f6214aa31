/* SPDX-License-Identifier: Apache-2.0 */
/* palier: the command line of the daemon. */
#include "tools/cli.h"

int main(int argc, char **argv)
{
	return cli_run(argc, (const char *const *)argv, stdout, stderr);
}
