"""The page in a real browser, on the stand-in for CloudWatch's console that ``make local`` serves.

Three functions of one team: a bad release is seen to come back, a good one is promoted by button, a third waits for
approval. Every button of the page is pressed. The screenshots stay in .build/docs, to be looked at; ``make screenshot``
copies one into the pages.

Skipped where there is no Chromium; ``apt-get install chromium`` brings one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.package import ROOT
from local.page.console import served_page
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import BAD, GOOD, Shop, zipped

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; apt-get install chromium")

PICTURES = ROOT / ".build" / "docs"
SLOW = {"steps": [{"weight": 10, "hold": "10m"}, {"weight": 50, "hold": "10m"}], "bake": "30m"}
HALF = {"steps": [{"weight": 50, "hold": "10m"}], "bake": "30m"}
ASKING = {"steps": [{"weight": 25, "hold": "0s"}, {"pause": "1h"}, {"weight": 50, "hold": "0s"}, {"pause": "1h"}]}
HOSTILE = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'


@pytest.fixture(scope="module")
def stack_of_the_page(aws: EmbeddedAws, package: Any, role: str) -> Stack:
    """A stack of its own: the page shows everything that is open, and other tests leave much open."""
    return deploy(aws, ROOT / "template.yaml", package, {**FAST, "AllowedRoles": role}, "page")


@pytest.fixture(scope="module")
def shops(aws: EmbeddedAws, stack_of_the_page: Stack, role: str) -> dict[str, Shop]:
    """Functions that serve version 1, each with another release under way."""
    made = {name: Shop(aws, stack_of_the_page, role, name) for name in ("checkout", "orders", "search")}
    for shop in made.values():
        shop.serve(GOOD % "one")
    releases(made["search"], BAD, "build-3.1.0", "carol: fuzzy matches", HALF)
    releases(made["orders"], GOOD % "two", "build-2.0.0", "bob: refunds", ASKING)
    releases(made["checkout"], GOOD % "two", "build-1.4.2", "alice: faster totals", SLOW)
    return made


def releases(shop: Shop, source: str, name: str, says: str, strategy: Mapping[str, object]) -> None:
    """Drops a zip, with a person and a reason."""
    who, _, why = says.partition(": ")
    manifest = json.dumps({**shop.manifest(strategy=strategy), "tests": []})
    content = zipped({"app.py": source, "slipway.json": manifest})
    shop.aws.client("s3").put_object(
        Bucket=shop.stack.bucket,
        Key=f"{shop.function}/{name}.zip",
        Body=content,
        Metadata={"who": who, "why": why},
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # it starts a driver, which skipped tests do without

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(aws: EmbeddedAws, stack_of_the_page: Stack) -> Iterator[str]:
    with served_page(aws, stack_of_the_page) as served:
        yield served


class Console:
    """The page as a person sees it, drawn again only when they say so: an old page can be pressed, too."""

    def __init__(self, browser: Any, address: str, look: str = "light") -> None:
        self.page = browser.new_page(color_scheme=look, viewport={"width": 1100, "height": 700})
        self.page.set_default_timeout(20_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.goto(f"{address}#still")
        self.page.wait_for_selector(".slipway")

    def refresh(self) -> str:
        """Draws the page again and returns its text."""
        drawn = self.page.evaluate("Number(document.getElementById('widget').dataset.drawn)")
        self.page.click("#refresh")
        self.page.wait_for_function(f"Number(document.getElementById('widget').dataset.drawn) > {drawn}")
        return self.text

    @property
    def text(self) -> str:
        return " ".join(self.page.inner_text("#widget").split())

    def card(self, shop: Shop) -> Any:
        return self.page.locator(".card", has_text=f"{shop.function}:live")

    def sees(self, *texts: str) -> None:
        """Waits until the page says all of it."""
        eventually(lambda: (said := self.refresh()) and all(text in said for text in texts), every=0.5)

    def press(self, shop: Shop, button: str, *, confirm: bool = True) -> str:
        """Presses a button and answers its question; returns what the popup says, or the question that was denied."""
        self.card(shop).locator(".button", has_text=button).click()
        question = str(self.page.inner_text("#question"))
        self.page.click(f"#confirm button[value={'yes' if confirm else 'no'}]")
        if not confirm:
            return question
        self.page.wait_for_selector("#popup[open]")
        said = str(self.page.inner_text("#answer"))
        self.page.click("#popup button")
        return said


@pytest.fixture
def console(browser: Any, address: str) -> Iterator[Console]:
    made = Console(browser, address)
    yield made
    assert made.errors == []
    assert made.page.is_hidden("#removed"), "CloudWatch would have removed a part of the page"
    made.page.close()


def test_a_bad_release_is_seen_to_come_back(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["search"]
    console.sees("search:live #1 shifting", "version 2 50 %")

    def is_back() -> bool:
        shop.call(6)
        return "search:live#1 rolled back" in console.refresh()

    eventually(is_back, every=0.4)
    assert "traffic back in" in console.text
    assert shop.alias() == ("1", {})


def test_a_good_release_is_held_hurried_and_promoted_by_button(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["checkout"]
    console.sees("checkout:live #1 shifting, step 1 of 2", "version 1 90 %", "version 2 10 %")
    question = console.press(shop, "All traffic now", confirm=False)
    assert "Give version 2 all traffic now" in question
    assert shop.alias() == ("1", {"2": 0.1})
    assert "pause was accepted" in console.press(shop, "Pause")
    console.sees("checkout:live #1 shifting, step 1 of 2 paused")
    assert "resume was accepted" in console.press(shop, "Resume")
    console.refresh()
    assert "next was accepted" in console.press(shop, "Next step")
    console.sees("checkout:live #1 shifting, step 2 of 2", "version 2 50 %")
    console.page.fill("input[name=who]", "alice")
    console.page.fill("input[name=why]", "orders look right")
    assert "promote was accepted" in console.press(shop, "All traffic now")
    assert shop.alias() == ("2", {})
    assert "alice: orders look right" in str(shop.ask("status"))
    console.sees("checkout:live #1 baking")
    assert "promote was accepted" in console.press(shop, "End the bake")
    console.sees("checkout:live#1 succeeded")
    assert shop.alias("previous") == ("1", {})


def test_an_approval_is_given_and_the_next_one_denied_by_button(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["orders"]
    console.sees("orders:live #1 shifting, step 1 of 2 waits for approval")
    assert "approve was accepted" in console.press(shop, "Approve")
    console.sees("orders:live #1 shifting, step 2 of 2 waits for approval", "version 2 50 %")
    console.page.fill("input[name=why]", "refunds are wrong")
    assert "deny was accepted" in console.press(shop, "Deny")
    console.sees("orders:live#1 rolled back", "denied it: refunds are wrong")
    assert shop.alias() == ("1", {})


def test_a_button_of_an_old_page_is_refused(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["checkout"]
    releases(shop, GOOD % "three", "build-1.5.0", "alice: coupons", SLOW)
    console.sees("checkout:live #2 shifting, step 1 of 2", "version 3 10 %")
    assert shop.ask("next")["ok"]
    eventually(lambda: shop.alias() == ("2", {"3": 0.5}))
    assert "promote was refused" in console.press(shop, "All traffic now")
    assert shop.alias() == ("2", {"3": 0.5})
    console.sees("checkout:live #2 shifting, step 2 of 2")


def test_the_page_is_drawn_for_light_and_for_dark(shops: dict[str, Shop], browser: Any, address: str) -> None:
    """The picture of the docs: one on its way with evidence, one that waits for approval, and those that ended."""
    releases(shops["orders"], GOOD % "three", "build-2.1.0", "bob: refunds, once more", ASKING)
    PICTURES.mkdir(parents=True, exist_ok=True)
    pictures = []
    for look in ("light", "dark"):
        console = Console(browser, address, look)

        def is_judged(console: Console = console) -> bool:
            shops["checkout"].call(6)
            said = console.refresh()
            return "requests counted" in said and "waits for approval" in said

        eventually(is_judged, every=0.4)
        assert console.page.locator(f".slipway.{look}").count() == 1
        pictures.append(console.page.locator("main").screenshot(path=PICTURES / f"page-{look}.png"))
        console.page.close()
    assert pictures[0] != pictures[1]
    assert min(map(len, pictures)) > 20_000, "an empty page is smaller"


def test_a_foreign_hand_is_kept_by_button_and_what_hostile_people_write_is_shown_as_text(
    shops: dict[str, Shop], console: Console
) -> None:
    shop, s3 = shops["search"], shops["search"].aws.client("s3")
    s3.put_object(Bucket=shop.stack.bucket, Key=f"{HOSTILE}/build.zip", Body=b"no zip")
    releases(shop, GOOD % "three", "build-3.2.0", "dave: exact matches", SLOW)
    console.sees("search:live #2 shifting", "version 3 10 %")
    moved = {"FunctionName": shop.function, "Name": "live", "FunctionVersion": "3"}
    shop.aws.client("lambda").update_alias(**moved, RoutingConfig={"AdditionalVersionWeights": {}})
    console.sees("moved by somebody else")
    console.page.fill("input[name=who]", HOSTILE[:60])
    console.page.fill("input[name=why]", HOSTILE)
    assert "accept_drift was accepted" in console.press(shop, "Keep what the alias carries")
    console.sees("search:live #2 baking")
    said = console.press(shop, "Roll back")
    assert "rollback was accepted" in said
    assert HOSTILE in said
    console.sees("search:live#2 rolled back", HOSTILE)
    assert console.page.evaluate("window.hacked") is None
    assert console.page.locator("#widget img, #widget script").count() == 0
