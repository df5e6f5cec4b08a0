# --- a known environment -------------------------------------------------------------------------------------------

# Nothing of the caller's decides which programs run, how they speak, or who may write what is made.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_PAGER=''
SYSTEMD_COLORS=0
export LC_ALL PATH SYSTEMD_PAGER SYSTEMD_COLORS
unset CDPATH ENV IFS POSIXLY_CORRECT SYSTEMD_UNIT_PATH SYSTEMCTL_FORCE_BUS SYSTEMD_OFFLINE
umask 022
set -f

me=${0##*/}
# What the paths below are made of: $root is the image, or empty for this machine; $base is $root and $prefix.
prefix='' root='' base=''
# Set if a user installs for a manager of their own.
user_mode=''
quiet=''
dry_run=''
held_lock=''
installed_user_units=''
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
case $here in
'') here=/ ;;
/*) ;;
*) here=./$here ;;
esac
here=$(cd -- "$here" && pwd -P)
