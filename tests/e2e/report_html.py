# SPDX-License-Identifier: ISC
"""report_html.py - pages of signpost report are looked at as a browser would read them.

    report_html.py pages DIR            each page is whole: tags, links, nothing that runs or is loaded from elsewhere
    report_html.py index DIR STATUS     the rows of the index say what `signpost status --json` says
    report_html.py picture PAGE PLAN    the bars stand where `signpost plan --json` puts them
    report_html.py png FILE WIDTH       a screenshot of that width that is not of one colour
"""
import datetime
import html.parser
import json
import os
import re
import struct
import sys
import zlib

VOID = {"meta", "br", "link", "img", "input", "hr"}
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "a", "span", "table", "thead", "tbody", "tr",
            "th", "td", "ul", "li", "dl", "dt", "dd", "time", "code", "figure", "svg", "desc", "line", "text", "tspan", "rect",
            "footer", "strong"}


class Page(html.parser.HTMLParser):
    """Elements as (name, attributes, text), and what is wrong with them."""

    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.open, self.all, self.wrong = [], [], []
        with open(path, encoding="utf-8", errors="strict") as f:
            text = f.read()
        if not text.startswith("<!DOCTYPE html>\n"):
            self.wrong.append("no doctype")
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"not closed: {[e[0] for e in self.open]}")

    def begin(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.all.append(element)
        if tag not in ELEMENTS:
            self.wrong.append(f"element {tag}")
        if len(dict(attrs)) != len(attrs):
            self.wrong.append(f"{tag}: an attribute twice")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            if name in ("src", "action", "xlink:href", "srcset", "data"):
                self.wrong.append(f"{tag} loads {value}")
            if name == "href" and not re.fullmatch(r"(index(-\d+)?|domain-[a-z0-9.-]+)\.html", value):
                self.wrong.append(f"link to {value}")
        return element

    def handle_starttag(self, tag, attrs):
        element = self.begin(tag, attrs)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.begin(tag, attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(f"</{tag}> closes {[e[0] for e in self.open[-1:]]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element[2] += data

    def named(self, tag, **attrs):
        return [e for e in self.all if e[0] == tag and all(e[1].get(k.rstrip("_")) == v for k, v in attrs.items())]


def pages(directory):
    wrong, links, names = [], set(), {n for n in os.listdir(directory) if n.endswith(".html")}
    for name in sorted(names):
        page = Page(os.path.join(directory, name))
        found = page.wrong
        style = "".join(e[2] for e in page.named("style"))
        if "url(" in style or "@import" in style:
            found.append("the style loads something")
        if "viewport" not in [e[1].get("name") for e in page.named("meta")]:
            found.append("no viewport")
        if [e[1].get("lang") for e in page.named("html")] != ["en"]:
            found.append("no language")
        if len(page.named("h1")) != 1:
            found.append("not one h1")
        links |= {e[1]["href"] for e in page.named("a")}
        wrong += [f"{name}: {w}" for w in found]
    wrong += [f"link to {n}, which is not there" for n in links - names]
    wrong += [f"no link to {n}" for n in names - links - {"index.html"}]
    return wrong


def index(directory, status):
    with open(status, encoding="utf-8") as f:
        want = {d["domain"]: d for d in json.load(f)["domains"]}
    page, wrong = Page(os.path.join(directory, "index.html")), []
    rows = {}
    for a in page.named("a"):
        rows[a[1]["href"][len("domain-"):-len(".html")]] = page.all[page.all.index(a):]
    if set(rows) != set(want):
        wrong.append(f"rows of {sorted(rows)}, not of {sorted(want)}")
    for domain, after in rows.items():
        cells = {}
        for e in after[1:]:
            if e[0] == "tr":
                break
            if e[0] == "td":
                cells.setdefault(e[1].get("data-label"), e[2])
        d = want[domain]
        signs = [k["selector"] for k in d["keys"] if k["state"] == "active"]
        if not cells.get("Status", "").startswith(d["status"]):
            wrong.append(f"{domain}: {cells.get('Status')}, not {d['status']}")
        if re.findall(r"(\S+) (?:rsa|ed25519)", cells.get("Signs with", "")) != signs:
            wrong.append(f"{domain}: signs with {cells.get('Signs with')}, not {signs}")
        if (cells.get("Since") == "-") != (d["since"] is None) or not cells.get("Next", "").startswith(d["next"] or "-"):
            wrong.append(f"{domain}: {cells}")
    return wrong


def seconds(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def picture(path, plan):
    """Bars are found by their row: each begins with a text that names the key."""
    with open(plan, encoding="utf-8") as f:
        plan = json.load(f)
    now, until = seconds(plan["from"]), seconds(plan["until"])
    begin = now - 120 * 86400
    page, wrong, rows, row = Page(path), [], {}, None
    for e in page.all:
        if e[0] == "text" and "class" not in e[1]:
            row = rows.setdefault(e[2].strip(), [])
        elif e[0] == "rect" and row is not None and "x" in e[1]:
            row.append((e[1]["class"], float(e[1]["x"].rstrip("%")), float(e[1]["width"].rstrip("%"))))
        elif e[0] == "ul":
            row = None
    bars = 0
    for key in plan["keys"]:
        bar = [b for label, found in rows.items() if label.startswith(key["key"]) for b in found if b[0] == "k-active"]
        if key["activated"] is None:
            wrong += [f"{key['key']} has a bar, and never signs"] if bar else []
            continue
        start = max(seconds(key["activated"]), begin)
        end = min(seconds(key["retired"]) if key["retired"] else until, until)
        if end <= start:
            continue
        want = [100 * (t - begin) / (until - begin) for t in (start, end)]
        if len(bar) != 1 or abs(bar[0][1] - want[0]) > 0.1 or abs(bar[0][1] + bar[0][2] - want[1]) > 0.1:
            wrong.append(f"{key['key']}: {bar}, wanted from {want[0]:.2f} to {want[1]:.2f}")
        bars += 1
    if bars < 3:
        wrong.append(f"only {bars} bars were looked at")
    return wrong


def png(path, width):
    with open(path, "rb") as f:
        data = f.read()
    found, at, pixels = struct.unpack(">I", data[16:20])[0], 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        pixels += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    wrong = [] if found == int(width) else [f"{found} pixels wide"]
    return wrong + ([] if len(set(zlib.decompress(pixels))) > 20 else ["nothing is drawn"])


def main():
    wrong = {"pages": pages, "index": index, "picture": picture, "png": png}[sys.argv[1]](*sys.argv[2:])
    for line in wrong[:20]:
        print("  " + line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
