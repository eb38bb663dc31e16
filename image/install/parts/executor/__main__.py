"""The service: checked, then served until the container ends."""

import asyncio
import sys

from codetainer_executor import kernel
from codetainer_executor.configuration import Unusable

EX_CONFIG = 78  # sysexits.h


def main() -> None:
    # Before the key is read: whoever has this uid can neither trace this process nor read its
    # environment and memory, where the kernel has no Landlock either (prctl(2), PR_SET_DUMPABLE).
    kernel.hide_from_own_user()
    try:
        from codetainer_executor import configuration, service

        asyncio.run(service.serve(configuration.load()))
    except Unusable as error:
        print(f"codetainer: executor: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)


main()
