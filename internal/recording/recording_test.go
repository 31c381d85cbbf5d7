package recording

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
	"github.com/yunqiao/yunqiao/internal/recording/webm"
	"github.com/yunqiao/yunqiao/sfu"
)

func TestMain(m *testing.M) {
	if os.Getenv(envURL) != "" {
		victim()
		return
	}
	os.Exit(pgtest.Run(m))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		case <-poll.C:
		}
	}
}

// meeting makes a row for recordings to belong to.
func meeting(t *testing.T, pool *pgxpool.Pool) uuid.UUID {
	t.Helper()
	who, id := uuid.New(), uuid.New()
	_, err := pool.Exec(t.Context(), `
		insert into accounts (id, name, user_name, role) values ($1, '测试', $2, 'staff')`, who, who.String())
	must(t, err)
	_, err = pool.Exec(t.Context(), `
		insert into meetings (id, room_id, own_room, title, host_id, created_by, starts_at, ends_at, time_zone)
		values ($1, $1, true, 'x', $2, $2, now(), now() + interval '1 hour', 'Asia/Shanghai')`, id, who)
	must(t, err)
	return id
}

func request(id uuid.UUID, m *sfu.Meeting) StartRequest {
	return StartRequest{
		MeetingID: id, StartedBy: uuid.New(), StartedByName: "主持人", Media: m,
		Name: func(p sfu.PeerID) (string, string) { return "id-" + string(p), "名-" + string(p) },
	}
}

func open(t *testing.T, pool *pgxpool.Pool, dir string) *Recorder {
	t.Helper()
	r, err := New(pool, dir, quiet())
	must(t, err)
	t.Cleanup(func() { must(t, r.Close(context.Background())) })
	return r
}

func TestEveryParticipantsFile(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	r := open(t, pool, dir)
	s, err := newStudio()
	must(t, err)
	defer s.close()
	must(t, s.enter("early", 0))
	id := meeting(t, pool)
	a, err := r.Start(t.Context(), request(id, s.meeting))
	must(t, err)
	if _, err := r.Start(t.Context(), request(id, s.meeting)); !errors.Is(err, ErrRunning) {
		t.Errorf("a second recording: %v", err)
	}
	eventually(t, "a second passes", func() bool { return time.Since(a.StartedAt()) > 1500*time.Millisecond })
	must(t, s.enter("late", time.Second))
	eventually(t, "five seconds pass", func() bool { return time.Since(a.StartedAt()) > 5*time.Second })
	must(t, a.Stop(t.Context()))

	list, err := r.store.list(t.Context(), id)
	must(t, err)
	if len(list) != 1 || list[0].State != Done || list[0].StoppedAt == nil || len(list[0].Files) != 2 {
		t.Fatalf("%+v", list)
	}
	files := list[0].Files
	early, late := files[0], files[1]
	if early.Name != "名-early" || early.ParticipantID != "id-early" || early.OffsetMS > 400 || early.DurationMS < 4500 {
		t.Errorf("early: %+v", early)
	}
	if late.Name != "名-late" || late.OffsetMS < 1400 || late.OffsetMS > 2500 || late.DurationMS < 2500 {
		t.Errorf("late: %+v", late)
	}
	for _, f := range files {
		if !f.HasAudio || !f.HasVideo || len(f.SHA256) != 64 {
			t.Errorf("%+v", f)
		}
		check(t, filepath.Join(dir, "recordings", f.path), f)
	}
}

// check reads a finished file through.
func check(t *testing.T, name string, want RecordingFile) {
	t.Helper()
	in, err := os.Open(name)
	must(t, err)
	defer in.Close()
	var sounds, pictures int
	var first [3]time.Duration
	c, err := webm.Read(in, want.Bytes, func(b webm.Block) error {
		if b.Track == webm.Audio {
			sounds++
		} else if pictures++; pictures == 1 {
			if first[webm.Video] = b.At; !b.Key {
				t.Error("the first picture is no key frame")
			}
		}
		return nil
	})
	must(t, err)
	length := time.Duration(want.DurationMS) * ms
	if !c.Finished || c.Duration != length || len(c.Cues) < 2 {
		t.Errorf("%s: %+v", want.Name, c)
	}
	if got, full := sounds, int(length/(20*ms)); got < full*95/100 || got > full+5 {
		t.Errorf("%s: %d sounds in %v", want.Name, got, length)
	}
	if got, full := pictures, int((length-first[webm.Video])/(40*ms)); got < full*90/100 || got > full+5 {
		t.Errorf("%s: %d pictures in %v", want.Name, got, length-first[webm.Video])
	}
}

