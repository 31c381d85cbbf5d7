-- +goose Up
-- Which recordings were deleted. Their files may lie on another node than the one
-- that deleted them, or on one that was not running: it looks here.
create table deleted_recordings (
    id uuid primary key,
    meeting_id uuid not null,
    deleted_at timestamptz not null default now()
);
