-- +goose Up

-- A file does not go back in time behind the back of the process that has it open: it counts no commits, as Postgres's journal
-- does from this version on.
SELECT 1;
