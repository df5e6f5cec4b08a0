# --- the installer --------------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Installs $package, or upgrades or repairs what is installed of it.

  --prefix DIR   install below DIR instead of /usr/local
  --no-start     start and restart nothing
  --reset        put enabled, disabled and masked states back to what is declared
  --dry-run      say what would be done, and do nothing
  -q, --quiet    say only what went wrong
  -h, --help     show this

An upgrade keeps what an operator decided: drop-ins, and services that are disabled, masked or stopped.

Exit codes:
  0  done
  1  it failed; everything is as it was before
  2  the command line is wrong
  3  this machine cannot take it: not root, no systemd $min_systemd or newer, another architecture, no space
  4  a file of the package is missing or damaged
  5  something else owns a service, a file or the place
  6  another run is not finished
  7  a service did not start; everything is as it was before
EOF
}

# Begins the line that says where a unit's program is, if it is not below /usr/local.
origin='# Installed below '

parse() {
	no_start='' reset=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix)
			needs_argument $# "$1"
			prefix=$2
			shift
			;;
		--prefix=*) prefix=${1#*=} ;;
		--no-start) no_start=1 ;;
		--reset) reset=1 ;;
		--dry-run) dry_run=1 ;;
		-q | --quiet) quiet=1 ;;
		-h | --help)
			usage
			exit 0
			;;
		*) die 2 "unknown option '$1'; see --help" ;;
		esac
		shift
	done
	check_prefix
	unit_dir=$prefix/lib/systemd/system
	doubled "$prefix" '%'
	prefix_item=$doubled
	doubled "$prefix_item" '$'
	prefix_argument=$doubled
}

# doubled TEXT CHARACTER: sets $doubled.
doubled() {
	doubled=
	rest=$1
	while :; do
		case $rest in
		*"$2"*)
			doubled=$doubled${rest%%"$2"*}$2$2
			rest=${rest#*"$2"}
			;;
		*) break ;;
		esac
	done
	doubled=$doubled$rest
}

# Sets $replacement.
join() {
	replacement=
	for part in "$@"; do
		replacement=$replacement$part
	done
}
