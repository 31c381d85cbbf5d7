package signaling

import (
	"context"
	"time"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// knock asks to be let in. Members of the room are in already, and so is a
// guest who was let in before.
func (s *session) knock(ctx context.Context, m *wire.Knock) (wire.ServerMessage, error) {
	id, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	r, done := s.hub.use(id)
	defer done()
	err = r.mayMeet(ctx, s)
	live := r.isOn(s)
	if err == nil {
		return &wire.Knocked{Admitted: true, Live: live, ICEServers: s.hub.Relays(s.me.ID)}, nil
	}
	if f, _ := toFailure(err); f.Code != wire.CodeMustKnock {
		return nil, err
	}
	if alone := r.wait(s); alone {
		if err := s.hub.Meetings.Waits(ctx, s.visits, s.me); err != nil {
			s.hub.Log.WarnContext(ctx, "nobody was told that a guest waits", "room", r.id, "err", err)
		}
	}
	s.setRoom(r)
	return &wire.Knocked{Admitted: false, Live: live, ICEServers: []wire.ICEServer{}}, nil
}

// wait takes a session into the lobby, and says whether it has come when nobody is
// here to let it in.
func (r *room) wait(s *session) (alone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.waiting[s.me.ID]; w != nil {
		w.session = s // another window of somebody who waits already
		return false
	}
	r.waiting[s.me.ID] = &waiter{session: s, since: time.Now().UTC()}
	r.tellLobbyLocked()
	for _, p := range r.participants {
		if p.moderates() {
			return false
		}
	}
	return true
}

// mayEnter says whether a session's person may join the room's meeting now.
// Rights are read anew each time.
func (r *room) mayEnter(ctx context.Context, s *session) error {
	if s.me.Kind == chat.GuestPerson {
		return r.mayGuestEnter(ctx, s)
	}
	is, err := r.hub.Chat.IsMember(ctx, r.id, s.me.ID)
	if err != nil {
		return err
	}
	if !is {
		return chat.ErrNoRoom
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.openToLocked(s)
}

func (r *room) mayGuestEnter(ctx context.Context, s *session) error {
	if s.guestHome != r.id {
		return chat.ErrNoRoom
	}
	g, err := r.hub.Guests.BySessionID(ctx, s.guest)
	if err != nil {
		return err
	}
	if s.admitted.Load() != g.Admitted || s.since.Load() != g.Since {
		if err := s.rereadGuest(ctx, nil); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	on := r.isOnLocked(s)
	switch {
	case g.Over():
		return failure(wire.CodeEnded, "this meeting is over")
	case on && r.meeting.locked && r.participants[s.me.ID] == nil:
		return failure(wire.CodeLocked, "the host has locked the meeting")
	case !g.Admitted || !on:
		return failure(wire.CodeMustKnock, "knock first")
	}
	return nil
}

// isOnLocked says whether the meeting that a session may come to is live here: for
// a guest the one of its link alone, whatever else is held in the room.
func (r *room) isOnLocked(s *session) bool {
	return r.meeting != nil && (s.me.Kind != chat.GuestPerson || r.meeting.info.ID == s.visits)
}

func (r *room) isOn(s *session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.isOnLocked(s)
}

// join brings the session's person into the meeting in one exchange.
func (s *session) join(ctx context.Context, m *wire.Join) (wire.ServerMessage, error) {
	id, err := parseID("room", m.Room)
	if err != nil {
		return nil, err
	}
	offer, err := fromOffer(m.Offer)
	if err != nil {
		return nil, err
	}
	for _, source := range m.Live {
		if _, err := sourceOf(source); err != nil {
			return nil, err
		}
	}
	if at := s.room(); at != nil && at.id != id {
		return nil, failure(wire.CodeConflict, "leave the other meeting first")
	}
	r, done := s.hub.use(id)
	defer done()
	if err := r.mayMeet(ctx, s); err != nil {
		return nil, err
	}
	return r.admitPeer(ctx, s, offer, m.Live)
}

// admitPeer begins the meeting when it has to, answers the offer and seats the
// participant. A person who is here already, or held, keeps its place.
func (r *room) admitPeer(ctx context.Context, s *session, offer sfu.Offer, live []wire.Source) (*wire.Joined, error) {
	defer r.lockForJoining()()
	if err := r.mayMeet(ctx, s); err != nil {
		return nil, err // what was allowed before the wait may not be any more
	}
	m, err := r.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	leads, err := r.leads(ctx, m, s)
	if err != nil {
		r.restIfEmpty()
		return nil, err
	}
	p, err := r.enter(m, s, leads)
	if err != nil {
		r.restIfEmpty()
		return nil, err
	}
	answer, err := r.answer(ctx, s, p, offer)
	if err == nil {
		err = r.hub.Meetings.Joined(ctx, m.info.ID, s.me, time.Now())
	}
	if err != nil {
		r.undo(p, s)
		return nil, err
	}
	snapshot := r.seat(p, s, live)
	if snapshot == nil { // put out, or on another device, while it was joining
		r.hub.later(func(ctx context.Context) error { return r.closeAttendance(ctx, m, p) })
		return nil, errTakenOut
	}
	r.announceLive()
	return &wire.Joined{Answer: answer, Snapshot: *snapshot}, nil
}

// lockForJoining keeps the meeting from ending until it is released. Only who has
// to begin it keeps others from joining, too.
func (r *room) lockForJoining() (release func()) {
	for {
		r.joining.RLock()
		if _, live := r.occupancy(); live {
			return r.joining.RUnlock
		}
		r.joining.RUnlock()
		r.joining.Lock()
		if _, live := r.occupancy(); !live {
			return r.joining.Unlock
		}
		r.joining.Unlock()
	}
}

// answer answers an offer of the device that the participant is on.
func (r *room) answer(ctx context.Context, s *session, p *participant, offer sfu.Offer) (string, error) {
	p.answering.Lock()
	defer p.answering.Unlock()
	r.mu.Lock()
	now, err := r.ofLocked(s)
	r.mu.Unlock()
	if err != nil || now != p {
		return "", errTakenOut
	}
	return p.peer.Answer(ctx, offer)
}

// seat shows a newcomer to everybody, and everybody to it.
func (r *room) seat(p *participant, s *session, live []wire.Source) *wire.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.participants[p.person.ID] != p || p.session != s {
		return nil
	}
	for _, source := range live {
		// A client that comes back may not know yet that it was muted meanwhile. An
		// encoder has no other way to switch on than another offer.
		p.switchOnLocked(source, s.isAppliance())
	}
	r.tellStateLocked(p)
	return r.snapshotLocked(p)
}

// closeAttendance writes that somebody left, unless they are here again.
func (r *room) closeAttendance(ctx context.Context, m *meeting, p *participant) error {
	r.mu.Lock()
	here := r.meeting == m && r.participants[p.person.ID] != nil
	r.mu.Unlock()
	if here {
		return nil
	}
	return r.hub.Meetings.Left(ctx, m.info.ID, p.person, time.Now())
}

// begin returns the live meeting, starting it for the first account.
func (r *room) begin(ctx context.Context, s *session) (*meeting, error) {
	r.mu.Lock()
	current := r.meeting
	r.mu.Unlock()
	if current != nil {
		return current, nil
	}
	info, err := r.hub.Meetings.Begin(ctx, r.id, s.me.ID)
	if err != nil {
		return nil, err
	}
	m := &meeting{info: info, since: time.Now().UTC()}
	m.media = r.hub.Media.NewMeeting(&mediaEvents{r})
	if err := m.media.SetVideoCodecs(info.VideoCodecs...); err != nil {
		r.hub.Log.ErrorContext(ctx, "codecs could not be set", "meeting", info.ID, "err", err)
	}
	r.mu.Lock()
	r.meeting = m
	r.mu.Unlock()
	r.wakeLobby(ctx)
	r.hub.Changed(ctx, string(wire.TopicMeeting), info.ID.String(), r.id)
	return m, nil
}

// wakeLobby tells those who wait for this meeting that it has begun. Who was let
// in before, and came back before anybody else, goes straight in.
func (r *room) wakeLobby(ctx context.Context) {
	for _, s := range r.waitingFor() {
		s.send(&wire.RoomLive{Room: r.id.String(), Live: true})
		if err := s.rereadGuest(ctx, nil); err != nil {
			r.hub.Log.WarnContext(ctx, "a guest's rights could not be read anew", "err", err)
		}
		if s.admitted.Load() {
			r.dismissWaiter(s, r.admittedTo(s))
		}
	}
}

// waitingFor lists those in the lobby whose meeting is on.
func (r *room) waitingFor() []*session {
	r.mu.Lock()
	defer r.mu.Unlock()
	var waiting []*session
	for _, w := range r.waiting {
		if r.isOnLocked(w.session) {
			waiting = append(waiting, w.session)
		}
	}
	return waiting
}

// leads says whether the session's person leads the meeting, by what was arranged.
func (r *room) leads(ctx context.Context, m *meeting, s *session) (bool, error) {
	if s.me.Kind == chat.GuestPerson {
		return false, nil
	}
	return r.hub.Meetings.Leads(ctx, m.info.ID, s.me.ID)
}

// enter makes the session's participant, or hands it the one that is there.
func (r *room) enter(m *meeting, s *session, leads bool) (*participant, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.openToLocked(s); err != nil {
		return nil, err
	}
	if r.rest != nil {
		r.rest.Stop()
	}
	delete(r.waiting, s.me.ID)
	r.tellLobbyLocked()
	p := r.participants[s.me.ID]
	if p != nil {
		if old := p.session; old != nil && old != s {
			old.setRoom(nil)
			old.send(&wire.Removed{Room: r.id.String(), Reason: wire.RemovedTakenOver})
		}
		for _, source := range allSources() {
			p.switchOffLocked(source)
		}
	} else {
		peer, err := m.media.Join(peerOf(s.me.ID))
		if err != nil {
			return nil, err
		}
		p = &participant{
			person: s.me, joined: time.Now().UTC(), peer: peer, role: r.roleLocked(m, s, leads), leads: leads, quality: wire.QualityGood,
			live: make(map[wire.Source]bool), untold: make(map[wire.Source]bool),
			muted: make(map[wire.Source]string), wanted: make(map[sfu.Source]uint8),
		}
		r.participants[s.me.ID] = p
	}
	p.takeLocked(s)
	s.setRoom(r)
	return p, nil
}

// openToLocked says whether the meeting itself lets somebody in. It is asked in
// the moment of entering: a lock, a removal or the end of a sign-in that came
// before is seen, and one that comes later finds the participant.
func (r *room) openToLocked(s *session) error {
	locked := r.meeting != nil && r.meeting.locked && r.participants[s.me.ID] == nil
	switch {
	case s.over.Load():
		return errGone
	case s.me.Kind == chat.GuestPerson && (!s.admitted.Load() || !r.isOnLocked(s)):
		return failure(wire.CodeMustKnock, "knock first")
	case r.blocked[s.me.ID]:
		return failure(wire.CodeForbidden, "the host has put you out of this meeting")
	case locked && r.meeting.info.Host != s.me.ID:
		return failure(wire.CodeLocked, "the host has locked the meeting")
	}
	return nil
}

// roleLocked: the arranged host is host. Until it comes somebody who leads is, and
// until then the first account, which stands in.
func (r *room) roleLocked(m *meeting, s *session, leads bool) wire.Role {
	if s.me.Kind == chat.GuestPerson {
		return wire.RoleParticipant
	}
	var host *participant
	for _, p := range r.participants {
		if p.role == wire.RoleHost {
			host = p
		}
	}
	switch {
	case host == nil:
		return wire.RoleHost
	case m.info.Host == s.me.ID || leads && !host.mayLead():
		host.role = wire.RoleCohost // it stood in until now
		r.tellStateLocked(host)
		return wire.RoleHost
	}
	return wire.RoleParticipant
}

// undo takes out a participant whose offer could not be answered.
func (r *room) undo(p *participant, s *session) {
	r.mu.Lock()
	mine := r.participants[p.person.ID] == p && p.session == s
	if mine {
		r.takeOutLocked(p)
		s.setRoom(nil)
	}
	r.mu.Unlock()
	if mine {
		r.afterLeaving(p)
	}
}

// renegotiate answers a later offer.
func (r *room) renegotiate(ctx context.Context, s *session, m *wire.Renegotiate) (wire.ServerMessage, error) {
	offer, err := fromOffer(m.Offer)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	p, err := r.ofLocked(s)
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	answer, err := r.answer(ctx, s, p, offer)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{SDP: answer}, nil
}

// mediaEvents hears the media engine.
type mediaEvents struct{ room *room }

// Seated implements sfu.Events.
func (e *mediaEvents) Seated(peer sfu.PeerID, seats []sfu.Seating) {
	e.room.mu.Lock()
	defer e.room.mu.Unlock()
	p, err := e.room.namedLocked(string(peer))
	if err != nil {
		return // left meanwhile
	}
	p.seats = toSeats(seats)
	if p.session != nil {
		p.session.send(&wire.Seated{Seats: p.seats})
	}
}

// Wanted implements sfu.Events.
func (e *mediaEvents) Wanted(peer sfu.PeerID, source sfu.Source, layers uint8) {
	e.room.mu.Lock()
	defer e.room.mu.Unlock()
	p, err := e.room.namedLocked(string(peer))
	if err != nil {
		return // left meanwhile
	}
	p.wanted[source] = layers
	if p.session != nil {
		p.session.send(toWanted(source, layers))
	}
}

// Speaking implements sfu.Events.
func (e *mediaEvents) Speaking(speakers []sfu.Speaker) {
	list := make([]string, 0, len(speakers))
	for _, s := range speakers {
		list = append(list, string(s.Peer))
	}
	frame := e.room.hub.encode("", &wire.Speaking{Participants: list})
	e.room.mu.Lock()
	defer e.room.mu.Unlock()
	if e.room.meeting == nil {
		return
	}
	e.room.meeting.speaking = list
	e.room.putLocked(frame, true)
}

// PeerState implements sfu.Events. A connection that failed is restarted by
// its client; here it only shows, until it is back.
func (e *mediaEvents) PeerState(peer sfu.PeerID, state sfu.PeerState) {
	quality := wire.QualityGood
	switch state {
	case sfu.Failed:
		quality = wire.QualityPoor
	case sfu.Connected:
	default:
		return
	}
	e.room.mu.Lock()
	defer e.room.mu.Unlock()
	p, err := e.room.namedLocked(string(peer))
	if err != nil {
		return
	}
	if state == sfu.Failed && p.session != nil && p.session.isAppliance() {
		p.session.kick(statusRestart, "its connection failed") // it makes another offer
	}
	if p.quality == quality {
		return
	}
	p.quality = quality
	e.room.tellStateLocked(p)
}
