"""Feature flags: read by everybody, set by the environment, overridden by administrators."""
import pytest

from vitae import API, Client, Server

FEATURES = f"{API}/features/"
NAMES = ["FEATURE_AI_RESUME", "FEATURE_AI_COVER_LETTER", "FEATURE_JOB_SCRAPING"]


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path, FEATURE_AI_COVER_LETTER="False") as s:
        yield s


def test_anybody_reads_them(house):
    nobody = Client(house.base)
    assert nobody.get(FEATURES).json() == {
        "FEATURE_AI_RESUME": True, "FEATURE_AI_COVER_LETTER": False, "FEATURE_JOB_SCRAPING": True}
    one = nobody.get(FEATURES + "FEATURE_AI_COVER_LETTER")
    assert one.status_code == 200 and list(one.json())[:2] == ["feature", "enabled"]
    assert one.json()["feature"] == "FEATURE_AI_COVER_LETTER" and one.json()["enabled"] is False
    assert nobody.get(FEATURES + "feature_ai_resume").json()["enabled"] is True
    assert nobody.get(FEATURES + "FEATURE_NONE").status_code == 404
    assert nobody.put(FEATURES + NAMES[0], json={"enabled": False}).status_code == 401


def test_an_administrators_word_outlives_a_restart_until_it_is_taken_back(house):
    boss = house.login("admin")
    changed = boss.put(FEATURES + NAMES[1], json={"enabled": True})
    assert changed.status_code == 200
    assert changed.json()["enabled"] is True and changed.json()["overridden"] is True
    assert changed.json()["updated_at"].endswith("Z")
    assert Client(house.base).get(FEATURES).json()[NAMES[1]] is True
    house.stop()
    house.start()
    boss = house.login("admin")
    assert boss.get(FEATURES).json()[NAMES[1]] is True
    assert boss.delete(FEATURES + NAMES[1]).status_code == 204
    assert boss.get(FEATURES + NAMES[1]).json() == {
        "feature": NAMES[1], "enabled": False, "overridden": False, "updated_at": None}
    assert boss.delete(FEATURES + NAMES[1]).status_code == 204


def test_who_is_no_administrator_decides_nothing(house):
    house.make_user("manager", "hr_manager")
    manager = house.login("manager")
    assert manager.put(FEATURES + NAMES[0], json={"enabled": False}).status_code == 403
    assert manager.delete(FEATURES + NAMES[0]).status_code == 403
    boss = house.login("admin")
    assert boss.put(FEATURES + "FEATURE_NONE", json={"enabled": False}).status_code == 404
    assert boss.put(FEATURES + NAMES[0], json={"enabled": "perhaps"}).status_code == 422


def test_a_misspelt_variable_stops_the_start(tmp_path):
    with pytest.raises(RuntimeError, match="FEATURE_JOB_SCRAPING"):
        Server(tmp_path, FEATURE_JOB_SCRAPNG="False").start()
    with pytest.raises(RuntimeError, match="FEATURE_AI_RESUME"):
        Server(tmp_path, FEATURE_AI_RESUME="perhaps").start()
