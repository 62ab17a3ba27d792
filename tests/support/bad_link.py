"""A link between two networks of its own that loses and delays packets, or is cut.

It makes two network namespaces with an address in each, which it holds for as long as it runs, and carries the packets of
the one to the other. It prints the numbers of their files in its own table, `near far`, and then takes a line of JSON at
a time: {"delayMs": 200, "jitterMs": 20, "loss": 0.05, "cut": false}. It ends when its input does.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

# Who is where, and how much of what comes the system there takes in before it is read: little, so that a reader who
# stops reading is noticed.
SIDES = {"near": ("10.77.0.1", None), "far": ("10.77.0.2", "4096 8192 8192")}

# What does not fit on the link any more is lost.
MOST_UNDER_WAY = 20_000

# How much of one side is carried before it is the other's turn.
MOST_IN_TURN = 64

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def make_side(address, receive_memory):
    """Makes a namespace and a device in it; answers the files of both."""
    check(libc.unshare(CLONE_NEWNET))
    namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"link0", IFF_TUN | IFF_NO_PI))
    for command in (
        "link set lo up",
        f"addr add {address}/24 dev link0",
        "link set link0 txqueuelen 10000",
        "link set link0 up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    if receive_memory is not None:
        with open("/proc/sys/net/ipv4/tcp_rmem", "w", encoding="ascii") as file:
            file.write(receive_memory)
    return namespace, device


class Link:
    def __init__(self, devices):
        self.devices = devices
        self.delay_ms, self.jitter_ms, self.loss, self.cut = 0, 0, 0, False
        # (when it arrives, its number, where, the packet), the earliest first
        self.under_way = []
        self.count = 0
        # Device -> when what was sent there last arrives: packets do not overtake each other.
        self.last_at = {device: 0 for device in devices}

    def behave(self, how):
        self.delay_ms = how.get("delayMs", 0)
        self.jitter_ms = how.get("jitterMs", 0)
        self.loss = how.get("loss", 0)
        self.cut = how.get("cut", False)
        if self.cut:
            self.under_way.clear()

    def take_from(self, device):
        other = self.devices[1 - self.devices.index(device)]
        for _ in range(MOST_IN_TURN):
            try:
                packet = os.read(device, 65_536)
            except BlockingIOError:
                return
            if self.cut or random.random() < self.loss or len(self.under_way) >= MOST_UNDER_WAY:
                continue
            late_ms = self.delay_ms + random.uniform(-self.jitter_ms, self.jitter_ms)
            at = max(time.monotonic() + late_ms / 1_000, self.last_at[other])
            self.last_at[other] = at
            self.count += 1
            heapq.heappush(self.under_way, (at, self.count, other, packet))

    def deliver(self):
        """Delivers what is due; answers how long nothing else will be, in seconds, where something is under way."""
        now = time.monotonic()
        while self.under_way and self.under_way[0][0] <= now:
            _, _, device, packet = heapq.heappop(self.under_way)
            try:
                os.write(device, packet)
            except (BlockingIOError, OSError):
                pass  # the system takes no more: it is lost
        return max(0, self.under_way[0][0] - now) if self.under_way else None


def main():
    (near, near_device), (far, far_device) = (make_side(*side) for side in SIDES.values())
    link = Link([near_device, far_device])
    print(near, far, flush=True)
    orders = sys.stdin.fileno()
    unread = b""
    wait = None
    while True:
        ready, _, _ = select.select([near_device, far_device, orders], [], [], wait)
        for device in link.devices:
            if device in ready:
                link.take_from(device)
        if orders in ready:
            came = os.read(orders, 4_096)
            if came == b"":
                return
            *lines, unread = (unread + came).split(b"\n")
            for line in lines:
                link.behave(json.loads(line))
                print("done", flush=True)
        wait = link.deliver()


main()
