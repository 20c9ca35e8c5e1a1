"""The same questions to the same file with what analysts use today, beside this crate; equal answers are checked.

    benches/peers/run 1000000     # prepares a virtual environment, makes the ratings, prints the table

Each tool has the ratings in memory before the clock starts; the best of five runs counts. The window queries are written
as a user of each tool would write them: `over` in polars, `LAG` and `LEAD` in SQL, `groupby().shift()` in pandas, `rleid`
and `shift` in R's data.table. R takes part where it is installed, with its packages data.table, survival and etm.
transitionMatrix divides the moves of a day by who is at risk after them, not before, so it agrees to 2 in 1,000 only.

Two more rows show what is left of the lead: the same queries over the number of the series, which this crate's files hold,
instead of the text; and polars with a plan of shifts over that number, as an expert writes it, on the streaming engine.
"""
import datetime as dt
import importlib.metadata
import json
import math
import os
import shutil
import subprocess
import sys
import time

import duckdb
import pandas as pd
import polars as pl

BEFORE = dt.date(2020, 6, 30)
AS_OF = dt.date(2030, 6, 30)
LAST = dt.date(2045, 12, 31)
FROM = dt.date(2013, 1, 1)
EPOCH = dt.date(1970, 1, 1)
GRADES = pl.Enum(["inadequate", "requires_improvement", "good", "outstanding"])
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


def polars_queries(path, key="authority"):
    data = pl.read_parquet(path, columns=list({"authority": 0, key: 0, "effect": 0, "grade": 0})).filter(pl.col("effect") <= LAST)

    def as_of():
        rows = data.lazy().filter(pl.col("effect") <= AS_OF)
        previous = pl.col("grade").to_physical().shift(1).over(key)
        run = (pl.col("grade").to_physical() != previous).fill_null(True).cast(pl.UInt32).cum_sum().over(key)
        runs = rows.with_columns(run=run).group_by(key, "run").agg(
            grade=pl.col("grade").first(), since=pl.col("effect").min(), inspections=pl.len()
        )
        now = runs.sort(key, "run").group_by(key, maintain_order=True).last().collect()
        return now.height, int((AS_OF - now["since"]).dt.total_days().sum())

    def runs_of(of):
        run = (of != of.shift(1).over(key)).fill_null(True).cast(pl.UInt32).cum_sum().over(key)
        runs = data.lazy().with_columns(run=run).group_by(key, "run", maintain_order=True).agg(
            grade=pl.col("grade").first(), start=pl.col("effect").min(), inspections=pl.len()
        )
        end = pl.col("start").shift(-1).over(key).fill_null(LAST)
        return runs.with_columns(days=(end - pl.col("start")).dt.total_days())

    def spells():
        done = runs_of(pl.col("grade").to_physical()).collect()
        return done.height, int(done["days"].sum())

    def streaks():
        poor = runs_of(pl.col("grade").to_physical() <= 1)
        done = poor.filter(pl.col("grade").to_physical() <= 1).collect()
        return done.height, int(done["days"].sum())

    def flows():
        def on(day):
            rows = data.lazy().filter(pl.col("effect") <= day)
            return rows.group_by(key).agg(pl.col("grade").last())

        pairs = on(BEFORE).join(on(AS_OF), on=key)
        n = pairs.group_by("grade", "grade_right").len().collect()["len"].cast(pl.Int64)
        return len(n), int((n * n).sum())

    def transitions():
        rows = data.lazy().with_columns(
            before=pl.col("grade").shift(1).over(key), on=pl.col("effect").shift(1).over(key)
        )
        done = rows.filter(pl.col("before").is_not_null()).with_columns(
            days=(pl.col("effect") - pl.col("on")).dt.total_days()
        ).collect()
        return done.height, int(done["days"].sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions, "streaks": streaks, "flows": flows}


