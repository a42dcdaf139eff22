-- +goose Up

-- What tells one renewal of a lease from the next whatever the clock does, and how long the lease is, in microseconds. Nodes of
-- the release before leave both alone.
ALTER TABLE cluster_leases
    ADD COLUMN renewals bigint NOT NULL DEFAULT 0,
    ADD COLUMN length   bigint NOT NULL DEFAULT 0;
