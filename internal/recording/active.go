package recording

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
	"github.com/yunqiao/yunqiao/sfu"
)

const (
	queueLength = 8192 // some seconds of a large meeting
	advanceTick = 100 * time.Millisecond
	slabSize    = 64 << 10
)

// Active is a recording that is running. One goroutine owns its files; the media
// path only puts packets into a bounded queue, and drops them when the disk does
// not keep up.
type Active struct {
	// Set by newActive.
	recorder  *Recorder
	id        uuid.UUID
	meetingID uuid.UUID
	startedAt time.Time
	name      func(sfu.PeerID) (participantID, name string)
	log       *slog.Logger
	stopTap   func()
	queue     chan tapped
	stopping  chan struct{}
	stop      sync.Once
	done      chan struct{}

	dropped atomic.Uint64

	mu   sync.Mutex
	slab []byte                     // guarded by mu
	lost map[sfu.TapTrack]bool      // guarded by mu: a packet was dropped before the next
	err  error                      // set before done is closed
	sum  *manifest                  // owned by run
	live map[fileKey]*file          // owned by run
	who  map[sfu.PeerID]participant // owned by run
}

type fileKey struct {
	peer sfu.PeerID
	kind Kind
}

type participant struct{ id, name string }

// tapped is a packet in the queue.
type tapped struct {
	track  sfu.TapTrack
	packet rtpPacket
}

func (r *Recorder) newActive(id uuid.UUID, at time.Time, req StartRequest) *Active {
	return &Active{
		recorder: r, id: id, meetingID: req.MeetingID, startedAt: at, name: req.Name,
		log:   r.log.With("recording", id, "meeting", req.MeetingID),
		queue: make(chan tapped, queueLength), stopping: make(chan struct{}), done: make(chan struct{}),
		lost: map[sfu.TapTrack]bool{},
		sum:  &manifest{ID: id, MeetingID: req.MeetingID, StartedAt: at, Files: []manifestFile{}},
		live: map[fileKey]*file{}, who: map[sfu.PeerID]participant{},
	}
}

// ID is the recording's id.
func (a *Active) ID() uuid.UUID { return a.id }

// StartedAt is when the recording began.
func (a *Active) StartedAt() time.Time { return a.startedAt }

// Done is closed when the recording has ended, by Stop or by an error.
func (a *Active) Done() <-chan struct{} { return a.done }

// Err is why the recording failed; nil while it runs and after a good end.
func (a *Active) Err() error {
	select {
	case <-a.done:
		return a.err
	default:
		return nil
	}
}

// Stop ends the recording and waits until its files are finished.
func (a *Active) Stop(ctx context.Context) error {
	a.stop.Do(func() { close(a.stopping) })
	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// RTP implements sfu.Sink.
func (a *Active) RTP(track sfu.TapTrack, p sfu.TapPacket) {
	t := tapped{track: track, packet: rtpPacket{
		sequence: p.SequenceNumber, ts: p.Timestamp, marker: p.Marker, arrived: p.Arrived.Sub(a.startedAt),
		codec: p.Codec, key: p.Key, width: p.Width, height: p.Height,
	}}
	if !p.Captured.IsZero() {
		t.packet.captured, t.packet.known = p.Captured.Sub(a.startedAt), true
	}
	a.mu.Lock()
	t.packet.payload = a.copyLocked(p.Payload)
	t.packet.lost = a.lost[track]
	select {
	case a.queue <- t:
		if t.packet.lost {
			delete(a.lost, track)
		}
	default:
		a.lost[track] = true
		a.dropped.Add(1)
	}
	a.mu.Unlock()
}

// copyLocked keeps a payload, many to an allocation.
func (a *Active) copyLocked(b []byte) []byte {
	if len(b) > len(a.slab) {
		a.slab = make([]byte, max(slabSize, len(b)))
	}
	kept := a.slab[:copy(a.slab, b):len(b)]
	a.slab = a.slab[len(b):]
	return kept
}

// run owns the files from the first packet to the last.
func (a *Active) run(ctx context.Context) {
	defer close(a.done)
	err := a.record()
	a.stopTap()
	for len(a.queue) > 0 && err == nil {
		a.take(<-a.queue)
	}
	for _, f := range a.live {
		if e := f.finish(); e != nil {
			err = errors.Join(err, e)
		}
	}
	if n := a.dropped.Load(); n > 0 {
		a.log.WarnContext(ctx, "recording has gaps: the disk was too slow", "packets", n)
	}
	a.err = a.recorder.end(ctx, a, err)
	if a.err != nil {
		a.log.ErrorContext(ctx, "recording failed", "err", a.err)
	}
}

// record takes packets until it is told to stop or the disk fails.
func (a *Active) record() error {
	tick := time.NewTicker(advanceTick)
	defer tick.Stop()
	for {
		select {
		case <-a.stopping:
			return nil
		case t := <-a.queue:
			a.take(t)
		case <-tick.C:
			now := time.Since(a.startedAt)
			for _, f := range a.live {
				if err := f.advance(now); err != nil {
					return err
				}
			}
		}
	}
}

func (a *Active) take(t tapped) {
	key := fileKey{peer: t.track.Peer, kind: Person}
	if t.track.Source == sfu.Screen || t.track.Source == sfu.ScreenAudio {
		key.kind = Screen
	}
	f := a.live[key]
	if f == nil {
		f = a.newFile(key)
		a.live[key] = f
	}
	f.push(t.packet, t.track.Source.Video(), t.track.Visit)
}

func (a *Active) newFile(key fileKey) *file {
	who, ok := a.who[key.peer]
	if !ok {
		who.id, who.name = a.name(key.peer)
		a.who[key.peer] = who
	}
	entry := manifestFile{ParticipantID: who.id, Name: who.name, Kind: key.kind}
	var f *file
	f = newFile(entry, a.recorder.folder.open, func(doc webm.Doc) {
		f.entry.ID = uuid.Must(uuid.NewV7())
		f.entry.Path = filePath(a.sum, f.entry.ID, doc)
	}, func() error {
		a.sum.Files = append(a.sum.Files, f.entry)
		return a.recorder.folder.save(a.sum)
	})
	return f
}

// finished is the manifest with what every file came to.
func (a *Active) finished() *manifest {
	for i := range a.sum.Files {
		for _, f := range a.live {
			for _, part := range append(f.parts, f.entry) {
				if part.ID == a.sum.Files[i].ID {
					a.sum.Files[i] = part
				}
			}
		}
	}
	return a.sum
}