def polars_expert(path):
    """Shifts over the number of the series and rows that are sorted: no window, no grouping by text."""
    data = pl.read_parquet(path, columns=["authority", "series", "effect", "grade"]).filter(pl.col("effect") <= LAST)
    first = pl.col("series").ne_missing(pl.col("series").shift(1))

    def runs(rows, of, until):
        rows = rows.with_row_index("row").with_columns(of=of)
        rows = rows.filter(first | pl.col("of").ne_missing(pl.col("of").shift(1)))
        goes_on = pl.col("series").eq_missing(pl.col("series").shift(-1))
        end = pl.when(goes_on).then(pl.col("effect").shift(-1)).otherwise(until)
        return rows.with_columns(
            goes_on=goes_on, end=end, inspections=pl.col("row").shift(-1) - pl.col("row"),
            days=(end - pl.col("effect")).dt.total_days(),
        )

    def done(rows):
        rows = rows.collect(engine="streaming")
        return rows.height, int(rows["days"].sum())

    def as_of():
        rows = data.lazy().filter(pl.col("effect") <= AS_OF)
        return done(runs(rows, pl.col("grade"), AS_OF).filter(~pl.col("goes_on")))

    def spells():
        return done(runs(data.lazy(), pl.col("grade"), LAST))

    def streaks():
        return done(runs(data.lazy(), pl.col("grade").to_physical() <= 1, LAST).filter("of"))

    def transitions():
        rows = data.lazy().with_columns(
            before=pl.col("grade").shift(1), on=pl.col("effect").shift(1), first=first,
            days=(pl.col("effect") - pl.col("effect").shift(1)).dt.total_days(),
        )
        return done(rows.filter(~pl.col("first")))

    def flows():
        last = pl.col("series").ne_missing(pl.col("series").shift(-1))

        def on(day):
            rows = data.lazy().select("series", "effect", "grade").filter(pl.col("effect") <= day)
            return rows.filter(last)

        pairs = on(BEFORE).join(on(AS_OF), on="series")
        n = pairs.group_by("grade", "grade_right").len().collect(engine="streaming")["len"].cast(pl.Int64)
        return len(n), int((n * n).sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions, "streaks": streaks, "flows": flows}


def duckdb_queries(path, key="authority"):
    con = duckdb.connect()
    con.execute(f"CREATE TABLE r AS SELECT {key} AS authority, effect, grade FROM '{path}' WHERE effect <= DATE '{LAST}'")
    runs = """
        SELECT authority, run, any_value(grade) AS grade, min(effect) AS start, count(*) AS inspections FROM (
            SELECT *, sum(new) OVER (PARTITION BY authority ORDER BY effect ROWS UNBOUNDED PRECEDING) AS run FROM (
                SELECT *, coalesce({key} != lag({key}) OVER (PARTITION BY authority ORDER BY effect), true)::int AS new
                FROM r WHERE {where}))
        GROUP BY authority, run"""

    def as_of():
        sql = f"""WITH runs AS ({runs.format(key="grade", where=f"effect <= DATE '{AS_OF}'")})
            SELECT * FROM runs QUALIFY row_number() OVER (PARTITION BY authority ORDER BY run DESC) = 1"""
        table = con.sql(sql).to_arrow_table()
        now = pl.from_arrow(table)
        return now.height, int((AS_OF - now["start"]).dt.total_days().sum())

    def spells():
        sql = f"""SELECT *, coalesce(lead(start) OVER (PARTITION BY authority ORDER BY run), DATE '{LAST}') - start AS days
            FROM ({runs.format(key="grade", where="true")})"""
        done = pl.from_arrow(con.sql(sql).to_arrow_table())
        return done.height, int(done["days"].sum())

    def streaks():
        poor = "(grade IN ('inadequate', 'requires_improvement'))"
        sql = f"""SELECT * FROM (
            SELECT *, coalesce(lead(start) OVER (PARTITION BY authority ORDER BY run), DATE '{LAST}') - start AS days
            FROM ({runs.format(key=poor, where="true")})) WHERE {poor}"""
        done = pl.from_arrow(con.sql(sql).to_arrow_table())
        return done.height, int(done["days"].sum())

    def flows():
        on = "SELECT authority, arg_max(grade, effect) AS grade FROM r WHERE effect <= DATE '{}' GROUP BY authority"
        sql = f"""SELECT a.grade AS before, b.grade AS now, count(*) AS n FROM ({on.format(BEFORE)}) a
            JOIN ({on.format(AS_OF)}) b USING (authority) GROUP BY a.grade, b.grade"""
        n = pl.from_arrow(con.sql(sql).to_arrow_table())["n"]
        return len(n), int((n * n).sum())

    def transitions():
        sql = """SELECT *, effect - on_ AS days FROM (
            SELECT *, lag(grade) OVER w AS before, lag(effect) OVER w AS on_ FROM r
            WINDOW w AS (PARTITION BY authority ORDER BY effect)) WHERE on_ IS NOT NULL"""
        done = pl.from_arrow(con.sql(sql).to_arrow_table())
        return done.height, int(done["days"].sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions, "streaks": streaks, "flows": flows}


