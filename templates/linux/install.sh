#!/bin/sh
# Installs {{ package }} from the folder that this script lies in; run it with --help.
# Written by `cargo svc generate`; what it installs is declared in Cargo.toml.
set -eu

# --- what is installed ---------------------------------------------------------------------------------------------

package='{{ package }}'
min_systemd={{ min_systemd }}
# All units; those of users' managers; those that start with the machine; each that starts another one, with that.
units='{{ units }}'
user_units='{{ user_units }}'
boot_units='{{ boot_units }}'
triggers_of='{{ triggers }}'
# The users that are made, and the files that make users and folders when the machine starts.
users='{{ users }}'
confs='{{ confs }}'

# each_program COMMAND...: runs it with name and place of each program.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_program() {
{%- for program in programs %}
	"$@" '{{ program.name }}' "${{ program.path.variable }}"'{{ program.path.below }}'
{%- endfor %}
}

# each_extra COMMAND...: with kind, source, place and mode of each other file; a "config" file is an operator's to edit.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_extra() {
	:
{%- for file in files %}
	"$@" {{ file.kind }} '{{ file.source }}' "${{ file.path.variable }}"'{{ file.path.below }}' {{ file.mode }}
{%- endfor %}
}

# each_folder COMMAND...: with place and mode of each folder that has to be root's.
each_folder() {
	:
{%- for folder in folders %}
	"$@" "$root"'{{ folder.path }}' {{ folder.mode }}
{%- endfor %}
}

# each_credential COMMAND...: with service, name and place of each secret that an operator gives.
each_credential() {
	:
{%- for credential in credentials %}
	"$@" '{{ credential.service }}' '{{ credential.name }}' "$root"'{{ credential.path }}'
{%- endfor %}
}

# each_needed COMMAND...: with each service and what it does not start without: a file, or a credential and its name.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_needed() {
	:
{%- for needed in needs %}
	"$@" '{{ needed.unit }}' {{ needed.kind }} "${{ needed.path.variable }}"'{{ needed.path.below }}'{% if let Some(name) = needed.name %} '{{ name }}'{% endif %}
{%- endfor %}
}

# relocation UNIT:LINE PREFIX PREFIX: the lines in which the prefix stands, cut there. The second form of the prefix is for
# arguments, in which systemd reads a dollar sign as a variable.
relocation() {
	# shellcheck disable=SC2016 # what looks like a variable here is text of a unit
	case $1 in
{%- for line in relocations %}
	'{{ line.unit }}:{{ line.number }}') join{% for chunk in line.chunks %} {% if !chunk.is_prefix() %}'{{ chunk.text }}'{% else %}"${{ chunk.parameter() }}"{% endif %}{% endfor %} ;;
{%- endfor %}
	esac
}

{% include "linux/header.sh" %}

{% include "linux/common.sh" %}

{% include "linux/common-systemd.sh" %}

{% include "linux/common-receipt.sh" %}

{% include "linux/install-options.sh" %}

{% include "linux/install-checks.sh" %}

{% include "linux/install-owners.sh" %}

{% include "linux/install-config.sh" %}

{% include "linux/install-files.sh" %}

{% include "linux/install-services.sh" %}

{% include "linux/install-run.sh" %}
