"""Writes tests/files/* with the tools of others, and reads files of this crate with them.

    python -m venv venv && venv/bin/pip install polars==2.1.0 duckdb==2.0.0 pandas==3.1.1 pyarrow==26.0.1 openpyxl==3.1.5 odfpy==1.4.1
    venv/bin/python tests/interop/make.py            # makes the files
    venv/bin/python tests/interop/make.py england.parquet england.arrow england.csv   # reads ours
"""
import datetime as dt
import decimal
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

FILES = Path(__file__).parent.parent / "files"
D = dt.date
# Unsorted on purpose; one grade is missing, one publication unknown.
ROWS = [
    ("E06000039", "headline", D(2019, 2, 1), D(2019, 3, 4), "requires_improvement", "slough-2019", 0),
    ("E06000039", "headline", D(2011, 5, 31), None, "inadequate", "slough-2011", 0),
    ("E08000025", "headline", D(2023, 3, 3), D(2023, 4, 18), "good", "birmingham-2023", 0),
    ("E08000025", "headline", D(2026, 5, 1), D(2026, 6, 17), None, "birmingham-2026", None),
]
NAMES = ["authority", "theme", "effect", "published", "grade", "inspection", "position"]
GRADES = ["inadequate", "requires_improvement", "good", "outstanding"]


def make():
    frame = pl.DataFrame(ROWS, schema=NAMES, orient="row")
    enum = frame.with_columns(pl.col("grade").cast(pl.Enum(GRADES)), pl.col("position").cast(pl.UInt32))
    enum.write_parquet(FILES / "polars-enum.parquet")
    frame.with_columns(pl.col("grade").cast(pl.Categorical)).write_parquet(FILES / "polars-categorical.parquet")
    enum.write_ipc(FILES / "polars.arrow", compression="zstd")
    frame.write_csv(FILES / "polars.csv")

    pandas = pd.DataFrame(ROWS, columns=NAMES)
    for column in ["effect", "published"]:
        pandas[column] = pd.to_datetime(pandas[column])  # datetime64, as pandas has no dates
    pandas["grade"] = pd.Categorical(pandas["grade"], categories=GRADES, ordered=True)
    pandas["position"] = pandas["position"].astype("Int64")
    pandas.to_parquet(FILES / "pandas.parquet", index=False)
    odd(pandas)
    pandas.assign(grade=pandas["grade"].astype(object)).to_feather(FILES / "pandas.feather")

    # Arrow's own C++ writer, which R's arrow package uses too: factors are dictionaries, Date is date32.
    table = frame.to_arrow().cast(
        pa.schema([
            (name, pa.date32() if name in ("effect", "published") else pa.int32() if name == "position" else pa.string())
            for name in NAMES
        ])
    )
    table = table.set_column(4, "grade", table.column("grade").dictionary_encode())
    pq.write_table(table, FILES / "arrow-cpp.parquet", compression="snappy")

    duckdb.register("frame", frame.to_arrow())
    grades = ", ".join(f"'{g}'" for g in GRADES)
    duckdb.sql(f"CREATE TYPE grade AS ENUM ({grades})")
    columns = "authority, theme, effect, published, grade::grade AS grade, inspection, position"
    duckdb.sql(f"COPY (SELECT {columns} FROM frame) TO '{FILES / 'duckdb.parquet'}' (FORMAT parquet)")
    duckdb.sql(f"COPY (SELECT {columns} FROM frame) TO '{FILES / 'duckdb.csv'}' (FORMAT csv, HEADER)")
    workbooks()


