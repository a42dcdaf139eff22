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
}
