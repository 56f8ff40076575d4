"""The marketplace: what users offer, order, pay, rate, attach, withdraw and measure; and whose it is."""
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from vitae import API, Client, Server

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("market")) as s:
        yield s


count = iter(range(1, 10000))


@pytest.fixture
def people(house):
    """(buyer, seller, stranger), new ones."""
    names = [f"trader{next(count):04}" for _ in range(3)]
    for n in names:
        house.make_user(n)
    return [house.login(n) for n in names]


def made(client, what, **body):
    r = client.post(f"{API}/{what}/", json=body)
    assert r.status_code == 201, r.text
    assert r.headers["Location"] == f"{API}/{what}/{r.json()['id']}"
    return r.json()


def offer(client, title="Guitar lessons", **private):
    return made(client, "searchables", payloads={"public": {"title": title}, "private": private})


def order(client, searchable, amount=2500, currency="EUR"):
    return made(client, "invoices", searchable_id=searchable["id"], amount=amount, currency=currency)


def balance(client, currency="EUR"):
    return next((b["amount"] for b in client.get(f"{API}/balances/").json() if b["currency"] == currency), None)


def earn(buyer, seller, amount=2500):
    """A payment from one to the other; returns (searchable, invoice, payment)."""
    s = offer(seller)
    i = order(buyer, s, amount)
    return s, i, made(buyer, "payments", invoice_id=i["id"])


# ---- each resource: made, read, listed, deleted by its owner ----

def test_profiles(people):
    buyer, seller, _ = people
    p = made(seller, "profiles", display_name="Ada L.", headline="Teacher")
    r = seller.post(f"{API}/profiles/", json={"display_name": "Again"})
    assert r.status_code == 409
    path = f"{API}/profiles/{p['id']}"
    assert buyer.get(path).json() == p and p in buyer.get(f"{API}/profiles/").json()
    assert buyer.delete(path).status_code == 404
    assert seller.delete(path).status_code == 204 and buyer.get(path).status_code == 404


def test_private_payloads_stay_private(house, people):
    buyer, seller, _ = people
    s = offer(seller, "Piano", address="7 Elm Street")
    path = f"{API}/searchables/{s['id']}"
    assert s["payloads"]["private"] == {"address": "7 Elm Street"}
    assert seller.get(path).json() == s and house.login("admin").get(path).json() == s
    assert buyer.get(path).json() == {**s, "payloads": {"public": {"title": "Piano"}}}
    for listed in (buyer.get(f"{API}/searchables/"), buyer.get(f"{API}/searchables/", params={"limit": 500})):
        assert "Elm Street" not in listed.text
    assert [x["id"] for x in seller.get(f"{API}/searchables/", params={"mine": "true"}).json()] == [s["id"]]
    assert buyer.delete(path).status_code == 404
    assert seller.delete(path).status_code == 204 and buyer.get(path).status_code == 404


@pytest.mark.parametrize("payloads", [{}, [], "x", 1, {"public": 1}, {"public": {}, "private": []}, {"private": {}},
                                      {"public": {"x": "a" * 300_000}}])
def test_payloads_have_a_form(people, payloads):
    r = people[0].post(f"{API}/searchables/", json={"payloads": payloads})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"][:2] == ["body", "payloads"]


def test_invoices_and_notes(people):
    buyer, seller, stranger = people
    s = offer(seller)
    i = order(buyer, s, 2500)
    assert (i["amount"], i["currency"], i["status"], i["paid_at"]) == (2500, "EUR", "pending", None)
    path = f"{API}/invoices/{i['id']}"
    assert buyer.get(path).json() == seller.get(path).json() == i
    assert stranger.get(path).status_code == 404 and stranger.get(f"{API}/invoices/").json() == []
    assert [x["id"] for x in seller.get(f"{API}/invoices/", params={"searchable_id": s["id"]}).json()] == [i["id"]]
    n = seller.post(f"{path}/notes", json={"text": "Until Friday"}).json()
    assert buyer.get(f"{path}/notes").json() == [n] and buyer.get(f"{path}/notes/{n['id']}").json() == n
    assert stranger.post(f"{path}/notes", json={"text": "x"}).status_code == 404
    assert buyer.delete(f"{path}/notes/{n['id']}").status_code == 403
    assert seller.delete(f"{path}/notes/{n['id']}").status_code == 204
    assert seller.delete(path).status_code == 403
    assert buyer.patch(path, json={"status": "cancelled"}).json()["status"] == "cancelled"
    assert buyer.patch(path, json={"status": "cancelled"}).status_code == 409
    assert buyer.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code == 409
    assert buyer.delete(path).status_code == 204 and buyer.get(path).status_code == 404


