package main

import "time"

// clusterScenarios are what `cluster-fast` and `cluster-long` run.
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
}
