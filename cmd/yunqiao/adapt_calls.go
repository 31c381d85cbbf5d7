package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/calls"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/signaling"
)

// callRooms is where people are rung: chat's rooms.
type callRooms struct{ chat *chat.Store }

// Members implements calls.Rooms.
func (r callRooms) Members(ctx context.Context, room uuid.UUID) ([]calls.Person, error) {
	a, err := r.chat.Audience(ctx, room)
	if err != nil {
		return nil, err
	}
	if a.Archived {
		return nil, chat.ErrArchived
	}
	people := make([]calls.Person, 0, len(a.Members))
	for _, m := range a.Members {
		if !m.Disabled {
			people = append(people, calls.Person{ID: m.Account, Name: m.Name})
		}
	}
	return people, nil
}

// callMeetings is where people meet already.
type callMeetings struct{ node *node }

// Attending implements calls.Meetings. Whose place is only held here meets no
// longer: a page that was closed must not make anybody busy.
func (m callMeetings) Attending(ctx context.Context, accounts []uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	attending, err := m.node.schedule.Attending(ctx, accounts)
	if m.node.hub == nil {
		return attending, err
	}
	for id, room := range attending {
		if m.node.hub.Away(id, room) {
			delete(attending, id)
		}
	}
	return attending, err
}

// Post implements calls.Rooms. A caller who has left the room, or a room that
// was archived meanwhile, gets no entry.
func (r callRooms) Post(ctx context.Context, c calls.Call) (message uuid.UUID, seq int64, err error) {
	record := &chat.CallRecord{ID: c.ID, By: callPerson(c.By), StartedAt: c.StartedAt, AnsweredAt: c.AnsweredAt, EndedAt: time.Now()}
	if c.EndedAt != nil {
		record.EndedAt = *c.EndedAt
	}
	for _, p := range c.People {
		record.People = append(record.People, chat.CallPerson{Person: callPerson(p.Person), State: string(p.State)})
	}
	e, err := r.chat.Post(ctx, chat.Caller{Person: record.By}, chat.NewMessage{Room: c.Room, ClientID: "call:" + c.ID.String(), Call: record})
	if p, refused := errors.AsType[*problem.Error](err); refused && p.Status < 500 {
		return uuid.Nil, 0, nil
	}
	return e.Message.ID, e.Message.Seq, err
}

func callPerson(p calls.Person) chat.Person {
	return chat.Person{ID: p.ID, Kind: chat.AccountPerson, Name: p.Name}
}

// callTeller tells people of calls, in closed pages and afterwards.
type callTeller struct{ notices *notify.Notices }

// TellMissed implements calls.Teller.
func (m callTeller) TellMissed(ctx context.Context, tx pgx.Tx, c calls.Call, entry calls.Entry) error {
	var notices []notify.Notice
	for _, p := range c.Missed() {
		n := notify.Notice{
			Account: p.ID, Kind: notify.MissedCall, Key: fmt.Sprintf("call:%s", c.ID), Room: &c.Room, About: c.By.ID, Title: c.By.Name, Seq: entry.Seq,
		}
		if entry.Message != uuid.Nil {
			n.Message = &entry.Message
		}
		notices = append(notices, n)
	}
	return m.notices.Tell(ctx, tx, notices...)
}

// TellRinging implements calls.Teller.
func (m callTeller) TellRinging(ctx context.Context, c calls.Call) error {
	r := notify.Ringing{Call: c.ID, Room: c.Room, Until: c.RingsUntil}
	for _, p := range c.People {
		if p.State == calls.Ringing {
			r.Accounts = append(r.Accounts, p.ID)
		}
	}
	return m.notices.Ring(ctx, r)
}

// ringing gives the signaling its calls.
type ringing struct{ calls *calls.Calls }

// Ring implements signaling.Calls.
func (r ringing) Ring(ctx context.Context, by chat.Person, room uuid.UUID, people []uuid.UUID) (signaling.Call, error) {
	return toCall(r.calls.Ring(ctx, calls.Person{ID: by.ID, Name: by.Name}, room, people))
}

// Answer implements signaling.Calls.
func (r ringing) Answer(ctx context.Context, by, call uuid.UUID, accept bool) (signaling.Call, error) {
	return toCall(r.calls.Answer(ctx, by, call, accept))
}

// Cancel implements signaling.Calls.
func (r ringing) Cancel(ctx context.Context, by, call uuid.UUID) (signaling.Call, error) {
	return toCall(r.calls.Cancel(ctx, by, call))
}

// Read implements signaling.Calls.
func (r ringing) Read(ctx context.Context, call uuid.UUID) (signaling.Call, error) {
	return toCall(r.calls.Read(ctx, call))
}

// Recent implements signaling.Calls.
func (r ringing) Recent(ctx context.Context, accounts []uuid.UUID) ([]signaling.Call, error) {
	found, err := r.calls.Recent(ctx, accounts)
	if err != nil {
		return nil, err
	}
	list := make([]signaling.Call, 0, len(found))
	for _, c := range found {
		s, _ := toCall(c, nil)
		list = append(list, s)
	}
	return list, nil
}

func toCall(c calls.Call, err error) (signaling.Call, error) {
	if err != nil {
		return signaling.Call{}, err
	}
	s := signaling.Call{
		ID: c.ID, Room: c.Room, By: callPerson(c.By), Version: c.Version, StartedAt: c.StartedAt, RingsUntil: c.RingsUntil,
		AnsweredAt: c.AnsweredAt, EndedAt: c.EndedAt, People: make([]signaling.CallPerson, 0, len(c.People)),
	}
	for _, p := range c.People {
		s.People = append(s.People, signaling.CallPerson{Person: callPerson(p.Person), State: string(p.State)})
	}
	return s, nil
}
