package signaling

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// This file: what only hosts and cohosts may do. requireRight was called.

// forLeaders says of what a moderator asks whether only those may whose meeting it
// is. Who stands in keeps order: it lets in and refuses, mutes, puts out until the
// next knock, appoints others who stand in, and closes the meeting so that it can go
// on (see end). It locks nobody out, or those whose meeting it is might find it shut.
func forLeaders(m wire.ClientMessage) bool {
	switch m := m.(type) {
	case *wire.Record, *wire.Lock:
		return true
	case *wire.Remove:
		return m.Block
	}
	return false
}

// requireRight says whether the session may ask for that in the meeting.
func (r *room) requireRight(s *session, m wire.ClientMessage) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.ofLocked(s)
	switch {
	case err != nil:
		return err
	case !p.moderates():
		return errModerators
	case forLeaders(m) && p.standsIn():
		return errStandsIn
	}
	return nil
}

// admit lets people in from the lobby, and remembers it for their device.
func (r *room) admit(ctx context.Context, m *wire.Admit) error {
	ids, err := parseIDs("people", m.People)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(r.waitingFor(), func(s *session) bool { return !m.All && !slices.Contains(ids, s.me.ID) })
	if len(chosen) == 0 && !m.All {
		return failure(wire.CodeNotFound, "nobody of that name waits").at("people")
	}
	since, err := r.hub.Chat.Newest(ctx, r.id)
	if err != nil {
		return err
	}
	var errs []error // one whose link ended meanwhile keeps nobody else out
	for _, s := range chosen {
		err := s.rereadGuest(ctx, func(ctx context.Context) error { return r.hub.Guests.Admit(ctx, s.guest, since) })
		if err == nil && s.admitted.Load() {
			r.dismissWaiter(s, r.admittedTo(s))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (r *room) admittedTo(s *session) *wire.Admitted {
	return &wire.Admitted{Room: r.id.String(), ICEServers: r.hub.Relays(s.me.ID)}
}

// dismissWaiter takes a session out of the lobby and tells it why.
func (r *room) dismissWaiter(s *session, m wire.ServerMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.waiting[s.me.ID]; w == nil || w.session != s {
		return
	}
	delete(r.waiting, s.me.ID)
	s.setRoom(nil)
	s.send(m)
	r.tellLobbyLocked()
}

func (r *room) refuse(m *wire.Refuse) error {
	id, err := parseID("person", m.Person)
	if err != nil {
		return err
	}
	r.mu.Lock()
	w := r.waiting[id]
	r.mu.Unlock()
	if w == nil {
		return failure(wire.CodeNotFound, "nobody of that name waits").at("person")
	}
	r.dismissWaiter(w.session, &wire.Refused{Room: r.id.String()})
	return nil
}

// mute stops a source at the node, be it on or off: whatever its client sends,
// nothing of it is forwarded until the participant, who is told, lifts it.
func (r *room) mute(s *session, m *wire.Mute) error {
	media, err := sourceOf(m.Source)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Everyone {
		for _, p := range r.participants {
			if !p.moderates() {
				r.muteLocked(s, p, m.Source, media)
			}
		}
		return nil
	}
	p, err := r.namedLocked(m.Participant)
	if err == nil {
		r.muteLocked(s, p, m.Source, media)
	}
	return err
}

func (r *room) muteLocked(s *session, p *participant, source wire.Source, media sfu.Source) {
	if p.muted[source] != "" && !p.live[source] {
		return // already
	}
	p.muted[source] = s.me.ID.String()
	p.peer.SetMuted(media, true)
	p.switchOffLocked(source)
	if p.session != nil {
		p.session.send(&wire.Muted{Source: source, By: s.me.ID.String()})
	}
	r.tellStateLocked(p)
}

func (r *room) askUnmute(s *session, m *wire.AskUnmute) error {
	if _, err := sourceOf(m.Source); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.namedLocked(m.Participant)
	if err == nil && p.session != nil {
		p.session.send(&wire.UnmuteAsked{Source: m.Source, By: s.me.ID.String()})
	}
	return err
}

// removeBy puts somebody out. A guest has to knock again; with Block a guest's
// link ends, and an account stays out until the meeting is over.
func (r *room) removeBy(ctx context.Context, s *session, m *wire.Remove) error {
	r.mu.Lock()
	p, err := r.namedLocked(m.Participant)
	switch {
	case err != nil:
	case p.session == s:
		err = failure(wire.CodeInvalid, "leave instead").at("participant")
	case p.role == wire.RoleHost:
		err = failure(wire.CodeForbidden, "the host is not put out")
	case p.mayLead() && r.standsInLocked(s):
		err = errStandsIn
	case m.Block && p.person.Kind == chat.AccountPerson:
		r.blocked[p.person.ID] = true
	}
	r.mu.Unlock()
	if err != nil {
		return err
	}
	if p.person.Kind == chat.GuestPerson {
		if err := r.hub.Guests.Dismiss(ctx, p.person.ID, m.Block); err != nil {
			return err
		}
	}
	r.remove(p.person.ID, wire.RemovedByHost)
	switch {
	case p.person.Kind != chat.GuestPerson:
	case m.Block:
		r.hub.GuestRevoked(p.person.ID)
	default:
		r.hub.revoke(revocation{Dismissed: p.person.ID}) // on every device
	}
	return nil
}

func (r *room) lock(s *session, m *wire.Lock) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.ofLocked(s); err != nil {
		return err // ended meanwhile
	}
	r.meeting.locked = m.Locked
	r.tellLocked(&wire.MeetingChanged{Meeting: r.stateLocked()})
	return nil
}

// appoint gives roles; only the host does. Appointing a host hands the role over.
func (r *room) appoint(s *session, m *wire.Appoint) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	me, err := r.ofLocked(s)
	if err != nil {
		return err
	}
	if me.role != wire.RoleHost {
		return failure(wire.CodeForbidden, "only the host appoints")
	}
	p, err := r.namedLocked(m.Participant)
	switch {
	case err != nil:
		return err
	case p == me:
		return failure(wire.CodeInvalid, "the host appoints others").at("participant")
	case p.person.Kind == chat.GuestPerson && m.Role != wire.RoleParticipant:
		return failure(wire.CodeForbidden, "guests do not moderate").at("participant")
	}
	p.deputy = m.Role != wire.RoleParticipant && me.mayLead() // who is appointed may as much as who appoints
	switch m.Role {
	case wire.RoleHost:
		me.role = wire.RoleCohost
		r.tellStateLocked(me)
	case wire.RoleCohost, wire.RoleParticipant:
	default:
		return failure(wire.CodeInvalid, "host, cohost or participant").at("role")
	}
	p.role = m.Role
	r.tellStateLocked(p)
	r.tellLobbyLocked()
	return nil
}

// record starts or stops the recording; everybody sees it.
func (r *room) record(ctx context.Context, s *session, m *wire.Record) error {
	r.joining.Lock()
	defer r.joining.Unlock()
	if err := r.requireRight(s, m); err != nil {
		return err // not any more, after the wait
	}
	r.mu.Lock()
	live := r.meeting
	running := live != nil && live.recording != nil
	r.mu.Unlock()
	switch {
	case live == nil:
		return errNotInMeeting
	case !m.On:
		return r.stopRecording(ctx, live)
	case running:
		return nil // already
	case !live.info.MayBeRecorded:
		return failure(wire.CodeForbidden, "this meeting was announced as not recorded")
	}
	names := func(id sfu.PeerID) string { return r.nameOf(string(id)) }
	started, err := r.hub.Recorder.Start(ctx, live.info.ID, s.me, live.media, names)
	if err != nil {
		return err
	}
	rec := &recording{Running: started, since: time.Now().UTC(), by: s.me.Name}
	r.setRecording(live, rec)
	r.hub.Changed(ctx, string(wire.TopicRecordings), live.info.ID.String(), r.id)
	if r.hub.start() {
		go func() {
			defer r.hub.finish()
			r.watch(live, rec)
		}()
	}
	return nil
}

// watch tells everybody when a recording ends by itself, as on a full disk.
// Every recording ends, at the latest with its meeting.
func (r *room) watch(live *meeting, rec *recording) {
	<-rec.Done()
	r.mu.Lock()
	itself := live.recording == rec
	r.mu.Unlock()
	if itself {
		r.setRecording(live, nil)
		r.hub.Changed(context.Background(), string(wire.TopicRecordings), live.info.ID.String(), r.id)
	}
}

func (r *room) stopRecording(ctx context.Context, live *meeting) error {
	r.mu.Lock()
	rec := live.recording
	r.mu.Unlock()
	if rec == nil {
		return nil
	}
	r.setRecording(live, nil)
	err := rec.Stop(ctx)
	r.hub.Changed(ctx, string(wire.TopicRecordings), live.info.ID.String(), r.id)
	return err
}

func (r *room) setRecording(live *meeting, rec *recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	live.recording = rec
	if r.meeting == live {
		r.tellLocked(&wire.MeetingChanged{Meeting: r.stateLocked()})
	}
}

func (r *room) nameOf(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, err := r.namedLocked(id); err == nil {
		return p.person.Name
	}
	return ""
}

// end ends the meeting for everybody. When who asks stands in, it rests: until its
// time is over it can be gone on with.
func (r *room) end(ctx context.Context, s *session, m *wire.End) error {
	r.joining.Lock()
	defer r.joining.Unlock()
	if err := r.requireRight(s, m); err != nil {
		return err // not any more, or ended already, after the wait
	}
	how := endedByHost
	r.mu.Lock()
	if r.standsInLocked(s) {
		how = endedByStandIn
	}
	r.mu.Unlock()
	return r.close(ctx, how)
}

func (r *room) standsInLocked(s *session) bool {
	p, err := r.ofLocked(s)
	return err == nil && p.standsIn()
}