def odd(pandas):
    """Files as people have them: zones, numbers with gaps, missing categories, columns of types that no rating has."""
    pandas.to_feather(FILES / "pandas-null-category.feather")  # the missing category has the key -1
    zoned = pandas.assign(position=pandas["position"].astype("float64"))
    for column in ["effect", "published"]:
        zoned[column] = zoned[column].dt.tz_localize("Europe/London")
    zoned.to_parquet(FILES / "pandas-zoned.parquet", index=False)
    zoned.to_feather(FILES / "pandas-zoned.feather")
    n = len(pandas)
    columns = {
        "money": pa.array([decimal.Decimal("1.10")] * n),
        "half": pa.array([1.0] * n).cast(pa.float16()),
        "list": pa.array([[1]] * n),
        "struct": pa.array([{"a": 1}] * n),
        "map": pa.array([[("a", 1)]] * n, type=pa.map_(pa.string(), pa.int64())),
        "duration": pa.array([dt.timedelta(1)] * n),
        "binary": pa.array([b"x"] * n),
        "nothing": pa.nulls(n),
    }
    table = pa.Table.from_pandas(pandas, preserve_index=False)
    for name, column in columns.items():
        table = table.append_column(name, column)
    pq.write_table(table, FILES / "odd-columns.parquet", use_dictionary=False, compression="none")
    interval = pa.array([pa.scalar((1, 2, 3), pa.month_day_nano_interval())] * n)
    feather.write_feather(table.append_column("interval", interval), FILES / "odd-columns.feather")
    views = {"authority": pa.array(["a", "b"], pa.string_view()), "grade": pa.array(["A", "B"], pa.string_view())}
    views = pa.table(views).append_column("effect", pa.array([dt.date(2020, 1, 1)] * 2))
    feather.write_feather(views, FILES / "string-view.feather", compression="lz4")  # polars 0.55 does not read it


def workbooks():
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P
    from openpyxl import Workbook

    header = ["Council", "From", "To", "Published", "Overall", "Leaders", "Help", "Care", "Leavers", "Inspector"]
    rows = [
        ["Slough", D(2019, 1, 21), D(2019, 2, 1), D(2019, 3, 4), "RI", "RI", "RI", "RI", "n/a", "A Person"],
        ["SLOUGH BOROUGH COUNCIL", D(2023, 1, 23), 44960, "17/03/2023", "RI", "Inadequate", "RI", "RI", "RI", "B"],
        ["Total", None, None, None, 2, None, None, None, None, None],
    ]
    book = Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "Made for a test"
    sheet = book.create_sheet("Inspections")
    sheet.append(header)
    sheet.append([])
    for row in rows:
        sheet.append(row)
    book.save(FILES / "inspections.xlsx")

    document = OpenDocumentSpreadsheet()
    table = Table(name="Inspections")
    for row in [header, *rows]:
        line = TableRow()
        for value in row:
            if value is None:
                cell = TableCell()
            elif isinstance(value, D):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
                cell.addElement(P(text=value.strftime("%d/%m/%Y")))
            elif isinstance(value, int):
                cell = TableCell(valuetype="float", value=value)
                cell.addElement(P(text=str(value)))
            else:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(FILES / "inspections.ods")


def check(paths):
    """Reads files of this crate with every tool that can, and compares."""
    for path in paths:
        count, grades = None, None
        if path.endswith(".parquet"):
            reads = {
                "polars": pl.read_parquet(path),
                "pandas": pl.from_pandas(pd.read_parquet(path)),
                "duckdb": duckdb.sql(f"SELECT * FROM '{path}'").pl(),
            }
            assert isinstance(reads["polars"].schema["grade"], pl.Enum), reads["polars"].schema["grade"]
        elif path.endswith(".csv"):
            reads = {
                "polars": pl.read_csv(path, try_parse_dates=True),
                "pandas": pl.from_pandas(pd.read_csv(path, parse_dates=["effect"], keep_default_na=False, na_values=[""])),
                "duckdb": duckdb.sql(f"SELECT * FROM '{path}'").pl(),
            }
        else:
            reads = {"polars": pl.read_ipc(path), "pandas": pl.from_pandas(pd.read_feather(path))}
        for tool, frame in reads.items():
            effect = frame["effect"].cast(pl.Date)
            seen = (frame.height, frame["grade"].cast(pl.String).drop_nulls().value_counts().sort("grade").rows(), effect.max())
            count = count or seen
            assert seen == count, (tool, seen, count)
            print(f"{path}: {tool} {frame.height} rows, latest {effect.max()}")


if __name__ == "__main__":
    check(sys.argv[1:]) if len(sys.argv) > 1 else make()
