#!/bin/sh
# Removes {{ package }}; run it with --help.
# Written by `cargo svc generate`; what it removes is what the receipt of install.sh lists.
set -eu

# --- what was installed --------------------------------------------------------------------------------------------

package='{{ package }}'
units='{{ units }}'
user_units='{{ user_units }}'
users='{{ users }}'

# each_own_config COMMAND...: with the place of each configuration file.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_own_config() {
	:
{%- for file in files %}{% if file.kind == "config" %}
	"$@" "${{ file.path.variable }}"'{{ file.path.below }}'
{%- endif %}{% endfor %}
}

# each_folder COMMAND...: with place and mode of each folder that is root's.
each_folder() {
	:
{%- for folder in folders %}
	"$@" "$root"'{{ folder.path }}' {{ folder.mode }}
{%- endfor %}
}

# each_credential COMMAND...: with service, name and place of each secret that an operator gave.
each_credential() {
	:
{%- for credential in credentials %}
	"$@" '{{ credential.service }}' '{{ credential.name }}' "$root"'{{ credential.path }}'
{%- endfor %}
}

{% include "linux/header.sh" %}

{% include "linux/common.sh" %}

{% include "linux/common-systemd.sh" %}

{% include "linux/common-receipt.sh" %}

{% include "linux/uninstall-purge.sh" %}

{% include "linux/uninstall-run.sh" %}