@pytest.mark.parametrize("body", [{"amount": 0}, {"amount": -5}, {"amount": 2.5}, {"amount": 10 ** 13},
                                  {"currency": "eur"}, {"currency": "EURO"}, {"currency": "E1R"}])
def test_money_has_a_form(people, body):
    buyer, seller, _ = people
    r = buyer.post(f"{API}/invoices/", json={"searchable_id": offer(seller)["id"], "amount": 1, "currency": "EUR", **body})
    assert r.status_code == 422, r.text


def test_ratings(people):
    buyer, seller, _ = people
    s = offer(seller)
    g = made(buyer, "ratings", searchable_id=s["id"], score=5, comment="Patient")
    assert buyer.post(f"{API}/ratings/", json={"searchable_id": s["id"], "score": 1}).status_code == 409
    assert seller.get(f"{API}/ratings/", params={"searchable_id": s["id"]}).json() == [g]
    assert seller.delete(f"{API}/ratings/{g['id']}").status_code == 404
    assert buyer.delete(f"{API}/ratings/{g['id']}").status_code == 204
    assert buyer.get(f"{API}/ratings/{g['id']}").status_code == 404


def test_files_are_for_who_has_paid(house, people):
    buyer, seller, stranger = people
    s = offer(seller)
    r = seller.post(f"{API}/files/", files={"file": ("terms.pdf", b"%PDF-1.7", "application/pdf")},
                    data={"searchable_id": s["id"]})
    assert r.status_code == 201, r.text
    f = r.json()
    path = f"{API}/files/{f['id']}"
    assert f["file_path"].startswith("media/files/") and f["content_type"] == "application/pdf"
    assert buyer.get(path).status_code == buyer.get(f"{path}/content").status_code == 404
    made(buyer, "payments", invoice_id=order(buyer, s)["id"])
    got = buyer.get(f"{path}/content")
    assert got.content == b"%PDF-1.7" and got.headers["Content-Disposition"].startswith("attachment")
    assert buyer.get(path).json() == f and stranger.get(path).status_code == 404
    assert buyer.post(f"{API}/files/", files={"file": ("x", b"x")}, data={"searchable_id": s["id"]}).status_code == 400
    assert buyer.delete(path).status_code == 404
    assert seller.delete(path).status_code == 204
    assert not os.path.exists(os.path.join(house.data, f["file_path"]))


def test_media_are_pictures(house, people):
    buyer, seller, _ = people
    r = seller.post(f"{API}/media/", files={"file": ("a.gif", PNG)}, data={"searchable_id": offer(seller)["id"]})
    assert r.status_code == 201 and r.json()["content_type"] == "image/png"
    path = f"{API}/media/{r.json()['id']}"
    shown = buyer.get(f"{path}/content")
    assert shown.content == PNG and shown.headers["Content-Type"] == "image/png"
    assert buyer.get(f"{path}/content", headers={"Range": "bytes=1-3"}).content == b"PNG"
    assert seller.post(f"{API}/media/", files={"file": ("a.png", b"<svg onload=alert(1)>")}).status_code == 400
    assert buyer.delete(path).status_code == 404 and seller.delete(path).status_code == 204


def test_metrics(house, people):
    mine, _, other = people
    m = made(mine, "metrics-events", name="page.load", value=0.25, tags={"page": "search"})
    assert m["value"] == 0.25 and m["tags"] == {"page": "search"} and m["metadata"] is None
    assert made(mine, "metrics-events", name="click")["value"] == 1
    path = f"{API}/metrics-events/{m['id']}"
    assert mine.get(path).json() == m and other.get(path).status_code == 404
    assert [x["id"] for x in mine.get(f"{API}/metrics-events/", params={"name": "page.load"}).json()] == [m["id"]]
    assert house.login("admin").get(path).status_code == 200
    for bad in ({"tags": []}, {"metadata": "x"}, {"value": "1"}, {"tags": {"x": "a" * 20_000}}):
        assert mine.post(f"{API}/metrics-events/", json={"name": "x", **bad}).status_code == 422
    assert other.delete(path).status_code == 404 and mine.delete(path).status_code == 204


# ---- money ----

def test_a_payment_moves_money_once(people):
    buyer, seller, stranger = people
    s = offer(seller)
    i = order(buyer, s, 2500)
    assert stranger.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code == 404
    assert seller.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code == 400
    for wrong in ({"amount": 2400}, {"currency": "USD"}):
        assert buyer.post(f"{API}/payments/", json={"invoice_id": i["id"], **wrong}).status_code == 400
    assert balance(seller) is None
    p = made(buyer, "payments", invoice_id=i["id"], amount=2500, currency="EUR")
    assert p["status"] == "completed" and balance(seller) == 2500
    paid = buyer.get(f"{API}/invoices/{i['id']}").json()
    assert paid["status"] == "paid" and paid["paid_at"]
    assert buyer.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code == 409
    assert balance(seller) == 2500
    assert buyer.delete(f"{API}/invoices/{i['id']}").status_code == 409
    assert seller.delete(f"{API}/searchables/{s['id']}").status_code == 409
    assert seller.get(f"{API}/payments/{p['id']}").json() == p and stranger.get(f"{API}/payments/{p['id']}").status_code == 404


