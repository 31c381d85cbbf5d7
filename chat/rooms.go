package chat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/label"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/textsearch"
)

// Announcer hears of what was committed. It is told after the commit, and may
// lose what it hears.
type Announcer interface {
	// Advanced: the room has events up to seq.
	Advanced(ctx context.Context, room uuid.UUID, seq int64)
	// Marked: somebody has read further.
	Marked(ctx context.Context, room uuid.UUID, mark Mark)
	// MembersChanged: the room appeared, disappeared or changed for accounts.
	MembersChanged(ctx context.Context, room uuid.UUID, accounts []uuid.UUID)
}

// Files keeps what messages carry.
type Files interface {
	// Claim gives a poster's own finished files to a message, inside the
	// transaction that stores it. What is not theirs is refused by a problem.
	Claim(ctx context.Context, tx pgx.Tx, by Caller, ids []uuid.UUID) ([]Attachment, error)
}

// Audit remembers who changed what, in the transaction that changes it.
type Audit interface {
	RecordIn(ctx context.Context, tx pgx.Tx, action, object string, details map[string]any) error
}

// Store keeps rooms and messages in Postgres.
type Store struct {
	// Files is set before use; without it messages carry none.
	Files Files
	// Audit is set before use; without it nothing is recorded.
	Audit Audit
	// Chaser is set before use; without it nobody is reminded.
	Chaser Chaser

	pool     *pgxpool.Pool
	announce Announcer
	reader   *textsearch.Reader
	line     line
	changing gate // to the row of each room
	marking  gate // and to its marks'
}

// NewStore makes a store that tells announce what it committed.
func NewStore(pool *pgxpool.Pool, announce Announcer) *Store {
	return &Store{pool: pool, announce: announce, reader: textsearch.NewReader(), line: line{waiting: make(map[uuid.UUID][]*posting)}}
}

// NewRoom is what a room is made of.
type NewRoom struct {
	Kind           RoomKind
	Title, TitleEN string
	// Posting is for everybody in the room where it is empty.
	Posting   Posting
	StationID *uuid.UUID
	MeetingID *uuid.UUID
	// Owner may be nil; it is a member in any case.
	Owner   uuid.UUID
	Members []uuid.UUID
}

// CreateRoom makes a room inside the caller's transaction.
func (s *Store) CreateRoom(ctx context.Context, tx pgx.Tx, n NewRoom) (uuid.UUID, error) {
	title, err := checkTitle(n.Title)
	if err != nil {
		return uuid.Nil, err
	}
	titleEN, err := checkTitleEN(n.TitleEN)
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.Must(uuid.NewV7())
	const q = `
insert into rooms (id, kind, title, title_en, posting, station_id, meeting_id)
values (@id, @kind, @title, @title_en, @posting, @station, @meeting)`
	if _, err := tx.Exec(ctx, q, pgx.NamedArgs{
		"id": id, "kind": n.Kind, "title": title, "title_en": titleEN, "posting": cmp.Or(n.Posting, PostingMembers),
		"station": n.StationID, "meeting": n.MeetingID,
	}); err != nil {
		return uuid.Nil, fmt.Errorf("create room: %w", err)
	}
	if err := addMembers(ctx, tx, id, n.Members, Member); err != nil {
		return uuid.Nil, err
	}
	if n.Kind == Station {
		_, err := joinStationRooms(ctx, tx, &id, nil)
		return id, err
	}
	if n.Owner == uuid.Nil {
		return id, nil
	}
	return id, addMembers(ctx, tx, id, []uuid.UUID{n.Owner}, Owner)
}

func checkTitle(title string) (string, error) {
	return label.Required("title", title, maxTitle)
}

// checkTitleEN: a room need not have an English title.
func checkTitleEN(title string) (string, error) {
	return label.Optional("title_en", title, maxTitle)
}

// addMembers adds accounts, or raises their role.
func addMembers(ctx context.Context, tx pgx.Tx, room uuid.UUID, accounts []uuid.UUID, role MemberRole) error {
	const q = `
insert into room_members (room_id, account_id, role, read_seq, joined_seq)
select r.id, a.id, $3, r.seq, r.seq from rooms r, accounts a where r.id = $1 and a.id = any($2)
on conflict (room_id, account_id) do update set role = excluded.role where excluded.role = 'owner'`
	if _, err := tx.Exec(ctx, q, room, accounts, role); err != nil {
		return fmt.Errorf("add members: %w", err)
	}
	return nil
}

