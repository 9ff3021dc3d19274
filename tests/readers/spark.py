"""Spark reads the Parquet export as it is and joins it with many events; prints what the test expects as JSON.

Usage: python spark.py EXPORT
"""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

export = Path(sys.argv[1])
local = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
builder = SparkSession.builder.master("local[1]")
for key, value in local.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

tables = {p.stem: spark.read.parquet(str(p)) for p in sorted((export / "parquet").glob("*.parquet"))}
for name, frame in tables.items():
    frame.createOrReplaceTempView(name)

# 200,000 events, one a day and state: the shape of what a user would have from an event dataset, which runs to more.
spark.sql(
    """
    CREATE TEMPORARY VIEW happenings AS
    SELECT s.iso3c AS state, date_add(DATE'1992-01-01', CAST(r.id AS INT)) AS day
    FROM range(0, 12500) AS r CROSS JOIN states AS s
    """
)
joined = spark.sql(
    """
    SELECT c.request_id, count(*) AS n
    FROM happenings AS h JOIN comparison AS c
      ON h.state = c.state AND h.day BETWEEN date_sub(c.date, 30) AND date_sub(c.date, 1)
    WHERE c.date_precision = 'day' GROUP BY c.request_id
    """
)
print(
    json.dumps(
        {
            "rows": {name: frame.count() for name, frame in tables.items()},
            "types": {name: [kind for _, kind in frame.dtypes] for name, frame in tables.items()},
            "dates": [str(row.date) for row in tables["requests"].orderBy("request_id").select("date").collect()],
            "titles": [row.title for row in tables["sources"].orderBy("citekey").select("title").collect()],
            "joined": {row.request_id: row.n for row in joined.collect()},
        }
    )
)
