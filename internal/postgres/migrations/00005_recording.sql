-- +goose Up
create table recordings (
    id              uuid primary key,
    meeting_id      uuid not null references meetings on delete cascade,
    started_by      uuid not null,
    started_by_name text not null,
    started_at      timestamptz not null,
    stopped_at      timestamptz check (stopped_at >= started_at),
    state           text not null default 'recording' check (state in ('recording', 'done', 'failed'))
);
create index recordings_meeting on recordings (meeting_id, started_at, id);
-- A meeting has one recording at a time.
create unique index recordings_active on recordings (meeting_id) where state = 'recording';

create table recording_files (
    id             uuid primary key,
    recording_id   uuid not null references recordings on delete cascade,
    participant_id text not null,
    name           text not null,
    kind           text not null check (kind in ('person', 'screen')),
    offset_ms      bigint not null check (offset_ms >= 0), -- from the recording's start
    duration_ms    bigint not null,
    bytes          bigint not null,
    sha256         text not null,
    path           text not null unique, -- below the folder of recordings
    has_audio      boolean not null,
    has_video      boolean not null
);
create index recording_files_recording on recording_files (recording_id, offset_ms, id);