// SetMembers makes these accounts the room's members and one of them its owner,
// inside the caller's transaction. Nobody stays for what they were before.
func (s *Store) SetMembers(ctx context.Context, tx pgx.Tx, room, owner uuid.UUID, accounts []uuid.UUID) error {
	const leave = `delete from room_members where room_id = $1 and account_id <> all(coalesce($2::uuid[], '{}'))`
	if _, err := tx.Exec(ctx, leave, room, accounts); err != nil {
		return fmt.Errorf("remove members: %w", err)
	}
	if err := addMembers(ctx, tx, room, accounts, Member); err != nil {
		return err
	}
	const roles = `
update room_members set role = case when account_id = $2 then 'owner' else 'member' end
where room_id = $1 and (role = 'owner') <> (account_id = $2)`
	if _, err := tx.Exec(ctx, roles, room, owner); err != nil {
		return fmt.Errorf("set owner: %w", err)
	}
	return nil
}

// Rename changes a room's title inside the caller's transaction.
func (s *Store) Rename(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error {
	title, err := checkTitle(title)
	if err != nil {
		return err
	}
	const q = `update rooms set title = $2, title_en = $3 where id = $1`
	if _, err := tx.Exec(ctx, q, room, title, strings.TrimSpace(titleEN)); err != nil {
		return fmt.Errorf("rename room: %w", err)
	}
	return nil
}

// CreateGroup makes a group room that the caller owns.
func (s *Store) CreateGroup(ctx context.Context, by uuid.UUID, title string, members []uuid.UUID) (uuid.UUID, error) {
	return s.Found(ctx, NewRoom{Title: title, Owner: by, Members: members})
}

// Found makes a group room: one where everybody posts, or one of announcements.
func (s *Store) Found(ctx context.Context, n NewRoom) (uuid.UUID, error) {
	n.Kind = Group
	if err := checkPosting(n.Posting); n.Posting != "" && err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) (err error) {
		if id, err = s.CreateRoom(ctx, tx, n); err != nil {
			return err
		}
		return s.record(ctx, tx, "rooms.create", id, map[string]any{"title": n.Title, "members": len(n.Members)})
	})
	if err == nil {
		s.announce.MembersChanged(ctx, id, append(n.Members, n.Owner))
	}
	return id, err
}

// FindDirect returns the direct room of two accounts, making it when it is missing.
func (s *Store) FindDirect(ctx context.Context, a, b uuid.UUID) (uuid.UUID, error) {
	if a == b {
		return uuid.Nil, problem.Invalid("account", "somebody else")
	}
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	var id uuid.UUID
	var made bool
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		const insert = `
insert into rooms (id, kind, direct_key)
select @id, 'direct', @key where 2 = (select count(*) from accounts where id in (@a, @b) and not disabled)
on conflict (direct_key) do nothing`
		key := a.String() + " " + b.String()
		tag, err := tx.Exec(ctx, insert, pgx.NamedArgs{"id": uuid.Must(uuid.NewV7()), "key": key, "a": a, "b": b})
		if err != nil {
			return fmt.Errorf("make direct room: %w", err)
		}
		made = tag.RowsAffected() == 1
		const find = `select id from rooms where direct_key = $1`
		if err := tx.QueryRow(ctx, find, key).Scan(&id); errors.Is(err, pgx.ErrNoRows) {
			return problem.NotFound("account").At("account")
		} else if err != nil {
			return fmt.Errorf("find direct room: %w", err)
		}
		return addMembers(ctx, tx, id, []uuid.UUID{a, b}, Member)
	})
	if err == nil && made {
		s.announce.MembersChanged(ctx, id, []uuid.UUID{a, b})
	}
	return id, err
}

