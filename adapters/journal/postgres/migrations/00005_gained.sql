-- +goose Up

-- What a game's state has gained that the releases before don't know (C6), by the last snapshot of a node that does: gained_idx is
-- below idx where one of those has saved another snapshot since. Their nodes leave all three alone.
ALTER TABLE journal_snapshots
    ADD COLUMN gained     bytea,
    ADD COLUMN gained_idx bigint,
    ADD COLUMN gained_crc bigint;
