/// What a subcommand finds when it starts.
struct Run {
    let settings: Settings
    let console: Console

    /// Whether the process may do everything; decides defaults and who owns the cluster.
    let isRoot: Bool
}
