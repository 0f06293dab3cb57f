#!/bin/sh
# Checks the evidence for one event with OpenSSL 3 and POSIX tools, by the steps of docs/evidence.md.
#
#   sh check.sh EVIDENCE VKEY-FILE
#
# Exit codes: 0 proven, and standard output ends with the event's authenticated content; 1 not proven, standard error
# names the step that failed; 2 it could not be checked.
set -u
LC_ALL=C
export LC_ALL

[ $# -eq 2 ] || { echo "usage: sh check.sh EVIDENCE VKEY-FILE" >&2; exit 2; }
for file in "$1" "$2"; do
  [ -f "$file" ] && [ -r "$file" ] || { echo "cannot read $file" >&2; exit 2; }
done
case $(openssl version 2>/dev/null) in
  'OpenSSL '[3-9]*) ;;
  *) echo "OpenSSL 3 or later is needed" >&2; exit 2 ;;
esac
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
cp "$1" "$work/evidence" && cp "$2" "$work/vkey" && cd "$work" || exit 2

failed() { echo "NOT PROVEN: step $1: $2" >&2; exit 1; }
digest() { openssl dgst -sha256 -binary; }
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
is_count() { printf '%s\n' "$1" | awk 'NR > 1 || !/^(0|[1-9][0-9]*)$/ || length > 15 { bad = 1 } END { exit bad }'; }

# Climbs from the hash in the file "node" to the root: climb INDEX SIZE < proof
climb() {
  index=$1 last=$(($2 - 1))
  [ "$index" -le "$last" ] || return 1
  while read -r sibling; do
    [ "$last" -gt 0 ] || return 1
    printf '%s\n' "$sibling" | openssl base64 -d > sibling 2>/dev/null
    [ "$(openssl base64 < sibling)" = "$sibling" ] && [ "$(wc -c < sibling)" -eq 32 ] || return 1
    if [ $((index % 2)) -eq 1 ] || [ "$index" -eq "$last" ]; then
      cat sibling node > pair
      while [ $((index % 2)) -eq 0 ] && [ "$index" -gt 0 ]; do index=$((index / 2)) last=$((last / 2)); done
    else
      cat node sibling > pair
    fi
    { printf '\001'; cat pair; } | digest > node
    index=$((index / 2)) last=$((last / 2))
  done
  [ "$last" -eq 0 ]
}

# Take the file apart, and require that the parts, put together again, are the file: nothing is ignored.
sed -n '2s/^extra //p' evidence | openssl base64 -d -A > extra.json 2>/dev/null
sed -n '3s/^index //p' evidence > leaf.index
awk 'NR > 3 { if ($0 == "") exit; print }' evidence > leaf.proof
sed '1,/^$/d' evidence > checkpoint
{
  printf 'c2sp.org/tlog-proof@v1\nextra %s\n' "$(openssl base64 -A < extra.json)"
  printf 'index %s\n' "$(cat leaf.index)"
  cat leaf.proof; echo; cat checkpoint
} > again
cmp -s again evidence || failed file "$1 is not a tlog-proof with an event, or not in canonical form"

sed 's/^{"event":\(.*\),"event_index":.*/\1/' extra.json | tr -d '\n' > event.json
sed 's/.*,"event_index":\([0-9]*\),.*/\1/' extra.json > event.index
sed 's/.*,"event_proof":\[\([^]]*\)\].*/\1/' extra.json > event.hashes
tr ',' '\n' < event.hashes | tr -d '"' | awk '$0 != ""' > event.proof
sed 's/.*,"leaf":\({.*}\),"v":1}$/\1/' extra.json | tr -d '\n' > leaf.json
hashes=$(awk '{ printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 }' event.proof)
{
  printf '{"event":'; cat event.json
  printf ',"event_index":%s,"event_proof":[%s],"leaf":' "$(cat event.index)" "$hashes"
  cat leaf.json; printf ',"v":1}'
} > again
cmp -s again extra.json || failed file "extra does not hold an event, its proof and a leaf of version 1, in canonical form"
is_count "$(cat event.index)" && is_count "$(cat leaf.index)" || failed file "an index is not a whole number"

