#!/usr/bin/env python3
"""A person with a browser that runs no script: follows redirects, keeps cookies, types name and password where a page asks for them, and
agrees to what they are asked.

usage: person.py URL [CALLBACK]; prints the address that begins with CALLBACK and to which the browser is sent in the end; without
CALLBACK the title of the last page. Name and password come from OIDC_LOGIN_NAME and OIDC_PASSWORD."""
import html.parser
import http.cookiejar
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_STEPS = 20
# Fields that come filled in, and buttons of which the first says yes.
AGREED = {"user_code", "decision"}
CONSENT = ("do", "allow")  # other pages have buttons of that name too


class FirstForm(html.parser.HTMLParser):
    """Method, action and fields of the first form of a page; `action` is None when it has none."""

    def __init__(self, page):
        super().__init__()
        self.method, self.action, self.fields, self.inside = "get", None, {}, False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and self.action is None:
            self.method, self.action, self.inside = attrs.get("method", "get").lower(), attrs.get("action", ""), True
        elif tag in ("input", "button") and self.inside and attrs.get("name"):
            if attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs:
                self.fields.setdefault(attrs["name"], attrs.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Page:
    def __init__(self, url, answer):
        self.url, self.status, self.headers, self.text = url, answer.status, answer.headers, answer.read().decode("utf-8", "replace")


class Person:
    def __init__(self, login_name=None, password=None):
        self.typed = {"loginName": login_name, "password": password}
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), KeepRedirects())

    def ask(self, url, fields=None):
        """One request, and no redirect followed; `fields`: of a form that is posted."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            return Page(url, self.opener.open(urllib.request.Request(url, data, {"Accept": "text/html,*/*;q=0.8"}), timeout=60))
        except urllib.error.HTTPError as error:
            return Page(url, error)

    def visit(self, url, stop=None):
        """Goes on from `url` until a page asks nothing that the person knows, and answers it; or until the browser is sent to an
        address that begins with `stop`, and answers that, with the fields of a form that goes there as its query."""
        page = self.ask(url)
        for _ in range(MOST_STEPS):
            if page.status in (301, 302, 303, 307):
                url = urllib.parse.urljoin(page.url, page.headers["location"])
                if stop and url.startswith(stop):
                    return url
                page = self.ask(url)
                continue
            form = FirstForm(page.text)
            action = urllib.parse.urljoin(page.url, form.action or "")
            if stop and form.action and action.startswith(stop):
                return f"{action}?{urllib.parse.urlencode(form.fields)}"
            if page.status != 200 or form.action is None or not (set(form.fields) & (set(self.typed) | AGREED) or CONSENT in form.fields.items()):
                if stop:
                    raise AssertionError(f"{page.status} at {page.url}, on the way to {stop}:\n{page.text}")
                return page
            page = self.ask(action, form.fields | {name: value for name, value in self.typed.items() if name in form.fields})
        raise AssertionError(f"still under way after {MOST_STEPS} steps: {page.url}\n{page.text}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    ended = Person(os.environ["OIDC_LOGIN_NAME"], os.environ["OIDC_PASSWORD"]).visit(*sys.argv[1:])
    print(ended if len(sys.argv) == 3 else re.search("<title>(.*?)</title>", ended.text).group(1))
