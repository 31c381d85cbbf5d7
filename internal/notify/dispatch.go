package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/internal/postgres"
)

// Mark is how far an account has read a room.
type Mark struct {
	Account, Room uuid.UUID
	Seq           int64
}

// Rooms is where things are said. Its events have one durable order without
// gaps.
type Rooms interface {
	// Heads returns the newest number of every room.
	Heads(ctx context.Context) (map[uuid.UUID]int64, error)
	// Events returns those after a number, in order.
	Events(ctx context.Context, room uuid.UUID, after int64, limit int) ([]Event, error)
	// Room returns a room with its members as they are now.
	Room(ctx context.Context, room uuid.UUID) (Room, error)
	// Marks returns how far these accounts have read the rooms that they are in.
	Marks(ctx context.Context, accounts, rooms []uuid.UUID) ([]Mark, error)
	// Title is how an account sees a room; an error when it is not in it.
	Title(ctx context.Context, account, room uuid.UUID) (title string, about uuid.UUID, err error)
}

// hints are what we heard of rooms: nobody waits while it is carried out.
type hints struct {
	wake chan struct{}

	mu    sync.Mutex
	rooms map[uuid.UUID]bool     // that advanced; Guarded by mu.
	marks map[[2]uuid.UUID]int64 // how far an account has read a room; Guarded by mu.
}

func newHints() hints {
	return hints{wake: make(chan struct{}, 1), rooms: make(map[uuid.UUID]bool), marks: make(map[[2]uuid.UUID]int64)}
}

func (h *hints) add(note func()) {
	h.mu.Lock()
	note()
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hints) take() (rooms []uuid.UUID, marks []Mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for room := range h.rooms {
		rooms = append(rooms, room)
	}
	for who, seq := range h.marks {
		marks = append(marks, Mark{Account: who[0], Room: who[1], Seq: seq})
	}
	clear(h.rooms)
	clear(h.marks)
	return rooms, marks
}

// Advanced is told that a room has more events. It is a hint: the sweep finds
// what was not heard.
func (n *Notices) Advanced(room uuid.UUID) { n.heard.add(func() { n.heard.rooms[room] = true }) }

// Marked is told that an account has read a room up to a number. Losing it
// costs nothing, since every reading of a list looks itself.
func (n *Notices) Marked(account, room uuid.UUID, seq int64) {
	n.heard.add(func() { n.heard.marks[[2]uuid.UUID{account, room}] = seq })
}

const (
	// releaseEvery is how late a notice may become visible.
	releaseEvery = time.Second
	// catchUpEvery is how often all rooms are compared with their cursors.
	catchUpEvery = 10 * time.Second
	// digestEvery is how often we look for what nobody has seen.
	digestEvery = 20 * time.Second
	// forgetEvery is how often old notices are removed.
	forgetEvery = time.Hour
	// stepTimeout ends a step that a half-dead database does not answer.
	stepTimeout = 15 * time.Second
	// eventsAtOnce is how many events are turned into notices in one transaction.
	eventsAtOnce = 100
)

// Run turns events into notices, releases those that are due, and makes
// letters of what is unseen, until the context ends.
func (n *Notices) Run(ctx context.Context) error {
	release, catchUp, digest := time.NewTicker(releaseEvery), time.NewTicker(catchUpEvery), time.NewTicker(digestEvery)
	forget := time.NewTicker(forgetEvery)
	defer forget.Stop()
	defer release.Stop()
	defer catchUp.Stop()
	defer digest.Stop()
	for {
		var step func(context.Context) error
		select {
		case <-ctx.Done():
			return nil
		case <-n.heard.wake:
			step = n.actOnHints
		case <-catchUp.C:
			step = n.CatchUp
		case <-digest.C:
			step = n.MakeDigests
		case <-forget.C:
			step = n.Forget
		case <-release.C:
			step = n.Release
		}
		limited, cancel := context.WithTimeout(ctx, stepTimeout)
		if err := step(limited); err != nil && ctx.Err() == nil {
			n.Log.WarnContext(ctx, "notices could not be brought up to date, they are tried again", "err", err)
		}
		cancel()
	}
}

