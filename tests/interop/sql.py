"""Asks databases the queries of `ratings sql`, and compares their answers with those of `ratings` itself.

    python -m venv venv && venv/bin/pip install duckdb==2.0.1 datafusion==55.0.0 pyarrow==26.0.1
    cargo build --example ratings --example synthesise
    venv/bin/python tests/interop/sql.py target/debug/examples

The ratings of England, 10^5 that are made up, and a table with columns of its own, of several series, ties on one day and words for
having no rating. Spells and standings must be the same row by row, matrices and rates to 1e-9.
"""
import csv
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import datafusion
import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = Path(sys.argv[1])

# A leap day, several inspections on one day, ties of publication, a closing on an inspection's day, an end and a return.
OWN = """home,day,rating,rater,told,id,gone
a,2000-02-29,fair,x,2000-03-10,1,
a,2001-02-28,fair,x,,2,
a,2004-02-29,poor,x,2004-03-10,3,
a,2004-02-29,good,x,2004-03-12,4,
a,2004-02-29,fair,y,2004-03-12,4,
a,2009-07-01,NR,x,2009-08-01,5,
a,2011-01-01,good,x,2011-02-01,6,
b,1999-12-31,good,x,2000-01-31,7,2010-06-30
b,2005-05-05,good,x,2005-06-30,8,2010-06-30
b,2010-06-30,poor,x,2010-07-30,9,2010-06-30
c,2012-10-01,poor,x,2012-11-01,10,
c,2012-10-01,fair,x,2012-11-01,11,
c,2012-10-01,NR,y,2012-11-01,11,
c,2013-03-31,,x,2013-05-01,12,
d,2020-01-01,withdrawn,x,2020-02-01,13,
e,1996-02-29,poor,x,,14,
e,2020-02-28,fair,x,,15,
e,2020-02-29,good,x,2019-12-31,16,
f,2024-12-31,good,x,,17,
"""
COLUMNS = ["--columns", "home,day,rating", "--series", "rater", "--scale", "poor,fair,good", "--withdrawn", "NR,withdrawn"]


def ratings(*arguments):
    return subprocess.run([EXAMPLES / "ratings", *arguments], check=True, capture_output=True, text=True).stdout


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


class DuckDb:
    def __init__(self, file):
        self.session = duckdb.connect()
        self.session.execute(f"CREATE VIEW ratings AS SELECT * FROM read_parquet('{file}')")

    def ask(self, query):
        return self.session.execute(query).to_arrow_table()


class DataFusion:
    def __init__(self, file):
        # Its reader stops at polars' Enum columns in files of several pages; as Parquet alone tells them they are text.
        table = pyarrow.parquet.read_table(file)
        words = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in table.schema]
        copy = file.with_suffix(".plain")
        pa.parquet.write_table(table.cast(pa.schema(words)), copy, store_schema=False)
        self.session = datafusion.SessionContext()
        self.session.register_parquet("ratings", str(copy), file_extension=".plain")

    def ask(self, query):
        return self.session.sql(query).to_arrow_table()


def plain(table):
    """Text as Arrow's CSV writer knows it: DataFusion gives views."""
    views = [field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field for field in table.schema]
    return table.cast(pa.schema(views))


def text(value):
    return "" if value is None else str(value)


def same(name, query, answer, engines):
    """Equal rows, in any order of those that are equal by body and series."""
    expected = rows(answer)
    for engine in engines:
        table = engine.ask(query)
        columns = table.column_names
        seen = sorted(tuple(text(row[c]) for c in columns) for row in table.to_pylist())
        wanted = sorted(tuple(row[c] for c in columns) for row in expected)
        assert len(seen) == len(wanted), (name, type(engine).__name__, len(seen), len(wanted))
        for one, other in zip(seen, wanted):
            assert one == other, (name, type(engine).__name__, one, other)
        print(f"{name}: {type(engine).__name__}, {len(seen)} rows are equal")


def close(name, one, other):
    one, other = rows(one), rows(other)
    assert len(one) == len(other) > 0, (name, len(one), len(other))
    for a, b in zip(one, other):
        for column in b:
            if a[column] == b[column]:
                continue
            x, y = float(a[column]), float(b[column])
            assert abs(x - y) <= 1e-9 * max(1.0, abs(y)), (name, column, a, b)


