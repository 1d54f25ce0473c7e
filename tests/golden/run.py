#!/usr/bin/env python3
"""Replays every recorded scenario against the server of tests/with_server.py and judges what differs.

usage: run.py [--write] [-v]        --write: notes what the cases differ in that are better than the recording, and how many wait

cases/           the recordings; order.txt: in which order
exceptions.json  "scenario/case": "reason" of each case that is sent but need not be the same. The reason begins with its kind:
                 better:    we do right on purpose (docs/differences.md)
                 waits:     its RPC or capability comes later; at most as many as waiting.txt says, a number that only falls
                 reference: does not repeat even there
better.json      in what each of the first kind differs, so that such a case is still pinned
stand_ins.json   what makes, by calls that exist, the thing that a waiting case would have made, for the cases after it

A case that is excepted as better or waiting and yet is the same fails, and so does an exception that no case has: the list cannot
rot. The last line is `N passed, N failed`."""
import argparse
import collections
import json
import os
import pathlib
import re
import sys

import replay

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs/differences.md"
KINDS = ("better", "waits", "reference")


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def shape(answer, out):
    """What an answer was and in what it differs, without what changes from run to run: values, generated numbers."""
    status, _, body = answer
    body = body if isinstance(body, dict) else {}
    details = body.get("details")
    told = [body.get("code"), body.get("error"), details[0].get("id") if isinstance(details, list) and details else None]
    lines = [" ".join(str(part) for part in ["answers", status, *told] if part)]
    for line in out:
        where = line.split(": ")[0]
        stays = line.startswith("status ") or line.endswith(": missing") or ": not in the recording: " in line
        if not stays and not re.search(r": \d+ items, recorded \d+$", line):
            line = ("Location" if line.startswith("Location ") else where) + ": other"
        lines.append(re.sub(r"\d{6,}", "N", line))
    return lines


def shapes(cases):
    return sorted({line for _, answer, out in cases if out is not None for line in shape(answer, out)})


def waiting_table(exceptions):
    """How many cases wait for which capability, as docs/differences.md shows it."""
    counts = collections.Counter(reason.removeprefix("waits: ") for reason in exceptions.values() if reason.startswith("waits: "))
    rows = "".join(f"| {capability} | {count} |\n" for capability, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return f"| waits for | cases |\n| --- | ---: |\n{rows}| together | {counts.total()} |\n"


def write(exceptions, better, by_key):
    for key in [key for key, reason in exceptions.items() if reason.startswith("better:") and "…" not in better.get(key, [])]:
        better[key] = shapes(by_key.get(key, []))
    better = {key: better[key] for key, reason in exceptions.items() if reason.startswith("better:")}
    (HERE / "better.json").write_text(json.dumps(better, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = DOCS.read_text(encoding="utf-8")
    text = re.sub(r"\| waits for .*?\| together \|[^\n]*\n", lambda _: waiting_table(exceptions), text, flags=re.S)
    DOCS.write_text(text, encoding="utf-8")
    return better


def judge(cases, reason, pinned):
    """The verdict on the cases of one name (a story may have several): what is wrong, or None."""
    outs = [out for _, _, out in cases if out is not None]
    kind = reason.split(":")[0] if reason else None
    if not reason:
        return "DIFF" if any(outs) else None
    if kind == "reference":
        return None
    if outs and not any(outs):
        return "STALE: is the same as recorded and need not be excepted"
    if kind == "better":
        seen = shapes(cases)
        if "…" in pinned:  # and more that depends on the clock
            return None if set(pinned) - {"…"} <= set(seen) else f"OTHER than better.json says: {seen}"
        return None if seen == sorted(pinned) else f"OTHER than better.json says: {seen}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("-v", action="store_true")
    args = parser.parse_args()
    client, values = replay.clients(os.environ["GODWIT_BASE"], os.environ["GODWIT_ADMIN_PAT"], os.environ["GODWIT_LOGIN_PAT"])
    values.update(replay.make_fixture(client))
    order = [line.strip() for line in (HERE / "cases/order.txt").read_text().splitlines() if line.strip()]
    exceptions, better = load("exceptions.json"), load("better.json")

    by_key = {}
    for name, case, answer, out in replay.replay_all(client, [HERE / "cases" / file for file in order], values, load("stand_ins.json")):
        by_key.setdefault(f"{name}/{case['case']}", []).append((case, answer, out))

    if args.write:
        better = write(exceptions, better, by_key)

    passed = failed = 0
    counts = collections.defaultdict(collections.Counter)
    for key, cases in by_key.items():
        scenario, reason = key.split("/")[0], exceptions.get(key)
        verdict = judge(cases, reason, better.get(key, []))
        if verdict == "DIFF":
            for case, _, out in cases:
                if out:
                    replay.show(scenario, case, out, None if args.v else 4)
        elif verdict:
            print(f"{key}: {verdict}")
        for _, _, out in cases:
            kind = "not sent" if out is None else reason.split(":")[0] if reason else "same"
            counts[scenario]["failed" if verdict else kind] += 1
            passed += kind in ("same", "better") and not verdict
            failed += bool(verdict)
    for key, reason in exceptions.items():
        if key not in by_key or reason.split(":")[0] not in KINDS:
            print(f"{key}: no such case, or a reason of no known kind")
            failed += 1
    for scenario, count in counts.items():
        print(f"{scenario}: " + ", ".join(f"{count[kind]} {kind}" for kind in ("same", *KINDS, "not sent", "failed") if count[kind]))

    waiting = sum(reason.startswith("waits:") for reason in exceptions.values())
    most = int((HERE / "waiting.txt").read_text())
    print(f"{waiting} waiting, at most {most}" + (f": write {waiting} into waiting.txt" if waiting < most else ""))
    if waiting > most:
        failed += 1
    docs = DOCS.read_text(encoding="utf-8")
    if waiting_table(exceptions) not in docs:
        print("docs/differences.md counts other waiting cases: run with --write")
        failed += 1
    for reason in sorted({reason.removeprefix("better: ") for reason in exceptions.values() if reason.startswith("better: ")}):
        if f"| **{reason}** |" not in docs:
            print(f"docs/differences.md does not explain: {reason}")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
