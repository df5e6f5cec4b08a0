#!/bin/sh
# Notes which units an upgrade replaces, for the other scripts; rpm runs it.
# Written by `cargo svc generate`; the services of {{ data.package }} are declared in Cargo.toml.

package='{{ data.package }}'
units='{{ data.system.files }}'

rm -f "/run/$package.units"
if [ "$1" -gt 1 ]; then
	for unit in $units; do
		path=/usr/lib/systemd/system/$unit
		[ ! -e "$path" ] || cksum "$path"
	done >"/run/$package.units" || :
fi

exit 0
