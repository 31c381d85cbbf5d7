-- +goose Up
-- Messages that are posted later. Each is posted with the client's id
-- "scheduled:" and its own, so that posting it twice posts it once.
create table scheduled_messages (
    id         uuid primary key,
    author_id  uuid not null references accounts on delete cascade,
    room_id    uuid not null references rooms on delete cascade,
    content    jsonb not null,
    send_at    timestamptz not null,
    created_at timestamptz not null default now(),
    refused    text not null default '', -- the code of why it could not be posted; it waits for its author
    refused_at timestamptz
);
create index scheduled_messages_due on scheduled_messages (send_at) where refused = '';
create index scheduled_messages_author on scheduled_messages (author_id, send_at);
