# Sourced by the scripts beside it, which are all called as `NAME start|stop|kill|remove DIR`.
#
#   start   starts the server and prints its address; it returns when the server answers.
#           After a stop it comes back with the same data at the same address.
#   stop    stops it and keeps its data. It is no error if it does not run.
#   kill    ends it at once (SIGKILL), as its machine's death would.
#   remove  stops it and deletes DIR.
#
# DIR holds all that there is of the server: its process id in DIR/pid, its output in DIR/log. A script that has a verb of its
# own says so; what follows DIR is that verb's.
# shellcheck shell=bash

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

if [[ $# -lt 2 ]]; then
	echo "usage: $(basename "$0") start|stop|kill|remove DIR" >&2
	exit 2
fi
verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)

need() {
	for program; do
		type -P "$program" >/dev/null || die "$program is not installed (.ci/components/install installs it)"
	done
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# once FILE COMMAND…: the first output of COMMAND, kept in DIR/FILE, so that an address survives a restart.
once() {
	local file=$dir/$1
	shift
	[[ -s $file ]] || "$@" >"$file"
	cat "$file"
}

# running: not so once the server has died, even where nobody has reaped it yet.
running() {
	[[ -s $dir/pid ]] && grep -q '^State:.[^ZX]' "/proc/$(<"$dir/pid")/status" 2>/dev/null
}

# launch COMMAND…: starts a server that outlives this script, in a session of its own.
launch() {
		! running || die "$dir: runs already"
	basename "$0" >"$dir/test-server"
	setsid "$@" >>"$dir/log" 2>&1 </dev/null &
	echo $! >"$dir/pid"
}

# await SECONDS COMMAND…: waits until COMMAND succeeds.
await() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if ! running || ((SECONDS >= deadline)); then
			tail -n 30 "$dir/log" >&2
			halt
			die "$dir: did not start; the end of its log is above"
		fi
		sleep 0.1
	done
}

# halt [SIGNAL]: asks the server to end, and ends it when it does not. One that a test has paused (SIGSTOP) ends too.
halt() {
	if running; then
		kill -"${1:-TERM}" "$(<"$dir/pid")"
		kill -CONT "$(<"$dir/pid")"
		gone 200 || kill -KILL "$(<"$dir/pid")"
	fi
	gone 200 || die "$dir: can't be ended"
	rm -f "$dir/pid"
}

# gone TENTHS: waits until the server has ended.
gone() {
	for ((i = 0; i < $1; i++)); do
		running || return 0
		sleep 0.1
	done
	return 1
}

# dispatch: runs the function that is named like the verb.
dispatch() {
	case $verb in
	start | stop | remove) "$verb" ;;
	kill) halt KILL ;;
	*) die "unknown verb $verb" ;;
	esac
}
