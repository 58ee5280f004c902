#!/bin/sh
# What the tests use besides Python: Debian's chromium (browser journeys), a Java runtime (ODK Validate), and npm,
# which fetches axe-core in the version that tests/accessibility/package-lock.json pins.
# Installed when missing and apt is there; without apt the tests that need them say so.
set -eu
cd "$(dirname "$0")/.."
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
fc-list 2>/dev/null | grep -qi "NotoSansKhmer" || missing="$missing fonts-noto-core"
if [ -n "$missing" ] && ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing:$missing (no apt-get here; install them by hand)" >&2
elif [ -n "$missing" ]; then
    echo "Installing$missing …"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

axe=tests/accessibility
fetched="$axe/node_modules/axe-core/axe.min.js"
if ! command -v npm >/dev/null 2>&1; then
    echo "No npm: the accessibility tests will be skipped" >&2
elif [ ! -f "$fetched" ] || [ "$fetched" -ot "$axe/package-lock.json" ]; then
    echo "Fetching axe-core …"
    npm ci --prefix "$axe" --ignore-scripts --no-audit --no-fund --loglevel=error
    touch "$fetched"
fi
