-- +goose Up
-- When the invited person's data was erased: what is left is not written over. By
-- erased_as, a SHA-256 of what the row said, an old copy of a form is known that still
-- says it.
alter table invitees
    add column erased_at timestamptz,
    add column erased_as bytea;

-- While an erasure is not finished: what the person was called, and who they are as a
-- guest, since both are gone from where they stood before the last part is done.
alter table erasures
    add column sought text[] not null default '{}',
    add column guests uuid[] not null default '{}';

-- Whom a notice names besides the one it is for.
alter table notices add column about uuid;
update notices n set about = m.author_id from messages m where m.id = n.message_id;
update notices n set about = c.by_id from calls c where n.key = 'call:' || c.id;
update notices n set about = case when i.kind = 'account' then i.ref else i.id end from invitees i where n.key like 'undelivered:' || i.id || ':%';
create index notices_about on notices (about) where about is not null;
