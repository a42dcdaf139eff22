package main

import "time"

// scenarios in the order in which they run. One without fast options is for `long` alone, and the other way round.
var scenarios = []scenario{
	{
		name: "kill-sqlite", what: "kill -9 at random moments under load, journal in SQLite", run: killSQLite,
		fast: options{times: 20, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 300, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "kill-postgres", what: "the same, journal in PostgreSQL", run: killPostgres,
		fast: options{times: 20, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 300, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "stop", what: "SIGSTOP for longer than every time-out", run: stopAndContinue,
		fast: options{span: 12 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "term", what: "SIGTERM at full load, also with the broker away; a second SIGTERM", run: terminate,
		fast: options{times: 5, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 50, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "broker-away", what: "the broker is away while every game is sick", run: brokerAway,
		fast: options{span: 30 * time.Second, games: 1000, interval: time.Second},
		long: options{span: 10 * time.Minute, games: 1000, interval: time.Second, kafka: "real"},
	},
	{
		name: "broker-silent", what: "the broker accepts connections and never answers", run: trouble("broker that accepts and never answers"),
		fast: options{span: 15 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500, kafka: "real"},
	},
	{
		name: "broker-lossy", what: "acknowledgements are lost, with their connections", run: trouble("acknowledgements lost, 30 of 100"),
		fast: options{span: 10 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 5 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "broker-flapping", what: "the broker comes and goes each second", run: trouble("broker that comes and goes each second"),
		fast: options{span: 10 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 5 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "broker-leaders", what: "the partitions' leaders move", run: trouble("leader that moves, 5 times a second"),
		fast: options{span: 8 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300, kafka: "three"},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500, kafka: "three"},
	},
	{
		name: "broker-late", what: "a start without a broker, and then without the topic", run: brokerLate,
		fast: options{span: 8 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "too-large", what: "messages that the broker refuses as too large", run: tooLarge,
		fast: options{span: 4 * time.Second, games: 300, interval: time.Second},
		long: options{span: 20 * time.Second, games: 500, interval: time.Second},
	},
	{
		name: "disk-full", what: "the journal's disk is full (needs root)", run: diskFull,
		fast: options{span: 6 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "sync-fails", what: "each fsync fails (needs strace, and the right to trace a process)", run: syncFails,
		fast: options{span: 6 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "sqlite-names", what: "the journal's file has a second name, and a second node comes by it (needs root)", run: secondNames,
		fast: options{times: 1, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 20, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "sqlite-deleted", what: "the journal's file is deleted while the broker is away", run: fileDeleted,
		fast: options{span: 3 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 20 * time.Second, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "upgrade-sqlite", what: "the newest release and this one by turns, journal in SQLite", run: upgradeSQLite,
		fast: options{times: 2, span: time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 30, span: 5 * time.Second, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "postgres-cut", what: "PostgreSQL's sessions are ended and its connections cut, at random", run: postgresCut,
		fast: options{span: 10 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 5 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "postgres-away", what: "PostgreSQL is away", run: postgresAway,
		fast: options{span: 12 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 10 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "postgres-rollback", what: "PostgreSQL loses its last commits, as a failover to a standby that lags does", run: postgresRollback,
		fast: options{span: 2 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "postgres-standby", what: "PostgreSQL restarts beside a standby that is late, both in the journal's URL", run: postgresStandby,
		fast: options{times: 1, span: 2 * time.Second, games: 200, interval: 200 * time.Millisecond, changes: 300},
		long: options{times: 10, span: 10 * time.Second, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "postgres-read-only", what: "PostgreSQL is read-only for a while", run: postgresReadOnly,
		fast: options{span: 5 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: 2 * time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "engine-hangs", what: "a fifth of the containers time out for ever", run: someHang,
		fast: options{span: 10 * time.Second, games: 1000, interval: time.Second, changes: 100},
		long: options{span: 5 * time.Minute, games: 1000, interval: time.Second, changes: 100},
	},
	{
		name: "engine-sick", what: "the Engine is down, hangs, answers garbage and so on", run: engineSick,
		fast: options{span: 1500 * time.Millisecond, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "engines-one-sick", what: "one of four Engines is", run: oneSick,
		fast: options{span: 3 * time.Second, games: 100, interval: 500 * time.Millisecond, changes: 50},
		long: options{span: time.Minute, games: 250, interval: time.Second, changes: 100},
	},
	{
		name: "engines-slow-list", what: "the list of one of three Engines takes longer and longer", run: slowList,
		fast: options{span: 4 * time.Second, games: 100, interval: 500 * time.Millisecond, changes: 50},
		long: options{span: time.Minute, games: 250, interval: time.Second, changes: 100},
	},
	{
		name: "overload", what: "more games than fit into an interval", run: overload,
		fast: options{span: 15 * time.Second, games: 1000, interval: time.Second, changes: 300},
		long: options{span: 5 * time.Minute, games: 3000, interval: time.Second, changes: 300},
	},
	{
		name: "descriptors", what: "no file descriptor is left", run: noDescriptors,
		fast: options{span: 5 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "idle-floods", what: "more idle HTTP connections than the node may open files", run: idleFloods,
		fast: options{span: 5 * time.Second, games: 300, interval: 200 * time.Millisecond, changes: 300},
		long: options{span: time.Minute, games: 500, interval: 200 * time.Millisecond, changes: 500},
	},
	{
		name: "many-games", what: "100,000 games on one node", run: manyGames,
		long: options{span: 3 * time.Minute, games: 100_000, interval: 30 * time.Second, changes: 500},
	},
	{
		name: "soak", what: "half an hour at full load", run: soak,
		long: options{span: 30 * time.Minute, games: 1000, interval: time.Second, changes: 500},
	},
}