def spells(name, own, table, engines):
    """Spells and standings; `own` asks the file, `table` tells the query of its columns."""
    days = ["2026-08-20", "2012-10-01", "2010-06-30"]
    for clock in ["effect", "published"]:
        for day in days:
            usual = ["--as-of", day, "--clock", clock]
            query = ratings("sql", "spells", *table, *usual)
            same(f"{name}, spells, {day} {clock}", query, ratings("spells", *own, *usual, "--format", "csv"), engines)
            query = ratings("sql", "as-of", *table, *usual)
            stood = rows(ratings("as-of", *own, *usual, "--format", "csv"))
            for row in stood:
                row["status"] = "not_reported" if row["grade"] == "not_reported" else "rated"
                row["grade"] = "" if row["grade"] == "not_reported" else row["grade"]
            out = io.StringIO()
            writer = csv.DictWriter(out, stood[0])
            writer.writeheader()
            writer.writerows(row for row in stood if row["since"])
            same(f"{name}, as-of, {day} {clock}", query, out.getvalue(), engines)


def totals(name, own, table, absorbing, engines, folder):
    """Matrices and rates of totals that a database has made."""
    studies = [
        [],
        ["--from", "2004-02-29"],
        ["--time-basis", "365.25"],
        ["--after-last", "drop", "--from", "2008-01-01"],
        ["--absorbing", absorbing],
    ]
    for n, study in enumerate(studies):
        query = ratings("sql", "totals", *table, "--as-of", "2026-08-20", *study)
        pooled = ratings("sql", "totals", *table, "--as-of", "2026-08-20", *study, "--pooled")
        told = ["--to", "2026-08-20", *study, "--format", "csv"]
        matrix = ["--horizon", "3y", "--estimator", "duration"]
        asked = ratings("matrix", *own, *matrix, "--as-of", "2026-08-20", *told)
        rates = ratings("rates", *own, "--as-of", "2026-08-20", *told)
        resampled = ratings("matrix", *own, *matrix, "--as-of", "2026-08-20", *told, "--bootstrap", "50")
        for engine in engines:
            files = [folder / f"{type(engine).__name__}-{n}{kind}" for kind in [".csv", ".parquet", "-pooled.csv"]]
            table_of = plain(engine.ask(query))
            pa.csv.write_csv(table_of, files[0])
            pa.parquet.write_table(table_of, files[1])
            pa.csv.write_csv(plain(engine.ask(pooled)), files[2])
            for file in files:
                of = ["--totals", str(file)]
                close(f"{name}, matrix {study}", ratings("matrix", *of, *matrix, *told), asked)
                close(f"{name}, rates {study}", ratings("rates", *of, *told), rates)
            again = ratings("matrix", "--totals", str(files[0]), *matrix, *told, "--bootstrap", "50")
            close(f"{name}, resampled {study}", again, resampled)
            print(f"{name}, totals {' '.join(study)}: {type(engine).__name__}, {table_of.num_rows} rows give equal matrices and rates")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        england = folder / "england.parquet"
        ratings("convert", str(ROOT / "src/dataset/england"), str(england))
        made_up = folder / "made-up.parquet"
        subprocess.run([EXAMPLES / "synthesise", "--ratings", "100000", "-o", made_up], check=True, capture_output=True)
        own = folder / "own.csv"
        own.write_text(OWN)
        as_parquet = folder / "own.parquet"
        days = pa.csv.ConvertOptions(column_types={"id": pa.string()}, strings_can_be_null=True)
        pa.parquet.write_table(pa.csv.read_csv(own, convert_options=days), as_parquet)

        for name, file in [("England", england), ("10^5 made up", made_up)]:
            engines = [DuckDb(file), DataFusion(file)]
            spells(name, ["--theme", "all", "--data", str(file)], [], engines)
            headline = ["--theme", "headline"]
            totals(name, [*headline, "--data", str(file)], headline, "outstanding", engines, folder)

        engines = [DuckDb(as_parquet), DataFusion(as_parquet)]
        more = ["--published", "told", "--inspection", "id", "--closed", "gone"]
        # The file of a foreign table has no closings and ties; the same rows as a file of this crate have.
        crate = folder / "crate.csv"
        names = {"home": "authority", "day": "effect", "rating": "grade", "rater": "theme", "told": "published", "id": "inspection", "gone": "closed"}
        lines = OWN.replace("NR", "").replace("withdrawn", "").splitlines()
        crate.write_text("\n".join([",".join(names[c] for c in lines[0].split(",")), *lines[1:]]) + "\n")
        data = ["--data", str(crate), "--scale", "poor,fair,good"]
        spells("own columns", [*data, "--theme", "all"], [*COLUMNS, *more], engines)
        one = ["--theme", "x"]
        totals("own columns", [*data, *one], [*COLUMNS, *more, *one], "good", engines, folder)


if __name__ == "__main__":
    main()
