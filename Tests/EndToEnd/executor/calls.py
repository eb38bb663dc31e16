"""Calls of the package's own client; prints a JSON line for each answer.

usage: calls.py TARGET KEY [--tls CA [--cert FILE --key FILE]] COMMAND …

  suite           what an application asks, plain and wrong, with and without tools
  run CODE [TIMEOUT [TOOL…]]
                  one execution
  together COUNT  so many executions at once; prints how many answered what they should
  flood COUNT     so many executions at once that write 8 MiB to each output; prints how many were answered
  rate COUNT      so many executions, four at a time; prints executions a second
  health          whether it is healthy, and whether it reaches the application
"""

import asyncio
import json
import logging
import re
import sys
import time

from codemode.config.models import GrpcTlsConfig
from codemode.core.executor_client import ExecutorClient, ExecutorClientError

logging.disable(logging.CRITICAL)

SUITE = [
    # (code, tools, options)
    ("result = 2 + 2", [], {}),
    ("result = {'a': [1, 2.5, None, True], 'b': 'ü'}", [], {}),
    ("print('said'); result = 'x' * 3", [], {}),
    ("print('no result')", [], {}),
    ("result = object", [], {}),
    ("import sys; print('to error', file=sys.stderr); result = 1", [], {}),
    ("result = 1 / 0", [], {}),
    ("raise ValueError('own words')", [], {}),
    ("def f(n):\n    return f(n - 1) if n else [][1]\nf(3)", [], {}),
    ("try:\n    int('x')\nexcept ValueError as e:\n    raise KeyError('k') from e", [], {}),
    ("result = (", [], {}),
    ("  result = 1", [], {}),
    ("import sys; sys.exit(3)", [], {}),
    ("raise SystemExit('last words')", [], {}),
    ("import no_such_module", [], {}),
    ("import time; time.sleep(5)", [], {"execution_timeout": 1}),
    ("import subprocess", [], {}),
    ("result = open('/etc/hostname').read()", [], {}),
    ("while True: pass", [], {}),
    ("result = '" + "x" * 990 + "'\n" + "# " + "y" * 9000 + "\n# " + "z" * 200, [], {}),
    ("# " + "y" * 200 + "\nresult = 1", [], {"max_code_length": 100}),
    ("import os; result = os.getcwd()", [], {}),
    ("import sys; result = [sys.argv, sys.path[0], __name__, __doc__, __file__ if '__file__' in dir else 0]", [], {}),
    ("import sys; result = [sys.argv, sys.path[0], __name__, __doc__, sys.stdin.read()]", [], {}),
    ("import random, uuid; result = len({random.random(), uuid.uuid4()})", [], {}),
    ("import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 7\nresult = asyncio.run(f())", [], {}),
    ("import atexit; atexit.register(print, 'at exit'); result = 1", [], {}),
    ("import warnings; warnings.warn('beware'); result = 1", [], {}),
    ("result = config", [], {"config": {"depth": 3, "name": "n"}}),
    ("result = tools['add'].run(a=20, b=22)", ["add"], {}),
    ("import asyncio; result = asyncio.run(tools['echo'].run(text='hi', deep={'n': [1, 2]}))", ["echo"], {}),
    ("result = tools['fail'].run()", ["fail"], {}),
    ("result = [tools['add'].run(a=n, b=1) for n in range(5)]", ["add", "echo"], {}),
    ("result = sorted(tools)", ["echo", "add"], {}),
    ("result = tools['no-such'].run()", ["no-such"], {}),
    ("result = tools['who'].run()", ["who"], {}),
]


def normal(text):
    """Without what differs from run to run: times and addresses of memory."""
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text or "")


def shown(result):
    return {
        "success": result.success, "result": result.result, "stdout": normal(result.stdout),
        "stderr": normal(result.stderr), "error": normal(result.error),
    }


def answer(client, code, tools, options):
    options = dict(options)
    try:
        return shown(client.execute(code, tools, options.pop("config", {}), **options))
    except ExecutorClientError as error:
        return {"raised": type(error).__name__, "why": str(error.__cause__.code()) if error.__cause__ else ""}


FLOOD = """
import sys
for one in [sys.stdout, sys.stderr]:
    for _ in range(8):
        one.write("x" * (1 << 20))
result = 1
"""


def flood(make, count):
    """How many are answered. An answer above 4 MiB the client refuses to take by itself."""

    async def run():
        async with make() as client:
            calls = [client.execute_async(FLOOD, [], {}, execution_timeout=50) for _ in range(count)]
            return await asyncio.gather(*calls, return_exceptions=True)

    def is_answered(answer):
        code = getattr(getattr(answer, "__cause__", None), "code", None)
        return hasattr(answer, "stdout") or code is not None and code().name == "RESOURCE_EXHAUSTED"

    answers = asyncio.run(run())
    return sum(map(is_answered, answers)), {repr(one)[:200] for one in answers if not is_answered(one)}


def many(make, count, at_once):
    async def run():
        limit = asyncio.Semaphore(at_once)
        async with make() as client:

            async def one(number):
                async with limit:
                    result = await client.execute_async(f"result = {number} * 2", [], {})
                    return result.result == str(number * 2)

            start = time.perf_counter()
            answers = await asyncio.gather(*map(one, range(count)), return_exceptions=True)
            return answers, time.perf_counter() - start

    return asyncio.run(run())


def main():
    target, key, *words = sys.argv[1:]
    files = {}
    while words[0].startswith("--"):
        files[words[0][2:]] = words[1]
        words = words[2:]
    tls = (
        GrpcTlsConfig(
            enabled=True, mode="custom", ca_file=files["tls"],
            client_cert_file=files.get("cert"), client_key_file=files.get("key"),
        )
        if files
        else None
    )

    def make():
        return ExecutorClient(target, key, timeout=60, tls_config=tls, retry_max_attempts=1)

    command, *rest = words
    if command == "suite":
        with make() as client:
            for code, tools, options in SUITE:
                print(json.dumps({"code": code[:60], **answer(client, code, tools, options)}, ensure_ascii=False))
    elif command == "run":
        code, timeout, *tools = [*rest, "10"] if len(rest) == 1 else rest
        with make() as client:
            print(json.dumps(answer(client, code, tools, {"execution_timeout": int(timeout)}), ensure_ascii=False))
    elif command == "together":
        answers, seconds = many(make, int(rest[0]), int(rest[0]))
        print(f"{sum(one is True for one in answers)} of {len(answers)} in {seconds:.1f} s",
              *{repr(one) for one in answers if one is not True})
    elif command == "flood":
        answered, others = flood(make, int(rest[0]))
        print(f"{answered} of {rest[0]}", *others)
    elif command == "rate":
        answers, seconds = many(make, int(rest[0]), 4)
        if not all(one is True for one in answers):
            sys.exit(f"wrong answers: {[one for one in answers if one is not True][:3]}")
        print(f"{len(answers) / seconds:.2f}")
    elif command == "health":
        with make() as client:
            print("healthy" if client.health_check() else "not healthy", "ready" if client.ready_check() else "not ready")


main()
