#!/bin/sh
# What the tests use besides Python: Debian's chromium (browser journeys) and a Java runtime (ODK Validate).
# Installed when missing and apt is there; without apt the tests that need them say so.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
fc-list 2>/dev/null | grep -qi "NotoSansKhmer" || missing="$missing fonts-noto-core"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing:$missing (no apt-get here; install them by hand)" >&2
    exit 0
fi
echo "Installing$missing …"
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
