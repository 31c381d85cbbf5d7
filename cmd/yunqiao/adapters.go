package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/recording"
	"github.com/yunqiao/yunqiao/internal/schedule"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling"
)

// This file joins features that do not know each other: each declares what it
// needs, and here that is answered by another.

// meetingRooms makes chat's rooms for the schedule.
type meetingRooms struct{ chat *chat.Store }

// CreateRoom implements schedule.Rooms.
func (r meetingRooms) CreateRoom(ctx context.Context, tx pgx.Tx, n schedule.NewRoom) (uuid.UUID, error) {
	return r.chat.CreateRoom(ctx, tx, chat.NewRoom{
		Kind: chat.Meeting, Title: n.Title, MeetingID: &n.Meeting, Owner: n.Owner, Members: n.Members,
	})
}

// SetMembers implements schedule.Rooms.
func (r meetingRooms) SetMembers(ctx context.Context, tx pgx.Tx, room, owner uuid.UUID, accounts []uuid.UUID) error {
	return r.chat.SetMembers(ctx, tx, room, owner, accounts)
}

// Rename implements schedule.Rooms.
func (r meetingRooms) Rename(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error {
	return r.chat.Rename(ctx, tx, room, title, titleEN)
}

// RoomsOf implements schedule.Rooms.
func (r meetingRooms) RoomsOf(ctx context.Context, id uuid.UUID) ([]uuid.UUID, error) {
	heads, err := r.chat.Heads(ctx, chat.Caller{Person: chat.Person{ID: id, Kind: chat.AccountPerson}})
	if err != nil {
		return nil, err
	}
	rooms := make([]uuid.UUID, 0, len(heads))
	for _, h := range heads {
		rooms = append(rooms, h.Room)
	}
	return rooms, nil
}

// Title implements schedule.Rooms.
func (r meetingRooms) Title(ctx context.Context, room uuid.UUID) (string, error) {
	return r.chat.Title(ctx, room)
}

// followAccounts keeps accounts in the rooms that follow from what they are.
func followAccounts(rooms *chat.Store, announce func(ctx context.Context, room uuid.UUID, accounts []uuid.UUID)) func(context.Context, pgx.Tx, uuid.UUID) (func(context.Context), error) {
	return func(ctx context.Context, tx pgx.Tx, id uuid.UUID) (func(context.Context), error) {
		ofMeetings, err := schedule.OwnRooms(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		changed, err := rooms.Follow(ctx, tx, id, ofMeetings)
		return func(ctx context.Context) {
			for _, room := range changed {
				announce(ctx, room, []uuid.UUID{id})
			}
		}, err
	}
}

// stationRooms makes chat's rooms for stations.
type stationRooms struct{ chat *chat.Store }

// CreateStationRoom implements contacts.Rooms.
func (r stationRooms) CreateStationRoom(ctx context.Context, tx pgx.Tx, station uuid.UUID, title, titleEN string) (uuid.UUID, error) {
	return r.chat.CreateRoom(ctx, tx, chat.NewRoom{Kind: chat.Station, Title: title, TitleEN: titleEN, StationID: &station})
}

// RenameRoom implements contacts.Rooms.
func (r stationRooms) RenameRoom(ctx context.Context, tx pgx.Tx, room uuid.UUID, title, titleEN string) error {
	return r.chat.Rename(ctx, tx, room, title, titleEN)
}

// directory looks up stations and contacts for the schedule.
type directory struct{ contacts *contacts.Contacts }

// StationParty implements schedule.Directory.
func (d directory) StationParty(ctx context.Context, id uuid.UUID) (schedule.Party, error) {
	p, err := d.contacts.StationParty(ctx, id)
	return schedule.Party(p), err
}

// ContactParty implements schedule.Directory.
func (d directory) ContactParty(ctx context.Context, id uuid.UUID) (schedule.Party, error) {
	p, err := d.contacts.ContactParty(ctx, id)
	return schedule.Party(p), err
}

// announcer tells clients what the schedule and the minutes committed.
type announcer struct {
	hub  *signaling.Hub
	feed *chat.Feed
}

// Changed implements schedule.Announcer and minutes.Announcer.
func (a *announcer) Changed(ctx context.Context, topic, id string, room uuid.UUID) {
	if a.hub != nil { // nobody is connected while the demonstration is filled in
		a.hub.Changed(ctx, topic, id, room)
	}
}

// MembersChanged implements schedule.Announcer.
func (a *announcer) MembersChanged(ctx context.Context, room uuid.UUID, accounts []uuid.UUID) {
	a.feed.MembersChanged(ctx, room, accounts)
}

// liveMeetings gives the signaling its meetings.
type liveMeetings struct{ schedule *schedule.Schedule }

// Begin implements signaling.Meetings.
func (m liveMeetings) Begin(ctx context.Context, room, by uuid.UUID) (signaling.Live, error) {
	l, err := m.schedule.Begin(ctx, room, by)
	return liveOf(l), err
}

// Now implements signaling.Meetings.
func (m liveMeetings) Now(ctx context.Context, room uuid.UUID) (signaling.Live, error) {
	l, err := m.schedule.LiveIn(ctx, room)
	if l == nil {
		return signaling.Live{}, err
	}
	return liveOf(*l), err
}

func liveOf(l schedule.Live) signaling.Live {
	return signaling.Live{
		ID: l.ID, Room: l.Room, Host: l.HostID, Title: l.Title, MayBeRecorded: l.MayBeRecorded, VideoCodecs: l.VideoCodec.Order(),
	}
}

// Leads implements signaling.Meetings.
func (m liveMeetings) Leads(ctx context.Context, meeting, account uuid.UUID) (bool, error) {
	return m.schedule.Leads(ctx, meeting, account)
}

// RoomOf implements signaling.Meetings.
func (m liveMeetings) RoomOf(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error) {
	return m.schedule.RoomOf(ctx, meeting)
}

// Joined implements signaling.Meetings.
func (m liveMeetings) Joined(ctx context.Context, meeting uuid.UUID, p chat.Person, at time.Time) error {
	return m.schedule.RecordJoin(ctx, meeting, p.ID, string(p.Kind), p.Name, at)
}

// Left implements signaling.Meetings.
func (m liveMeetings) Left(ctx context.Context, meeting uuid.UUID, p chat.Person, at time.Time) error {
	return m.schedule.RecordLeave(ctx, meeting, p.ID, at)
}

// End implements signaling.Meetings.
func (m liveMeetings) End(ctx context.Context, meeting uuid.UUID) error {
	return m.schedule.End(ctx, meeting, time.Now())
}

// Waits implements signaling.Meetings.
func (m liveMeetings) Waits(ctx context.Context, meeting uuid.UUID, guest chat.Person) error {
	return m.schedule.TellWaiting(ctx, meeting, guest.ID, guest.Name)
}

// Rest implements signaling.Meetings.
func (m liveMeetings) Rest(ctx context.Context, meeting uuid.UUID) error {
	return m.schedule.Rest(ctx, meeting, time.Now())
}

// recorder gives the signaling its recordings.
type recorder struct{ *recording.Recorder }

// Start implements signaling.Recorder.
func (r recorder) Start(ctx context.Context, meeting uuid.UUID, by chat.Person, media *sfu.Meeting, name func(sfu.PeerID) string) (signaling.Running, error) {
	return r.Recorder.Start(ctx, recording.StartRequest{
		MeetingID: meeting, StartedBy: by.ID, StartedByName: by.Name, Media: media,
		Name: func(id sfu.PeerID) (participant, called string) { return string(id), name(id) },
	})
}

// guestLinks ends a guest's sockets together with the link.
type guestLinks struct {
	*account.Guests
	announcer *announcer
}

// Revoke implements schedule.Guests.
func (g guestLinks) Revoke(ctx context.Context, tx pgx.Tx, invitee uuid.UUID) error {
	if err := g.Guests.Revoke(ctx, tx, invitee); err != nil {
		return err
	}
	g.cut(invitee)
	return nil
}

// Renew implements schedule.Guests.
func (g guestLinks) Renew(ctx context.Context, tx pgx.Tx, invitee uuid.UUID, expires time.Time) error {
	if err := g.Guests.Renew(ctx, tx, invitee, expires); err != nil {
		return err
	}
	g.cut(invitee)
	return nil
}

// cut ends sockets at once. Should the transaction fail, the guest's link is
// still good and it comes back by itself.
func (g guestLinks) cut(invitee uuid.UUID) {
	if g.announcer.hub != nil {
		g.announcer.hub.GuestRevoked(invitee)
	}
}
