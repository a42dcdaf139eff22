-- +goose Up

-- The processes that write this journal, or wrote it lately. Each counts its own commits here, and so notices when some of them
-- are gone.
CREATE TABLE journal_writers (
    writer  text   NOT NULL PRIMARY KEY,
    node    text   NOT NULL,
    commits bigint NOT NULL,
    passes  bigint NOT NULL -- of other processes' retention, since its last commit
);