func (n *Notices) actOnHints(ctx context.Context) error {
	rooms, marks := n.heard.take()
	errs := []error{n.follow(ctx, marks)}
	for _, room := range rooms {
		errs = append(errs, n.Dispatch(ctx, room))
	}
	return errors.Join(append(errs, n.Release(ctx))...)
}

// CatchUp turns the events of all rooms that are ahead of their cursor into
// notices: those whose hint was lost, or whose node died.
func (n *Notices) CatchUp(ctx context.Context) error {
	heads, err := n.Rooms.Heads(ctx)
	if err != nil {
		return err
	}
	rows, _ := n.Pool.Query(ctx, `select room_id as room, seq from notice_cursors`)
	type cursor struct {
		Room uuid.UUID
		Seq  int64
	}
	known, err := pgx.CollectRows(rows, pgx.RowToStructByName[cursor])
	if err != nil {
		return fmt.Errorf("read cursors of notices: %w", err)
	}
	for _, c := range known {
		if heads[c.Room] <= c.Seq {
			delete(heads, c.Room)
		}
	}
	var errs []error
	for room, seq := range heads {
		if seq > 0 {
			errs = append(errs, n.Dispatch(ctx, room))
		}
	}
	return errors.Join(errs...)
}

// Dispatch turns a room's new events into notices. The cursor moves in the
// transaction that adds them: however often a node dies in between, each event
// is turned once.
func (n *Notices) Dispatch(ctx context.Context, room uuid.UUID) error {
	for {
		more, err := n.dispatchSome(ctx, room)
		if err != nil {
			return fmt.Errorf("make notices of room %s: %w", room, err)
		}
		if !more {
			return nil
		}
	}
}

func (n *Notices) dispatchSome(ctx context.Context, room uuid.UUID) (more bool, err error) {
	const make = `insert into notice_cursors (room_id, seq) values ($1, 0) on conflict do nothing`
	if _, err := n.Pool.Exec(ctx, make, room); err != nil {
		return false, err
	}
	var cursor int64
	if err := n.Pool.QueryRow(ctx, `select seq from notice_cursors where room_id = $1`, room).Scan(&cursor); err != nil {
		return false, err
	}
	events, err := n.Rooms.Events(ctx, room, cursor, eventsAtOnce)
	if err != nil || len(events) == 0 {
		return false, err
	}
	r, err := n.Rooms.Room(ctx, room)
	if err != nil {
		return false, err
	}
	err = postgres.InTx(ctx, n.Pool, func(ctx context.Context, tx pgx.Tx) error {
		// Another node may be at it, or may have been since the events were read.
		const lock = `select from notice_cursors where room_id = $1 and seq = $2 for update skip locked`
		if tag, err := tx.Exec(ctx, lock, room, cursor); err != nil || tag.RowsAffected() == 0 {
			return err
		}
		more = len(events) == eventsAtOnce
		if err := n.turn(ctx, tx, r, events); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update notice_cursors set seq = $2 where room_id = $1`, room, events[len(events)-1].Seq)
		return err
	})
	return more, err
}

// turn makes notices and deliveries of events.
func (n *Notices) turn(ctx context.Context, tx pgx.Tx, r Room, events []Event) (err error) {
	now := time.Now()
	for _, e := range events {
		switch e.Kind {
		case EventDeleted: // what is gone is no news, and leaves no words behind
			_, err = tx.Exec(ctx, `delete from notices where message_id = $1`, e.Message)
		case EventEdited:
			err = n.edited(ctx, tx, r, e, now)
		case EventConfirmed:
			const done = `
update notices set read_at = clock_timestamp()
where message_id = $1 and account_id = any($2) and kind in ('must_confirm', 'chase') and read_at is null`
			_, err = tx.Exec(ctx, done, e.Message, e.Confirmed)
		default:
			err = n.Tell(ctx, tx, noticesOf(r, e, now)...)
		}
		if err != nil {
			return err
		}
	}
	return n.deliver(ctx, tx, r, events, now)
}
