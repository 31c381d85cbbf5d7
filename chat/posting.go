package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/problem"
)

const (
	// maxBatch is how many posts of a room are stored in one transaction.
	maxBatch = 64
	// batchTimeout ends a transaction that a half-dead database does not answer.
	batchTimeout = 10 * time.Second
)

// posting is one post on its way.
type posting struct {
	by Caller
	NewMessage
	id   uuid.UUID
	turn chan bool // what waits for it: true, it leads the next batch; false, it is done

	// Of what is forwarded; attachments are claimed by who carries the batch out.
	forwarded   *Forwarded
	attachments []Attachment
	lexemes     []string // what it will be found by

	// Set before turn says false. Until it is stored, err says that it is not.
	event Event
	err   error
}

var errNotStored = errors.New("post message: it was not stored")

// line is where the posts of one node wait for their room. Under load a room
// stores all that wait in one transaction, and so waits for the disk once for
// all of them; who posts alone waits for nobody. The first in line carries its
// batch out and then hands over: nothing runs when nobody posts.
//
// The lines are as long as there are callers: each waits for its post.
type line struct {
	mu      sync.Mutex
	waiting map[uuid.UUID][]*posting // by room, an entry while somebody leads; Guarded by mu.
}

// enter puts a post in its room's line and says whether it leads.
func (l *line) enter(p *posting) (leads bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting, led := l.waiting[p.Room]
	if !led {
		l.waiting[p.Room] = nil
		return true
	}
	l.waiting[p.Room] = append(waiting, p)
	return false
}

// take returns those who go together with a leader.
func (l *line) take(leader *posting) []*posting {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.waiting[leader.Room]
	n := min(len(waiting), maxBatch-1)
	l.waiting[leader.Room] = slices.Clone(waiting[n:])
	return append([]*posting{leader}, waiting[:n]...)
}

// leave tells a batch that it is done, and lets the next in line lead.
func (l *line) leave(batch []*posting) {
	for _, follower := range batch[1:] {
		follower.turn <- false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	room := batch[0].Room
	waiting := l.waiting[room]
	if len(waiting) == 0 {
		delete(l.waiting, room)
		return
	}
	l.waiting[room] = waiting[1:]
	waiting[0].turn <- true
}

// queue carries a post out, alone or with others.
func (s *Store) queue(ctx context.Context, p *posting) (Event, error) {
	p.id, p.turn, p.err = uuid.Must(uuid.NewV7()), make(chan bool, 1), errNotStored
	if !s.line.enter(p) && !<-p.turn {
		return p.event, p.err
	}
	batch := s.line.take(p)
	defer s.line.leave(batch) // whatever happens, the others must not wait for ever
	// Others depend on it: it is not cut short when the leader loses patience.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTimeout)
	defer cancel()
	s.store(ctx, p.Room, batch)
	return p.event, p.err
}

// store gives every post of a batch its event or its error.
func (s *Store) store(ctx context.Context, room uuid.UUID, batch []*posting) {
	err := s.storeTogether(ctx, room, batch)
	if _, refused := errors.AsType[*pgconn.PgError](err); refused && len(batch) > 1 {
		for _, p := range batch { // one of them is at fault: not all
			s.store(ctx, room, []*posting{p})
		}
		return
	}
	if err != nil {
		for _, p := range batch {
			p.err = fmt.Errorf("post message: %w", err)
		}
	}
}

// storeTogether stores a batch in one transaction: four exchanges with the
// server, and one wait for the disk.
func (s *Store) storeTogether(ctx context.Context, room uuid.UUID, batch []*posting) error {
	var head int64
	var fresh, again []*posting
	err := postgres.InTx(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		known, err := lockRoom(ctx, tx, room, batch)
		if err != nil {
			return err
		}
		fresh, again = sortOut(known, batch)
		head = known.head
		if fresh, err = s.claimFiles(ctx, tx, fresh); err != nil {
			return err
		}
		if len(fresh) == 0 {
			return nil
		}
		head += int64(len(fresh))
		return insertPosts(ctx, tx, room, known.head, fresh)
	})
	if err != nil {
		return err
	}
	s.announce.Advanced(ctx, room, head)
	for _, p := range fresh {
		p.err = nil
	}
	for _, p := range again {
		p.event, p.err = s.postedBefore(ctx, p.by, p.NewMessage)
	}
	return nil
}

