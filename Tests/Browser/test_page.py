"""The page at / in headless Chromium: people talk, somebody goes away and comes back."""

import os
import pathlib
import sys

import pytest
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients"))
from server import ROOT, Server  # noqa: E402

SCREENSHOTS = ROOT / ".build/screenshots"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# Waiting is for what should appear; this only ends a test that would wait for ever.
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Tab:
    """One person in a browser of their own."""

    def __init__(self, browser, server, person, course="algebra", viewport=DESKTOP, **context):
        # Pictures of what things come to, not of their way there.
        self.context = browser.new_context(
            viewport=viewport, reduced_motion="reduce", **context)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"http://{server.address}/?person={person}&course={course}")
        self.becomes("online")

    def __getitem__(self, name):
        return self.page.get_by_test_id(name)

    def becomes(self, state):
        expect(self["connection-state"]).to_have_attribute(
            "data-state", state, timeout=PATIENCE_MS)

    def say(self, text):
        self["composer"].fill(text)
        self["composer"].press("Enter")

    def message(self, text, **attributes):
        return self["message"].filter(has_text=text)

    def sees_once(self, text):
        expect(self.message(text)).to_have_count(1, timeout=PATIENCE_MS)

    def texts_in_order(self, *texts):
        """The order in which these texts stand on the page, by `seq`."""
        seqs = [int(self.message(text).get_attribute("data-seq")) for text in texts]
        return seqs == sorted(seqs)

    def close(self):
        assert self.errors == []
        self.context.close()


@pytest.fixture
def open_tab(browser, server):
    tabs = []

    def open_one(person, **options):
        tabs.append(Tab(browser, server, person, **options))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.close()


def picture(tab, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    tab.page.screenshot(path=path)
    assert path.stat().st_size > 10_000, "an empty picture"


def test_two_people_talk_and_see_each_other(open_tab):
    ana, ben = open_tab("ana"), open_tab("ben")
    expect(ana["presence-person-ben"]).to_be_visible()
    expect(ben["presence-person-ana"]).to_be_visible()
    ben["composer"].press_sequentially("Hm")
    expect(ana["typing"]).to_contain_text("Ben")
    ana.say("Shall we meet at the library?")
    ben.sees_once("Shall we meet at the library?")
    ben.say("At ten.")
    ana.sees_once("At ten.")
    expect(ana.message("Shall we meet")).to_have_attribute("data-state", "sent")
    picture(ana, "course-desktop")


def test_somebody_who_leaves_is_no_longer_shown(open_tab, browser, server):
    ana = open_tab("ana")
    chloe = Tab(browser, server, "chloe")
    expect(ana["presence-person-chloe"]).to_be_visible()
    chloe["switch-person"].click()
    expect(ana["presence-person-chloe"]).to_have_count(0, timeout=PATIENCE_MS)
    chloe.close()


def test_going_offline_and_coming_back_loses_nothing(open_tab):
    ana, ben = open_tab("ana"), open_tab("ben")
    ana.context.set_offline(True)
    ana.becomes("offline")
    ana.say("written in the tunnel")
    expect(ana.message("written in the tunnel")).to_have_attribute("data-state", "pending")
    for number in range(5):
        ben.say(f"meanwhile {number}")
    ben.sees_once("meanwhile 4")
    ana.context.set_offline(False)
    ana.becomes("online")
    for number in range(5):
        ana.sees_once(f"meanwhile {number}")
    ana.sees_once("written in the tunnel")
    ben.sees_once("written in the tunnel")
    expect(ana.message("written in the tunnel")).to_have_attribute("data-state", "sent")
    assert ana.texts_in_order(*[f"meanwhile {number}" for number in range(5)])


def test_a_crash_of_the_server_is_a_pause_and_nothing_more(open_tab, server):
    ana, ben = open_tab("ana"), open_tab("ben")
    ana.say("before the crash")
    ben.sees_once("before the crash")
    server.kill()
    ana.becomes("connecting")
    ana.say("during the crash")
    server.start()
    ana.becomes("online")
    ben.becomes("online")
    ben.sees_once("during the crash")
    ana.sees_once("during the crash")
    ben.sees_once("before the crash")


def test_the_bell_rings_and_is_read_on_all_devices(open_tab, server):
    ana, phone = open_tab("ana"), open_tab("ana", viewport=PHONE)
    server.sql("""select rollcall.notify('ana', '{"type": "homework", "title": "Homework graded",
        "text": "Problem set 3: 18 of 20"}', null, '/?course=algebra')""")
    expect(ana["bell-count"]).to_have_text("1")
    expect(phone["bell-count"]).to_have_text("1")
    ana["bell"].click()
    expect(ana["notification"].filter(has_text="Homework graded")).to_be_visible()
    picture(ana, "bell-desktop")
    ana["mark-read"].click()
    expect(ana["bell-count"]).to_be_hidden()
    expect(phone["bell-count"]).to_be_hidden()


def test_a_page_restored_from_the_back_forward_cache_or_reloaded_is_up_to_date(open_tab):
    ana, ben = open_tab("ana"), open_tab("ben")
    ana.page.goto("about:blank")
    ben.say("said while the page was away")
    ben.sees_once("said while the page was away")
    ana.page.go_back()
    ana.becomes("online")
    ana.sees_once("said while the page was away")
    ana.page.reload()
    ana.sees_once("said while the page was away")


def test_a_course_one_is_not_enrolled_in_says_so(open_tab):
    ben = open_tab("ben", course="writing")
    expect(ben.page.get_by_text("not enrolled", exact=False).first).to_be_visible()


def test_it_fits_a_phone_in_the_light_and_in_the_dark(open_tab):
    for scheme in ["light", "dark"]:
        phone = open_tab("emi", viewport=PHONE, color_scheme=scheme)
        phone.say(f"hello from a phone in the {scheme}")
        phone.sees_once(f"hello from a phone in the {scheme}")
        width = phone.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], "nothing to scroll sideways"
        picture(phone, f"course-phone-{scheme}")


def test_it_is_used_with_the_keyboard_alone(browser, server):
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"http://{server.address}/")
    picture_of_welcome = page.get_by_test_id("person-farid")
    picture_of_welcome.wait_for()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "welcome-desktop.png")
    picture_of_welcome.focus()
    page.keyboard.press("Enter")
    page.get_by_test_id("course-algebra").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.keyboard.type("typed without a mouse")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("message").filter(has_text="typed without a mouse")).to_have_count(1)
    context.close()