def test_an_invoice_is_not_paid_twice_by_many_at_once(house, people):
    buyer, seller, _ = people
    i = order(buyer, offer(seller), 1000)

    def pay(_):
        client = Client(house.base, buyer.headers["Authorization"].split()[1])
        return client.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(pay, range(8))) == [201] + [409] * 7
    assert balance(seller) == 1000


def test_no_overdraft_by_many_at_once(house, people):
    buyer, seller, _ = people
    earn(buyer, seller, 1000)

    def withdraw(_):
        client = Client(house.base, seller.headers["Authorization"].split()[1])
        return client.post(f"{API}/withdrawals/", json={"amount": 300, "currency": "EUR"}).status_code
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(withdraw, range(8))) == [201] * 3 + [400] * 5
    assert balance(seller) == 100


def test_withdrawals_only_move_forward(house, people):
    buyer, seller, stranger = people
    _, i, _ = earn(buyer, seller, 1000)
    boss = house.login("admin")
    w = [made(seller, "withdrawals", amount=200, currency="EUR", invoice_id=i["id"]) for _ in range(3)]
    assert balance(seller) == 400
    paths = [f"{API}/withdrawals/{x['id']}" for x in w]
    assert stranger.get(paths[0]).status_code == 404 and seller.get(paths[0]).json() == w[0]
    assert seller.patch(paths[0], json={"status": "completed"}).status_code == 403
    assert boss.patch(paths[0], json={"status": "completed"}).json()["status"] == "completed"
    assert boss.patch(paths[1], json={"status": "rejected"}).json()["status"] == "rejected"
    assert balance(seller) == 600
    assert seller.delete(paths[2]).status_code == 204 and balance(seller) == 800
    for path in paths[:2]:
        assert seller.delete(path).status_code == 409
        for status in ("completed", "rejected"):
            assert boss.patch(path, json={"status": status}).status_code == 409
    assert balance(seller) == 800
    assert seller.post(f"{API}/withdrawals/", json={"amount": 801, "currency": "EUR"}).status_code == 400
    assert seller.post(f"{API}/withdrawals/", json={"amount": 1, "currency": "USD"}).status_code == 400


def test_a_refund_while_the_money_is_there(people):
    buyer, seller, _ = people
    _, i, p = earn(buyer, seller, 1000)
    taken = made(seller, "withdrawals", amount=1, currency="EUR")
    r = buyer.delete(f"{API}/payments/{p['id']}")
    assert r.status_code == 409 and "withdrawn" in r.json()["detail"] and balance(seller) == 999
    assert seller.delete(f"{API}/withdrawals/{taken['id']}").status_code == 204
    assert buyer.delete(f"{API}/payments/{p['id']}").status_code == 204
    assert balance(seller) == 0 and buyer.get(f"{API}/invoices/{i['id']}").json()["status"] == "refunded"
    assert buyer.post(f"{API}/payments/", json={"invoice_id": i["id"]}).status_code == 409


def test_balances(people):
    buyer, seller, stranger = people
    b = made(seller, "balances", currency="CHF")
    assert b["amount"] == 0 and seller.post(f"{API}/balances/", json={"currency": "CHF"}).status_code == 409
    assert seller.post(f"{API}/balances/", json={"currency": "chf"}).status_code == 422
    path = f"{API}/balances/{b['id']}"
    assert seller.get(path).json() == b and stranger.get(path).status_code == 404
    assert stranger.delete(path).status_code == 404 and seller.delete(path).status_code == 204
    earn(buyer, seller, 10)
    full = next(x for x in seller.get(f"{API}/balances/").json() if x["currency"] == "EUR")
    assert seller.delete(f"{API}/balances/{full['id']}").status_code == 409


def test_a_deleted_user_takes_everything_along(house, people):
    buyer, seller, _ = people
    s, i, _ = earn(buyer, seller)
    f = seller.post(f"{API}/files/", files={"file": ("a", b"x")}, data={"searchable_id": s["id"]}).json()
    made(buyer, "metrics-events", name="x")
    me = seller.get(f"{API}/users/me").json()
    boss = house.login("admin")
    assert boss.delete(f"{API}/users/{me['id']}").status_code == 204
    assert buyer.get(f"{API}/searchables/{s['id']}").status_code == 404
    assert buyer.get(f"{API}/invoices/{i['id']}").status_code == 404
    assert not os.path.exists(os.path.join(house.data, f["file_path"]))
