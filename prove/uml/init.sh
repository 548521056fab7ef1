#!/bin/sh
# The first process of a guest: its root is the host's, read-only; what it keeps is on /dev/ubda.
# GUEST_NODE, GUEST_LOAD and GUEST_LIFE come from the kernel's command line.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /mnt
mkdir /mnt/disk
mount -t ext4 /dev/ubda /mnt/disk
ip link set lo up
"$GUEST_NODE" "$GUEST_LOAD" /mnt/disk/data "$GUEST_LIFE"
echo "@ended"
exec sleep 1000000