# 1. The event's content has the fingerprint that the event carries, which stands where writers put it.
sed 's/,"fingerprint":{[^}]*}//' event.json | tr -d '\n' > content.json
value=$(digest < content.json > node; hex node)
print='"fingerprint":{"algorithm":"SHA-256","algorithm_id":3,"encoding_id":1,"serialization_id":2,"value":"'$value'"}'
sed 's/\("attestation_list":\[{"chain_uid":"[^"]*"\)/\1,'"$print"'/' content.json | tr -d '\n' > again
cmp -s again event.json || failed event "the content does not have the fingerprint that the event carries; SHA-256 of the content is $value"
echo "1. event: OK, fingerprint $value"

# 2. The fingerprint is at its place in the object that the leaf is about.
count=$(sed -n 's/^{"events":{"count":\([0-9]*\),"root":"[0-9a-f]*"},.*/\1/p' leaf.json)
events_root=$(sed -n 's/^{"events":{"count":[0-9]*,"root":"\([0-9a-f]*\)"},.*/\1/p' leaf.json)
is_count "$count" || failed object "the leaf does not say which events the object has"
{ printf '\000'; digest < content.json; } | digest > node
climb "$(cat event.index)" "$count" < event.proof && [ "$(hex node)" = "$events_root" ] ||
  failed object "event_index and event_proof do not lead from the fingerprint to events.root of the leaf"
echo "2. object: OK, the event is number $(cat event.index) of $count, from 0"

# 3. The leaf is in the tree that the checkpoint states.
size=$(sed -n 2p checkpoint)
is_count "$size" || failed ledger "the checkpoint does not say how many leaves the log has"
{ printf '\000'; cat leaf.json; } | digest > node
climb "$(cat leaf.index)" "$size" < leaf.proof && [ "$(openssl base64 < node)" = "$(sed -n 3p checkpoint)" ] ||
  failed ledger "index and proof do not lead from the leaf to the root in the checkpoint"
echo "3. ledger: OK, the object is leaf $(cat leaf.index) of $size, from 0"

# 4. The key signed the checkpoint. A key's id is the start of SHA-256(name, line feed, 1, public key).
name=$(cut -d + -f 1 vkey)
cut -d + -f 3- vkey | openssl base64 -d -A > typed.key 2>/dev/null
[ "$(wc -c < typed.key)" -eq 33 ] && [ "$(head -c 1 typed.key | od -An -tx1 | tr -d ' ')" = 01 ] ||
  failed checkpoint "$2 does not hold the vkey of an Ed25519 key"
{ printf '%s\n' "$name"; cat typed.key; } | digest | head -c 4 > id
printf '%s+%s+%s\n' "$name" "$(hex id)" "$(openssl base64 -A < typed.key)" > again
cmp -s again vkey || failed checkpoint "$2 is not one line with a vkey, or its id is not that of its name and key"
[ "$(sed -n 1p checkpoint)" = "$name" ] || failed checkpoint "the checkpoint is not of the log $name"

sed '/^$/,$d' checkpoint > signed
line=$(sed '1,/^$/d' checkpoint | awk -v name="$name" '$1 == "\342\200\224" && $2 == name { print; exit }')
printf '%s' "${line##* }" | openssl base64 -d -A > signature.id 2>/dev/null
[ "$line" = "— $name $(openssl base64 -A < signature.id)" ] && [ "$(wc -c < signature.id)" -eq 68 ] ||
  failed checkpoint "it has no signature by $name"
head -c 4 signature.id | cmp -s - id || failed checkpoint "it was signed by another key of that name"
tail -c 64 signature.id > signature
{ printf MCowBQYDK2VwAyEA; tail -c 32 typed.key | openssl base64 -A; echo; } | openssl base64 -d -A > key.der
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in signed -sigfile signature > /dev/null 2>&1 ||
  failed checkpoint "the signature is not the key's"
echo "4. checkpoint: OK, signed by $name"

echo "PROVEN. The event (content.json):"
cat content.json
echo