// author names a post for ever: the same id of the same person is the same post.
type author struct {
	person   uuid.UUID
	clientID string
}

// lockedRoom is what a batch has to know, read while the room's row is locked:
// nobody else posts into the room meanwhile.
type lockedRoom struct {
	head     int64
	kind     RoomKind
	posting  Posting
	archived bool
	members  map[uuid.UUID]bool // to whether they manage the room
	posted   map[author]bool
}

// manages says that a member manages its room: its owners and moderators do,
// and staff in the rooms of stations, which have no owners. It is part of a
// query over room_members m, accounts a and rooms r.
const manages = `(m.role in ('owner', 'moderator') or r.kind = 'station' and a.role in ('admin', 'staff'))`

func lockRoom(ctx context.Context, tx pgx.Tx, room uuid.UUID, batch []*posting) (*lockedRoom, error) {
	people, ids := make([]uuid.UUID, 0, len(batch)), make([]string, 0, len(batch))
	for _, p := range batch {
		people, ids = append(people, p.by.ID), append(ids, p.ClientID)
	}
	known := &lockedRoom{members: make(map[uuid.UUID]bool), posted: make(map[author]bool)}
	var all pgx.Batch
	const lock = `select seq, kind, posting, archived_at is not null from rooms where id = $1 for update`
	all.Queue(lock, room).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&known.head, &known.kind, &known.posting, &known.archived)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoRoom
		}
		return err
	})
	const members = `
select m.account_id, ` + manages + `
from room_members m join accounts a on a.id = m.account_id join rooms r on r.id = m.room_id
where m.room_id = $1 and m.account_id = any($2)`
	all.Queue(members, room, people).Query(func(rows pgx.Rows) error {
		var (
			member  uuid.UUID
			manager bool
		)
		_, err := pgx.ForEachRow(rows, []any{&member, &manager}, func() error { known.members[member] = manager; return nil })
		return err
	})
	const posted = `
select m.author_id, m.client_id from messages m
join unnest($2::uuid[], $3::text[]) p (author, id) on p.author = m.author_id and p.id = m.client_id where m.room_id = $1`
	all.Queue(posted, room, people, ids).Query(func(rows pgx.Rows) error {
		var a author
		_, err := pgx.ForEachRow(rows, []any{&a.person, &a.clientID}, func() error { known.posted[a] = true; return nil })
		return err
	})
	return known, tx.SendBatch(ctx, &all).Close()
}

// sortOut refuses those who may not post, and parts what is new from what was
// posted before.
func sortOut(known *lockedRoom, batch []*posting) (fresh, again []*posting) {
	for _, p := range batch {
		a := author{p.by.ID, p.ClientID}
		_, member := known.members[p.by.ID]
		switch {
		case p.by.Kind == AccountPerson && !member:
			p.err = ErrNoRoom
		case known.posted[a]:
			again = append(again, p)
		default:
			if p.err = known.mayPost(p); p.err != nil {
				continue
			}
			p.err = errNotStored
			known.posted[a] = true // should it be in the batch twice
			fresh = append(fresh, p)
		}
	}
	return fresh, again
}

// mayPost says why somebody who is in the room may not post this into it.
func (known *lockedRoom) mayPost(p *posting) error {
	manager := known.members[p.by.ID]
	switch {
	case known.archived:
		return ErrArchived
	case p.Call != nil || manager:
		return nil
	case known.posting == PostingManagers:
		return problem.Forbidden("only the room's managers post here")
	case slices.ContainsFunc(p.MentionGroups, func(g MentionGroup) bool { return g != MentionManagers }):
		return errGroupsForManagers
	case p.MustConfirm && known.kind != Direct:
		return problem.Forbidden("only the room's managers ask for confirmation").At("must_confirm")
	}
	return nil
}

