-- +goose Up

-- A file has no leases; the numbers go along with Postgres's.
SELECT 1;
