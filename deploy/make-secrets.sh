#!/bin/sh
# Makes the secrets that compose hands to the containers, in deploy/secrets; what is there stays as it
# is. Keep copies of `seed` apart from the data: without it nothing more can be signed.
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# Nobody else gets into the folder. The files themselves are readable: containers read them as users
# that this machine does not know.
chmod 700 "$folder"
umask 222

make() {
  [ -e "$folder/$1" ] || cat >"$folder/$1"
}
random() {
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'
}

head -c 32 /dev/urandom | make seed
for name in root_key admin_password metrics_key grafana_password postgres_password rabbitmq_password; do
  random | make "$name"
done
echo "postgres://indelible:$(cat "$folder/postgres_password")@postgres/indelible" | make store
echo "amqp://indelible:$(cat "$folder/rabbitmq_password")@rabbitmq:5672" | make amqp
printf 'default_user = indelible\ndefault_pass = %s\n' "$(cat "$folder/rabbitmq_password")" | make rabbitmq_user
