package erasure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Holding says what is done with the data of people in some columns of a table.
type Holding struct {
	Table   string
	Columns []string
	// Part erases what the person put there; empty where none does.
	Part string
	// Kept is why it stays, or why what others put there stays; with neither this nor
	// a part there is no personal data.
	Kept string
}

// Why something stays.
const (
	minutesAndAttendance = "minutes_and_attendance" // who was there, and what was decided
	recordings           = "recordings"
	wordsOfOthers        = "words_of_others" // what others wrote, called or put on an agenda
	auditTrail           = "audit"           // who did what, for those who have to answer for it
	directory            = "directory"       // the contacts, which are deleted there
)

func reasons() []string {
	return []string{minutesAndAttendance, recordings, wordsOfOthers, auditTrail, directory}
}

func erased(part, table, columns string) Holding {
	return Holding{Table: table, Columns: strings.Fields(columns), Part: part}
}

func kept(why, table, columns string) Holding {
	return Holding{Table: table, Columns: strings.Fields(columns), Kept: why}
}

func impersonal(table, columns string) Holding {
	return Holding{Table: table, Columns: strings.Fields(columns)}
}

// ownErased is for columns in which the person's own words are erased, and those of
// others stay.
func ownErased(part, table, columns string) Holding {
	return Holding{Table: table, Columns: strings.Fields(columns), Part: part, Kept: wordsOfOthers}
}

// Columns are all columns in which words could stand. Who adds one says here what
// becomes of it when a person's data is erased; a test compares this with the schema.
func Columns() []Holding {
	return slices.Concat(ofPeople(), ofRooms(), ofMeetings(), ofHouse())
}

func ofPeople() []Holding {
	const signIn, notices = "sign_in", "notices"
	return []Holding{
		erased(signIn, "accounts", "name user_name email password_hash"), impersonal("accounts", "role language time_zone"),
		erased(signIn, "sessions", "token_hash device address"), erased(signIn, "sign_in_failures", "key"),
		erased(signIn, "invitations", "token_hash"), erased(signIn, "known_devices", "token_hash"),
		erased(signIn, "guest_links", "name"), impersonal("guest_links", "language"),
		erased(signIn, "guest_sessions", "token_hash name language time_zone device"),
		ownErased(notices, "notices", "title text"), impersonal("notices", "key kind"),
		erased(notices, "push_subscriptions", "endpoint p256dh auth device"),
		kept(directory, "contacts", `name name_latin aliases title organisation_name city notes search_text search_pinyin search_phone
			sort_key search`), impersonal("contacts", "kind country_code language time_zone"),
		kept(directory, "contact_fields", "label value source"), impersonal("contact_fields", "kind"),
		kept(auditTrail, "audit", "name address action object details"),
		kept(auditTrail, "erasures", "by_name reason proof"), impersonal("erasures", "person_kind"),
		// What an erasure searches for is forgotten when it is finished.
		impersonal("erasures", "sought"),
	}
}

func ofRooms() []Holding {
	const rooms, files, calls = "rooms", "files", "calls"
	return []Holding{
		kept(wordsOfOthers, "rooms", "title title_en"), impersonal("rooms", "kind direct_key posting"),
		impersonal("room_members", "role notify"), impersonal("room_events", "kind"), impersonal("retention", "kind"),
		ownErased(rooms, "messages", "text text_en topic attachments search"),
		erased(rooms, "messages", "author_name forwarded call pinned"),
		impersonal("messages", "client_id author_kind mention_groups groups_late removed"),
		ownErased(rooms, "message_versions", "text text_en"),
		erased(rooms, "reactions", "person_name"), impersonal("reactions", "emoji person_kind"),
		ownErased(rooms, "scheduled_messages", "content"), impersonal("scheduled_messages", "refused"),
		ownErased(files, "files", "name"), impersonal("files", "owner_kind type sha256"),
		erased(calls, "calls", "by_name"), erased(calls, "call_people", "name"), impersonal("call_people", "state"),
	}
}

func ofMeetings() []Holding {
	const invitations = "invitations"
	return []Holding{
		kept(wordsOfOthers, "meetings", "title note cancel_reason"), impersonal("meetings", "time_zone state video_codec"),
		kept(wordsOfOthers, "agenda_items", "title"),
		erased(invitations, "invitees", "name email unit title undelivered time_zone"),
		impersonal("invitees", "kind language response erased_as"),
		kept(minutesAndAttendance, "attendance", "name"), impersonal("attendance", "kind"),
		kept(recordings, "recordings", "started_by_name"), impersonal("recordings", "state"),
		kept(recordings, "recording_files", "participant_id name path"), impersonal("recording_files", "kind sha256"),
		kept(minutesAndAttendance, "minutes", "title place host_name recorder_name present attending absent signer copies_to return_reason"),
		impersonal("minutes", "state number time_zone"),
		kept(minutesAndAttendance, "minutes_blocks", "text owner updated_by_name"), impersonal("minutes_blocks", "kind"),
		kept(minutesAndAttendance, "minutes_block_versions", "text owner by_name"), impersonal("minutes_block_versions", "kind"),
	}
}

func ofHouse() []Holding {
	return []Holding{
		impersonal("stations", "city city_en country country_en country_code time_zone office_hours"),
		impersonal("categories", "code name_zh name_en"), impersonal("secrets", "name value"), impersonal("facts", "name value"),
		impersonal("presence", "address"), kept(wordsOfOthers, "hooks", "name url last_error"), impersonal("hooks", "kind secret"),
		// Jobs name people by their ids. What a mail server answered goes with the letters.
		erased("invitations", "river_job", "args errors"),
		impersonal("river_job", "state attempted_by kind metadata queue tags unique_key unique_states"),
		impersonal("river_leader", "leader_id name"), impersonal("river_migration", "line"),
		impersonal("river_notification", "payload topic"), impersonal("river_queue", "name metadata"),
	}
}

// Place is a column in which something was found.
type Place struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
	// Kept is why it stays there; empty where only somebody else of the same name
	// should be found.
	Kept string `json:"kept" enum:",minutes_and_attendance,recordings,words_of_others,audit,directory"`
}

// Search counts the rows in which one of these names or addresses stands, in whatever
// case, in every column in which words of people could. It reads everything.
func Search(ctx context.Context, pool *pgxpool.Pool, called []string) ([]Place, error) {
	places := []Place{}
	for _, h := range Columns() {
		if h.Part == "" && h.Kept == "" {
			continue
		}
		for _, column := range h.Columns {
			p := Place{Table: h.Table, Column: column, Kept: h.Kept}
			// What JSON and arrays write otherwise is found as they write it.
			q := `
with sought as (select lower(w) as w from unnest($1::text[]) w union select lower(trim('"' from to_jsonb(w)::text)) from unnest($1::text[]) w)
select count(*) from ` + pgx.Identifier{h.Table}.Sanitize() + ` t
where exists (select from sought where strpos(lower(t.` + pgx.Identifier{column}.Sanitize() + `::text), w) > 0)`
			if err := pool.QueryRow(ctx, q, called).Scan(&p.Rows); err != nil {
				return nil, fmt.Errorf("search %s.%s: %w", h.Table, column, err)
			}
			if p.Rows > 0 {
				places = append(places, p)
			}
		}
	}
	return places, nil
}
