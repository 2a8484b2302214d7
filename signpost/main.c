/* SPDX-License-Identifier: ISC */
#include "signpost/verbs.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