def pandas_queries(path, key="authority"):
    data = pd.read_parquet(path, columns=[key, "effect", "grade"]).rename(columns={key: "authority"})
    data["effect"] = pd.to_datetime(data["effect"])
    data = data[data["effect"] <= pd.Timestamp(LAST)].reset_index(drop=True)

    def runs(rows, key):
        new = (key != key.shift()) | (rows["authority"] != rows["authority"].shift())
        rows = rows.assign(run=new.cumsum())
        return rows.groupby(["authority", "run"], observed=True).agg(
            grade=("grade", "first"), start=("effect", "min"), inspections=("effect", "size")
        )

    def lasting(key):
        done = runs(data, key)
        end = done.groupby(level=0)["start"].shift(-1).fillna(pd.Timestamp(LAST))
        return done.assign(days=(end - done["start"]).dt.days)

    def as_of():
        rows = data[data["effect"] <= pd.Timestamp(AS_OF)]
        now = runs(rows, rows["grade"].cat.codes).groupby(level=0).tail(1)
        return len(now), int((pd.Timestamp(AS_OF) - now["start"]).dt.days.sum())

    def spells():
        done = lasting(data["grade"].cat.codes)
        return len(done), int(done["days"].sum())

    def streaks():
        done = lasting(data["grade"].cat.codes <= 1)
        done = done[done["grade"].cat.codes <= 1]
        return len(done), int(done["days"].sum())

    def flows():
        def on(day):
            rows = data[data["effect"] <= pd.Timestamp(day)]
            return rows.drop_duplicates("authority", keep="last").set_index("authority")["grade"]

        pairs = on(BEFORE).to_frame("before").join(on(AS_OF).rename("now"), how="inner")
        n = pairs.groupby(["before", "now"], observed=True).size()
        return len(n), int((n * n).sum())

    def transitions():
        by = data.groupby("authority", observed=True)
        done = data.assign(before=by["grade"].shift(), on=by["effect"].shift()).dropna(subset=["on"])
        return len(done), int((done["effect"] - done["on"]).dt.days.sum())

    return {"as_of": as_of, "spells": spells, "transitions": transitions, "streaks": streaks, "flows": flows}


