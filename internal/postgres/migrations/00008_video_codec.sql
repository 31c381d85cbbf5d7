-- +goose Up
-- The codec that participants of a meeting send their pictures with, where they know it.
alter table meetings add column video_codec text not null default 'auto'
    check (video_codec in ('auto', 'vp8', 'vp9', 'h264', 'av1'));
