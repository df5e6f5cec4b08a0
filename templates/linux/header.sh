# --- a known environment -------------------------------------------------------------------------------------------

# Nothing of the caller's decides which programs run, how they speak, or who may write what is made.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_PAGER=''
SYSTEMD_COLORS=0
export LC_ALL PATH SYSTEMD_PAGER SYSTEMD_COLORS
unset CDPATH ENV IFS POSIXLY_CORRECT SYSTEMD_UNIT_PATH SYSTEMCTL_FORCE_BUS
umask 022
set -f

me=${0##*/}
prefix=/usr/local
quiet=''
dry_run=''
held_lock=''
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
