"""A web chat in a process of its own, for tests that measure or kill one: prints its port.

python -m tests.bot.web_server_process FOLDER
"""

import asyncio
import signal
import sys
from pathlib import Path

from tests.bot.turn_house import House
from tests.bot.web_house import serving_web


async def main(folder: Path) -> None:
    stop = asyncio.Event()
    house = await House(folder).open()
    async with serving_web(house) as web:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        sys.stdout.write(f"{web.port}\n")
        sys.stdout.flush()
        await stop.wait()
    await house.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
