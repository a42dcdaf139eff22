-- +goose Up

-- Where the game's container ran when its last lifecycle began; empty where that is not known.
ALTER TABLE journal_streams ADD COLUMN engine TEXT NOT NULL DEFAULT '';
