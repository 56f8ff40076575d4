"""Cron expressions against an independent model: minute by minute through the zone's own clock, as crontab(5) words it."""
import datetime as dt
import random
import subprocess
import zoneinfo

import pytest

from vitae import VITAE

UTC = dt.timezone.utc
MINUTE = dt.timedelta(minutes=1)
MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13)))
DAYS = dict(zip("sun mon tue wed thu fri sat".split(), range(7)))


def ask(expression, zone, after, count):
    r = subprocess.run([VITAE, "cron", "-z", zone, "-a", after.strftime("%Y-%m-%dT%H:%M:%SZ"), "-n", str(count), expression],
                       capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    return [dt.datetime.strptime(line, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for line in r.stdout.split()]


def values(text, low, high, names):
    found = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            a, b = low, high
        else:
            a, _, b = span.partition("-")
            a = names.get(a, a)
            b = names.get(b, b) or (high if step else a)
        found |= set(range(int(a), int(b) + 1, int(step or 1)))
    return found


class Model:
    def __init__(self, expression, zone):
        fields = expression.split()
        self.minutes, self.hours = values(fields[0], 0, 59, {}), values(fields[1], 0, 23, {})
        self.days, self.months = values(fields[2], 1, 31, {}), values(fields[3], 1, 12, MONTHS)
        self.weekdays = {d % 7 for d in values(fields[4], 0, 7, DAYS)}
        self.star = fields[2][0] == "*" or fields[4][0] == "*"
        self.every_hour = fields[1] == "*"
        self.zone = zoneinfo.ZoneInfo(zone)

    def fits(self, local):
        day, week = local.day in self.days, local.isoweekday() % 7 in self.weekdays
        return (local.minute in self.minutes and local.hour in self.hours and local.month in self.months
                and (day and week if self.star else day or week))

    def next(self, after):
        """Walks real minutes; at a leap of the clock it also looks at the minutes left out, and it skips what the clock
        shows for the second time."""
        t = after.replace(second=0, microsecond=0)
        while True:
            before = t.astimezone(self.zone).replace(tzinfo=None)
            t += MINUTE
            now = t.astimezone(self.zone)
            local = now.replace(tzinfo=None)
            if self.every_hour:
                if self.fits(local):
                    return t
                continue
            if now.fold == 0 and self.fits(local):
                return t
            skipped = before + MINUTE
            while skipped < local:
                if self.fits(skipped):
                    return t
                skipped += MINUTE


EXPRESSIONS = ["*/15 * * * *", "30 2 * * *", "0 3 * * *", "15,45 1-3 * * *", "0 */6 * * *", "0 9 * * mon-fri", "5 4 1 * *",
               "0 0 * * 0", "59 23 31 12 *", "0 12 13 * fri", "30 * * * *", "*/7 2 * mar,oct sun", "0 0 29 2 *"]
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
def test_both_changes_of_the_clock_in_three_years(zone):
    """Around each change, every expression that comes often enough."""
    z = zoneinfo.ZoneInfo(zone)
    changes, t = [], dt.datetime(2025, 1, 1, tzinfo=UTC)
    while t.year < 2028:
        later = t + dt.timedelta(hours=12)
        if t.astimezone(z).utcoffset() != later.astimezone(z).utcoffset():
            changes.append(t - dt.timedelta(hours=20))
        t = later
    for start in changes or [dt.datetime(2026, 1, 1, tzinfo=UTC)]:
        for expression in EXPRESSIONS[:5] + EXPRESSIONS[10:11]:
            model, at = Model(expression, zone), start
            for told in ask(expression, zone, start, 8):
                at = model.next(at)
                assert told == at, (expression, zone, start)


def test_years_of_one_schedule():
    for expression, zone in (("30 2 * * *", "Europe/Berlin"), ("0 9 * * mon-fri", "America/New_York")):
        model, at = Model(expression, zone), dt.datetime(2024, 12, 30, tzinfo=UTC)
        for told in ask(expression, zone, at, 400):
            at = model.next(at)
            assert told == at, (expression, zone)


def test_random_expressions():
    chance = random.Random(7)

    def field(low, high):
        kind = chance.randrange(4)
        if kind == 0:
            return "*"
        if kind == 1:
            return f"*/{chance.randint(2, 9)}"
        a = chance.randint(low, high)
        return f"{a}-{chance.randint(a, high)}" if kind == 2 else f"{a},{chance.randint(low, high)}"
    for _ in range(40):
        expression = f"{field(0, 59)} {field(0, 23)} {field(1, 28)} * {field(0, 7)}"
        zone = chance.choice(ZONES)
        start = dt.datetime(2026, chance.choice((3, 4, 9, 10, 11)), chance.randint(1, 28), chance.randrange(24), 17, tzinfo=UTC)
        model, at = Model(expression, zone), start
        for told in ask(expression, zone, start, 3):
            at = model.next(at)
            assert told == at, (expression, zone, start)


def test_what_cannot_be_read():
    for arguments in (["61 * * * *"], ["-z", "Mars/Olympus", "* * * * *"], ["0 0 30 2 *"]):
        r = subprocess.run([VITAE, "cron", *arguments], capture_output=True, text=True)
        assert r.returncode == 1 and r.stderr.startswith("vitae cron: ")
    assert subprocess.run([VITAE, "cron"], capture_output=True).returncode == 2
