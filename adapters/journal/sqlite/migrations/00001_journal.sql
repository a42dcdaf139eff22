-- +goose Up
CREATE TABLE journal_events (
    stream      TEXT    NOT NULL,
    idx         INTEGER NOT NULL,
    detection   INTEGER NOT NULL,
    payload     BLOB    NOT NULL,
    crc         INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, -- milliseconds since 1970, as all times here
    PRIMARY KEY (stream, idx)
) WITHOUT ROWID;

CREATE INDEX journal_detections ON journal_events (stream, idx) WHERE detection;

CREATE TABLE journal_snapshots (
    stream    TEXT    NOT NULL PRIMARY KEY,
    idx       INTEGER NOT NULL,
    keep_from INTEGER NOT NULL,
    payload   BLOB    NOT NULL,
    crc       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE journal_streams (
    stream    TEXT    NOT NULL PRIMARY KEY,
    closed_at INTEGER NOT NULL -- 0 while the stream is open
) WITHOUT ROWID;

CREATE INDEX journal_closed ON journal_streams (closed_at) WHERE closed_at > 0;

-- One row. Of a stream that holds nothing, the next index is the floor.
CREATE TABLE journal_meta (
    only_row     INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    least_reader INTEGER NOT NULL,
    floor        INTEGER NOT NULL
);

INSERT INTO journal_meta (only_row, least_reader, floor) VALUES (1, 1, 0);

-- One row at most: who writes this journal, or wrote it last.
CREATE TABLE journal_holder (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    pid      INTEGER NOT NULL,
    token    TEXT    NOT NULL,
    since    INTEGER NOT NULL
);
