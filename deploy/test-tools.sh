#!/bin/sh
# What only the tests need and pip cannot bring: Debian's age, a browser, pango and Thai fonts, poppler, and node with age-encryption and axe-core.
# Installs by itself where it may (root on Debian); elsewhere it names, in one line, what is missing.
set -eu
cd "$(dirname "$0")/.."

missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need age age
need chromium chromium
need node nodejs
need npm npm
need fc-list fontconfig
need pdftotext poppler-utils
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing="$missing libpango-1.0-0 libpangoft2-1.0-0"
ldconfig -p 2>/dev/null | grep -q libharfbuzz-subset || missing="$missing libharfbuzz-subset0"
fc-list :lang=th 2>/dev/null | grep -q "Noto Sans Thai" || missing="$missing fonts-noto-core"

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "· Debian packages for the tests:$missing"
        apt-get update -qq
        # shellcheck disable=SC2086 # the list is meant to be split
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "The tests need these Debian packages; install them as root: apt-get install$missing" >&2
        exit 1
    fi
fi

echo "· age-encryption for node (interoperability tests)"
npm ci --prefix tests/interop --no-audit --no-fund --loglevel=error
echo "· axe-core (accessibility of the pages)"
npm ci --prefix tests/axe --no-audit --no-fund --loglevel=error
