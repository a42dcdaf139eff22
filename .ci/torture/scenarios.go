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
}
