#!/bin/sh
# install-production.sh <folder>: makes of a checkout, in which `npm ci` has run, the root file system
# in which Indelible runs: Node with the libraries it is linked to, the packages the service needs,
# its sources, the built console and documents. Nothing else is in it: no shell, no npm, no package manager.
#
# deploy/Dockerfile runs it, and so does test/production-folder.test.ts, which then starts the service
# in it. $NODE is the Node to take (default: the one in PATH). Has to be run as root.
set -eu
repository=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
root=$(cd "$1" && pwd)
node=$(readlink -f "${NODE:-$(command -v node)}")
user=65532
app=$root/app

# 1 The packages of the command line and the server, by the lockfile, and no others. The lockfile is
# only accepted beside the manifest of every workspace.
cd "$repository"
mkdir -p "$app"
for manifest in package.json package-lock.json .npmrc packages/*/package.json examples/*/package.json; do
  mkdir -p "$app/$(dirname "$manifest")"
  cp "$manifest" "$app/$manifest"
done
(cd "$app" && npm ci -w indelible --omit=dev --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error)
rm -rf "$app/examples" "$app/package-lock.json" "$app/.npmrc"
# What only people and compilers read: a third of them. Licences must come along.
find "$app/node_modules" -type f \
  \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) \
  ! -iname 'licen[cs]e*' -delete

# 2 What is ours: sources without their tests, the console and the documents as they were built.
for package in "$app"/packages/*; do
  name=$(basename "$package")
  case $name in
    cli | proof | protocol | server) cp -R "packages/$name/src" "$package" ;;
    console | guide) cp -R "packages/$name/dist" "$package" ;;
    *) rm -rf "$package" ;;
  esac
done
find "$app/packages" -name '*.test.ts' -delete
find "$app/packages" -type d -name testing -prune -exec rm -rf {} +
mkdir -p "$app/scripts" "$app/deploy"
cp scripts/node.mjs scripts/warm.ts "$app/scripts"
cp deploy/healthcheck.mjs "$app/deploy"
cp LICENSE "$app"

# 3 Node, and the libraries that it and the native packages name, which are Debian's; each with its licence.
mkdir -p "$root/usr/local/bin" "$root/etc" "$root/tmp" "$root/data"
cp "$node" "$root/usr/local/bin/node"
cp "$(dirname "$node")/../LICENSE" "$root/usr/local"
libraries=$(mktemp)
{
  ldd "$node"
  find "$app/node_modules" -name '*.node' -exec ldd {} +
} | grep -o '/[^ :]*\.so[^ :]*' | grep -v "^$root" | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
  # Its folder may be known by another name: /lib is a link to /usr/lib.
  package=$(dpkg-query --search "*/$(basename "$(dirname "$library")")/$(basename "$library")" | cut -d: -f1 | head -n 1)
  dpkg-query --show --showformat '${Package} ${Version}\n' "$package" >>"$libraries"
  mkdir -p "$root/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package"
done
# All of it, as a list (CycloneDX).
"$node" scripts/sbom.ts "$app" "$libraries" >"$app/sbom.cdx.json"
rm "$libraries"

# 4 A user who owns nothing but the data folder.
echo "indelible:x:$user:$user::/data:/sbin/nologin" >"$root/etc/passwd"
echo "indelible:x:$user:" >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"
chmod 700 "$root/data"
chown "$user:$user" "$root/data"

# 5 The compile cache, which Node keeps by path and user: made where and as whom it will be read.
cache=$app/node_modules/.cache/indelible
mkdir -p "$cache"
chown "$user" "$cache"
env -i NODE_COMPILE_CACHE="${cache#"$root"}" \
  "$(command -v chroot)" --userspec=$user:$user "$root" /usr/local/bin/node /app/scripts/warm.ts
chown -R 0:0 "$cache"
