#!/bin/sh
# Installs {{ package }} from the folder that this script lies in; run it with --help.
# Written by `cargo svc generate`; what it installs is declared in Cargo.toml.
set -eu

# --- what is installed ---------------------------------------------------------------------------------------------

package='{{ package }}'
min_systemd={{ min_systemd }}
units='{% for service in services %}{% if !loop.first %} {% endif %}{{ service.unit }}{% endfor %}'
boot_units='{% for unit in boot_units %}{% if !loop.first %} {% endif %}{{ unit }}{% endfor %}'

# each_program COMMAND...: runs it with the name of each program.
each_program() {
{%- for program in programs %}
	"$@" '{{ program }}'
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

{% include "linux/install-options.sh" %}

{% include "linux/install-checks.sh" %}

{% include "linux/install-files.sh" %}

{% include "linux/install-services.sh" %}

{% include "linux/install-run.sh" %}
