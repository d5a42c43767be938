#!/bin/sh
# Starts a PostgreSQL server on loopback for tests, says its connection string and on a second line the file of the authority
# that vouches for its certificate (made out for localhost), and stops it when standard input closes: when whoever started
# this ends, however it ends. Needs the server's programs and openssl (Debian: apt-get install postgresql).
set -eu

programs=
for folder in "${GUARD_NB_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin /opt/homebrew/bin /usr/local/bin /usr/bin; do
    if [ -z "$programs" ] && [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then programs=$folder; fi
done
if [ -z "$programs" ]; then
    echo "no PostgreSQL server is installed; on Debian: apt-get install postgresql" >&2
    exit 1
fi

folder=$(mktemp -d)
chmod 755 "$folder"
# The server refuses to run as root.
as=
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    chown "$user" "$folder"
fi
cd "$folder"
trap 'rm -rf "$folder"' EXIT

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
(umask 077; printf '%s\n' "$password" >"$folder/password")
[ -z "$as" ] || chown "$user" "$folder/password"
$as "$programs/initdb" -D "$folder/data" -U guard -A scram-sha-256 --pwfile="$folder/password" \
    -E UTF8 --locale=C --no-sync >/dev/null

# An authority, and a certificate of its own for localhost.
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
printf '[req]\ndistinguished_name=n\n[n]\n[root]\nbasicConstraints=critical,CA:TRUE\n[leaf]\nsubjectAltName=DNS:localhost\n' \
    >"$folder/openssl.conf"
(
    umask 077
    openssl req -x509 $key -config "$folder/openssl.conf" -extensions root -subj "/CN=tests" \
        -keyout "$folder/root.key" -out "$folder/root.crt" 2>/dev/null
    openssl req -x509 $key -config "$folder/openssl.conf" -extensions leaf -subj "/CN=localhost" \
        -CA "$folder/root.crt" -CAkey "$folder/root.key" -keyout "$folder/server.key" -out "$folder/server.crt" 2>/dev/null
)
chmod 644 "$folder/root.crt" "$folder/server.crt"
[ -z "$as" ] || chown "$user" "$folder/server.key"

start() {
    $as "$programs/postgres" -D "$folder/data" -p "$1" -k "$folder" -c listen_addresses=127.0.0.1 \
        -c ssl=on -c ssl_cert_file="$folder/server.crt" -c ssl_key_file="$folder/server.key" \
        -c max_connections=200 -c log_min_messages=fatal 2>"$folder/log" </dev/null &
    server=$!
    tries=0
    while [ $tries -lt 600 ]; do
        kill -0 $server 2>/dev/null || return 1
        if grep -qs '^ready' "$folder/data/postmaster.pid"; then return 0; fi
        tries=$((tries + 1))
        sleep 0.1
    done
    kill -INT $server
    wait $server || :
    return 1
}

attempt=0
while :; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom | tr -d ' ') % 40000))
    if start "$port"; then break; fi
    attempt=$((attempt + 1))
    if [ $attempt -gt 5 ]; then cat "$folder/log" >&2; exit 1; fi
done
trap 'kill -INT $server 2>/dev/null || :; wait $server || :; rm -rf "$folder"' EXIT
printf '%s\n' "postgresql://guard:$password@127.0.0.1:$port/postgres" "$folder/root.crt"
cat >/dev/null
