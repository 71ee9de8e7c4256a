#!/usr/bin/env python3
"""page.py PROGRAM [SCREENSHOTS [HOSTS]]: the page of `audit --format html` in a real Chromium, spoken to over its debugging pipe.

Of a host, of files, and of a fleet of 10,000: no error in the console, nothing loaded, nothing wider than the window on a telephone and
on a desk, light and dark; searching and sorting work; all of it is on the paper when it is printed; and without
scripts everything is there.
"""
import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
HOSTS = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
LIMIT = 5_000_000  # bytes


def check(holds, what, said=""):
    if not holds:
        sys.exit(f"{what}\n{said}")


class Browser:
    """One tab. Messages are JSON with a NUL behind each, on descriptors 3 and 4 of the browser."""

    def __init__(self, folder):
        to_browser, self.to = os.pipe()
        self.answers, from_browser = os.pipe()
        arguments = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                     "--no-first-run", "--disable-background-networking", f"--user-data-dir={folder}", "about:blank"]
        script = f"exec 3<&{to_browser} 4>&{from_browser}; exec \"$@\""
        self.process = subprocess.Popen(["bash", "-c", script, "bash", *arguments], pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env={**os.environ, "HOME": folder})
        os.close(to_browser)
        os.close(from_browser)
        self.left, self.number, self.session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.left:
            more = os.read(self.answers, 1 << 20)
            check(more, "the browser has gone")
            self.left += more
        one, self.left = self.left.split(b"\0", 1)
        return json.loads(one)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params, **({"sessionId": self.session} if self.session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                check("error" not in answer, method, json.dumps(answer.get("error")))
                return answer["result"]
            self.events.append(answer)

    def open(self, path):
        self.events.clear()
        self.ask("Page.navigate", url=f"file://{path}")
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def run(self, script):
        result = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        check("exceptionDetails" not in result, script, json.dumps(result))
        return result["result"].get("value")

    def window(self, width, scheme):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """Errors of scripts, lines of the console, and what was asked for beside the page."""
        found = []
        for event in self.events:
            if event.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                found.append(json.dumps(event["params"])[:300])
            url = event.get("params", {}).get("request", {}).get("url", "") if event.get("method") == "Network.requestWillBeSent" else ""
            if url and not url.startswith("file://"):
                found.append(url)
        return found


# Relative luminance and contrast as in WCAG 2; the least contrast of all text with the page's background.
CONTRAST = """(() => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b; };
  const page = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...[...document.querySelectorAll("h1,h2,p,td,th,caption,a")].slice(0, 2000).map(node => light(getComputedStyle(node).color))
    .map(text => (Math.max(text, page) + .05) / (Math.min(text, page) + .05)));
})()"""
ROWS = "[...document.querySelectorAll('tbody tr')].filter(row => !row.hidden).length"


def search(browser, text):
    browser.run(f"document.querySelector('input').value = {json.dumps(text)}; document.querySelector('input').dispatchEvent(new Event('input'))")
    return browser.run(ROWS)


def sorted_by(browser, table, column, clicks):
    """The cells of that column, from top to bottom, after so many clicks on its header; none: as the page was written."""
    body = f"document.querySelectorAll('table')[{table}]"
    for _ in range(clicks):
        browser.run(f"{body}.querySelectorAll('th button')[{column}].click()")
    return browser.run(f"[...{body}.tBodies[0].rows].map(row => row.cells[{column}].textContent)")


def sorting(browser):
    """Up and down, and never what the page has already: findings come with the worst first, groups with the smallest. How many hosts
    are in each group.
    """
    last = browser.run("document.querySelectorAll('table').length - 1")
    groups = list(map(int, sorted_by(browser, last, 0, 0)))
    downwards = list(map(int, sorted_by(browser, last, 0, 2)))
    check(downwards == sorted(groups, reverse=True) != groups and sum(groups) == HOSTS, "sorting groups down, or not each host once", str(downwards[:20]))
    found = list(map(int, sorted_by(browser, 0, 4, 0)))
    upwards = list(map(int, sorted_by(browser, 0, 4, 1)))
    check(upwards == sorted(found) != found, "sorting findings by their hosts, which are numbers", str(upwards))
    return groups


# Of each table the rows that are shown: of findings their numbers and what they are, of groups their findings.
SHOWN = """(() => {
  const [findings, groups] = [...document.querySelectorAll("table")].map(table => [...table.tBodies[0].rows].filter(row => !row.hidden));
  return [findings.map(row => [row.cells[0].textContent, row.cells[2].textContent, Number(row.cells[4].textContent)]),
          groups.map(row => [Number(row.cells[0].textContent), row.cells[2].textContent.split(", ")])];
})()"""


def findings_and_hosts(browser):
    """A finding, searched for by its id or by its link, shows the hosts that have it; a host what it has."""
    def holds(what):
        [[number, name, hosts]], groups = browser.run(SHOWN)
        check(name == what and sum(count for count, _ in groups) == hosts and all(number in found for _, found in groups),
              f"{what} does not show its hosts", f"{number} {hosts} {groups}")

    search(browser, "recycle-on")
    holds("recycle-on")
    search(browser, "")
    number, what, _ = next(one for one in browser.run(SHOWN)[0] if one[1] == "recycle-on")
    browser.run(f"document.querySelector('#f{number} a').click()")
    holds(what)
    search(browser, "<b>odd</b>")
    findings, [[_, had]] = browser.run(SHOWN)
    check(had == [number for number, _, _ in findings], "a host does not show what it has", f"{had} {findings}")
    search(browser, "")


def on_paper(browser, name, folder):
    """A4 upright, without the margins: all of each table is on it, and no cell is a column of single letters."""
    browser.window(718, "light")
    browser.ask("Emulation.setEmulatedMedia", media="print")
    check(browser.run("document.documentElement.scrollWidth <= 718"), f"{name}: wider than the paper")
    cut_off = browser.run("[...document.querySelectorAll('td')].slice(0, 2000).filter(td => td.getBoundingClientRect().right > 718).length")
    check(cut_off == 0, f"{name}: {cut_off} cells are cut off by the paper's edge")
    hidden = browser.run("[...document.querySelectorAll('div.wide')].filter(div => getComputedStyle(div).overflowX !== 'visible').length")
    check(hidden == 0, f"{name}: {hidden} tables have parts that a reader would have to scroll to")
    narrow = browser.run("Math.min(...[...document.querySelectorAll('td.key, td.text')].slice(0, 2000).map(td => td.clientWidth))")
    check(narrow >= 60, f"{name}: a cell with text has a width of {narrow}")
    browser.screenshot(f"{folder}/{name}-paper.png")
    browser.ask("Emulation.setEmulatedMedia", media="")


def look_at(browser, path, name, folder):
    browser.open(path)
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            browser.window(width, scheme)
            check(browser.run("document.documentElement.scrollWidth <= innerWidth"), f"{name}: wider than a window of {width}")
            contrast = browser.run(CONTRAST)
            check(contrast >= 4.5, f"{name}: a contrast of {contrast} ({scheme})")
            browser.screenshot(f"{folder}/{name}-{width}-{scheme}.png")
    on_paper(browser, name, folder)
    check(browser.run("document.querySelectorAll('h1').length === 1 && document.documentElement.lang === 'en'"), f"{name}: headings")
    check(browser.run("[...document.querySelectorAll('thead th')].every(th => th.scope === 'col')"), f"{name}: table headers")
    check(not browser.complaints(), f"{name}: the browser complains", "\n".join(browser.complaints()))


def fleet(program, folder):
    """JSON lines of many hosts, made of the captured ones."""
    random.seed(1)
    captured = [subprocess.run([program, "snapshot", "--root", str(one)], capture_output=True, check=True).stdout
                for one in sorted((TESTS / "hosts").iterdir()) if (one / "proc").is_dir()]
    snapshots = [json.loads(one) for one in captured]
    lines = []
    for number in range(HOSTS):
        one = snapshots[number % len(snapshots)]
        one["host"]["hostname"] = "<b>odd</b>" if number == 77 else f"web{number}"
        if "net.ipv4.tcp_fin_timeout" in one["live"]:
            one["live"]["net.ipv4.tcp_fin_timeout"]["value"] = "45" if number == 77 else str(random.choice([60, 30, 75]))
        lines.append(json.dumps(one))
    page = f"{folder}/fleet.html"
    ran = subprocess.run([program, "audit", "--from", "-", "--format", "html", "--exit-zero", "-o", page], input="\n".join(lines), text=True,
                         capture_output=True, check=False)
    check(ran.returncode == 0, "audit of the fleet", ran.stderr)
    size = os.path.getsize(page)
    check(size < LIMIT, f"{size} bytes for {HOSTS} hosts")
    return page, size


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        shots = sys.argv[2] if len(sys.argv) > 2 else folder
        one, files = f"{folder}/host.html", f"{folder}/files.html"
        subprocess.run([program, "audit", "--root", str(TESTS / "hosts/debian-9-recycle"), "--format", "html", "--exit-zero", "-o", one], check=True)
        subprocess.run([program, "audit", str(TESTS / "files/quirks.conf"), "--kernel", "6.1", "--format", "html", "--exit-zero", "-o", files], check=True)
        page, size = fleet(program, folder)
        browser = Browser(folder)
        look_at(browser, one, "host", shots)
        look_at(browser, files, "files", shots)
        look_at(browser, page, "fleet", shots)
        rows = browser.run(ROWS)
        last = f"web{HOSTS - 1}"
        check(search(browser, last) >= 1 and search(browser, "<b>odd</b>") >= 1, "searching for a host does not find its group")
        check(search(browser, "no such thing") == 0 and search(browser, "") == rows, "searching")
        findings_and_hosts(browser)
        groups = sorting(browser)
        check(not browser.complaints(), "the browser complains", "\n".join(browser.complaints()))
        browser.ask("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(page)
        text = browser.ask("DOM.getDocument", depth=-1, pierce=True)
        check(last in json.dumps(text), "without scripts a host is missing")
        browser.process.terminate()
        browser.process.wait()
    print(f"page: {size} bytes for {HOSTS} hosts in {len(groups)} groups; seen by Chromium light and dark, wide and narrow")


main()
