-- +goose Up
-- What a person is told. The key names the cause: the same is told once.
create table notices (
    id         bigint generated always as identity primary key,
    account_id uuid not null references accounts on delete cascade,
    key        text not null,
    kind       text not null check (kind in ('mention', 'message', 'missed_call', 'must_confirm', 'chase', 'reminder', 'hook_off')),
    room_id    uuid,
    message_id uuid,
    seq        bigint, -- of the message in its room: who has read the room that far has read this
    title      text not null,
    text       text not null,
    urgent     boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    due_at     timestamptz not null,
    told_at    timestamptz, -- it was due, and is in the list
    read_at    timestamptz,
    digest_id  uuid, -- the letter that it went into
    unique (account_id, key)
);
create index notices_due on notices (due_at) where told_at is null;
create index notices_list on notices (account_id, id) where told_at is not null;
create index notices_unread on notices (account_id, told_at) where told_at is not null and read_at is null;
create index notices_message on notices (message_id) where message_id is not null;

-- How far each room's events have been turned into notices.
create table notice_cursors (
    room_id uuid primary key,
    seq     bigint not null
);
-- What was said before there were notices is no news.
insert into notice_cursors (room_id, seq) select id, seq from rooms;

create table notice_settings (
    account_id uuid primary key references accounts on delete cascade,
    mail       boolean not null default true,
    with_text  boolean not null default false, -- messages' own words leave by push and mail
    quiet      boolean not null default true,
    quiet_from int not null default 1320 check (quiet_from between 0 and 1439), -- minutes of the person's own day
    quiet_to   int not null default 420 check (quiet_to between 0 and 1439)
);

-- A letter of what somebody has not seen. One at a time is on its way.
create table digests (
    id         uuid primary key,
    account_id uuid not null references accounts on delete cascade,
    made_at    timestamptz not null default clock_timestamp(),
    sent_at    timestamptz,
    dropped_at timestamptz
);
create unique index digests_open on digests (account_id) where sent_at is null and dropped_at is null;
create index digests_made on digests (account_id, made_at);

-- A browser that is pushed to; it ends with the sign-in that it belongs to.
create table push_subscriptions (
    id         uuid primary key,
    account_id uuid not null references accounts on delete cascade,
    session_id uuid not null references sessions on delete cascade,
    endpoint   text not null unique,
    p256dh     text not null,
    auth       text not null,
    device     text not null,
    created_at timestamptz not null default now()
);
create index push_subscriptions_account on push_subscriptions (account_id);

-- Where rooms' news leaves the house. The address is a secret, too: robots have
-- their key in it.
create table hooks (
    id          uuid primary key,
    name        text not null,
    kind        text not null check (kind in ('wecom', 'dingtalk', 'generic')),
    url         text not null,
    secret      text not null,
    room_id     uuid, -- null: every room but those of two
    with_text   boolean not null,
    enabled     boolean not null default true,
    failures    int not null default 0, -- since it last worked
    last_error  text not null default '',
    last_ok_at  timestamptz,
    next_try_at timestamptz,
    created_at  timestamptz not null default now()
);