def r_answers(path):
    """What R measured, by question; nothing where R or a package is missing."""
    if shutil.which("Rscript") is None:
        return "R not installed", {}
    packages = ["data.table", "survival", "etm"]
    versions = "cat(as.character(getRversion()), sapply(c('{}'), function(p) as.character(packageVersion(p))))"
    said = subprocess.run(["Rscript", "-e", versions.format("', '".join(packages))], capture_output=True, text=True)
    if said.returncode != 0:
        return f"R lacks one of {', '.join(packages)}", {}
    rows = pl.read_parquet(path, columns=["authority", "effect", "grade"])
    file = path.replace(".parquet", ".peers.csv")
    rows.select(
        "authority", pl.col("effect").to_physical(), pl.col("grade").cast(GRADES).to_physical().cast(pl.Int32)
    ).write_csv(file)
    script = os.path.join(os.path.dirname(__file__), "peers.R")
    done = subprocess.run(["Rscript", script, file], check=True, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    r, *others = said.stdout.split()
    return f"R {r} ({', '.join(map(' '.join, zip(packages, others)))})", {a["query"]: a for a in answers}


def transition_matrix(path):
    """transitionMatrix's Aalen-Johansen estimator from FROM to AS_OF."""
    import transitionMatrix as tm
    from transitionMatrix.estimators.aalen_johansen_estimator import AalenJohansenEstimator

    rows = pl.read_parquet(path, columns=["authority", "effect", "grade"]).filter(pl.col("effect") <= AS_OF)
    rows = rows.select(
        pl.col("authority").rank("dense").cast(pl.Int64).alias("ID"),
        pl.col("effect").to_physical().alias("Time"),
        pl.col("grade").cast(GRADES).to_physical().cast(pl.Int64).alias("To"),
    )

    def run():
        moves = rows.with_columns(From=pl.col("To").shift(1).over("ID")).filter(pl.col("From").is_not_null())
        moves = moves.filter((pl.col("From") != pl.col("To")) & (pl.col("Time") > (FROM - EPOCH).days))
        # It takes the first state of a body from its first row, and leaves out the first time and the last two.
        at_first = rows.filter(pl.col("Time") <= (FROM - EPOCH).days).group_by("ID").last()
        at_first = at_first.select("ID", Time=pl.lit((FROM - EPOCH).days, pl.Int32), From="To", To="To")
        after = at_first.head(1)
        day = (AS_OF - EPOCH).days
        ends = [after.with_columns(Time=pl.lit(day + n, pl.Int32)) for n in (1, 2, 3)]
        columns = ["ID", "Time", "From", "To"]
        table = pl.concat([at_first, moves.select(columns).sort("Time"), *ends], how="vertical_relaxed").to_pandas()
        estimator = AalenJohansenEstimator(states=tm.StateSpace([(str(n), g) for n, g in enumerate(GRADES.categories)]))
        etm, _ = estimator.fit(table, {"ID": "ID", "Time": "Time", "From": "From", "To": "To"})
        return [float(x) for x in etm[:, :, -2].ravel()]

    return best(run)


def same(a, b, tolerance=1e-6):
    return len(a) == len(b) and all(math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-9) for x, y in zip(a, b))


def main():
    path, yardstick = sys.argv[1:]
    done = subprocess.run([yardstick, path], check=True, capture_output=True, text=True)
    crate = json.loads(done.stdout)
    r_version, r = r_answers(path)
    tools = {
        "polars": polars_queries(path),
        "DuckDB": duckdb_queries(path),
        "pandas": pandas_queries(path),
        "R": {query: lambda a=a: a for query, a in r.items()},
    }
    numbered = {
        "polars": polars_queries(path, "series"),
        "DuckDB": duckdb_queries(path, "series"),
        "pandas": pandas_queries(path, "series"),
        "polars, shifts": polars_expert(path),
    }
    print(f"{dt.date.today()}; {crate['ratings']} ratings; polars {pl.__version__}, DuckDB {duckdb.__version__}, ", end="")
    print(f"pandas {pd.__version__}, {r_version}")
    for title, row in [("bodies by name", tools), ("series by number", numbered)]:
        print(f"\n{title:>18}{'this crate':>18}" + "".join(f"{name:>18}" for name in row))
        for query, own in ((name, own) for name, own in crate.items() if name != "ratings"):
            if row is numbered and query not in row["polars"]:
                continue
            line = f"{query:>18}{own['seconds'] * 1000:>15,.0f} ms"
            for name, queries in row.items():
                if query not in queries:
                    line += " " * 18
                    continue
                found = queries[query]() if name == "R" else dict(zip(("seconds", "answer"), best(queries[query])))
                assert same(found["answer"], own["answer"]), (query, name, found["answer"], own)
                line += f"{found['seconds'] * 1000:>9,.0f} ms{found['seconds'] / own['seconds']:>5.0f}x"
            print(line, flush=True)
    own = crate["aalen_johansen"]
    seconds, answer = transition_matrix(path)
    assert same(answer, own["answer"], 2e-3), (answer, own)
    version = importlib.metadata.version("transitionMatrix")
    ratio = seconds / own["seconds"]
    print(f"aalen_johansen, transitionMatrix {version}: {seconds * 1000:,.0f} ms ({ratio:,.0f}x)")


if __name__ == "__main__":
    main()
