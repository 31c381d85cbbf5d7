-- +goose Up
-- What messages and contacts are found by: lexemes made in Go, so that they are
-- the same whatever the server's locale. Null is what was written before there
-- was a search: a job of the hub makes them.
alter table messages add column search tsvector;
-- A short pending list: every search reads all of it.
create index messages_search on messages using gin (search) with (gin_pending_list_limit = 512);
create index messages_unsearched on messages (id) where search is null;
create index messages_posted on messages (posted_at, id);

alter table contacts add column search tsvector;
create index contacts_search on contacts using gin (search);
create index contacts_unsearched on contacts (id) where search is null;
