package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// claims are when processes claimed each game's stream, as the journal has it. What an owner sees after another one's claim
// is refused (C2), until it claims the stream itself.
func (d *database) claims() (map[string][]time.Time, error) {
	db, err := sql.Open("pgx", d.direct)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rows, err := db.QueryContext(ctx, `SELECT stream, recorded_at, payload FROM journal_events WHERE NOT detection ORDER BY stream, idx`)
	if err != nil {
		return nil, fmt.Errorf("read the claims: %w", err)
	}
	defer rows.Close()
	claims := map[string][]time.Time{}
	for rows.Next() {
		var game string
		var at int64
		var payload []byte
		var event v1.JournalEvent
		if err := rows.Scan(&game, &at, &payload); err != nil {
			return nil, err
		}
		if err := proto.Unmarshal(payload, &event); err != nil {
			return nil, fmt.Errorf("read an event of %s: %w", game, err)
		}
		if event.GetClaimed() != nil {
			claims[game] = append(claims[game], time.UnixMilli(at))
		}
	}
	return claims, rows.Err()
}
