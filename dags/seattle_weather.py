"""The Python half of the Seattle weather pipeline: checks one day and derives what the file does not say.

The DAG itself is written in TypeScript (seattle_weather.ts); its task `validate` names this file and function as its
handler and `python` as its queue, so a Python worker runs it.
"""

KINDS = {"drizzle", "fog", "rain", "snow", "sun"}


def validate(day):
    """Checks one day and adds `temp_mean` and `is_wet`; a day that cannot be true fails the task with a reason."""
    if day["weather"] not in KINDS:
        raise ValueError(f"{day['date']}: unknown weather {day['weather']!r}, expected one of {sorted(KINDS)}")
    if day["temp_min"] > day["temp_max"]:
        raise ValueError(f"{day['date']}: temp_min {day['temp_min']} is above temp_max {day['temp_max']}")
    if day["precipitation"] < 0 or day["wind"] < 0:
        raise ValueError(f"{day['date']}: precipitation and wind cannot be negative")
    temp_mean = round((day["temp_min"] + day["temp_max"]) / 2, 2)
    return {**day, "temp_mean": temp_mean, "is_wet": day["precipitation"] > 0}
