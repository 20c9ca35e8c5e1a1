"""The same questions to the same file with what analysts use today, beside this crate; equal answers are checked.

    benches/peers/run 1000000     # prepares a virtual environment, makes the ratings, prints the table

Each tool has the ratings in memory before the clock starts; the best of five runs counts. The window queries are written
as a user of each tool would write them: `over` in polars, `LAG` and `LEAD` in SQL, `groupby().shift()` in pandas.
"""
import datetime as dt
import json
import subprocess
import sys
import time

import duckdb
import pandas as pd
import polars as pl

AS_OF = dt.date(2030, 6, 30)
LAST = dt.date(2045, 12, 31)
RUNS = 5


def best(run):
    """Best seconds of a few runs, and the answer."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - start)
        if times[0] > 20:
            break
    return min(times), answer


def polars_queries(path):
    data = pl.read_parquet(path, columns=["authority", "effect", "grade"]).filter(pl.col("effect") <= LAST)

    def as_of():
        rows = data.lazy().filter(pl.col("effect") <= AS_OF)
        previous = pl.col("grade").to_physical().shift(1).over("authority")
        run = (pl.col("grade").to_physical() != previous).fill_null(True).cast(pl.UInt32).cum_sum().over("authority")
        runs = rows.with_columns(run=run).group_by("authority", "run").agg(
            grade=pl.col("grade").first(), since=pl.col("effect").min(), inspections=pl.len()
        )
        now = runs.sort("authority", "run").group_by("authority", maintain_order=True).last().collect()
        return now.height, int((AS_OF - now["since"]).dt.total_days().sum())

    def spells():
        previous = pl.col("grade").to_physical().shift(1).over("authority")
        run = (pl.col("grade").to_physical() != previous).fill_null(True).cast(pl.UInt32).cum_sum().over("authority")
        runs = data.lazy().with_columns(run=run).group_by("authority", "run", maintain_order=True).agg(
            grade=pl.col("grade").first(), start=pl.col("effect").min(), inspections=pl.len()
        )
        end = pl.col("start").shift(-1).over("authority").fill_null(LAST)
        done = runs.with_columns(days=(end - pl.col("start")).dt.total_days()).collect()
        return done.height, int(done["days"].sum())

    def transitions():
        rows = data.lazy().with_columns(
            before=pl.col("grade").shift(1).over("authority"), on=pl.col("effect").shift(1).over("authority")
        )
        done = rows.filter(pl.col("before").is_not_null()).with_columns(
            days=(pl.col("effect") - pl.col("on")).dt.total_days()
        ).collect()
        return done.height, int(done["days"].sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions}


def duckdb_queries(path):
    con = duckdb.connect()
    con.execute(f"CREATE TABLE r AS SELECT authority, effect, grade FROM '{path}' WHERE effect <= DATE '{LAST}'")
    runs = """
        SELECT authority, run, any_value(grade) AS grade, min(effect) AS start, count(*) AS inspections FROM (
            SELECT *, sum(new) OVER (PARTITION BY authority ORDER BY effect ROWS UNBOUNDED PRECEDING) AS run FROM (
                SELECT *, coalesce(grade != lag(grade) OVER (PARTITION BY authority ORDER BY effect), true)::int AS new
                FROM r WHERE {where}))
        GROUP BY authority, run"""

    def as_of():
        sql = f"""WITH runs AS ({runs.format(where=f"effect <= DATE '{AS_OF}'")})
            SELECT * FROM runs QUALIFY row_number() OVER (PARTITION BY authority ORDER BY run DESC) = 1"""
        table = con.sql(sql).to_arrow_table()
        now = pl.from_arrow(table)
        return now.height, int((AS_OF - now["start"]).dt.total_days().sum())

    def spells():
        sql = f"""SELECT *, coalesce(lead(start) OVER (PARTITION BY authority ORDER BY run), DATE '{LAST}') - start AS days
            FROM ({runs.format(where="true")})"""
        done = pl.from_arrow(con.sql(sql).to_arrow_table())
        return done.height, int(done["days"].sum())

    def transitions():
        sql = """SELECT *, effect - on_ AS days FROM (
            SELECT *, lag(grade) OVER w AS before, lag(effect) OVER w AS on_ FROM r
            WINDOW w AS (PARTITION BY authority ORDER BY effect)) WHERE on_ IS NOT NULL"""
        done = pl.from_arrow(con.sql(sql).to_arrow_table())
        return done.height, int(done["days"].sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions}


def pandas_queries(path):
    data = pd.read_parquet(path, columns=["authority", "effect", "grade"])
    data["effect"] = pd.to_datetime(data["effect"])
    data = data[data["effect"] <= pd.Timestamp(LAST)].reset_index(drop=True)

    def runs(rows):
        by = rows.groupby("authority", observed=True)
        new = (rows["grade"].cat.codes != by["grade"].shift().cat.codes) | (rows["authority"] != rows["authority"].shift())
        rows = rows.assign(run=new.cumsum())
        return rows.groupby(["authority", "run"], observed=True).agg(
            grade=("grade", "first"), start=("effect", "min"), inspections=("effect", "size")
        )

    def as_of():
        now = runs(data[data["effect"] <= pd.Timestamp(AS_OF)]).groupby(level=0).tail(1)
        return len(now), int((pd.Timestamp(AS_OF) - now["start"]).dt.days.sum())

    def spells():
        done = runs(data)
        end = done.groupby(level=0)["start"].shift(-1).fillna(pd.Timestamp(LAST))
        return len(done), int((end - done["start"]).dt.days.sum())

    def transitions():
        by = data.groupby("authority", observed=True)
        done = data.assign(before=by["grade"].shift(), on=by["effect"].shift()).dropna(subset=["on"])
        return len(done), int((done["effect"] - done["on"]).dt.days.sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions}


def main():
    path, ours = sys.argv[1], sys.argv[2]
    crate = json.loads(subprocess.run([ours, path], check=True, capture_output=True, text=True).stdout)
    print(f"{dt.date.today()}; polars {pl.__version__}, duckdb {duckdb.__version__}, pandas {pd.__version__}; {crate['ratings']} ratings")
    print(f"{'query':<14}{'this crate':>14}{'polars':>18}{'DuckDB':>18}{'pandas':>18}")
    tools = [polars_queries(path), duckdb_queries(path), pandas_queries(path)]
    for query in ["as_of", "spells", "transitions"]:
        own = crate[query]
        line = f"{query:<14}{own['seconds'] * 1000:>11.0f} ms"
        for tool in tools:
            seconds, answer = best(tool[query])
            assert answer == (own["rows"], own["days"]), (query, answer, own)
            line += f"{seconds * 1000:>10.0f} ms{seconds / own['seconds']:>4.0f}x"
        print(line, flush=True)


if __name__ == "__main__":
    main()
