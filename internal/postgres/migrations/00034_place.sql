-- +goose Up
-- What a photograph or film says of where it was made is taken out of it before it
-- is stored, of more formats than before: files that may hold it are cleaned once
-- more. Where it may be left, the uploader is told.
alter table files
    add column cleaned boolean not null default false,
    add column may_tell_place boolean not null default false;
update files set cleaned = true
where finished_at is not null and type <> 'application/octet-stream' and type !~ '^(image|video)/' and type not in ('audio/mp4', 'audio/x-m4a');
create index files_uncleaned on files (id) where not cleaned and finished_at is not null;
