// Package recording keeps meetings: it taps the media, writes each participant's
// sound and picture to a file of their own without transcoding, and gives the
// files back for playing together.
package recording

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/sfu"
)

// State is what has become of a recording.
type State string

// The states of a recording.
const (
	Running State = "recording"
	Done    State = "done"
	Failed  State = "failed" // what was written before is kept
)

// ErrRunning is the answer to starting a second recording of a meeting.
var ErrRunning = problem.New(409, "recording_running", "the meeting is being recorded already")

const endTimeout = 30 * time.Second

// StartRequest says what to record.
type StartRequest struct {
	MeetingID     uuid.UUID
	StartedBy     uuid.UUID
	StartedByName string
	Media         *sfu.Meeting
	// Name tells whose a peer's file is. It must not wait for the recording.
	Name func(sfu.PeerID) (participantID, name string)
}

// Recorder starts recordings and keeps those finished.
type Recorder struct {
	store  store
	folder *folder
	log    *slog.Logger

	mu     sync.Mutex
	active map[uuid.UUID]*Active // guarded by mu: by meeting; nil while starting
}

// New opens the folder of recordings in the data folder.
func New(pool *pgxpool.Pool, data string, log *slog.Logger) (*Recorder, error) {
	f, err := openFolder(data)
	if err != nil {
		return nil, err
	}
	return &Recorder{store: store{pool}, folder: f, log: log, active: map[uuid.UUID]*Active{}}, nil
}

// Start begins to record a meeting. The recording runs until Stop, until Close
// of the recorder, or until the disk fails; ctx only covers the start.
func (r *Recorder) Start(ctx context.Context, req StartRequest) (*Active, error) {
	r.mu.Lock()
	if _, ok := r.active[req.MeetingID]; ok {
		r.mu.Unlock()
		return nil, ErrRunning
	}
	r.active[req.MeetingID] = nil
	r.mu.Unlock()
	a, err := r.start(ctx, req)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		delete(r.active, req.MeetingID)
		return nil, err
	}
	r.active[req.MeetingID] = a
	go a.run(context.WithoutCancel(ctx)) // ended and waited for by Stop and Close
	return a, nil
}

func (r *Recorder) start(ctx context.Context, req StartRequest) (*Active, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make recording id: %w", err)
	}
	a := r.newActive(id, time.Now(), req)
	if err := r.folder.root.MkdirAll(a.sum.dir(), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of recording: %w", err)
	}
	if err := r.folder.save(a.sum); err != nil {
		return nil, err
	}
	if err := r.store.insert(ctx, a, req); err != nil {
		return nil, errors.Join(err, r.folder.remove(a.meetingID, a.id))
	}
	a.stopTap, err = req.Media.Tap(a)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record meeting %s: %w", req.MeetingID, err),
			r.store.end(context.WithoutCancel(ctx), a.sum, Failed, time.Now()))
	}
	return a, nil
}

// Active is the running recording of a meeting.
func (r *Recorder) Active(meeting uuid.UUID) (*Active, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.active[meeting]
	return a, a != nil
}

// Close stops every recording and waits for its files.
func (r *Recorder) Close(ctx context.Context) error {
	r.mu.Lock()
	var list []*Active
	for _, a := range r.active {
		if a != nil {
			list = append(list, a)
		}
	}
	r.mu.Unlock()
	var errs []error
	for _, a := range list {
		errs = append(errs, a.Stop(ctx))
	}
	return errors.Join(append(errs, r.folder.root.Close())...)
}

// end writes down what became of a recording; failure is why it ended early.
func (r *Recorder) end(ctx context.Context, a *Active, failure error) error {
	defer func() {
		r.mu.Lock()
		delete(r.active, a.meetingID)
		r.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	m, state := a.finished(), Done
	if failure != nil {
		// Some files were not finished; what is in them is whole.
		state = Failed
		failure = errors.Join(failure, r.folder.repair(m))
	} else {
		failure = r.folder.digest(m)
	}
	return errors.Join(failure, r.store.end(ctx, m, state, time.Now()))
}

// Repair finishes what a crash left unfinished; call it before the first Start.
// A recording whose files lie on another machine is left alone.
func (r *Recorder) Repair(ctx context.Context) error {
	unfinished, err := r.store.unfinished(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, u := range unfinished {
		if _, running := r.Active(u.MeetingID); running {
			continue
		}
		errs = append(errs, r.repair(ctx, u))
	}
	return errors.Join(errs...)
}

func (r *Recorder) repair(ctx context.Context, u unfinished) error {
	m, err := r.folder.load(u.MeetingID, u.ID)
	if err != nil {
		r.log.WarnContext(ctx, "unfinished recording is not on this machine", "recording", u.ID, "err", err)
		return nil
	}
	if err := r.folder.repair(m); err != nil {
		return fmt.Errorf("repair recording %s: %w", u.ID, err)
	}
	stopped := m.StartedAt
	for _, f := range m.Files {
		end := m.StartedAt.Add(time.Duration(f.OffsetMS+f.DurationMS) * time.Millisecond)
		if end.After(stopped) {
			stopped = end
		}
	}
	r.log.InfoContext(ctx, "recording repaired", "recording", u.ID, "meeting", u.MeetingID, "files", len(m.Files))
	return r.store.end(ctx, m, Done, stopped)
}
