#!/usr/bin/env python3
"""A WAN between sensors and a collector: a TCP proxy that can be cut, and slowed.

    wan.py TARGET_PORT

Prints "ready PORT", where it listens. Commands come by lines of the standard input, each is answered by
"ok": `cut` ends every connection and takes no new one, `join` takes them again,
`rate BYTES_PER_SECOND` limits each direction (0: not at all), `delay SECONDS`
holds each direction back by so much, `stall` lets nothing through and closes
nothing, `flow` lets it through again.
"""

import asyncio
import sys

CHUNK = 1 << 16


class Wan:
    def __init__(self, target_port):
        self.port, self.target_port = 0, target_port  # Its own: a free one.
        self.rate = 0
        self.delay = 0.0
        self.flows = asyncio.Event()
        self.flows.set()
        self.server = None
        self.writers = set()
        self.free_at = {}  # By direction: when what was let through will have passed.

    async def join(self):
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self):
        self.server.close()
        await self.server.wait_closed()
        for writer in list(self.writers):
            writer.transport.abort()

    async def connect(self, reader, writer):
        self.writers.add(writer)
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target_port)
            self.writers.add(there[1])
            pumps = [asyncio.create_task(self.pump(reader, there[1], "up")),
                     asyncio.create_task(self.pump(there[0], writer, "down"))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for task in pumps:
                task.cancel()
            there[1].transport.abort()
            self.writers.discard(there[1])
        except OSError:
            pass
        writer.transport.abort()
        self.writers.discard(writer)

    async def pump(self, reader, writer, direction):
        loop = asyncio.get_running_loop()
        line = asyncio.Queue(maxsize=64)

        async def deliver():
            while True:
                at, data = await line.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                await self.flows.wait()
                writer.write(data)
                await writer.drain()

        delivery = asyncio.create_task(deliver())
        try:
            while data := await reader.read(CHUNK):
                now = loop.time()
                if self.rate:
                    free = max(now, self.free_at.get(direction, 0.0)) + len(data) / self.rate
                    self.free_at[direction] = free
                    await asyncio.sleep(free - now)
                await line.put((loop.time() + self.delay, data))
        except OSError:
            pass
        finally:
            delivery.cancel()

    async def obey(self, word, *arguments):
        if word == "cut":
            await self.cut()
        elif word == "join":
            await self.join()
        elif word == "rate":
            self.rate = float(arguments[0])
        elif word == "delay":
            self.delay = float(arguments[0])
        elif word == "stall":
            self.flows.clear()
        elif word == "flow":
            self.flows.set()


async def main():
    wan = Wan(int(sys.argv[1]))
    await wan.join()
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    print("ready", wan.port, flush=True)
    while line := await commands.readline():
        await wan.obey(*line.decode().split())
        print("ok", flush=True)


asyncio.run(main())
