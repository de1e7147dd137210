"""
The child of src/sandbox/native.ts: CPython of the system that does one task under resource limits. It speaks the
protocol of src/sandbox/interpreter.ts over stdin and stdout, as bin/sandbox-child.mjs does. What keeps it from the
machine is bubblewrap around it, or nothing (`--python system`): this file only bounds what it may use.

Arguments: bytes of address space, seconds of computing.
"""

import ctypes
import errno
import json
import os
import random
import resource
import struct
import sys
import time
import traceback

BIGGEST_FILE = 16 * 2**20


def limit(memory_bytes, cpu_seconds):
    bounds = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: BIGGEST_FILE,
        resource.RLIMIT_CORE: 0,
        # Not heeded where the user is root; forbid_processes covers that.
        resource.RLIMIT_NPROC: 0,
    }
    for which, bound in bounds.items():
        resource.setrlimit(which, (bound, bound))


# By machine: the kernel's name of the instruction set, and the numbers of clone, fork, vfork, execve, execveat, clone3.
SYSTEM_CALLS = {
    "x86_64": (0xC000003E, (56, 57, 58, 59, 322, 435)),
    "aarch64": (0xC00000B7, (220, 221, 281, 435)),
}
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD, EQUAL, NOT_BELOW, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, TRY_AGAIN = 0x7FFF0000, 0x00050000 | errno.EAGAIN


def forbid_processes():
    """No further process, thread or program from here on (seccomp; Linux on the machines above)."""
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in SYSTEM_CALLS:
        return
    instruction_set, calls = SYSTEM_CALLS[machine]
    # (code, jump if so, jump if not, value); a foreign instruction set and the x32 numbers are refused, too.
    steps = [(LOAD, 0, 0, 4), (EQUAL, 0, len(calls) + 2, instruction_set), (LOAD, 0, 0, 0)]
    steps += [(NOT_BELOW, len(calls), 0, 0x40000000)]
    steps += [(EQUAL, len(calls) - 1 - i, 0, call) for i, call in enumerate(calls)]
    steps[-1] = (EQUAL, 0, 1, calls[-1])
    steps += [(ANSWER, 0, 0, TRY_AGAIN), (ANSWER, 0, 0, ALLOW)]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    place = ctypes.create_string_buffer(header, len(header))
    for option, *values in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(place), 0, 0),
    ):
        if libc.prctl(option, *values) != 0:
            raise OSError(ctypes.get_errno(), "seccomp cannot be set")


def describe(error):
    try:
        text = traceback.format_exception_only(type(error), error)[-1].strip().splitlines()[0]
    except BaseException:
        text = type(error).__name__
    return text[:300]


def run(program, sentinel):
    namespace = {}
    # The last statement sets a name that the program cannot guess: an early end does not set it.
    try:
        exec(compile(program + "\n" + sentinel + " = True\n", "<program>", "exec"), namespace)
    except MemoryError as error:
        return "out-of-memory", describe(error)
    except SystemExit as error:
        return "failed", f"the program ended early: {describe(error)}"
    except BaseException as error:
        return "failed", describe(error)
    if namespace.get(sentinel) is not True:
        return "failed", "the program ended before its last statement"
    return "passed", ""


def evaluate(source, text):
    namespace = {}
    try:
        exec(compile(source, "<source>", "exec"), namespace)
        result = namespace["main"](text)
    except MemoryError as error:
        return "out-of-memory", describe(error)
    except BaseException as error:
        return "failed", describe(error)
    if type(result) is not str:
        return "failed", f"main gave {type(result).__name__}, not str"
    return "value", result


def say(channel, message):
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(channel, data) :]


def main():
    memory_bytes, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    sys.argv = ["python"]
    # The script's own folder is no place to import from.
    sys.path.pop(0)
    random.seed(0)
    forbid_processes()
    # The program's own streams lead nowhere; the answer goes through a copy.
    channel = os.dup(1)
    say(channel, {"kind": "ready"})
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    limit(memory_bytes, cpu_seconds)
    task = json.loads(line)
    start = time.perf_counter()
    if task["kind"] == "run":
        kind, detail = run(task["program"], task["sentinel"])
    else:
        kind, detail = evaluate(task["source"], task["input"])
    elapsed = (time.perf_counter() - start) * 1000
    say(channel, {"token": task["token"], "kind": kind, "detail": detail, "elapsedMs": elapsed})
    os._exit(0)


main()
