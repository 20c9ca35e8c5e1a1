"""Puts damaged files through the command line: each must end with status 0 or 2, in time, and without a fault of the program.

    cargo build --example ratings
    python tests/interop/mutate.py --runs 3000 target/debug/examples/ratings SAMPLE...    # every layout
    python tests/interop/mutate.py --only own-csv --seed 7 target/debug/examples/ratings

SAMPLE are further files to damage, `LAYOUT=FILE`. What fails is kept in the folder of --keep, with its command beside it.
"""
import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "files"
OWN = b"id,day,rating\nElm,31/01/2020,good\nOak,2020-02-01,poor\nElm,Feb 2021,poor\nTotal,,2\n"
HOMES = (
    b"Homes,,,,,,\n\nURN,Provision type,Name,Government Office Region,Local authority,Sector,Inspection date,Overall effectiveness,"
    b"Outcomes for children and young people,Quality of care,Safeguarding children and young people,Leadership and management\n"
    b"1,Children's home,Elm,London,Islington,Voluntary,13/01/2016,Requires improvement,,,Good,Satisfactory\n"
)
FRAME = b"authority,theme,effect,published,grade,start_date,end_date\nE06000039,headline,2019-02-01,2019-03-04,good,,2019-02-01\n"
CREDIT = b"date;country;rating;agency\n2016-02-05;elm;B+;standardPoors\n2014-10-10;elm;B;fitch\n"
# Odd pieces that are put into files.
PIECES = [
    b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"sep=;\n", b"=1+1",
    b"9999-12-31", b"1900-01-01", b"0000-00-00", b"31/02/2020", b"2015", b"-", b"NA", b"Total", b"\xc2\xa0", b"\xe2\x80\x8b",
    b"\x1b[2J", b"9" * 40, b"x" * 5000, b"," * 2000, b"not_rated", b"withdrawn", b"%Y", b"\xf0\x9f\x8f\xa0",
]


def layouts():
    """Name, seed files and the arguments that read them."""
    history = (HERE / "ilacs_history.csv").read_bytes()
    yield "own-csv", ".csv", OWN, ["--columns", "id,day,rating", "--scale", "poor,good"]
    yield "frame-csv", ".csv", FRAME, []
    yield "ilacs-history", ".csv", history, ["--layout", "ilacs-history"]
    yield "childrens-homes", ".csv", HOMES, ["--layout", "ofsted-childrens-homes-2016"]
    yield "sovereign", ".csv", CREDIT, ["--layout", "sovereign-ratings"]
    yield "parquet", ".parquet", (HERE / "polars-enum.parquet").read_bytes(), []
    yield "arrow", ".arrow", (HERE / "polars.arrow").read_bytes(), []
    yield "xlsx", ".xlsx", (HERE / "inspections.xlsx").read_bytes(), ["--layout", "ilacs-history"]
    yield "ods", ".ods", (HERE / "inspections.ods").read_bytes(), ["--layout", "ilacs-history"]


def damaged(seed, chance):
    data = bytearray(seed)
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.choice([1, 2, 4, 16, 200]))
        match chance.randrange(7):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                data[at:at] = chance.choice(PIECES)
            case 2:
                del data[at:to]
            case 3:
                data[at:at] = data[at:to] * chance.choice([1, 2, 50])
            case 4:
                data = data[:at]
            case 5:
                data[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
            case _:
                lines = data.split(b"\n")
                chance.shuffle(lines)
                data = bytearray(b"\n".join(lines))
    return bytes(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("samples", nargs="*", metavar="LAYOUT=FILE")
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--keep", type=Path, default=Path("damaged"))
    given = parser.parse_args()
    cases = list(layouts())
    for sample in given.samples:
        layout, file = sample.split("=", 1)
        cases.append((layout + "-sample", Path(file).suffix, Path(file).read_bytes(), ["--layout", layout]))
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, ending, seed, arguments in cases:
            if given.only not in (None, name):
                continue
            chance, ends = random.Random(f"{given.seed} {name}"), Counter()
            for run in range(given.runs):
                file = Path(folder) / ("input" + ending)
                file.write_bytes(damaged(seed, chance))
                lenient = ["--lenient"] if run % 2 else ["--strict"]
                command = [given.binary, "validate", str(file), *arguments, *lenient]
                try:
                    done = subprocess.run(command, capture_output=True, timeout=60)
                    end = done.returncode
                    if b"a fault of this program" in done.stderr or b"panicked" in done.stderr:
                        end = "fault"
                except subprocess.TimeoutExpired:
                    end = "too slow"
                ends[end] += 1
                if end not in (0, 2):
                    failures += 1
                    given.keep.mkdir(exist_ok=True)
                    kept = given.keep / f"{name}-{run}{ending}"
                    kept.write_bytes(file.read_bytes())
                    kept.with_suffix(".txt").write_text(f"{end}: {command}\n")
            print(name, given.runs, dict(ends), flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
