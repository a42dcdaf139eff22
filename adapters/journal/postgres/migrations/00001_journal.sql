-- +goose Up
CREATE TABLE journal_events (
    stream      text COLLATE "C" NOT NULL,
    idx         bigint  NOT NULL,
    detection   boolean NOT NULL,
    payload     bytea   NOT NULL,
    crc         bigint  NOT NULL,
    recorded_at bigint  NOT NULL, -- milliseconds since 1970, as all times here
    PRIMARY KEY (stream, idx)
);

CREATE INDEX journal_detections ON journal_events (stream, idx) WHERE detection;

CREATE TABLE journal_snapshots (
    stream    text COLLATE "C" NOT NULL PRIMARY KEY,
    idx       bigint NOT NULL,
    keep_from bigint NOT NULL,
    payload   bytea  NOT NULL,
    crc       bigint NOT NULL
);

CREATE TABLE journal_streams (
    stream    text COLLATE "C" NOT NULL PRIMARY KEY,
    closed_at bigint NOT NULL -- 0 while the stream is open
);

CREATE INDEX journal_closed ON journal_streams (closed_at) WHERE closed_at > 0;

-- One row. Of a stream that holds nothing, the next index is the floor.
CREATE TABLE journal_meta (
    only_row     integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    least_reader bigint  NOT NULL,
    floor        bigint  NOT NULL
);

INSERT INTO journal_meta (only_row, least_reader, floor) VALUES (1, 1, 0);

-- One row at most: who writes this journal, or wrote it last.
CREATE TABLE journal_holder (
    only_row integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    kind     text   NOT NULL,
    name     text   NOT NULL,
    pid      bigint NOT NULL,
    token    text   NOT NULL,
    since    bigint NOT NULL
);
