# user_managers COMMAND...: runs systemctl with these words for each user's manager that runs, as that user: so it is reached
# whatever the version of systemd, and without a session.
user_managers() {
	for id in $(systemctl list-units --quiet --plain --no-legend --state=running 'user@*.service' | sed -n 's/^user@\([0-9]*\)\.service.*/\1/p'); do
		if ! setpriv --reuid="$id" --regid="$(stat -c %g "/run/user/$id")" --clear-groups \
			env XDG_RUNTIME_DIR="/run/user/$id" systemctl --user --quiet "$@"; then
			echo "$package: the user $id has to run this: systemctl --user $*"
		fi
	done
}
