-- +goose Up

-- Pauses of recordings are filled with silence as they are written. What was
-- recorded before is filled by each node's work, which notes it here.
alter table recording_files add column gapless boolean not null default false;
create index recording_files_gapped on recording_files (id) where not gapless;
