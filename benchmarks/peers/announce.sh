# For scripts that become a server by `exec`, so that their process is the one to measure, and that may not try its port: a
# connection to a proxy is one to whatever is behind it. Sourced; `exec 9> >(announce PORT SCRATCH)` goes before the `exec`.

# Says where the server listens once it does. Standard input ends when the server does, which alone holds its other end: then
# the scratch directory goes.
announce() {
  local port=$1 scratch=$2 listening status
  trap '' TERM INT # meant for the server
  listening=$(printf '0100007F:%04X 00000000:0000 0A' "$port")
  until grep -q "$listening" /proc/net/tcp; do
    status=0
    read -r -t 0.02 || status=$?
    [ "$status" -gt 128 ] || break # not the time-out: the server has ended, and has said why
  done
  if [ "${status:-129}" -gt 128 ]; then
    echo "listening on 127.0.0.1:$port"
  fi
  exec >&-
  cat >/dev/null
  rm -rf "$scratch"
}