// Follow brings an account's membership up to what it is, inside the transaction
// that changes it: staff is in all rooms of stations, a station's account in its own,
// and in the rooms of meetings are those who belong to the meetings. Nobody stays
// whose reason has gone. It returns the rooms that changed.
func (s *Store) Follow(ctx context.Context, tx pgx.Tx, account uuid.UUID, ofMeetings []uuid.UUID) ([]uuid.UUID, error) {
	const leave = `
delete from room_members m using rooms r, accounts a
where m.account_id = $1 and a.id = m.account_id and r.id = m.room_id and (
    r.kind = 'meeting' and r.id <> all(coalesce($2::uuid[], '{}'))
    or r.kind = 'station' and (a.disabled or not (a.role in ('admin', 'staff') or coalesce(a.station_id = r.station_id, false))))
returning r.id`
	rows, _ := tx.Query(ctx, leave, account, ofMeetings)
	left, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("leave rooms: %w", err)
	}
	const join = `
insert into room_members (room_id, account_id, read_seq, joined_seq)
select r.id, $1, r.seq, r.seq from rooms r where r.kind = 'meeting' and r.id = any($2) on conflict do nothing returning room_id`
	rows, _ = tx.Query(ctx, join, account, ofMeetings)
	joined, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("join rooms of meetings: %w", err)
	}
	ofStations, err := joinStationRooms(ctx, tx, nil, &account)
	return slices.Concat(left, joined, ofStations), err
}

// joinStationRooms brings staff and the stations' own accounts into stations'
// rooms: into one room or all, one account or all. It returns the rooms that
// somebody came into.
func joinStationRooms(ctx context.Context, tx pgx.Tx, room, account *uuid.UUID) ([]uuid.UUID, error) {
	const q = `
insert into room_members (room_id, account_id, read_seq, joined_seq)
select r.id, a.id, r.seq, r.seq from rooms r join accounts a on a.role in ('admin', 'staff') or a.station_id = r.station_id
where r.kind = 'station' and not a.disabled and ($1::uuid is null or r.id = $1) and ($2::uuid is null or a.id = $2)
on conflict do nothing returning room_id`
	rows, _ := tx.Query(ctx, q, room, account)
	joined, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("join station rooms: %w", err)
	}
	return joined, nil
}

// Room is a room as one of its members sees it.
type Room struct {
	ID          uuid.UUID
	Kind        RoomKind
	Title       string
	TitleEN     string
	StationID   *uuid.UUID
	MeetingID   *uuid.UUID
	Counterpart *Person
	MemberCount int
	Seq         int64
	Read        int64
	Unread      int
	// Mentions counts the unread messages that name the member, or a group it is in.
	Mentions int
	Role     MemberRole
	// Manages: it is among those who manage the room.
	Manages    bool
	Posting    Posting
	ArchivedAt *time.Time
	Notify     Notify
	Last       *LastMessage
}

// Notify is what a member wants to hear of a room.
type Notify string

// All messages, those that mention the member, or none.
const (
	NotifyAll      Notify = "all"
	NotifyMentions Notify = "mentions"
	NotifyNone     Notify = "none"
)

// LastMessage is what a list of rooms shows of the newest message.
type LastMessage struct {
	Author   Person    `json:"author"`
	Text     string    `json:"text"`
	PostedAt time.Time `json:"posted_at"`
	Deleted  bool      `json:"deleted"`
	// Call: it is the entry of a call.
	Call bool `json:"call"`
	// Attachments say what there is to see where there is no text.
	Attachments []Attachment `json:"attachments"`
}

const roomColumns = `
select r.id, r.kind, r.title, r.title_en, r.station_id, r.meeting_id, r.seq, m.read_seq as read, m.role, m.notify,
    r.posting, r.archived_at, ` + manages + ` as manages,
    (select count(*) from room_members c where c.room_id = r.id) as member_count,
    (select count(*) from messages u where u.room_id = r.id and u.seq > m.read_seq
        and u.author_id <> m.account_id and u.deleted_at is null) as unread,
    ` + mentionsUnread + ` as mentions,
    (select jsonb_build_object('id', o.id, 'kind', 'account', 'name', o.name)
        from room_members c join accounts o on o.id = c.account_id
        where r.kind = 'direct' and c.room_id = r.id and c.account_id <> m.account_id) as counterpart,
    case when x.id is not null then jsonb_build_object(
        'author', jsonb_build_object('id', x.author_id, 'kind', x.author_kind, 'name', x.author_name),
        'text', case when x.deleted_at is null then left(x.text, 120) else '' end,
        'posted_at', x.posted_at, 'deleted', x.deleted_at is not null, 'call', x.call is not null,
        'attachments', x.attachments) end as last
from room_members m join rooms r on r.id = m.room_id join accounts a on a.id = m.account_id
left join lateral (select * from messages n where n.room_id = r.id order by n.seq desc limit 1) x on true`

