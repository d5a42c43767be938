#!/bin/sh
# A Chromium for the browser tests, from the system's packages. Does nothing where one is there.
set -eu

if [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "no apt-get here: install Chromium and set CHROMIUM to its path" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Chromium is missing and needs root: sudo apt-get install chromium" >&2
        exit 1
    fi
    as_root="sudo -n"
fi
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core
