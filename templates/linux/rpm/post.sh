#!/bin/sh
# Sets up the services of {{ data.package }}; rpm runs it with the number of installed versions.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.

package='{{ data.package }}'
units='{{ data.system.enabled }}'
{%- if data.has_user() %}
user_units='{{ data.user.enabled }}'
{%- endif %}
before=/run/$package.units

# is_new UNIT: an upgrade brings it, the version before did not have it.
is_new() {
	[ -e "$before" ] && ! grep -qF -e " /usr/lib/systemd/system/$1" "$before"
}
{%- if data.has_users() %}

systemd-sysusers "/usr/lib/sysusers.d/$package.conf" || :
{%- endif %}
{%- if data.has_folders() %}

# Before a service starts: a configuration folder that systemd made would belong to the service.
systemd-tmpfiles --create "/usr/lib/tmpfiles.d/$package.conf" || :
{%- endif %}

command -v systemctl >/dev/null || exit 0
new=''
for unit in $units; do
	if [ "$1" -eq 1 ] || is_new "$unit"; then
		new="$new $unit"
	fi
done
# Whether they are enabled is the distribution's decision, and the operator's: its presets.
# shellcheck disable=SC2086 # names of units hold no spaces
[ -z "$new" ] || systemctl --no-reload --quiet preset $new || :
{%- if data.has_user() %}
if [ "$1" -eq 1 ] && [ -n "$user_units" ]; then
	# shellcheck disable=SC2086
	systemctl --no-reload --quiet --global preset $user_units || :
fi
{%- endif %}
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || :
fi

exit 0
