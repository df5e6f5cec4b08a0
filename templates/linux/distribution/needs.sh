# lacking UNIT: prints what the unit's service needs and the machine does not have.
lacking() {
	case $1 in
{%- for need in data.needs %}
	{% for unit in need.units %}{% if !loop.first %} | {% endif %}'{{ unit }}'{% endfor %}) absent{% for path in need.paths %} '{{ path }}'{% endfor %} ;;
{%- endfor %}
	esac
}

absent() {
	for path; do
		[ -e "$path" ] || printf ' %s' "$path"
	done
}
