-- +goose Up
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    -- Without references: the audit outlives what it speaks of.
    account_id uuid,
    name text not null,
    address text not null,
    action text not null,
    object text not null,
    details jsonb not null
);

-- +goose StatementBegin
create function audit_insert_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is only ever added to';
end $$;
-- +goose StatementEnd

create trigger audit_insert_only before update or delete or truncate on audit
    for each statement execute function audit_insert_only();
