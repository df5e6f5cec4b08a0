# --- the installer --------------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Installs $package, or upgrades or repairs what is installed of it.

  --prefix DIR   install below DIR instead of /usr/local; a user's own services go below ~/.local
  --root DIR     install into the image in DIR: nothing is started, no manager is asked, and no link that leads out of the
                 image is followed
  --credential NAME=FILE
                 put a secret where the service finds it, from FILE or, for '-', from standard input; may be given
                 several times; SERVICE/NAME=FILE where several services have one of this name
  --no-start     start and restart nothing
  --reset        put enabled, disabled and masked states back to what is declared
  --dry-run      say what would be done, and do nothing
  -q, --quiet    say only what went wrong
  -h, --help     show this

An upgrade keeps what an operator decided: drop-ins, services that are disabled, masked or stopped, credentials, and
configuration files that were edited; the new version of such a file is put beside it, as FILE.new.
Services of users need no root: they are then installed for the caller alone.

Exit codes:
  0  done; a service that still waits for a file or a credential is named
  1  it failed; everything is as it was before
  2  the command line is wrong
  3  this machine cannot take it: not root, no systemd $min_systemd or newer, another architecture, no space
  4  a file of the package is missing or damaged
  5  something else owns a service, a file or the place
  6  another run is not finished
  7  a service did not start; everything is as it was before
  9  it failed, and not everything could be put back: what that is was named, and the next run goes on there
EOF
}

# Begins the line that says where a unit's program is, if it is not below /usr/local.
origin='# Installed below '

parse() {
	no_start='' reset='' prefix_given='' given=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix | --root | --credential)
			needs_argument $# "$1"
			take_option "$1" "$2"
			shift
			;;
		--prefix=* | --root=* | --credential=*) take_option "${1%%=*}" "${1#*=}" ;;
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
	settle
	doubled "$prefix" '%'
	prefix_item=$doubled
	doubled "$prefix_item" '$'
	prefix_argument=$doubled
}

take_option() {
	case $1 in
	--prefix)
		prefix=$2
		prefix_given=1
		;;
	--root)
		root=$2
		[ -n "$root" ] || die 2 "--root needs a folder"
		;;
	--credential) take_credential "$2" ;;
	esac
}

# take_credential NAME=FILE: adds a line SERVICE/NAME=FILE to $given.
take_credential() {
	case $1 in
	*[[:cntrl:]]*) die 2 "--credential cannot hold control characters" ;;
	?*=?*) ;;
	*) die 2 "--credential needs NAME=FILE, not '$1'" ;;
	esac
	wanted=${1%%=*}
	from=${1#*=}
	matched='' known=''
	each_credential match_credential
	case $matched in
	'') die 2 "no service of $package has a credential '$wanted'; it has:${known:- none}" ;;
	*' '*' '*) die 2 "several services have a credential '$wanted': say one of$matched" ;;
	esac
	matched=${matched# }
	case "
$given" in
	*"
$matched="*) die 2 "the credential $matched is given twice" ;;
	esac
	if [ "$from" = - ]; then
		case $given in
		*"=-
"*) die 2 "only one credential can come from standard input" ;;
		esac
	elif [ -d "$from" ] || [ ! -r "$from" ]; then
		die 2 "the credential '$wanted' cannot be read from $from"
	fi
	given="$given$matched=$from
"
}

match_credential() {
	known="$known $1/$2"
	case $wanted in
	"$2" | "$1/$2") matched="$matched $1/$2" ;;
	esac
}

# given_credential SERVICE NAME: sets $from to where it comes from, empty if it was not given.
given_credential() {
	from=''
	given_key=$1/$2=
	each_line "$given" match_given
}

match_given() {
	case $1 in
	"$given_key"*) from=${1#"$given_key"} ;;
	esac
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
