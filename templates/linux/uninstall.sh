#!/bin/sh
# Removes {{ package }}; run it with --help.
# Written by `cargo svc generate`; what it removes is what the receipt of install.sh lists.
set -eu

# --- what was installed --------------------------------------------------------------------------------------------

package='{{ package }}'
units='{% for service in services %}{% if !loop.first %} {% endif %}{{ service.unit }}{% endfor %}'

{% include "linux/header.sh" %}

{% include "linux/common.sh" %}

{% include "linux/uninstall-run.sh" %}
