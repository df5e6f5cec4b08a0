#!/bin/sh
# Notes which units an upgrade replaces, for postinst; dpkg runs it.
# Written by `cargo svc generate`; the services of {{ data.package }} are declared in Cargo.toml.
set -e

package='{{ data.package }}'

if [ "$1" = upgrade ] && [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
	dpkg-query --listfiles "$DPKG_MAINTSCRIPT_PACKAGE" |
		sed -n '\|^/usr/lib/systemd/system/[^/]*$|p' |
		xargs -r -d '\n' cksum -- >"/run/$package.units" || :
fi

exit 0
