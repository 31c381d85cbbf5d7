package signaling

import (
	"context"

	"github.com/yunqiao/yunqiao/signaling/wire"
)

// dispatch carries out one message: a flat switch over all of them. A test
// sends every message of the protocol and fails where one has no case here.
func (s *session) dispatch(ctx context.Context, m wire.ClientMessage) (wire.ServerMessage, error) {
	switch m := m.(type) {
	case *wire.Hello:
		return nil, failure(wire.CodeConflict, "hello was said already")
	case *wire.Ping:
		return pong(), nil
	case *wire.Knock:
		return s.knock(ctx, m)
	case *wire.Join:
		return s.join(ctx, m)
	case *wire.Post:
		return s.post(ctx, m)
	case *wire.Edit:
		return s.edit(ctx, m)
	case *wire.Delete:
		return s.deleteMessage(ctx, m)
	case *wire.React:
		return s.react(ctx, m)
	case *wire.PinMessage:
		return s.pin(ctx, m)
	case *wire.Confirm:
		return s.confirm(ctx, m)
	case *wire.Read:
		return nil, s.markRead(ctx, m)
	case *wire.GetMarks:
		return s.getMarks(ctx, m)
	case *wire.Typing:
		return nil, s.typing(ctx, m)
	case *wire.History:
		return s.history(ctx, m)
	case *wire.CatchUp:
		return s.catchUp(ctx, m)
	case *wire.CatchUpRooms:
		return s.catchUpRooms(ctx, m)
	case *wire.Ring:
		return s.ring(ctx, m)
	case *wire.AnswerCall:
		return nil, s.answerCall(ctx, m)
	case *wire.CancelCall:
		return nil, s.cancelCall(ctx, m)
	default:
		return s.dispatchMeeting(ctx, m)
	}
}

// dispatchMeeting carries out what needs to be in a meeting.
func (s *session) dispatchMeeting(ctx context.Context, m wire.ClientMessage) (wire.ServerMessage, error) {
	r := s.room()
	if r == nil {
		return nil, errNotInMeeting
	}
	switch m := m.(type) {
	case *wire.Renegotiate:
		return r.renegotiate(ctx, s, m)
	case *wire.Leave:
		return nil, r.leaveBy(s)
	case *wire.View:
		return nil, r.view(s, m)
	case *wire.SetSource:
		return nil, r.setSource(s, m)
	case *wire.Measure:
		return r.measure(s, m)
	case *wire.Hand:
		return nil, r.hand(s, m)
	case *wire.Cheer:
		return nil, r.cheer(s, m)
	case *wire.ReportQuality:
		return nil, r.quality(s, m)
	default:
		return nil, r.moderate(ctx, s, m)
	}
}

// moderate carries out what only hosts and cohosts may, and of that what is for
// those whose meeting it is.
func (r *room) moderate(ctx context.Context, s *session, m wire.ClientMessage) error {
	if err := r.requireRight(s, m); err != nil {
		return err
	}
	if err := r.note(ctx, m); err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Admit:
		return r.admit(ctx, m)
	case *wire.Refuse:
		return r.refuse(m)
	case *wire.Mute:
		return r.mute(s, m)
	case *wire.AskUnmute:
		return r.askUnmute(s, m)
	case *wire.Remove:
		return r.removeBy(ctx, s, m)
	case *wire.Lock:
		return r.lock(s, m)
	case *wire.Appoint:
		return r.appoint(s, m)
	case *wire.Record:
		return r.record(ctx, s, m)
	case *wire.End:
		return r.end(ctx, s, m)
	}
	return failure(wire.CodeUnknownType, wire.TypeOf(m))
}
