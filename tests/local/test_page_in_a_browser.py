"""The page in a real browser, on the stand-in for CloudWatch's console that ``make local`` serves.

Three functions of one team: a good release is promoted by button, a bad one is seen to come back, a third waits for
approval. The screenshots stay in .build/docs, to be looked at; ``make screenshot`` copies one into the pages.

Skipped where there is no Chromium; ``apt-get install chromium`` brings one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from local.package import ROOT
from local.page.console import served_page
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.shop import BAD, GOOD, Shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; apt-get install chromium")

PICTURES = ROOT / ".build" / "docs"
SLOW = {"steps": [{"weight": 10, "hold": "10m"}, {"weight": 50, "hold": "10m"}], "bake": "30m"}
HALF = {"steps": [{"weight": 50, "hold": "10m"}], "bake": "30m"}
ASKING = {"steps": [{"weight": 25, "hold": "0s"}, {"pause": "1h"}, {"weight": 50, "hold": "10m"}], "bake": "30m"}
HOSTILE = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'


@pytest.fixture(scope="module")
def stack_of_the_page(aws: EmbeddedAws, package: Any, role: str) -> Stack:
    """A stack of its own: the page shows everything that is open, and other tests leave much open."""
    return deploy(aws, ROOT / "template.yaml", package, {**FAST, "AllowedRoles": role}, "page")


@pytest.fixture(scope="module")
def shops(aws: EmbeddedAws, stack_of_the_page: Stack, role: str) -> dict[str, Shop]:
    """Functions that serve version 1."""
    made = {name: Shop(aws, stack_of_the_page, role, name) for name in ("checkout", "orders", "search")}
    for shop in made.values():
        shop.drop(GOOD % "one", "build-1.4.1")
    for shop in made.values():
        assert shop.wait()["phase"] == "SUCCEEDED"
    return made


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

    def sees(self, *texts: str, within: float = 40) -> None:
        """Waits until the page says all of it."""
        eventually(lambda: (said := self.refresh()) and all(text in said for text in texts), within, every=0.3)

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


def test_a_good_release_is_seen_on_its_way_and_promoted_by_button(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["checkout"]
    shop.drop(GOOD % "two", "build-1.4.2", strategy=SLOW)
    console.sees("checkout:live #2 shifting, step 1 of 2", "version 1 90 %", "version 2 10 %")
    question = console.press(shop, "All traffic now", confirm=False)
    assert "Give version 2 all traffic now" in question
    assert shop.alias() == ("1", {"2": 0.1})
    console.page.fill("input[name=who]", "alice")
    console.page.fill("input[name=why]", "orders look right")
    assert "promote was accepted" in console.press(shop, "All traffic now")
    assert shop.alias() == ("2", {})
    assert "alice: orders look right" in str(shop.ask("status"))
    console.sees("checkout:live #2 baking")
    assert "promote was accepted" in console.press(shop, "End the bake")
    console.sees("All quiet", "checkout:live#2 succeeded")
    assert shop.alias("previous") == ("1", {})


def test_a_button_of_an_old_page_is_refused(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["orders"]
    shop.drop(GOOD % "two", "build-2.0.0", strategy=SLOW)
    console.sees("orders:live #2 shifting, step 1 of 2", "version 2 10 %")
    assert shop.ask("next")["ok"]
    eventually(lambda: shop.alias() == ("1", {"2": 0.5}), 20)
    refused = console.press(shop, "All traffic now")
    assert "promote was refused" in refused
    assert shop.alias() == ("1", {"2": 0.5})
    console.sees("orders:live #2 shifting, step 2 of 2")
    assert "rollback was accepted" in console.press(shop, "Roll back")
    assert shop.alias() == ("1", {})


def test_a_bad_release_is_seen_to_come_back(shops: dict[str, Shop], console: Console) -> None:
    shop = shops["search"]
    shop.drop(BAD, "build-3.1.0", strategy=HALF)
    console.sees("search:live #2 shifting", "version 2 50 %")

    def is_back() -> bool:
        shop.call(6)
        return "search:live#2 rolled back" in console.refresh()

    eventually(is_back, 40)
    assert "traffic back in" in console.text
    assert shop.alias() == ("1", {})


def test_the_page_is_drawn_for_light_and_for_dark(shops: dict[str, Shop], browser: Any, address: str) -> None:
    """The picture of the docs: one on its way with evidence, one that waits for approval, and those that ended."""
    shops["checkout"].drop(GOOD % "three", "build-1.5.0", strategy=HALF)
    shops["orders"].drop(GOOD % "three", "build-2.1.0", strategy=ASKING)
    PICTURES.mkdir(parents=True, exist_ok=True)
    pictures = []
    for look in ("light", "dark"):
        console = Console(browser, address, look)

        def is_judged(console: Console = console) -> bool:
            shops["checkout"].call(6)
            said = console.refresh()
            return "requests counted" in said and "waits for approval" in said

        eventually(is_judged, 40)
        assert console.page.locator(f".slipway.{look}").count() == 1
        pictures.append(console.page.locator("main").screenshot(path=PICTURES / f"page-{look}.png"))
        console.page.close()
    assert pictures[0] != pictures[1]
    assert min(map(len, pictures)) > 20_000, "an empty page is smaller"


def test_what_hostile_people_write_is_shown_as_text(shops: dict[str, Shop], console: Console) -> None:
    shop, s3 = shops["search"], shops["search"].aws.client("s3")
    s3.put_object(Bucket=shop.stack.bucket, Key=f"{HOSTILE}/build.zip", Body=b"no zip")
    shop.drop(GOOD % "three", "build-3.2.0", strategy=SLOW)
    console.sees("search:live #3 shifting")
    console.page.fill("input[name=who]", HOSTILE[:60])
    console.page.fill("input[name=why]", HOSTILE)
    said = console.press(shop, "Roll back")
    assert "rollback was accepted" in said
    assert HOSTILE in said
    console.sees("search:live#3 rolled back", HOSTILE)
    assert console.page.evaluate("window.hacked") is None
    assert console.page.locator("#widget img, #widget script").count() == 0
