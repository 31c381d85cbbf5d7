-- +goose Up
-- More is the same where something is searched: apostrophes, dots, dashes,
-- letters that Unicode does not decompose, marks that nobody sees. What may hold
-- any of them gets its lexemes anew, from the jobs that make those of old texts.
update contacts set search = null where search_text ~ '[^\x01-\x7f\u4e00-\u9fff]' or search_text ~ '[''-]';
update messages set search = null
where text || text_en ~ '[đĐðÐłŁøØßẞæÆœŒþÞıħĦŧŦŋŊəƏ\u00ad\u200b-\u200f\u2060\ufeff]';
