#!/bin/sh
# Takes away what dpkg does not know of; dpkg runs it when {{ data.package }} is removed or purged.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.
set -e

units='{{ data.system.files }}'
{%- if data.has_user() %}
user_units='{{ data.user.files }}'
{%- endif %}

# helper WORD: for all units. It may be gone by now.
helper() {
	[ -x "${DPKG_ROOT:-}/usr/bin/deb-systemd-helper" ] || return 0
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$units" ] || deb-systemd-helper "$1" $units >/dev/null || :
{%- if data.has_user() %}
	# shellcheck disable=SC2086
	[ -z "$user_units" ] || deb-systemd-helper --user "$1" $user_units >/dev/null || :
{%- endif %}
}

case $1 in
remove)
	# Nothing may start what is no longer there, and postinst sees that it is back.
	helper mask
	if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload || :
	fi
	;;
purge)
	helper purge
	helper unmask
{%- if !data.purged.is_empty() %}
	# What the services kept on the machine. Users stay: files elsewhere may belong to them.
{%- endif %}
{%- for pattern in data.purged %}
	rm -rf -- "${DPKG_ROOT:-}"{% for part in pattern.parts %}{% if !loop.first %}*{% endif %}'{{ part }}'{% endfor %}
{%- endfor %}
{%- for folder in data.emptied %}
	[ ! -d "${DPKG_ROOT:-}"'{{ folder }}' ] || rmdir --ignore-fail-on-non-empty -- "${DPKG_ROOT:-}"'{{ folder }}'
{%- endfor %}
{%- for template in data.templates %}
	# What an operator enabled of a template.
	find "${DPKG_ROOT:-}/etc/systemd/system" -mindepth 2 -maxdepth 2 -type l -name '{{ template }}' -exec rm -f -- {} +
{%- endfor %}
	;;
esac

exit 0
