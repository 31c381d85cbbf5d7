-- +goose Up
create extension if not exists pg_trgm;

create table categories (
    id uuid primary key,
    code text not null unique,
    name_zh text not null unique,
    name_en text not null,
    builtin boolean not null default false,
    position int not null
);

insert into categories (id, code, name_zh, name_en, builtin, position) values
    ('018f0000-0000-7000-8000-000000000001', 'overseas_chinese', '华侨华人', 'Overseas Chinese', true, 1),
    ('018f0000-0000-7000-8000-000000000002', 'representatives', '海外代表人士', 'Overseas representatives', true, 2),
    ('018f0000-0000-7000-8000-000000000003', 'students', '留学生', 'Students abroad', true, 3),
    ('018f0000-0000-7000-8000-000000000004', 'returnees', '海归人才', 'Returned talents', true, 4),
    ('018f0000-0000-7000-8000-000000000005', 'associations', '海外侨社团', 'Overseas Chinese associations', true, 5),
    ('018f0000-0000-7000-8000-000000000006', 'relatives', '侨眷', 'Relatives of overseas Chinese', true, 6),
    ('018f0000-0000-7000-8000-000000000007', 'enterprises', '侨商侨企', 'Overseas Chinese businesses', true, 7),
    ('018f0000-0000-7000-8000-000000000008', 'other', '其他', 'Other', true, 8);

create table contacts (
    id uuid primary key,
    kind text not null check (kind in ('person', 'organisation')),
    name text not null,
    name_latin text not null,
    aliases text[] not null,
    title text not null,
    organisation_id uuid references contacts,
    organisation_name text not null,
    country_code text not null,
    city text not null,
    station_id uuid,
    language text not null,
    time_zone text not null,
    notes text not null,
    verified_on date,
    version int not null default 1,
    -- Made in Go from the names and fields, one key a line.
    search_text text not null,
    search_pinyin text not null,
    search_phone text not null,
    sort_key text collate "C" not null,
    created_by uuid,
    updated_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table stations (
    id uuid primary key,
    contact_id uuid not null unique references contacts,
    city text not null,
    city_en text not null,
    country text not null,
    country_en text not null,
    country_code text not null,
    time_zone text not null,
    office_hours jsonb not null,
    room_id uuid
);

alter table contacts add foreign key (station_id) references stations;

create index contacts_sort on contacts (sort_key, id);
create index contacts_station on contacts (station_id, sort_key, id);
create index contacts_organisation on contacts (organisation_id);
create index contacts_search_text on contacts using gin (search_text gin_trgm_ops);
create index contacts_search_pinyin on contacts using gin (search_pinyin gin_trgm_ops);

create table contact_fields (
    id uuid primary key,
    contact_id uuid not null references contacts on delete cascade,
    position int not null,
    kind text not null check (kind in ('phone', 'email', 'wechat', 'address', 'birth_place', 'field_of_work', 'other')),
    label text not null,
    value text not null,
    source text not null,
    verified_on date
);

create index contact_fields_contact on contact_fields (contact_id, position);

create table contact_categories (
    contact_id uuid not null references contacts on delete cascade,
    category_id uuid not null references categories,
    primary key (contact_id, category_id)
);

create index contact_categories_category on contact_categories (category_id);
