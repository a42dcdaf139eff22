-- +goose Up

-- Where the game's container ran when its last lifecycle began; empty where that is not known.
ALTER TABLE journal_streams ADD COLUMN engine text NOT NULL DEFAULT '';

-- The members of the cluster that holds the journal. A row whose time has run out is no member's.
CREATE TABLE cluster_leases (
    node       text        NOT NULL PRIMARY KEY,
    claimant   text        NOT NULL, -- tells the process from another one of the same node name
    address    text        NOT NULL,
    engines    text[]      NOT NULL,
    games      bigint      NOT NULL,
    since      timestamptz NOT NULL, -- when the lease was taken, or taken again after it had run out
    expires_at timestamptz NOT NULL
);
