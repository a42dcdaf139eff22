package main

import "time"

// clusterScenarios are what `cluster-fast` and `cluster-long` run. What the long ones measured is in docs/measured/cluster.md.
var clusterScenarios = []scenario{
	{
		name: "cluster-kill", what: "kill -9 of one of three nodes", group: "cluster-", run: clusterKill,
		fast: options{times: 2, games: 600, interval: 2 * time.Second, changes: 100},
		long: options{times: 20, games: 3000, interval: 10 * time.Second, changes: 300},
	},
	{
		name: "cluster-pause", what: "SIGSTOP of one of three nodes, then SIGCONT", group: "cluster-", run: clusterPause,
		fast: options{times: 1, span: 8 * time.Second, games: 600, interval: time.Second, changes: 100},
		long: options{times: 20, span: 30 * time.Second, games: 3000, interval: 2 * time.Second, changes: 300},
	},
	{
		name: "cluster-partition", what: "nodes cut off from PostgreSQL, from each other, from both", group: "cluster-", run: clusterPartition,
		fast: options{times: 1, span: 4 * time.Second, games: 600, interval: time.Second, changes: 100},
		long: options{times: 3, span: 15 * time.Second, games: 3000, interval: 2 * time.Second, changes: 300},
	},
	{
		name: "cluster-read-only", what: "PostgreSQL is read-only for a while", group: "cluster-", run: clusterReadOnly,
		fast: options{span: 6 * time.Second, games: 300, interval: time.Second, changes: 100},
		long: options{span: time.Minute, games: 3000, interval: 2 * time.Second, changes: 300},
	},
	{
		name: "cluster-clock", what: "PostgreSQL's clock jumps (needs libfaketime)", group: "cluster-", run: clusterClock,
		fast: options{times: 1, games: 300, interval: 2 * time.Second, changes: 100},
		long: options{times: 5, games: 3000, interval: 10 * time.Second, changes: 300},
	},
	{
		name: "cluster-slow", what: "PostgreSQL answers slowly, and sessions are cut", group: "cluster-", run: clusterSlow,
		fast: options{times: 3, games: 60, interval: 2 * time.Second, changes: 10},
		long: options{times: 3, games: 60, interval: 10 * time.Second, changes: 10},
	},
	{
		name: "cluster-opening", what: "a node's first appends arrive after its lease", group: "cluster-", run: clusterOpening,
		fast: options{times: 1, games: 30, interval: 500 * time.Millisecond},
		long: options{times: 20, games: 30, interval: 500 * time.Millisecond},
	},
	{
		name: "cluster-rolling", what: "rolling restart of all nodes", group: "cluster-", run: clusterRolling,
		fast: options{times: 1, games: 600, interval: 2 * time.Second, changes: 100},
		long: options{times: 5, games: 3000, interval: 5 * time.Second, changes: 300},
	},
	{
		name: "cluster-overlap", what: "how long two nodes inspect one game", group: "cluster-", run: clusterOverlap,
		fast: options{times: 1, span: 4 * time.Second, games: 100, interval: 100 * time.Millisecond, changes: 50},
		long: options{times: 10, span: 6 * time.Second, games: 100, interval: 100 * time.Millisecond, changes: 50},
	},
	{
		name: "cluster-scaling", what: "the pass over many games on 1, 2 and 3 nodes", group: "cluster-", run: clusterScaling,
		fast: options{games: 2000, interval: 500 * time.Millisecond},
		long: options{games: 30_000, interval: time.Second},
	},
	{
		name: "cluster-quiet", what: "what a quiet cluster of 3 and of n nodes asks PostgreSQL", group: "cluster-", run: clusterQuiet,
		fast: options{times: 4, span: 3 * time.Second, games: 300, interval: time.Second},
		long: options{times: 10, span: 20 * time.Second, games: 1000, interval: 2 * time.Second},
	},
	{
		name: "cluster-upgrade", what: "the newest release beside this one", group: "cluster-", run: clusterUpgrade,
		fast: options{times: 1, games: 300, interval: time.Second, changes: 100},
		long: options{times: 5, games: 1000, interval: 2 * time.Second, changes: 300},
	},
	{
		name: "cluster-floods", what: "idle connections to both ports of a node, and questions of strangers", group: "cluster-", run: clusterFloods,
		fast: options{span: 5 * time.Second, games: 600, interval: time.Second, changes: 100},
		long: options{span: time.Minute, games: 3000, interval: 2 * time.Second, changes: 300},
	},
}