// Rooms lists an account's rooms, the most recently used first.
func (s *Store) Rooms(ctx context.Context, account uuid.UUID) ([]Room, error) {
	const q = roomColumns + `
where m.account_id = $1
order by r.archived_at is not null, coalesce(x.posted_at, r.created_at) desc, r.id`
	rows, _ := s.pool.Query(ctx, q, account)
	rooms, err := pgx.CollectRows(rows, pgx.RowToStructByName[Room])
	if err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	return rooms, nil
}

// Room returns one room of an account, or ErrNoRoom when it is not a member.
func (s *Store) Room(ctx context.Context, account, room uuid.UUID) (Room, error) {
	const q = roomColumns + ` where m.account_id = $1 and r.id = $2`
	rows, _ := s.pool.Query(ctx, q, account, room)
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Room])
	if errors.Is(err, pgx.ErrNoRows) {
		return Room{}, ErrNoRoom
	}
	if err != nil {
		return Room{}, fmt.Errorf("read room: %w", err)
	}
	return found, nil
}

// RoomMember is one member of a room.
type RoomMember struct {
	ID   uuid.UUID
	Name string
	// AccountRole is the account's role in the organisation.
	AccountRole string
	Role        MemberRole
	Read        int64
	// Joined was the room's newest event when the member came.
	Joined int64
}

// Title returns what a meeting in the room is called: the room's title, or the
// names of the two of a direct room.
func (s *Store) Title(ctx context.Context, room uuid.UUID) (string, error) {
	const q = `
select case when r.title <> '' then r.title else
    coalesce((select string_agg(a.name, '、' order by a.name) from room_members m join accounts a on a.id = m.account_id
        where m.room_id = r.id), '') end
from rooms r where r.id = $1`
	var title string
	err := s.pool.QueryRow(ctx, q, room).Scan(&title)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoRoom
	}
	if err != nil {
		return "", fmt.Errorf("read room's title: %w", err)
	}
	return title, nil
}

// Members lists a room's members by name.
func (s *Store) Members(ctx context.Context, room uuid.UUID) ([]RoomMember, error) {
	const q = `
select a.id, a.name, a.role as account_role, m.role, m.read_seq as read, m.joined_seq as joined
from room_members m join accounts a on a.id = m.account_id
where m.room_id = $1 order by a.name collate "zh-x-icu", a.id`
	rows, _ := s.pool.Query(ctx, q, room)
	members, err := pgx.CollectRows(rows, pgx.RowToStructByName[RoomMember])
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return members, nil
}

// MemberIDs lists the accounts in a room.
func (s *Store) MemberIDs(ctx context.Context, room uuid.UUID) ([]uuid.UUID, error) {
	const q = `select account_id from room_members where room_id = $1`
	rows, _ := s.pool.Query(ctx, q, room)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	return ids, nil
}

// RoomIDs lists the rooms the caller may read.
func (s *Store) RoomIDs(ctx context.Context, c Caller) ([]uuid.UUID, error) {
	if c.Kind == GuestPerson {
		if c.GuestRoom == uuid.Nil {
			return nil, nil
		}
		return []uuid.UUID{c.GuestRoom}, nil
	}
	const q = `select room_id from room_members where account_id = $1`
	rows, _ := s.pool.Query(ctx, q, c.ID)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	return ids, nil
}

// RoomsOf lists the rooms of many accounts.
func (s *Store) RoomsOf(ctx context.Context, accounts []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	const q = `select account_id, array_agg(room_id) from room_members where account_id = any($1) group by account_id`
	rows, _ := s.pool.Query(ctx, q, accounts)
	found := make(map[uuid.UUID][]uuid.UUID, len(accounts))
	var (
		account uuid.UUID
		rooms   []uuid.UUID
	)
	_, err := pgx.ForEachRow(rows, []any{&account, &rooms}, func() error { found[account] = slices.Clone(rooms); return nil })
	if err != nil {
		return nil, fmt.Errorf("read rooms of accounts: %w", err)
	}
	return found, nil
}

// IsMember says whether an account is in a room.
func (s *Store) IsMember(ctx context.Context, room, account uuid.UUID) (bool, error) {
	var is bool
	const q = `select exists (select from room_members where room_id = $1 and account_id = $2)`
	if err := s.pool.QueryRow(ctx, q, room, account).Scan(&is); err != nil {
		return false, fmt.Errorf("look for member: %w", err)
	}
	return is, nil
}
