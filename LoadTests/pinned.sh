# What run-fanout and run-peers share: servers on core 0, generators on core 1, none left behind.
# Sourced, not run.
#
#     REALTIME=1   as root: all of them run before any other work of the machine (SCHED_FIFO)

realtime=()
# Niceness would not do: Linux weighs whole sessions against each other (sched(7), autogroup).
if [ -n "${REALTIME:-}" ]; then realtime=(chrt --fifo 10); fi
pids=()

stop_servers() {
    # The server needs a moment to drain and to stop its cluster.
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    pids=()
}

# pinned CORE COMMAND …
pinned() {
    exec "${realtime[@]}" taskset -c "$@"
}

# wait_for_port PORT LOG PID: for the process to listen, as long as it lives
wait_for_port() {
    local port=$1 log=$2 pid=$3
    for _ in $(seq 300); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.2
    done
    echo "nothing listens on port $port; its log ends with:" >&2
    tail -5 "$log" >&2
    return 1
}