// claimFiles takes the files that posts carry, and leaves out the posts whose
// files their author may not use.
func (s *Store) claimFiles(ctx context.Context, tx pgx.Tx, fresh []*posting) (good []*posting, err error) {
	for _, p := range fresh {
		if len(p.Attachments) > 0 {
			p.attachments, err = s.claim(ctx, tx, p.by, p.Attachments)
		}
		if _, refused := errors.AsType[*problem.Error](err); refused {
			p.err, err = err, nil
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("claim attachments: %w", err)
		}
		p.lexemes = s.lexemes(p.Text, p.TextEN, p.Topic, p.attachments)
		good = append(good, p)
	}
	return good, nil
}

func (s *Store) claim(ctx context.Context, tx pgx.Tx, by Caller, files []uuid.UUID) ([]Attachment, error) {
	if s.Files == nil {
		return nil, problem.Invalid("attachments", "no files are kept here")
	}
	return s.Files.Claim(ctx, tx, by, files)
}

// insertPosts stores messages and their events after a sequence number, and
// reads them back as everybody will see them.
func insertPosts(ctx context.Context, tx pgx.Tx, room uuid.UUID, head int64, fresh []*posting) error {
	const (
		next  = `update rooms set seq = $2 where id = $1`
		event = `
insert into room_events (room_id, seq, kind, message_id, actor_id)
select $1, $2 + p.place, 'posted', p.id, p.actor from unnest($3::uuid[], $4::uuid[]) with ordinality p (id, actor, place)`
	)
	ids, actors := make([]uuid.UUID, 0, len(fresh)), make([]uuid.UUID, 0, len(fresh))
	var all pgx.Batch
	all.Queue(next, room, head+int64(len(fresh)))
	for i, p := range fresh {
		all.Queue(insertMessage, p.arguments(head+1+int64(i)))
		ids, actors = append(ids, p.id), append(actors, p.by.ID)
	}
	all.Queue(event, room, head, ids, actors)
	all.Queue(selectEvents, room, head, len(fresh)).Query(func(rows pgx.Rows) error {
		events, err := collectEvents(rows)
		if err == nil && len(events) != len(fresh) {
			err = fmt.Errorf("%d of %d events are missing", len(fresh)-len(events), len(fresh))
		}
		for i := range min(len(events), len(fresh)) {
			fresh[i].event = events[i]
		}
		return err
	})
	return tx.SendBatch(ctx, &all).Close()
}

// membersOf are those of the mentioned who are in the room, each once.
const membersOf = `array(select x.id from unnest(@mentions::uuid[]) with ordinality x (id, place)
        where not exists (select from accounts a where a.id = x.id) -- a guest
            or exists (select from room_members r where r.room_id = @room and r.account_id = x.id)
        group by x.id order by min(x.place))`

const insertMessage = `
insert into messages (id, room_id, seq, client_id, author_id, author_kind, author_name, text, text_en, topic,
    mention_groups, attachments, forwarded, call, must_confirm, urgent, search, reply_to, mentions, posted_at)
values (@id, @room, @seq, @client_id, @author, @kind, @name, @text, @text_en, @topic,
    coalesce(@groups::text[], '{}'), coalesce(@attachments::jsonb, '[]'), @forwarded, @call, @must_confirm, @urgent, array_to_tsvector(@lexemes::text[]),
    (select m.id from messages m where m.id = @reply_to and m.room_id = @room and m.seq > @since),
    ` + membersOf + `, coalesce(@at::timestamptz, now()))`

func (p *posting) arguments(seq int64) pgx.NamedArgs {
	var at *time.Time
	if !p.At.IsZero() {
		at = &p.At
	}
	return pgx.NamedArgs{
		"id": p.id, "room": p.Room, "seq": seq, "client_id": p.ClientID, "author": p.by.ID, "kind": p.by.Kind,
		"name": p.by.Name, "text": p.Text, "text_en": p.TextEN, "topic": p.Topic, "groups": p.MentionGroups,
		"attachments": p.attachments, "forwarded": p.forwarded, "call": p.Call, "must_confirm": p.MustConfirm,
		"urgent": p.Urgent, "lexemes": p.lexemes, "reply_to": p.ReplyTo, "since": p.by.GuestSince, "mentions": p.Mentions, "at": at,
	}
}
