"""The browser that pages are opened in."""

import shutil

from playwright.sync_api import Browser, Playwright


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium, or Playwright's own."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
