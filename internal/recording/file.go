package recording

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/recording/webm"
	"github.com/yunqiao/yunqiao/sfu"
)

// hold is how long frames wait for others that belong before them.
const hold = time.Second

// Kind says what a file shows.
type Kind string

// The kinds of files.
const (
	Person Kind = "person" // microphone and camera
	Screen Kind = "screen" // screen and its sound
)

// lane is one track of a file.
type lane struct {
	visit    uint64
	reorder  reorder
	clock    clock
	pictures pictures
}

// file is one participant's, or one screen's, part of a recording. Owned by the
// recording's goroutine.
type file struct {
	entry manifestFile
	parts []manifestFile // finished before it
	open  func(name string) (webm.File, error)
	named func(webm.Doc) // names the part that begins
	began func() error   // tells the manifest

	audio, video lane
	waiting      []frame
	w            *webm.Writer
	doc          webm.Doc
	shows        webm.Picture // of w; no codec while it has no picture
}

func newFile(entry manifestFile, open func(string) (webm.File, error), named func(webm.Doc), began func() error) *file {
	f := &file{entry: entry, open: open, named: named, began: began, doc: webm.WebM}
	f.audio.clock.rate, f.video.clock.rate = 48000, 90000
	return f
}

// push takes one packet. When its sender came back as a new peer, numbers and
// timestamps start anew: what the old one still had comes first.
func (f *file) push(p rtpPacket, video bool, visit uint64) {
	l := &f.audio
	if video {
		l = &f.video
	}
	if l.visit != visit {
		f.collect(forever)
		*l = lane{visit: visit, clock: clock{rate: l.clock.rate}}
	}
	l.reorder.push(p)
}

// at is when a packet was captured: never long after it came, whatever its sender
// says of its clock, since all time until then would be filled with silence.
func (l *lane) at(p rtpPacket) time.Duration {
	return min(l.clock.at(p.ts, p.arrived, p.captured, p.known), p.arrived+hold)
}

// forever is a time at which everything is due.
const forever = time.Duration(1) << 60

// collect takes the frames that are due at now.
func (f *file) collect(now time.Duration) {
	for {
		p, _, ok := f.audio.reorder.pop(now)
		if !ok {
			break
		}
		if len(p.payload) > 0 {
			at := f.audio.at(p)
			f.waiting = append(f.waiting, frame{at: at, data: p.payload})
		}
	}
	for {
		p, gap, ok := f.video.reorder.pop(now)
		if !ok {
			break
		}
		at := f.video.at(p)
		if picture, ok := f.video.pictures.push(p, at, gap); ok {
			f.waiting = append(f.waiting, picture)
		}
	}
}

// advance writes what nothing can come before any more at now.
func (f *file) advance(now time.Duration) error {
	f.collect(now)
	slices.SortStableFunc(f.waiting, func(a, b frame) int { return int(a.at - b.at) })
	written := 0
	for _, fr := range f.waiting {
		if fr.at > now-hold {
			break
		}
		if err := f.write(fr); err != nil {
			return err
		}
		written++
	}
	f.waiting = slices.Delete(f.waiting, 0, written)
	return f.settle(now)
}

// settle has an old cluster written even while nothing more comes.
func (f *file) settle(now time.Duration) error {
	if f.w == nil || f.w.Since(now-f.offset()-hold) < webm.ClusterLength {
		return nil
	}
	return f.w.Flush()
}

func (f *file) offset() time.Duration {
	return time.Duration(f.entry.OffsetMS) * time.Millisecond
}

func (f *file) write(fr frame) error {
	if fr.video && fr.key {
		if err := f.turn(fr); err != nil {
			return err
		}
	}
	if f.w == nil {
		if err := f.begin(fr.at); err != nil {
			return err
		}
	}
	kind := webm.Audio
	var err error
	if fr.video && fr.key {
		err = f.w.DeclareVideo(f.shows)
	}
	if err != nil {
		return fmt.Errorf("record %s: %w", f.entry.Path, err)
	}
	if fr.video {
		kind = webm.Video
	}
	if err := f.w.Frame(kind, fr.at-f.offset(), fr.key, fr.data); err != nil {
		return fmt.Errorf("record %s: %w", f.entry.Path, err)
	}
	return nil
}

// turn begins another part where a picture cannot go on in the present one: a
// track keeps its codec, H264 its parameters, and WebM holds no H264.
func (f *file) turn(fr frame) error {
	next := webm.Picture{Codec: codecID(fr.codec), Private: fr.private, Width: fr.width, Height: fr.height}
	doc := webm.WebM
	if fr.codec == sfu.H264 {
		doc = webm.Matroska
	}
	other := f.shows.Codec != "" && f.shows.Codec != next.Codec ||
		fr.codec == sfu.H264 && f.shows.Private != "" && f.shows.Private != next.Private
	if f.w != nil && (other || doc != f.doc) {
		if err := f.close(); err != nil {
			return err
		}
		f.parts = append(f.parts, f.entry)
		f.entry.DurationMS, f.entry.Bytes, f.entry.HasAudio, f.entry.HasVideo = 0, 0, false, false
		f.w = nil
	}
	f.doc, f.shows = doc, next
	return nil
}

// codecID is a codec's name in Matroska.
func codecID(c sfu.Codec) string {
	switch c {
	case sfu.VP9:
		return "V_VP9"
	case sfu.AV1:
		return "V_AV1"
	case sfu.H264:
		return "V_MPEG4/ISO/AVC"
	default:
		return "V_VP8"
	}
}

// begin opens the file at its first frame; whoever never sends leaves none.
func (f *file) begin(at time.Duration) error {
	f.named(f.doc)
	out, err := f.open(f.entry.Path)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.entry.Path, err)
	}
	f.entry.OffsetMS = at.Milliseconds()
	if f.w, err = webm.NewWriter(out, f.doc); err != nil {
		return fmt.Errorf("record %s: %w", f.entry.Path, err)
	}
	return f.began()
}

// finish writes everything still waiting and ends the file.
func (f *file) finish() error {
	if err := f.advance(forever); err != nil {
		if f.w != nil {
			err = errors.Join(err, f.w.Abort())
		}
		return err
	}
	return f.close()
}

// close ends the part being written.
func (f *file) close() error {
	if f.w == nil {
		return nil
	}
	s, err := f.w.Finish()
	if err != nil {
		return fmt.Errorf("finish %s: %w", f.entry.Path, err)
	}
	f.entry.summarise(s)
	return nil
}

// manifestFile is what is known of a file beside its bytes.
type manifestFile struct {
	ID            uuid.UUID `json:"id"`
	ParticipantID string    `json:"participant_id"`
	Name          string    `json:"name"`
	Kind          Kind      `json:"kind"`
	OffsetMS      int64     `json:"offset_ms"`
	DurationMS    int64     `json:"duration_ms"`
	Bytes         int64     `json:"bytes"`
	SHA256        string    `json:"sha256"`
	Path          string    `json:"path"` // below the folder of recordings
	HasAudio      bool      `json:"has_audio"`
	HasVideo      bool      `json:"has_video"`
}

func (m *manifestFile) summarise(s webm.Summary) {
	m.DurationMS, m.Bytes = s.Duration.Milliseconds(), s.Bytes
	m.HasAudio, m.HasVideo = s.HasAudio, s.HasVideo
}
