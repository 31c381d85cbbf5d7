package notify

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// rescued is what the queue notes of a job whose process died under it, or
	// that did not end when its time was over.
	rescued = "Stuck job rescued by JobRescuer"
	// maxRescued is how often that may happen to a job before it is put aside.
	maxRescued = 2
	// standAside is how long a job waits while a suspect is tried.
	standAside = 5 * time.Second
)

var errPutAside = errors.New("this job has stopped the hub twice and is put aside")

// quarantine is a middleware that keeps one job from ending the process again
// and again. A job that was running when the process died is tried once more
// alone, so that nothing else dies with it, and after the second death no more.
type quarantine struct {
	river.MiddlewareDefaults
	letters *worker
	log     *slog.Logger

	suspects sync.Mutex   // held by the suspect that is tried; taken before running
	running  sync.RWMutex // read-held by every other job
}

// Work implements rivertype.WorkerMiddleware.
func (q *quarantine) Work(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) error {
	switch deaths := timesRescued(job); {
	case deaths >= maxRescued:
		return q.putAside(ctx, job)
	case deaths > 0:
		return q.alone(ctx, do)
	}
	if !q.running.TryRLock() {
		return river.JobSnooze(standAside)
	}
	return holding(ctx, q.running.RUnlock, do)
}

// holding does a job and lets go of a lock when it ends; at the latest when
// its time is over, since a job may go on all the same.
func holding(ctx context.Context, unlock func(), do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	release := sync.OnceFunc(unlock)
	defer release()
	defer context.AfterFunc(ctx, release)()
	return do(ctx)
}

func timesRescued(job *rivertype.JobRow) (n int) {
	for _, e := range job.Errors {
		if e.Error == rescued {
			n++
		}
	}
	return n
}

func (q *quarantine) alone(ctx context.Context, do func(context.Context) error) error {
	if !q.suspects.TryLock() {
		return river.JobSnooze(standAside)
	}
	q.running.Lock()
	return holding(ctx, func() {
		q.running.Unlock()
		q.suspects.Unlock()
	}, do)
}

// putAside ends a job for good. Of a letter, those who wait for it are told.
func (q *quarantine) putAside(ctx context.Context, job *rivertype.JobRow) error {
	q.log.ErrorContext(ctx, "a job has stopped the process twice and is put aside", "job", job.ID, "kind", job.Kind, "args", string(job.EncodedArgs))
	if job.Kind == (Job{}).Kind() {
		var letter Job
		if err := json.Unmarshal(job.EncodedArgs, &letter); err == nil {
			if err := q.letters.giveUp(ctx, letter, errPutAside); err != nil {
				return err
			}
		}
	}
	return river.JobCancel(errPutAside)
}
