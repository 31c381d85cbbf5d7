-- +goose Up
-- What a message said before it was edited. Taking a message back removes it.
create table message_versions (
    message_id  uuid not null references messages on delete cascade,
    seq         bigint not null, -- of the event that replaced it
    text        text not null,
    replaced_at timestamptz not null default now(),
    primary key (message_id, seq)
);

-- Who is online at which node, good for a few seconds after it was renewed.
-- Nobody needs it after a crash, so it is kept out of the log.
create unlogged table presence (
    node       uuid primary key,
    accounts   uuid[] not null,
    renewed_at timestamptz not null
);