func TestWhoComesBackGoesOnInTheSameFile(t *testing.T) {
	t.Parallel()
	pool, dir := pgtest.New(t), t.TempDir()
	r := open(t, pool, dir)
	a := r.newActive(uuid.New(), time.Now(), request(meeting(t, pool), nil))
	must(t, r.folder.root.MkdirAll(a.sum.dir(), 0o700))
	for visit := range 2 {
		for n := range 100 {
			at := time.Duration(visit)*10*time.Second + time.Duration(n)*20*ms
			a.RTP(sfu.TapTrack{Peer: "a", Source: sfu.Microphone, ClockRate: 48000, Visit: uint64(visit + 1)}, sfu.TapPacket{
				SequenceNumber: uint16(40000*(1-visit) + n), Timestamp: uint32(visit*1e9 + n*960), Payload: []byte("\xf8sound"),
				Arrived: a.startedAt.Add(at),
			})
		}
	}
	for len(a.queue) > 0 {
		a.take(<-a.queue)
	}
	f := a.live[fileKey{"a", Person}]
	must(t, f.finish())
	in, err := r.folder.root.Open(f.entry.Path)
	must(t, err)
	defer in.Close()
	var at []time.Duration
	_, err = webm.Read(in, f.entry.Bytes, func(b webm.Block) error {
		if string(b.Data) == "\xf8sound" { // the rest is silence
			at = append(at, b.At)
		}
		return nil
	})
	must(t, err)
	if len(at) != 200 || at[99] != 1980*ms || at[100] != 10*time.Second || at[199] != 11980*ms {
		t.Errorf("%d sounds: %v", len(at), at)
	}
}

const (
	envURL     = "YUNQIAO_TEST_RECORDING_URL"
	envDir     = "YUNQIAO_TEST_RECORDING_DIR"
	envMeeting = "YUNQIAO_TEST_RECORDING_MEETING"
)

// victim records until it is killed.
func victim() {
	fail := func(err error) {
		if err != nil {
			println(err.Error())
			os.Exit(1)
		}
	}
	ctx := context.Background()
	pool, err := postgres.Open(ctx, os.Getenv(envURL), 2)
	fail(err)
	r, err := New(pool, os.Getenv(envDir), quiet())
	fail(err)
	s, err := newStudio()
	fail(err)
	fail(s.enter("a", 0))
	_, err = r.Start(ctx, request(uuid.MustParse(os.Getenv(envMeeting)), s.meeting))
	fail(err)
	select {}
}

func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.URL(t), t.TempDir()
	pool := pgtest.Open(t, url)
	id := meeting(t, pool)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envURL+"="+url, envDir+"="+dir, envMeeting+"="+id.String())
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	var name string
	var whole int64
	eventually(t, "the recording grows", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.webm"))
		if len(found) == 0 {
			return false
		}
		name = found[0]
		info, err := os.Stat(name)
		must(t, err)
		whole = info.Size()
		return whole > 8_000
	})
	killed := time.Now()
	must(t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()

	var started time.Time
	must(t, pool.QueryRow(t.Context(), `select started_at from recordings where meeting_id = $1`, id).Scan(&started))
	in, err := os.Open(name)
	must(t, err)
	info, err := in.Stat()
	must(t, err)
	c, err := webm.Read(in, info.Size(), nil)
	must(t, err)
	must(t, in.Close())
	if c.Finished || !c.HasAudio || !c.HasVideo || c.Whole == 0 {
		t.Errorf("before the repair: %+v", c)
	}

	r := open(t, pool, dir)
	must(t, r.Repair(t.Context()))
	list, err := r.store.list(t.Context(), id)
	must(t, err)
	if len(list) != 1 || list[0].State != Done || len(list[0].Files) != 1 {
		t.Fatalf("%+v", list)
	}
	f := list[0].Files[0]
	check(t, name, f)
	end := started.Add(time.Duration(f.OffsetMS+f.DurationMS) * ms)
	if lost := killed.Sub(end); lost > 2500*ms {
		t.Errorf("%v lost", lost)
	}
	must(t, r.Repair(t.Context())) // nothing is left to do
}

// narrow is a disk that is full after some bytes.
type narrow struct {
	webm.File
	room *atomic.Int64
}

func (n narrow) WriteAt(b []byte, off int64) (int, error) {
	if n.room.Add(-int64(len(b))) < 0 {
		return 0, syscall.ENOSPC
	}
	return n.File.WriteAt(b, off)
}

func TestFullDiskEndsTheRecordingAlone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := open(t, pool, t.TempDir())
	var room atomic.Int64
	room.Store(8_000)
	real := r.folder.open
	r.folder.open = func(name string) (webm.File, error) {
		f, err := real(name)
		return narrow{f, &room}, err
	}
	s, err := newStudio()
	must(t, err)
	defer s.close()
	must(t, s.enter("a", 0))
	id := meeting(t, pool)
	a, err := r.Start(t.Context(), request(id, s.meeting))
	must(t, err)
	<-a.Done()
	if !errors.Is(a.Err(), syscall.ENOSPC) || !errors.Is(a.Stop(t.Context()), syscall.ENOSPC) {
		t.Errorf("ended with %v", a.Err())
	}
	list, err := r.store.list(t.Context(), id)
	must(t, err)
	if len(list) != 1 || list[0].State != Failed || len(list[0].Files) != 1 || list[0].Files[0].DurationMS < 1000 {
		t.Errorf("%+v", list)
	}
	if _, running := r.Active(id); running {
		t.Error("it still counts as running")
	}
	must(t, s.enter("b", 0)) // the call goes on
}
