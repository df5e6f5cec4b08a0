#!/bin/sh
# Sets up the services of {{ data.package }}; dpkg runs it.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.
set -e
# Names of units may be patterns, which are systemctl's.
set -f

package='{{ data.package }}'
enabled_units='{{ data.system.enabled }}'
optional_units='{{ data.system.optional }}'
services='{{ data.system.services }}'
sockets='{{ data.system.sockets }}'
{%- if data.has_user() %}
enabled_user_units='{{ data.user.enabled }}'
optional_user_units='{{ data.user.optional }}'
user_services='{{ data.user.services }}'
{%- endif %}
before=/run/$package.units

say() {
	echo "$package: $*"
}

{% if data.has_needs() %}{% include "linux/distribution/needs.sh" %}

{% endif %}{% include "linux/distribution/running.sh" %}
{% if data.has_user() %}
{% include "linux/distribution/users.sh" %}
{% endif %}
# set_up MANAGER WANTED UNIT...: MANAGER is --system or --user. A wanted unit that is new here is enabled, as presets allow;
# what an operator has enabled, disabled or masked stays so. Adds to $new the wanted units that are new, or are back.
set_up() {
	manager=$1 wanted=$2
	shift 2
	for unit; do
		known=1 fresh=''
		deb-systemd-helper "$manager" debian-installed "$unit" || known='' fresh=1
		mask=${DPKG_ROOT:-}/etc/systemd/${manager#--}/$unit
		if [ -L "$mask" ]; then
			# The helper takes away what it made when the package was removed, not an operator's own.
			deb-systemd-helper "$manager" unmask "$unit" >/dev/null || :
			[ -L "$mask" ] || fresh=1
		fi
		if [ -n "$wanted$known" ] && deb-systemd-helper "$manager" --quiet was-enabled "$unit"; then
			deb-systemd-helper "$manager" enable "$unit" >/dev/null || :
		fi
		deb-systemd-helper "$manager" update-state "$unit" >/dev/null || :
		if [ -n "$wanted" ] && [ -n "$fresh" ]; then
			new="$new $unit"
		fi
	done
}

# What the version before had and this one has not.
remove_gone() {
	[ -s "$before" ] || return 0
	while read -r _ _ path; do
		[ ! -e "$path" ] || continue
		unit=${path##*/}
		say "$unit is no longer part of this package"
		running=$unit
		case $unit in
		*@.*) running="${unit%@.*}@*.${unit##*.}" ;;
		esac
		deb-systemd-invoke stop "$running" >/dev/null || :
		deb-systemd-helper purge "$unit" >/dev/null || :
		deb-systemd-helper unmask "$unit" >/dev/null || :
	done <"$before"
}

restart() {
	remove_gone
	systemctl --system daemon-reload || :
	find_running
	# All at once: then systemd stops a service before its socket, and starts it after.
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$running" ] || deb-systemd-invoke try-restart $running >/dev/null ||
		say "not all services were restarted; see: systemctl status$running"
{%- if data.has_user() %}
	user_managers daemon-reload
	# shellcheck disable=SC2086
	user_managers try-restart $user_services
{%- endif %}
}

start() {
	startable=''
	for unit; do
{%- if data.has_needs() %}
		lacks=$(lacking "$unit")
		if [ -n "$lacks" ]; then
			say "$unit is enabled but not started, it needs:$lacks"
			say "once that is there, run: systemctl start $unit"
			continue
		fi
{%- endif %}
		startable="$startable $unit"
	done
	# shellcheck disable=SC2086
	[ -z "$startable" ] || deb-systemd-invoke start $startable >/dev/null ||
		say "not all services were started; see: systemctl status$startable"
}

case $1 in
configure | abort-upgrade | abort-deconfigure | abort-remove) ;;
*) exit 0 ;;
esac
{%- if data.has_users() %}

systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} "$package.conf"
{%- endif %}
{%- if data.has_folders() %}

# Before a service starts: a configuration folder that systemd made would belong to the service.
systemd-tmpfiles ${DPKG_ROOT:+--root="$DPKG_ROOT"} --create "$package.conf"
{%- endif %}
{%- if data.has_user() %}

# shellcheck disable=SC2086 # names of units hold no spaces
set_up --user 1 $enabled_user_units
# shellcheck disable=SC2086
set_up --user '' $optional_user_units
{%- endif %}

new=''
# shellcheck disable=SC2086 # names of units hold no spaces
set_up --system 1 $enabled_units
# shellcheck disable=SC2086
set_up --system '' $optional_units

if [ -n "${DPKG_ROOT:-}" ] || [ ! -d /run/systemd/system ]; then
	exit 0
fi
systemctl --system daemon-reload || :
case $1 in
configure)
	[ -z "${2:-}" ] || restart
	;;
abort-remove | abort-deconfigure)
	# prerm has stopped them.
	new=$enabled_units
	;;
esac
# shellcheck disable=SC2086
start $new
rm -f "$before"
exit 0
